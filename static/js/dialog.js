// Opens the <dialog> named by data-dialog-open; a link that opens one still leads to its own page without a script.
document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-dialog-open]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.dialogOpen);
    if (!dialog?.showModal || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    dialog.showModal();
    dialog.addEventListener("close", () => opener.focus(), { once: true });
    return;
  }
  if (event.target.closest?.("[data-dialog-close]")) event.target.closest("dialog")?.close();
  // A click on the ground around it closes a dialog, too.
  if (event.target instanceof HTMLDialogElement) {
    const box = event.target.getBoundingClientRect();
    const inside = event.clientX >= box.x && event.clientX <= box.x + box.width && event.clientY >= box.y && event.clientY <= box.y + box.height;
    if (!inside) event.target.close();
  }
});
