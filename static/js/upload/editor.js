/* The dialog in which one file of the queue gets words of its own. */

import { sides } from "./thumbs.js";

const dialog = document.getElementById("editor");
const fields = dialog.querySelector("[data-fields]");
const height = dialog.querySelector("[data-height]");
let open = null;
let own = null;

/* The form's options once more, under names of their own. Made when it is first needed. */
function build(form) {
  if (fields.childElementCount) return;
  for (const one of form.querySelectorAll(".options-grid > .field")) {
    const copy = one.cloneNode(true);
    for (const name of ["id", "for", "aria-describedby"]) {
      for (const part of copy.querySelectorAll(`[${name}]`)) {
        part.setAttribute(name, `editor-${part.getAttribute(name)}`);
      }
    }
    fields.append(copy);
  }
  // What it is named after stands in the field itself.
  fields.querySelector("[name=title] ~ .hint")?.remove();
  height.classList.remove("field-check");
  fields.querySelector("[name=width]")?.closest(".field").after(height);
}

function named(name) {
  return fields.querySelector(`[name=${name}]`);
}

/* Let `item` be described; `values` are those of the whole queue. */
export async function edit(item, form, values) {
  build(form);
  open = item;
  own = null;
  dialog.querySelector("h2").textContent = item.name;
  const current = item.meant(values);
  for (const field of fields.querySelectorAll("[name]")) {
    if (field.type === "checkbox") field.checked = field.name in current;
    else field.value = current[field.name] ?? "";
  }
  named("title").placeholder = item.name.replace(/\.[^.]+$/, "");
  height.hidden = true;
  height.querySelector("input").value = "";
  named("width").placeholder = "";
  dialog.returnValue = "";
  dialog.showModal();
  const isStill = item.file?.type.startsWith("image/") && item.file.type !== "image/gif";
  const found = isStill ? await sides(item.file) : null;
  if (open !== item || !found) return;
  own = found;
  height.hidden = false;
  named("width").placeholder = found.width;
  height.querySelector("input").placeholder = found.height;
  if (named("width").value) follow(named("width"));
}

/* Width and height go together. */
function follow(field) {
  const isWidth = field.name === "width";
  const other = isWidth ? height.querySelector("input") : named("width");
  const ratio = isWidth ? own.height / own.width : own.width / own.height;
  other.value = field.value ? Math.max(1, Math.round(field.value * ratio)) : "";
}

dialog.addEventListener("input", (event) => {
  if (!own) return;
  if (event.target.name === "width" || height.contains(event.target)) follow(event.target);
});

dialog.addEventListener("close", () => {
  const item = open;
  open = null;
  if (dialog.returnValue === "save" && item) {
    // Empty ones count too: they undo the values of the whole queue.
    const said = (field) => (field.type === "checkbox" ? (field.checked ? "on" : undefined) : field.value);
    item.values = Object.fromEntries(
      [...fields.querySelectorAll("[name]")].map((field) => [field.name, said(field)]),
    );
  }
  item?.row.querySelector("[data-act=edit]").focus();
});
