/* The API reference: the reader's key in the examples, one language of code for the whole page, the contents. */

import { offer } from "./playground.js";

// Kept in this tab alone: a key is as good as a password.
const KEY = "api-key";
const LANGUAGE = "code-language";
const LIKE_A_KEY = /^[\w.~-]*$/;

const root = document.querySelector("[data-reference]");
const places = [...root.querySelectorAll("[data-key]")];
const blank = places[0]?.textContent;

const form = document.querySelector("[data-key-form]");
const field = form.querySelector("input");
const show = form.querySelector("[data-key-show]");
const wrong = form.querySelector("[data-key-wrong]");

function fill() {
  const key = field.value.trim();
  const usable = LIKE_A_KEY.test(key);
  wrong.hidden = usable;
  field.setAttribute("aria-invalid", String(!usable));
  if (!usable) return;
  if (key) sessionStorage.setItem(KEY, key);
  else sessionStorage.removeItem(KEY);
  for (const place of places) place.textContent = key || blank;
  root.toggleAttribute("data-has-key", Boolean(key));
}

form.hidden = false;
field.value = sessionStorage.getItem(KEY) ?? "";
field.addEventListener("input", fill);
form.addEventListener("submit", (event) => event.preventDefault());
show.addEventListener("click", () => {
  const shown = field.type === "password";
  field.type = shown ? "text" : "password";
  show.setAttribute("aria-pressed", String(shown));
});
fill();

const picks = [...root.querySelectorAll(".samples-bar input")];
function pick(language) {
  for (const one of picks) one.checked = one.value === language;
}
if (picks.some((one) => one.value === localStorage.getItem(LANGUAGE))) pick(localStorage.getItem(LANGUAGE));
for (const one of picks) {
  one.addEventListener("change", () => {
    // The other examples grow and shrink too: what was clicked stays where it is.
    const before = one.getBoundingClientRect().top;
    pick(one.value);
    window.scrollBy({ top: one.getBoundingClientRect().top - before, behavior: "instant" });
    localStorage.setItem(LANGUAGE, one.value);
  });
}

const links = new Map([...document.querySelectorAll(".docs-links a[href^='#']")].map((a) => [a.hash.slice(1), a]));
const seen = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      for (const link of links.values()) link.removeAttribute("aria-current");
      const link = links.get(target.id);
      link?.setAttribute("aria-current", "true");
      // Only the contents scroll, never the page.
      const box = link?.closest(".docs-links");
      if (box && getComputedStyle(box).overflowY === "auto") {
        const top = link.offsetTop - box.offsetTop;
        if (top < box.scrollTop || top > box.scrollTop + box.clientHeight - 40) box.scrollTop = top - 80;
      }
    }
  },
  { rootMargin: "-10% 0px -80% 0px" },
);
for (const id of links.keys()) {
  const target = document.getElementById(id);
  if (target) seen.observe(target);
}
// On a phone the contents close behind who has chosen from them.
const toggle = document.getElementById("docs-contents");
document.querySelector(".docs-links").addEventListener("click", (event) => {
  if (event.target.closest("a[href^='#']")) toggle.checked = false;
});

offer(root, () => (LIKE_A_KEY.test(field.value.trim()) ? field.value.trim() : ""));
