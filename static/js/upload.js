/* The upload form as a queue: files dropped anywhere, folders, pasted pictures and addresses, the camera.

   Without it the form's own file field does the work. What does the work here comes when it is first needed. */

const form = document.querySelector("form.upload");

const page = () => import("./upload/page.js");
const intake = () => import("./upload/intake.js");

/* What was chosen and is on its way into the queue: whoever sends at once means it too. */
let coming = Promise.resolve();

function add(things) {
  coming = Promise.all([coming.catch(() => {}), things]).then(async ([, found]) => {
    if (found.length) (await page()).add(found);
  });
}

for (const hint of form.querySelectorAll("[data-script-only]")) hint.hidden = false;

for (const kind of ["folder", "camera"]) {
  const field = form.querySelector(`[data-${kind}]`);
  form.querySelector(`[data-choose=${kind}]`).addEventListener("click", () => field.click());
}
for (const field of form.querySelectorAll("input[type=file]")) {
  const take = () => {
    const files = [...field.files];
    // What stands in the queue is sent from there.
    field.value = "";
    if (files.length) add(intake().then(({ isWanted }) => files.filter(isWanted)));
  };
  field.addEventListener("change", take);
  // Chosen before this was there, or kept by the browser.
  take();
}

const mayName = Boolean(form.elements.url);
document.addEventListener("paste", (event) => {
  const files = [...event.clipboardData.files];
  const text = event.clipboardData.getData("text");
  const writing = event.target instanceof Element && event.target.closest("input, textarea");
  if (files.length) add(files);
  else if (mayName && !writing) add(intake().then(({ addresses }) => addresses(text)));
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
document.addEventListener("drop", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  form.classList.remove("dropping");
  // Taken hold of at once: after the event the transfer is empty.
  const entries = [...event.dataTransfer.items]
    .filter((item) => item.kind === "file")
    .map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile());
  add(intake().then(({ walk }) => walk(entries)));
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  await coming.catch(() => {});
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
