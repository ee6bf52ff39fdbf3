/* Endless lists: near a list's end, the next page is fetched and its pictures are put behind those
   that are there. After some pages a button asks first, so that the foot of the page can be reached. Without this,
   the links to the pages do the work. */

const grid = document.querySelector("[data-grid]");
const BY_ITSELF = 4;
let loaded = 0;

const pagerOf = (page) => page.querySelector("[data-pager]");
const nextOf = (page) => pagerOf(page)?.querySelector("a[rel=next]");

async function load(link) {
  const pager = pagerOf(document);
  const label = link.textContent;
  if (link.getAttribute("aria-busy")) return;
  link.setAttribute("aria-busy", "true");
  link.textContent = pager.dataset.busy;
  try {
    const answer = await fetch(link.href);
    if (!answer.ok) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const items = [...(page.querySelector("[data-grid]")?.children ?? [])];
    const first = items[0]?.querySelector("a");
    const asked = document.activeElement === link;
    grid.append(...items);
    loaded += 1;
    const further = nextOf(page);
    if (!further) pager.hidden = true;
    else {
      link.href = further.href;
      link.textContent = pager.dataset.more;
      link.removeAttribute("aria-busy");
      watch(link);
    }
    // Who pressed the button goes on reading where the new pictures begin.
    if (asked) first?.focus({ preventScroll: true });
  } catch {
    // The link still leads there: pressed, it says what is wrong.
    link.textContent = label;
    link.removeAttribute("aria-busy");
    link.dataset.plain = "";
  }
}

const observer = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      observer.unobserve(entry.target);
      load(entry.target);
    }
  },
  { rootMargin: "800px" },
);

function watch(link) {
  if (loaded < BY_ITSELF) observer.observe(link);
}

const next = grid && nextOf(document);
if (next) {
  next.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || "plain" in next.dataset) return;
    event.preventDefault();
    load(next);
  });
  watch(next);
}
