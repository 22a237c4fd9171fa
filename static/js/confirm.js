// Asks before an act that cannot be undone: data-confirm says what will happen, data-confirm-yes what the button is called.
let agreed = null;

const ask = (words, yes, then) => {
  const dialog = document.getElementById("confirm-template").content.firstElementChild.cloneNode(true);
  const before = document.activeElement;
  dialog.querySelector("h2").textContent = words;
  dialog.querySelector("[data-yes]").textContent = yes;
  dialog.querySelector("[data-no]").addEventListener("click", () => dialog.close());
  dialog.querySelector("[data-yes]").addEventListener("click", () => {
    dialog.close();
    then();
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    before?.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
};

document.addEventListener(
  "submit",
  (event) => {
    const { submitter, target: form } = event;
    const asking = submitter?.dataset.confirm ? submitter : form.dataset.confirm ? form : null;
    if (!asking || agreed === form) {
      agreed = null;
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(asking.dataset.confirm, asking.dataset.confirmYes || submitter?.textContent.trim() || "", () => {
      agreed = form;
      form.requestSubmit(submitter ?? undefined);
    });
  },
  true,
);
