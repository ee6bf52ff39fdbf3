/* On the view page: arrow keys and swipes turn to the neighbours in the album; the button shares by the
   system's own means, where the browser has them. */

const turn = (way) => {
  const link = document.querySelector(`.stage-turn[rel=${way}]`);
  if (link) location.assign(link.href);
  return link !== null;
};

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  // There the arrows move the cursor, or the film.
  if (event.target.closest("input:not([type=checkbox]), textarea, select, video, summary")) return;
  if (event.key === "ArrowLeft" && turn("prev")) event.preventDefault();
  if (event.key === "ArrowRight" && turn("next")) event.preventDefault();
});

const SWIPE = 60;
let start = null;
const stage = document.querySelector("[data-stage]");
stage.addEventListener(
  "touchstart",
  (event) => {
    const alone = event.touches.length === 1 && !event.target.closest("video");
    // Where the page is enlarged, a finger moves it.
    start = alone && (window.visualViewport?.scale ?? 1) === 1 ? event.touches[0] : null;
  },
  { passive: true },
);
stage.addEventListener("touchend", (event) => {
  if (!start) return;
  const end = event.changedTouches[0];
  const across = end.clientX - start.clientX;
  const down = Math.abs(end.clientY - start.clientY);
  start = null;
  if (Math.abs(across) > SWIPE && Math.abs(across) > 2 * down) turn(across > 0 ? "prev" : "next");
});

for (const button of document.querySelectorAll("[data-share]")) {
  if (!navigator.share) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.share({ title: button.dataset.title, url: button.dataset.share });
    } catch {
      // Nobody was chosen to share it with.
    }
  });
}
