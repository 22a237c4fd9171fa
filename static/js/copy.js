// Copies data-copy to the clipboard, and says so in the button itself.
const enhance = () => {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("[data-copy][hidden]")) button.hidden = false;
};
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  const words = button.querySelector("span");
  const before = words.textContent;
  words.setAttribute("role", "status");
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    words.textContent = button.dataset.copied;
    setTimeout(() => { words.textContent = before; }, 2000);
  } catch {
    const code = button.previousElementSibling;
    if (code) getSelection().selectAllChildren(code);
  }
});
document.addEventListener("htmx:load", enhance);
enhance();
