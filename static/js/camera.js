// Reads the square code on a certificate with the camera: in the browser where it can, else by a picture that is sent.
const LARGEST_SIDE = 2400;
const SMALL_ENOUGH = 1_500_000;

const place = document.querySelector("[data-scan]");
const part = (name) => place.querySelector(`[data-scan-${name}]`);
const form = place?.closest("form");
const input = place?.querySelector("input[type=file]");
const video = place?.querySelector("video");
let stream = null;
let detector = null;

const say = (what) => { part("said").textContent = what ? part("said").dataset[what] : ""; };

const stop = () => {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  video.srcObject = null;
  part("view").hidden = true;
  part("ways").hidden = false;
};

// Some browsers know the word and cannot read this kind of code.
const makeDetector = async () => {
  const kinds = await window.BarcodeDetector?.getSupportedFormats().catch(() => []);
  return kinds?.includes("qr_code") ? new BarcodeDetector({ formats: ["qr_code"] }) : null;
};

const look = async (mine) => {
  while (stream === mine) {
    const [code] = await detector.detect(video).catch(() => []);
    if (code && stream === mine) {
      stop();
      say("found");
      // What was chosen before would be checked instead.
      for (const other of form.querySelectorAll("input[type=file]")) other.value = "";
      form.elements.q.value = code.rawValue;
      form.requestSubmit();
      return;
    }
    await new Promise((over) => { setTimeout(over, 200); });
  }
};

const start = async () => {
  part("ways").hidden = true;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: "environment", width: { ideal: 1920 } } });
  } catch (fault) {
    part("ways").hidden = false;
    say(fault.name === "NotAllowedError" ? "refused" : "none");
    return;
  }
  detector = await makeDetector();
  part("view").hidden = false;
  part("take").hidden = Boolean(detector);
  part("view").scrollIntoView({ block: "nearest" });
  (detector ? part("stop") : part("take")).focus();
  say(detector ? "looking" : "aim");
  video.srcObject = stream;
  await video.play().catch(() => {});
  if (detector) look(stream);
};

const asPicture = async (source, width, height) => {
  const scale = Math.min(1, LARGEST_SIDE / Math.max(width, height));
  const canvas = Object.assign(document.createElement("canvas"), { width: Math.round(width * scale), height: Math.round(height * scale) });
  canvas.getContext("2d").drawImage(source, 0, 0, canvas.width, canvas.height);
  const picture = await new Promise((made) => { canvas.toBlob(made, "image/jpeg", 0.9); });
  const given = new DataTransfer();
  given.items.add(new File([picture], "photograph.jpg", { type: "image/jpeg" }));
  input.files = given.files;
};

const take = async () => {
  if (!video.videoWidth) return;
  await asPicture(video, video.videoWidth, video.videoHeight);
  stop();
  say("sent");
  form.requestSubmit();
};

// A telephone takes pictures of many megabytes, and a code needs few.
const shrink = async () => {
  const [picture] = input.files;
  if (!picture || picture.size < SMALL_ENOUGH) return;
  const drawn = await createImageBitmap(picture).catch(() => null);
  // Another may have been chosen meanwhile.
  if (drawn && input.files[0] === picture) await asPicture(drawn, drawn.width, drawn.height);
};

if (place) {
  input.addEventListener("change", shrink);
  if (navigator.mediaDevices?.getUserMedia) {
    part("ways").hidden = false;
    part("start").addEventListener("click", start);
    part("stop").addEventListener("click", () => { stop(); say(""); part("start").focus(); });
    part("take").addEventListener("click", take);
    addEventListener("pagehide", stop);
  }
}
