// "?" lists the keys of the page, "/" goes to search; pages add theirs by <dl data-keys>. Whoever speaks to the computer
// can switch them off (WCAG 2.1.4): the browser remembers it, and <body> then has data-keys-off.
const KEPT = "cairn-keys";

const areOff = () => {
  try { return localStorage.getItem(KEPT) === "off"; } catch { return false; }
};

const show = (within) => {
  document.body.toggleAttribute("data-keys-off", areOff());
  for (const button of within.querySelectorAll("[data-keys-switch]")) {
    button.hidden = false;
    button.textContent = areOff() ? button.dataset.on : button.dataset.off;
  }
};

document.addEventListener("click", (event) => {
  if (!event.target.closest?.("[data-keys-switch]")) return;
  try { localStorage.setItem(KEPT, areOff() ? "on" : "off"); } catch { return; }
  show(document);
});

const typing = (target) => target.closest?.("input, textarea, select, [contenteditable]");

const list = () => {
  if (document.querySelector("dialog[open]")) return;
  const dialog = document.getElementById("keys-template").content.firstElementChild.cloneNode(true);
  const known = dialog.querySelector(".keys");
  for (const more of document.querySelectorAll("[data-keys]")) known.append(...[...more.children].map((part) => part.cloneNode(true)));
  show(dialog);
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

show(document);
