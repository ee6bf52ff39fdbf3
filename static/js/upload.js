/* The upload form as a queue: files dropped anywhere, folders, pasted pictures and addresses, the camera.

   Without it the form's own file field does the work. What does the work here comes when it is first needed. */

const form = document.querySelector("form.upload");

const page = () => import("./upload/page.js");
const intake = () => import("./upload/intake.js");

async function add(things) {
  if (things.length) (await page()).add(things);
}

for (const hint of form.querySelectorAll("[data-script-only]")) hint.hidden = false;

for (const kind of ["folder", "camera"]) {
  const field = form.querySelector(`[data-${kind}]`);
  form.querySelector(`[data-choose=${kind}]`).addEventListener("click", () => field.click());
}
for (const field of form.querySelectorAll("input[type=file]")) {
  const take = async () => {
    const files = [...field.files];
    // What stands in the queue is sent from there.
    field.value = "";
    if (files.length) add(files.filter((await intake()).isWanted));
  };
  field.addEventListener("change", take);
  // Chosen before this was there, or kept by the browser.
  take();
}

const mayName = Boolean(form.elements.url);
document.addEventListener("paste", async (event) => {
  const files = [...event.clipboardData.files];
  const text = event.clipboardData.getData("text");
  const writing = event.target instanceof Element && event.target.closest("input, textarea");
  if (files.length) add(files);
  else if (mayName && !writing) add((await intake()).addresses(text));
});

const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
document.addEventListener("dragover", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  form.classList.add("dropping");
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) form.classList.remove("dropping");
});
document.addEventListener("drop", async (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  form.classList.remove("dropping");
  // Taken hold of at once: after the event the transfer is empty.
  const entries = [...event.dataTransfer.items]
    .filter((item) => item.kind === "file")
    .map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile());
  add(await (await intake()).walk(entries));
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  (await page()).submit();
});

document.addEventListener("focusin", async (event) => {
  if (event.target.name !== "tags") return;
  const { complete } = await import("./upload/tags.js");
  complete(event.target, form.dataset.tags);
});

// An earlier page of this tab may have left something.
try {
  if (sessionStorage.getItem(`uploads:${form.dataset.who}`)) page();
} catch {
  // A browser that keeps nothing for pages.
}
