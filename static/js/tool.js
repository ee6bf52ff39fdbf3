/* A tool's form: a chosen file and a picked picture replace each other, and the button shows that work is under way. */

const form = document.querySelector("[data-tool]");
const upload = form.querySelector("input[type=file]");
const own = [...form.querySelectorAll("input[type=radio][name=file]")];
const button = form.querySelector("button[type=submit]");
const label = button.textContent;

upload.addEventListener("change", () => {
  if (upload.files.length) for (const one of own) one.checked = false;
});
for (const one of own) {
  one.addEventListener("change", () => {
    upload.value = "";
    // Where a size is asked for, the picture's own is the first guess.
    for (const side of ["width", "height"]) {
      const field = form.elements[side];
      if (field?.required && Number(one.dataset[side])) field.value = one.dataset[side];
    }
  });
}
form.addEventListener("submit", () => {
  button.textContent = form.dataset.busy;
  form.setAttribute("aria-busy", "true");
});
window.addEventListener("pageshow", () => {
  button.textContent = label;
  form.removeAttribute("aria-busy");
});
