// "?" lists the keys of the page, "/" goes to search; pages add theirs by <dl data-keys>. Off with data-keys-off on <body>.
const typing = (target) => target.closest?.("input, textarea, select, [contenteditable]");

const list = () => {
  if (document.querySelector("dialog[open]")) return;
  const dialog = document.getElementById("keys-template").content.firstElementChild.cloneNode(true);
  const known = dialog.querySelector(".keys");
  for (const more of document.querySelectorAll("[data-keys]")) known.append(...[...more.children].map((part) => part.cloneNode(true)));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || "keysOff" in document.body.dataset) return;
  if (event.key === "?") {
    event.preventDefault();
    list();
  } else if (event.key === "/") {
    const search = document.querySelector("input[type=search]");
    if (!search) return;
    event.preventDefault();
    search.focus();
  }
});
