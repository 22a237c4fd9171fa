// A link that names a line and column of a text (data-place="3:12") leads to that very place in it.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-place]");
  const text = link && document.querySelector(link.getAttribute("href"));
  if (!text) return;
  event.preventDefault();
  const [line, column] = link.dataset.place.split(":").map(Number);
  const lines = text.value.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
  text.focus();
  text.setSelectionRange(start + column - 1, start + (lines[line - 1] ?? "").length);
  text.scrollTop = text.scrollHeight * ((line - 4) / lines.length);
});
