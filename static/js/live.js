/* A page about work that goes on: its part [data-live] is fetched again until nothing in it is unfinished. */

const PAUSE = 1500;
const LONGEST_PAUSE = 15000;
let pause = PAUSE;

const live = () => document.querySelector("[data-live]");

async function refresh() {
  const old = live();
  if (!old?.hasAttribute("data-unfinished")) return;
  if (!document.hidden) {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-live]");
      // Only what is new is shown, so that focus and selection are kept.
      if (fresh && fresh.innerHTML !== old.innerHTML && !old.contains(document.activeElement)) old.replaceWith(fresh);
      pause = PAUSE;
    } catch {
      pause = Math.min(LONGEST_PAUSE, pause * 2);
    }
  }
  setTimeout(refresh, pause);
}

setTimeout(refresh, PAUSE);
