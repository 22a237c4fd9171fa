// The map of a pathway: zoom, "only what I need", arrow keys that follow the columns. Every card is a link without it.
const SIZES = ["map-smaller", "map-small", "", "map-large", "map-larger", "map-largest"];

for (const frame of document.querySelectorAll("[data-map]")) {
  const map = frame.querySelector(".map");
  const scroll = frame.querySelector(".map-scroll");
  const tools = frame.querySelector("[data-map-tools]");
  let size = 2;
  const zoom = (to) => {
    size = Math.max(0, Math.min(SIZES.length - 1, to));
    map.classList.remove(...SIZES.filter(Boolean));
    if (SIZES[size]) map.classList.add(SIZES[size]);
  };
  const fit = () => {
    for (let to = 2; to >= 0; to -= 1) {
      zoom(to);
      if (map.getBoundingClientRect().width <= scroll.clientWidth - 32) return;
    }
  };
  const cards = () => [...map.querySelectorAll(".map-card")];
  const place = (card) => [Number(card.dataset.col), Number(card.dataset.row)];
  const nearest = (from, columns) => {
    const [, row] = place(from);
    const there = cards().filter((card) => place(card)[0] === columns);
    return there.sort((a, b) => Math.abs(place(a)[1] - row) - Math.abs(place(b)[1] - row))[0];
  };
  const beside = (from, by) => {
    const [column, row] = place(from);
    const there = cards().filter((card) => place(card)[0] === column && (place(card)[1] - row) * by > 0);
    return there.sort((a, b) => (place(a)[1] - place(b)[1]) * by)[0];
  };

  tools.hidden = false;
  fit();
  tools.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.zoom === "in") zoom(size + 1);
    if (button.dataset.zoom === "out") zoom(size - 1);
    if (button.dataset.zoom === "fit") fit();
    if ("need" in button.dataset) {
      const pressed = map.classList.toggle("map-only-needed");
      button.setAttribute("aria-pressed", String(pressed));
    }
  });
  map.addEventListener("click", (event) => {
    const card = event.target.closest(".map-card");
    if (!card) return;
    map.querySelector("[aria-current]")?.removeAttribute("aria-current");
    card.setAttribute("aria-current", "true");
  });
  map.addEventListener("keydown", (event) => {
    const card = event.target.closest(".map-card");
    if (!card || event.ctrlKey || event.metaKey || event.altKey) return;
    const mirrored = document.dir === "rtl" ? -1 : 1;
    const all = cards();
    const [column] = place(card);
    const to = {
      ArrowRight: () => nearest(card, column + mirrored),
      ArrowLeft: () => nearest(card, column - mirrored),
      ArrowDown: () => beside(card, 1),
      ArrowUp: () => beside(card, -1),
      Home: () => all[0],
      End: () => all.at(-1),
    }[event.key]?.();
    if (to) {
      event.preventDefault();
      to.focus();
    }
    if ("keysOff" in document.body.dataset) return;
    if (event.key === "+") zoom(size + 1);
    if (event.key === "-") zoom(size - 1);
    if (event.key === "0") fit();
  });
}
