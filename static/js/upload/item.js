/* One file or address of the queue, and its row on the page. */

import { show } from "./thumbs.js";
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
    // What is said of this one alone; null: nothing. A box that is not ticked is undefined.
    this.values = null;
    this.state = "waiting";
    this.sent = 0;
    // How often it was refused for the moment.
    this.refusals = 0;
    this.cancel = () => {};
    this.row = this.#build();
    this.tell("waiting");
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
    if (this.file) show(this.file, picture);
    else picture.textContent = "URL";
    return row;
  }

  /* Show a state: waiting (where it was refused for now, with the reason), sending, working, failed (with its reason). */
  tell(state, reason = "") {
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

  /* So many bytes are on their way. */
  move(bytes) {
    this.sent = Math.min(bytes, this.size);
    if (this.size) this.bar.value = this.sent / this.size;
    else this.bar.removeAttribute("value");
    if (this.size && this.sent >= this.size && this.state === "sending") this.tell("working");
    else if (this.state === "sending") {
      this.row.querySelector(".queue-state").textContent = `${size(this.sent)} / ${size(this.size)}`;
    }
  }

  /* What is said of it, where `all` is said of the whole queue. */
  meant(all) {
    const told = { ...all, ...this.values };
    for (const name of Object.keys(told)) if (told[name] === undefined) delete told[name];
    return told;
  }

  /* Where its file is too large nothing is sent at all. */
  get tooLarge() {
    return this.size > Number(this.said.maxBytes);
  }
}
