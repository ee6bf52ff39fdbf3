/* What every page has: copy buttons, menus that close on a click elsewhere, and clearing stored data after signing out. */

for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  const label = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    // What is copied is a field, or text on the page.
    if (field.select) field.select();
    else getSelection().selectAllChildren(field);
    try {
      await navigator.clipboard.writeText(field.value ?? field.textContent);
    } catch {
      // Without HTTPS browsers keep the clipboard closed to scripts; the old command still works there.
      document.execCommand("copy");
    }
    button.textContent = button.dataset.done;
    setTimeout(() => (button.textContent = label), 2000);
  });
}

// One click on a code selects it whole.
for (const field of document.querySelectorAll("input[readonly], textarea[readonly]")) {
  field.addEventListener("focus", () => field.select());
}

// What the browser keeps of a member's uploads goes as soon as a page is shown to somebody else.
const { who } = document.body.dataset;
for (const storage of ["sessionStorage", "localStorage"]) {
  if (who === undefined) break;
  try {
    for (const key of Object.keys(window[storage])) {
      const [, owner] = key.match(/^(?:tus::)?uploads:([^:]*)/) ?? [];
      if (owner && owner !== who) window[storage].removeItem(key);
    }
  } catch {
    // A browser that keeps nothing for pages.
  }
}

// So does the key that was tried in the API's pages.
document.addEventListener("submit", (event) => {
  if (event.target.getAttribute("action") === document.body.dataset.leave) sessionStorage.removeItem("api-key");
});

const menus = [...document.querySelectorAll("details.menu")];
document.addEventListener("click", (event) => {
  for (const menu of menus) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus) {
    if (menu.open) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  }
});
