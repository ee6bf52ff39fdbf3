/* Small pictures of the files in the queue: one at a time, and only of rows that somebody sees.

   Each is drawn small and the large one let go at once, so that two hundred photos take no memory. */

const SIDE = 112;
const MOST_BYTES = 80e6;

const waiting = [];
let busy = false;
const files = new WeakMap();

const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    seen.unobserve(entry.target);
    waiting.push(entry.target);
  }
  work();
});

/* Show `file` in `place` once it is looked at; what the browser cannot read shows its kind. */
export function show(file, place) {
  const end = file.name.includes(".") ? file.name.split(".").pop() : "";
  place.textContent = end.slice(0, 4).toUpperCase();
  if (!file.type?.startsWith("image/") || file.size > MOST_BYTES) return;
  files.set(place, file);
  seen.observe(place);
}

async function work() {
  if (busy) return;
  busy = true;
  while (waiting.length) {
    const place = waiting.shift();
    if (place.isConnected) await draw(files.get(place), place);
    files.delete(place);
  }
  busy = false;
}

async function draw(file, place) {
  try {
    const bitmap = await createImageBitmap(file, { resizeWidth: 2 * SIDE, resizeQuality: "low" });
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = SIDE;
    const scale = SIDE / Math.min(bitmap.width, bitmap.height);
    const [width, height] = [bitmap.width * scale, bitmap.height * scale];
    const brush = canvas.getContext("2d");
    brush.drawImage(bitmap, (SIDE - width) / 2, (SIDE - height) / 2, width, height);
    bitmap.close();
    place.replaceChildren(canvas);
  } catch {
    // A kind that this browser does not show: its name stays.
  }
}

/* The picture's own width and height in pixels, or null. */
export async function sides(file) {
  try {
    const bitmap = await createImageBitmap(file);
    const found = { width: bitmap.width, height: bitmap.height };
    bitmap.close();
    return found;
  } catch {
    return null;
  }
}
