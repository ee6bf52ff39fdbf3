/* Choosing many files: a click on the box, shift for all between, a frame drawn with the mouse, all at once.
   Without it the boxes alone do the work. */

const form = document.querySelector("[data-selection]");
if (form) {
  const list = form.querySelector("[data-files]");
  // A page whose list changes says so by the event "tiles".
  let tiles = [];
  let boxes = [];
  const all = form.querySelector("[data-select-all]");
  const count = form.querySelector("[data-count]");
  const allLabel = all.textContent;
  let last = -1;

  const chosen = () => boxes.filter((box) => box.checked).length;

  function show() {
    const number = chosen();
    tiles.forEach((tile, at) => {
      tile.classList.toggle("tile-chosen", boxes[at].checked);
    });
    count.textContent = number ? form.dataset.some.replace("{n}", number) : form.dataset.none;
    all.textContent = number === boxes.length ? all.dataset.again : allLabel;
    for (const button of form.querySelectorAll("[name=action]")) button.disabled = number === 0;
    form.classList.toggle("choosing", number > 0);
  }

  function choose(at, checked, between) {
    const from = between && last >= 0 ? Math.min(last, at) : at;
    const to = between && last >= 0 ? Math.max(last, at) : at;
    for (let place = from; place <= to; place += 1) boxes[place].checked = checked;
    last = at;
    show();
  }

  function gather() {
    tiles = [...list.querySelectorAll("[data-file]")];
    boxes = tiles.map((tile) => tile.querySelector("input[type=checkbox]"));
    last = Math.min(last, tiles.length - 1);
    show();
  }

  list.addEventListener("click", (event) => {
    const at = tiles.indexOf(event.target.closest("[data-file]"));
    if (at < 0) return;
    if (event.target === boxes[at]) {
      choose(at, boxes[at].checked, event.shiftKey);
    } else if (event.target.closest(".tile-picture")) {
      // Once something is chosen, a click on a picture chooses too; before, it opens the file.
      if (chosen() === 0 && !event.shiftKey && !event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      choose(at, event.shiftKey && last >= 0 ? true : !boxes[at].checked, event.shiftKey);
    }
  });
  list.addEventListener("tiles", gather);

  all.hidden = false;
  all.addEventListener("click", () => {
    const checked = chosen() < boxes.length;
    for (const box of boxes) box.checked = checked;
    show();
  });

  // The frame: begun anywhere in the list but on a control, by a mouse only; fingers scroll.
  let start = null;
  let before = [];
  const frame = document.createElement("div");
  frame.className = "drag-frame";

  const area = (event) => ({
    left: Math.min(start.x, event.pageX),
    top: Math.min(start.y, event.pageY),
    right: Math.max(start.x, event.pageX),
    bottom: Math.max(start.y, event.pageY),
  });

  list.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "mouse" || event.button !== 0 || event.target.closest("input, .tile-text a, button")) return;
    start = { x: event.pageX, y: event.pageY };
    before = boxes.map((box) => box.checked);
  });
  document.addEventListener("pointermove", (event) => {
    if (!start) return;
    const box = area(event);
    if (!frame.isConnected) {
      if (box.right - box.left < 8 && box.bottom - box.top < 8) return;
      document.body.append(frame);
      document.body.classList.add("dragging");
    }
    frame.style.left = `${box.left}px`;
    frame.style.top = `${box.top}px`;
    frame.style.width = `${box.right - box.left}px`;
    frame.style.height = `${box.bottom - box.top}px`;
    tiles.forEach((tile, at) => {
      const place = tile.getBoundingClientRect();
      const left = place.left + window.scrollX;
      const top = place.top + window.scrollY;
      const inside =
        left < box.right && left + place.width > box.left && top < box.bottom && top + place.height > box.top;
      boxes[at].checked = inside || before[at];
    });
    show();
  });
  // A picture's own dragging would end the frame.
  list.addEventListener("dragstart", (event) => event.preventDefault());
  document.addEventListener("pointercancel", () => {
    start = null;
    frame.remove();
    document.body.classList.remove("dragging");
  });
  document.addEventListener("pointerup", () => {
    start = null;
    if (!frame.isConnected) return;
    frame.remove();
    document.body.classList.remove("dragging");
    // The click that ends the frame opens nothing.
    const swallow = (event) => {
      event.preventDefault();
      event.stopPropagation();
    };
    list.addEventListener("click", swallow, { capture: true, once: true });
    // Where the frame ended elsewhere, no click comes, and the next one is meant.
    setTimeout(() => list.removeEventListener("click", swallow, { capture: true }), 0);
  });

  // Back from the confirming page: the browser may have kept the boxes.
  window.addEventListener("pageshow", show);
  gather();
}
