/* One file or address of the queue, and its row on the page. */

import { show as preview } from "./thumbs.js";
import { fill, size } from "./words.js";

const template = document.getElementById("queue-row");

export class Item {
  /* what: a File, or the text of an address. */
  constructor(what, said) {
    this.file = typeof what === "string" ? null : what;
    this.url = typeof what === "string" ? what : "";
    this.name = this.url || what.name;
    this.size = this.file?.size ?? 0;
    this.said = said;
    // The values of this file alone; null: none. An unticked box is undefined.
    this.values = null;
    this.state = "waiting";
    this.sent = 0;
    // How often it was refused for the moment.
    this.refusals = 0;
    this.cancel = () => {};
    this.row = this.#build();
    this.show("waiting");
  }

  /* The same file chosen twice is one. */
  get key() {
    return this.url || `${this.name}/${this.size}/${this.file.lastModified}`;
  }

  #build() {
    const row = template.content.firstElementChild.cloneNode(true);
    row.querySelector(".queue-name").textContent = this.name;
    const names = { name: this.name };
    for (const button of row.querySelectorAll("[data-act]")) {
      const words = fill(this.said[button.dataset.act], names);
      button.setAttribute("aria-label", words);
      button.title = words;
      button.addEventListener("click", () => this.asked?.(button.dataset.act));
    }
    this.bar = row.querySelector("progress");
    this.bar.setAttribute("aria-label", fill(this.said.bar, names));
    const picture = row.querySelector(".queue-picture");
    if (this.file) preview(this.file, picture);
    else picture.textContent = "URL";
    return row;
  }

  /* Show a state: waiting (where it was refused for now, with the reason), sending, working, failed (with its reason). */
  show(state, reason = "") {
    this.state = state;
    const words = this.row.querySelector(".queue-state");
    if (reason) words.textContent = reason;
    else if (state === "working") words.textContent = this.said.working;
    else if (state === "sending") words.textContent = "";
    else words.textContent = this.file ? size(this.size) : this.said.waiting;
    this.row.classList.toggle("queue-failed", state === "failed");
    this.bar.hidden = state !== "sending" && state !== "working";
    this.row.querySelector("[data-act=again]").hidden = state !== "failed" || this.tooLarge;
    this.row.querySelector("[data-act=edit]").hidden = (state !== "waiting" && state !== "failed") || this.tooLarge;
  }

  /* Show that so many bytes have been sent. */
  move(bytes) {
    this.sent = Math.min(bytes, this.size);
    if (this.size) this.bar.value = this.sent / this.size;
    else this.bar.removeAttribute("value");
    if (this.size && this.sent >= this.size && this.state === "sending") this.show("working");
    else if (this.state === "sending") {
      this.row.querySelector(".queue-state").textContent = `${size(this.sent)} / ${size(this.size)}`;
    }
  }

  /* Its values, where `all` are those of the whole queue. */
  meant(all) {
    const values = { ...all, ...this.values };
    for (const name of Object.keys(values)) if (values[name] === undefined) delete values[name];
    return values;
  }

  /* Where its file is too large nothing is sent at all. */
  get tooLarge() {
    return this.size > Number(this.said.maxBytes);
  }
}
