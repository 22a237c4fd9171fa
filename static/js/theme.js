// Changes the appearance at once, and tells the server without leaving the page.
for (const form of document.querySelectorAll("[data-theme-form]")) {
  form.addEventListener("submit", (event) => {
    const chosen = event.submitter;
    if (!chosen) return;
    event.preventDefault();
    const body = new FormData(form);
    body.set("theme", chosen.value);
    document.documentElement.dataset.theme = chosen.value;
    for (const button of form.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button === chosen));
    const shown = form.parentElement.querySelector("summary use");
    shown?.setAttribute("href", chosen.querySelector("use").getAttribute("href"));
    fetch(form.action, { method: "POST", body, redirect: "manual" }).catch(() => {});
    form.closest("details")?.removeAttribute("open");
  });
}
