// Lets a file be dropped on a file field, and says which file was chosen.
const say = (place, input) => {
  const said = place.querySelector("[data-drop-said]");
  if (said) said.textContent = input.files.length ? said.dataset.words.replace("{}", [...input.files].map((file) => file.name).join(", ")) : "";
};
const placeOf = (event) => event.target.closest?.("[data-drop]");
document.addEventListener("dragover", (event) => {
  const place = placeOf(event);
  if (!place) return;
  event.preventDefault();
  place.classList.add("over");
});
document.addEventListener("dragleave", (event) => {
  const place = placeOf(event);
  if (place && !place.contains(event.relatedTarget)) place.classList.remove("over");
});
document.addEventListener("drop", (event) => {
  const place = placeOf(event);
  const input = place?.querySelector("input[type=file]");
  if (!input) return;
  event.preventDefault();
  place.classList.remove("over");
  const given = new DataTransfer();
  for (const file of event.dataTransfer.files) if (input.multiple || !given.items.length) given.items.add(file);
  input.files = given.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
});
document.addEventListener("change", (event) => {
  const place = placeOf(event);
  if (place && event.target.type === "file") say(place, event.target);
});
