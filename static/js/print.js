// Offers to print the page, where a script can ask for it.
for (const place of document.querySelectorAll("[data-print]")) {
  place.hidden = false;
  place.addEventListener("click", (event) => {
    if (event.target.closest("button")) window.print();
  });
}
