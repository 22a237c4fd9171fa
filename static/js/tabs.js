// Keeps the tab of the page in sight where the row of tabs is wider than the screen.
const watched = new ResizeObserver((changed) => {
  for (const { target: row } of changed) {
    const here = row.querySelector("[aria-current]").getBoundingClientRect();
    const seen = row.getBoundingClientRect();
    row.scrollLeft += (here.left + here.right - seen.left - seen.right) / 2;
  }
});
for (const row of document.querySelectorAll(".tabs:has([aria-current])")) watched.observe(row);
