// Lets a message be closed; without a script it stays until the next page.
const enhance = () => {
  for (const button of document.querySelectorAll("[data-dismiss][hidden]")) button.hidden = false;
};
document.addEventListener("click", (event) => {
  event.target.closest?.("[data-dismiss]")?.closest("[data-message]")?.remove();
});
document.addEventListener("htmx:load", enhance);
enhance();
