// Saves a draft after two seconds of rest: <form data-autosave="url" data-saved="Saved {}" data-kept="Kept on this device">.
// What cannot be sent is kept on the device and offered again, so that nothing typed is lost.
const REST = 2000;

for (const form of document.querySelectorAll("form[data-autosave]")) {
  const key = `draft:${form.dataset.autosave}`;
  const said = form.querySelector("[data-autosave-said]");
  const tell = (words) => { if (said && words) said.textContent = words; };
  let timer = 0;
  let sending = null;

  const fields = () => {
    const found = {};
    for (const [name, value] of new FormData(form)) if (typeof value === "string" && name !== "csrfmiddlewaretoken") found[name] = value;
    return found;
  };
  const keep = () => {
    try {
      localStorage.setItem(key, JSON.stringify(fields()));
      tell(form.dataset.kept);
    } catch { /* no room, or not allowed: the text is still in the page */ }
  };
  const save = async () => {
    sending?.abort();
    sending = new AbortController();
    try {
      const answer = await fetch(form.dataset.autosave, { method: "POST", body: new FormData(form), signal: sending.signal, headers: { Accept: "text/html" } });
      if (!answer.ok) throw new Error(String(answer.status));
      localStorage.removeItem(key);
      const now = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
      tell((form.dataset.saved || "").replace("{}", now));
    } catch (fault) {
      if (fault.name !== "AbortError") keep();
    }
  };

  let kept = null;
  try { kept = JSON.parse(localStorage.getItem(key)); } catch { /* not ours */ }
  for (const [name, value] of Object.entries(kept ?? {})) {
    const field = form.elements.namedItem(name);
    if (field && "value" in field && field.type !== "hidden" && field.type !== "file") field.value = value;
  }
  if (kept) save();

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(save, REST);
  });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    localStorage.removeItem(key);
  });
  addEventListener("online", () => { if (localStorage.getItem(key)) save(); });
}
