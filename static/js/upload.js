/* The upload form with a list of what was chosen, pasting, and dropping anywhere.
   Without it the form's own file field does the work: this only fills that field. */

const form = document.querySelector("form.upload");
const input = form.querySelector("input[type=file]");
const list = form.querySelector("[data-queue]");
const problem = form.querySelector("[data-problem]");
const button = form.querySelector("button[type=submit]");
const label = button.textContent;
const told = form.dataset;

for (const hint of form.querySelectorAll("[data-script-only]")) hint.hidden = false;

function put(files) {
  const transfer = new DataTransfer();
  for (const file of files) transfer.items.add(file);
  input.files = transfer.files;
  show();
}

function add(files) {
  if (files.length) put([...input.files, ...files]);
}

function show() {
  const files = [...input.files];
  list.replaceChildren(...files.map(row));
  list.hidden = files.length === 0;
  const total = files.reduce((sum, file) => sum + file.size, 0);
  let words = "";
  if (files.length > Number(told.maxFiles)) words = told.tooMany;
  else if (total > Number(told.maxRequest)) words = told.tooMuch;
  problem.textContent = words;
  problem.hidden = words === "";
  button.disabled = words !== "";
}

function row(file, index) {
  const item = document.createElement("li");
  const name = document.createElement("span");
  const size = document.createElement("span");
  const remove = document.createElement("button");
  name.textContent = file.name;
  name.dir = "auto";
  name.className = "queue-name";
  size.textContent = readable(file.size);
  size.className = "queue-size";
  if (file.size > Number(told.maxBytes)) {
    size.textContent += ` – ${told.tooLarge}`;
    size.classList.add("queue-wrong");
  }
  remove.type = "button";
  remove.className = "queue-remove";
  remove.textContent = "×";
  remove.setAttribute("aria-label", `${told.remove} ${file.name}`);
  remove.addEventListener("click", () => {
    put([...input.files].filter((_, at) => at !== index));
    (list.querySelectorAll("button")[index] ?? input).focus();
  });
  item.append(name, size, remove);
  return item;
}

function readable(bytes) {
  const units = ["B", "KB", "MB", "GB"];
  let unit = 0;
  while (bytes >= 1000 && unit < units.length - 1) {
    bytes /= 1000;
    unit += 1;
  }
  return `${Number(bytes.toFixed(1))} ${units[unit]}`;
}

input.addEventListener("change", show);

document.addEventListener("paste", (event) => {
  add([...event.clipboardData.files]);
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
  add([...event.dataTransfer.files]);
});

form.addEventListener("submit", () => {
  button.textContent = told.busy;
  form.setAttribute("aria-busy", "true");
});
// Back from the results: the form is as it was before it was sent.
window.addEventListener("pageshow", () => {
  button.textContent = label;
  form.removeAttribute("aria-busy");
  show();
});
