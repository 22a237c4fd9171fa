// Says in the page why a passkey did not work; allauth only writes it to the console.
document.addEventListener("allauth.error", (event) => {
  const place = document.querySelector("[data-passkey-fault]");
  if (!place) return;
  event.preventDefault();
  place.hidden = false;
  place.scrollIntoView({ block: "nearest" });
});
