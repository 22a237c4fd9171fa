// Writes whole addresses beside links on paper, and offers to print the page where it says so.
addEventListener("beforeprint", () => {
  for (const link of document.querySelectorAll('main a[href^="/"]')) link.dataset.address = link.href;
});
for (const place of document.querySelectorAll("[data-print]")) {
  place.hidden = false;
  place.addEventListener("click", (event) => {
    if (event.target.closest("button")) window.print();
  });
}
