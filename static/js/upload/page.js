/* The queue of the upload form and its results, put together. Comes when it is first needed. */

import { edit } from "./editor.js";
import { addresses } from "./intake.js";
import { Queue } from "./queue.js";
import { Results } from "./results.js";

const form = document.querySelector("form.upload");
const problem = form.querySelector("[data-problem]");
const results = new Results(document.getElementById("results"), form);

/* The values for all files; an unticked box has none. */
function values() {
  const all = Object.fromEntries(new FormData(form));
  for (const name of ["csrfmiddlewaretoken", "files", "url"]) delete all[name];
  return all;
}

const queue = new Queue(form, {
  values,
  done: (outcome, order) => results.add(outcome, order),
  changed: () => results.remember(queue.items.map((item) => item.name)),
  ended: () => {
    const typing = document.activeElement?.matches("input:not([type=file]), textarea, select");
    if (!typing && !document.querySelector("dialog[open]")) results.select();
  },
  halted: say,
  edit: (item) => edit(item, form, values()),
});

function say(words) {
  problem.textContent = words;
  problem.hidden = words === "";
}

/* Put files and addresses into the queue. */
export function add(things) {
  if (!things.length) return;
  say("");
  results.begin();
  queue.add(things);
}

/* Send what is chosen, and what stands in the field for an address. */
export function submit() {
  const field = form.elements.url;
  if (field?.value.trim()) {
    const found = addresses(field.value);
    if (!found.length) return field.reportValidity();
    add(found);
    field.value = "";
  }
  if (queue.items.some((item) => item.state === "waiting")) {
    say("");
    queue.start();
  } else if (!queue.isBusy) say(form.dataset.nothing);
}

results.recall();

// Who leaves in the middle is asked; what is done stays done.
window.addEventListener("beforeunload", (event) => {
  if (queue.isBusy) event.preventDefault();
});
