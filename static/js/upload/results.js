/* What is done: the links of all files, kept for this tab so that a reload loses none of them. */

import { fill } from "./words.js";

const MOST_ROWS = 4;

export class Results {
  constructor(box, form) {
    Object.assign(this, { box, form });
    this.said = box.dataset;
    this.key = `uploads:${form.dataset.who}`;
    this.kept = [];
    this.left = [];
    this.after = 0;
    box.querySelector("[data-clear]").addEventListener("click", () => this.clear());
    for (const button of box.querySelectorAll("[data-do]")) {
      button.addEventListener("click", () => this.#gather(button));
    }
    const albums = form.elements.album;
    if (albums && box.querySelector("[data-move]")) {
      box.querySelector("select").append(...[...albums.options].slice(1).map((one) => one.cloneNode(true)));
      box.querySelector("[data-move]").hidden = false;
    }
  }

  /* What an earlier page of this tab left: results are shown again, the rest is named. */
  recall() {
    let told;
    try {
      told = JSON.parse(sessionStorage.getItem(this.key)) ?? {};
    } catch {
      return;
    }
    this.kept = told.kept ?? [];
    // Files of this page stand behind those of the page before.
    this.after = this.kept.length ? this.kept.at(-1).order + 1 : 0;
    this.#draw();
    const lost = this.form.querySelector("[data-lost]");
    const names = (told.left ?? []).map((name) => {
      const row = document.createElement("li");
      row.textContent = name;
      return row;
    });
    lost.hidden = names.length === 0;
    lost.querySelector("ul").replaceChildren(...names);
  }

  /* One more is there; `order` is its place in the queue. */
  add(outcome, order) {
    this.kept = this.kept.filter((one) => one.id !== outcome.id);
    this.kept.push({ ...outcome, order: this.after + order });
    this.kept.sort((one, other) => one.order - other.order);
    this.#keep();
    cancelAnimationFrame(this.drawn);
    this.drawn = requestAnimationFrame(() => this.#draw());
  }

  /* Remember what still waits, by name. */
  remember(names) {
    this.left = names;
    this.#keep();
  }

  /* What was lost is chosen again, or not. */
  begin() {
    this.form.querySelector("[data-lost]").hidden = true;
  }

  /* The first link, ready to be copied. */
  select() {
    if (!this.kept.length) return;
    this.#draw();
    const field = this.box.querySelector("textarea");
    field.focus({ preventScroll: true });
    field.select();
    this.box.scrollIntoView({ block: "nearest" });
  }

  clear() {
    this.kept = [];
    this.#keep();
    this.#draw();
    this.form.querySelector("input[type=file]").focus();
  }

  #keep() {
    try {
      sessionStorage.setItem(this.key, JSON.stringify({ kept: this.kept, left: this.left }));
    } catch {
      // A full or forbidden store: the page itself still shows all of it.
    }
  }

  #draw() {
    this.box.hidden = this.kept.length === 0;
    this.#tiles();
    let deletable = false;
    for (const field of this.box.querySelectorAll(".codes textarea")) {
      const lines = this.kept.map((one) => one.codes[field.name]).filter(Boolean);
      field.value = lines.join("\n");
      field.rows = Math.max(1, Math.min(lines.length, MOST_ROWS));
      field.closest(".code").hidden = lines.length === 0;
      if (field.name === "delete-links") deletable = lines.length > 0;
    }
    this.box.querySelector("[data-keep]").hidden = !deletable;
  }

  /* A tile each; those that are there already stay as they are. */
  #tiles() {
    const list = this.box.querySelector("[data-tiles]");
    const there = new Map([...list.children].map((tile) => [tile.dataset.id, tile]));
    list.replaceChildren(...this.kept.map((one) => there.get(one.id) ?? this.#tile(one)));
  }

  #tile(outcome) {
    const tile = document.createElement("li");
    const link = document.createElement("a");
    tile.dataset.id = outcome.id;
    link.href = outcome.viewer;
    if (outcome.thumb) {
      const picture = document.createElement("img");
      Object.assign(picture, { src: outcome.thumb, alt: "", loading: "lazy", width: 96, height: 96 });
      link.append(picture);
    } else {
      const kind = document.createElement("span");
      kind.className = "no-picture";
      kind.textContent = outcome.format;
      link.append(kind);
    }
    const title = document.createElement("span");
    title.className = "result-title";
    title.dir = "auto";
    title.textContent = outcome.title;
    link.append(title);
    tile.append(link);
    const notes = [];
    if (outcome.waiting) notes.push(this.said.waiting);
    if (outcome.duplicate) notes.push(this.said.twice);
    if (outcome.expires) notes.push(fill(this.said.deleted, { time: outcome.expires }));
    if (notes.length) {
      const note = document.createElement("span");
      note.className = "meta";
      note.textContent = notes.join(" · ");
      tile.append(note);
    }
    return tile;
  }

  /* Put all of them into an album: one that is there, or a new one. */
  async #gather(button) {
    const told = this.box.querySelector("[data-told]");
    const name = this.box.querySelector("#result-name");
    const chosen = this.box.querySelector("select");
    button.disabled = true;
    try {
      let album = { id: chosen.value, name: chosen.selectedOptions[0]?.textContent };
      if (button.dataset.do === "create") {
        if (!name.value.trim()) return name.focus();
        album = await this.#ask(this.said.albums, { name: name.value });
        name.value = "";
        this.#offer(album, chosen);
      }
      const ids = this.kept.map((one) => one.id);
      await this.#ask(this.said.bulk, { ids, changes: { album: album.id } });
      this.#tell(told, album);
      told.classList.remove("notice-error");
    } catch (error) {
      told.textContent = error.message;
      told.classList.add("notice-error");
    } finally {
      button.disabled = false;
    }
    told.hidden = false;
  }

  /* "Moved to {name}.", with the name as a link to the album. */
  #tell(told, album) {
    const [before, after] = told.dataset.moved.split("{name}");
    const link = document.createElement("a");
    link.href = fill(this.said.album, { id: album.id });
    link.dir = "auto";
    link.textContent = album.name;
    told.replaceChildren(before, link, after);
  }

  #offer(album, chosen) {
    for (const select of [chosen, this.form.elements.album].filter(Boolean)) {
      select.append(new Option(album.name, album.id));
    }
    this.box.querySelector("[data-move]").hidden = false;
    chosen.value = album.id;
  }

  async #ask(address, body) {
    const headers = {
      "Content-Type": "application/json",
      "X-CSRFToken": this.form.elements.csrfmiddlewaretoken.value,
    };
    const answer = await fetch(address, { method: "POST", headers, body: JSON.stringify(body) });
    const told = await answer.json().catch(() => ({}));
    const wrong = told.data?.find((one) => one.error)?.error.message;
    if (!answer.ok || wrong) throw new Error(wrong ?? told.detail ?? this.said.fault);
    return told;
  }
}
