// Says how many characters are left in a text with a limit, when few are.
const NEAR = 0.8;
const update = (text) => {
  const limit = Number(text.maxLength);
  let said = text.nextElementSibling;
  if (!said?.matches("[data-count-said]")) {
    said = document.createElement("p");
    said.dataset.countSaid = "";
    said.className = "saved";
    said.setAttribute("role", "status");
    text.after(said);
  }
  const left = limit - text.value.length;
  said.textContent = text.value.length >= limit * NEAR ? (text.dataset.count || "{}").replace("{}", left.toLocaleString(document.documentElement.lang)) : "";
};
document.addEventListener("input", (event) => {
  if (event.target.matches?.("[data-count][maxlength]")) update(event.target);
});
