/* The moderation queue by keyboard: one file is current, a key decides of it or of what is selected, and the next
   one is current at once. The page works without this: buttons and boxes do the same. */

const form = document.querySelector("[data-review]");
if (form) {
  const list = form.querySelector("[data-files]");
  const reasons = form.querySelector("[data-reasons]");
  const reason = form.querySelector("[data-reason]");
  const nothing = form.querySelector("[data-nothing]");
  const error = form.querySelector("[data-error]");
  const waiting = document.querySelector("[data-waiting]");
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  // Below this many cards more are asked for, so that the next ones are there before one gets to them.
  const FEW = 12;
  const ACTIONS = { a: "approve", r: "reject", n: "mark_nsfw", d: "remove", b: "ban" };
  const WITH_REASON = new Set(["reject", "remove", "ban"]);
  let current = null;
  let asking = null;
  let more = null;
  // Decisions are sent one after the other: Undo takes back the last one that arrived.
  let line = Promise.resolve();
  const decided = new Set();

  const cards = () => [...list.querySelectorAll("[data-file]")];
  const may = (action) => form.querySelector(`[name=action][value=${action}]`) !== null;

  function go(card) {
    current?.classList.remove("review-current");
    current = card ?? null;
    nothing.hidden = current !== null;
    if (!current) return;
    current.classList.add("review-current");
    current.focus({ preventScroll: true });
    current.scrollIntoView({ block: "nearest" });
  }

  function changed() {
    list.dispatchEvent(new Event("tiles"));
  }

  function say(text) {
    error.textContent = text;
    error.hidden = !text;
  }

  function parsed(html) {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    return [...holder.content.querySelectorAll("[data-file]")];
  }

  // Cards that are not on the page yet, in the order of the server's list.
  function add(html, { first = false } = {}) {
    const known = new Set(cards().map((card) => card.dataset.file));
    const fresh = parsed(html).filter((card) => !known.has(card.dataset.file) && !decided.has(card.dataset.file));
    if (first) list.prepend(...fresh);
    else list.append(...fresh);
    changed();
    if (!current?.isConnected || first) go(fresh[0] ?? cards()[0]);
    return fresh.length;
  }

  function refill() {
    if (more || cards().length >= FEW) return;
    more = line
      .then(() => fetch(form.dataset.more))
      .then(async (answer) => answer.ok && add(await answer.text()))
      .catch(() => {})
      .finally(() => {
        more = null;
      });
  }

  async function post(address, fields) {
    const body = new FormData();
    body.append("csrfmiddlewaretoken", token);
    for (const [name, value] of fields) body.append(name, value);
    const answer = await fetch(address, { method: "POST", body, headers: { Accept: "application/json" } });
    const content = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(content.error ?? form.dataset.failed);
    waiting.textContent = content.waiting;
    return content;
  }

  function decide(action, code = "") {
    const all = cards();
    const chosen = all.filter((card) => card.querySelector("input[type=checkbox]").checked);
    const subjects = chosen.length ? chosen : current ? [current] : [];
    if (!subjects.length || !may(action)) return;
    say("");
    const leaves = action !== "mark_nsfw";
    const ids = subjects.map((card) => card.dataset.file);
    const after = all[all.indexOf(subjects.at(-1)) + 1] ?? all.find((card) => !subjects.includes(card));
    if (leaves) {
      for (const card of subjects) {
        decided.add(card.dataset.file);
        card.remove();
      }
      if (subjects.includes(current)) go(after);
    } else {
      for (const card of subjects) card.classList.add("review-nsfw");
    }
    for (const card of chosen) card.querySelector("input[type=checkbox]").checked = false;
    changed();
    const fields = [["action", action], ["reason", code], ...ids.map((id) => ["file", id])];
    line = line
      .then(() => post(form.getAttribute("action"), fields))
      .catch((failure) => {
        for (const id of ids) decided.delete(id);
        if (leaves) list.prepend(...subjects.filter((card) => !card.isConnected));
        changed();
        go(subjects[0]);
        say(failure.message);
      });
    refill();
  }

  function undo() {
    say("");
    line = line
      .then(() => post(form.dataset.undo, []))
      .then((content) => {
        decided.clear();
        add(content.cards, { first: true });
      })
      .catch((failure) => say(failure.message));
  }

  function begin(action) {
    if (!may(action)) return;
    if (!WITH_REASON.has(action) || !reasons.querySelector("[data-code]")) {
      decide(action);
      return;
    }
    asking = action;
    reasons.showModal();
  }

  function answer(code) {
    const action = asking;
    asking = null;
    reasons.close();
    if (action) decide(action, code);
  }

  reasons.addEventListener("click", (event) => {
    const button = event.target.closest("[data-code]");
    if (button) answer(button.dataset.code);
  });
  reasons.addEventListener("keydown", (event) => {
    const buttons = [...reasons.querySelectorAll("[data-code]")];
    if (/^[1-9]$/.test(event.key) && buttons[event.key - 1]) {
      event.preventDefault();
      answer(buttons[event.key - 1].dataset.code);
    } else if (event.key === "Enter") {
      event.preventDefault();
      answer("");
    }
    event.stopPropagation();
  });
  reasons.addEventListener("close", () => {
    asking = null;
  });

  function step(key) {
    const all = cards();
    const at = Math.max(0, all.indexOf(current));
    if (key === "ArrowLeft") return all[at - 1];
    if (key === "ArrowRight") return all[at + 1];
    // The card of the next row that lies nearest.
    const place = (card) => card.getBoundingClientRect();
    const here = place(all[at]);
    const rows = key === "ArrowDown" ? all.slice(at + 1) : all.slice(0, at).reverse();
    const next = rows.find((card) => Math.abs(place(card).top - here.top) > 4);
    if (!next) return undefined;
    const top = place(next).top;
    const row = rows.filter((card) => Math.abs(place(card).top - top) <= 4);
    return row.reduce((best, card) =>
      Math.abs(place(card).left - here.left) < Math.abs(place(best).left - here.left) ? card : best,
    );
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || reasons.open) return;
    if (event.target.closest("select, textarea, input:not([type=checkbox])")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (key.startsWith("Arrow")) {
      const card = step(key);
      if (card) go(card);
    } else if (key in ACTIONS) {
      begin(ACTIONS[key]);
    } else if (key === "u") {
      undo();
    } else if (key === "x" && current) {
      current.querySelector("input[type=checkbox]").click();
    } else if (key === " " && current && !event.target.closest("button, summary")) {
      current.classList.toggle("review-shown");
    } else if (key === "Enter" && event.target === current) {
      window.open(current.querySelector(".tile-picture").href, "_blank", "noopener");
    } else {
      return;
    }
    event.preventDefault();
  });

  // Buttons act as the keys do, on the selection or the current file, without leaving the page.
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    event.preventDefault();
    if (button?.name === "one") {
      const [action, id] = button.value.split(" ");
      for (const card of cards()) card.querySelector("input[type=checkbox]").checked = false;
      go(cards().find((card) => card.dataset.file === id));
      begin(action);
    } else if (button?.name === "action") {
      if (reason.value) decide(button.value, reason.value);
      else begin(button.value);
    }
  });
  document.querySelector("[data-undo-button]").addEventListener("click", (event) => {
    event.preventDefault();
    undo();
  });
  list.addEventListener("focusin", (event) => {
    const card = event.target.closest("[data-file]");
    if (card && card !== current) {
      current?.classList.remove("review-current");
      current = card;
      card.classList.add("review-current");
    }
  });

  // With keys, the buttons also work while nothing is selected.
  const enable = () => {
    for (const button of form.querySelectorAll("[name=action]")) button.disabled = false;
  };
  new MutationObserver(enable).observe(form, { attributes: true, subtree: true, attributeFilter: ["disabled"] });
  enable();
  document.querySelector("[data-keys]").open = true;
  go(cards()[0]);
}
