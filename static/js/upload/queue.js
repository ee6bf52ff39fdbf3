/* The queue: three files at a time, each on its own, and the progress of all. */

import { Item } from "./item.js";
import { Cancelled, Later, send } from "./send.js";
import { fill, size, time } from "./words.js";

const AT_ONCE = 3;
const PACE_SECONDS = 8;
const SPOKEN_SECONDS = 15;
// Longer than this nobody watches a countdown: the rest waits for the person. A file is refused for the moment so often.
const LONGEST_WAIT_SECONDS = 900;
const MOST_REFUSALS = 5;

export class Queue {
  /* form: the upload form. values(): those for all files. done(outcome, order), changed(), halted(reason): callbacks. */
  constructor(form, { values, done, changed, ended, halted, edit }) {
    Object.assign(this, { form, values, done, changed, ended, halted, edit });
    this.said = form.dataset;
    this.box = form.querySelector("[data-queue]");
    this.list = form.querySelector("[data-items]");
    this.whole = form.querySelector("[data-whole]");
    this.items = [];
    this.working = 0;
    // Of this run: files and bytes that have come to their end.
    this.finished = { count: 0, bytes: 0, failed: 0 };
    this.order = 0;
    this.paces = [];
    this.spokenAt = 0;
    // Until then the site asked to be left alone; whether it asked for more than anybody waits for here.
    this.pausedUntil = 0;
    this.isHalted = false;
    this.stopper = form.querySelector("[data-stop]");
    this.stopper.addEventListener("click", () => this.stop());
  }

  get isBusy() {
    return this.working > 0;
  }

  /* Add files and addresses; those that are there already are left out. */
  add(things) {
    const known = new Set(this.items.map((item) => item.key));
    const rows = [];
    for (const thing of things) {
      const item = new Item(thing, this.said);
      if (known.has(item.key)) continue;
      known.add(item.key);
      item.order = this.order++;
      item.asked = (act) => this.#asked(item, act);
      if (item.tooLarge) item.show("failed", this.said.tooLarge);
      this.items.push(item);
      rows.push(item.row);
    }
    this.list.append(...rows);
    this.#show();
    this.changed();
    if (this.isBusy) this.start();
  }

  /* Send all that wait. */
  start() {
    this.isHalted = false;
    if (!this.isBusy) {
      this.finished = { count: 0, bytes: 0, failed: 0 };
      this.paces = [];
      this.spokenAt = performance.now();
    }
    while (this.working < AT_ONCE && this.items.some((item) => item.state === "waiting")) this.#work();
  }

  /* Cancel what is on its way, and forget what waits. */
  stop() {
    for (const item of [...this.items]) {
      item.cancel();
      this.#drop(item);
    }
    this.form.querySelector("input[type=file]").focus();
  }

  async #work() {
    this.working += 1;
    for (;;) {
      await this.#pause();
      const item = this.items.find((one) => one.state === "waiting");
      if (!item || this.isHalted) break;
      await this.#send(item);
    }
    this.working -= 1;
    this.#show();
    if (!this.isBusy) {
      this.#speak(true);
      this.ended();
    }
  }

  /* Wait while the site asked for it and there is something to wait for. */
  async #pause() {
    while (this.#pauseSeconds && !this.isHalted && this.items.some((one) => one.state === "waiting")) {
      this.#show();
      await new Promise((done) => setTimeout(done, Math.min(1000, this.#pauseSeconds * 1000)));
    }
  }

  get #pauseSeconds() {
    return Math.max(0, (this.pausedUntil - performance.now()) / 1000);
  }

  /* The site refused the item for the moment: it waits its turn again, and so do all. */
  #postpone(item, error) {
    item.refusals += 1;
    if (item.refusals > MOST_REFUSALS) return false;
    item.sent = 0;
    item.show("waiting", error.message);
    if (error.seconds > LONGEST_WAIT_SECONDS) {
      this.isHalted = true;
      this.halted(error.message);
      return true;
    }
    const isFirst = this.#pauseSeconds === 0;
    // Several files are on their way at once: the longest wait asked for holds.
    this.pausedUntil = Math.max(this.pausedUntil, performance.now() + error.seconds * 1000);
    if (isFirst) this.form.querySelector("[data-spoken]").textContent = this.#paused();
    return true;
  }

  #paused() {
    return fill(this.said.pause, { time: time(Math.ceil(this.#pauseSeconds)) });
  }

  async #send(item) {
    item.show("sending");
    item.move(0);
    this.#show();
    try {
      const outcome = await send(item, item.meant(this.values()), this.form, (bytes) => {
        item.move(bytes);
        this.#show();
      });
      this.finished.count += 1;
      this.finished.bytes += item.size;
      this.#drop(item);
      this.done(outcome, item.order);
    } catch (error) {
      if (error instanceof Cancelled) return;
      if (error instanceof Later && this.#postpone(item, error)) return;
      this.finished.failed += 1;
      item.sent = 0;
      item.show("failed", error.message);
    } finally {
      item.cancel = () => {};
      this.#show();
      this.changed();
    }
  }

  #asked(item, act) {
    if (act === "edit") this.edit(item);
    if (act === "remove") {
      const next = item.row.nextElementSibling ?? item.row.previousElementSibling;
      item.cancel();
      this.#drop(item);
      (next?.querySelector("[data-act=remove]") ?? this.form.querySelector("input[type=file]")).focus();
    }
    if (act === "again") {
      item.refusals = 0;
      item.show("waiting");
      if (this.isBusy) this.finished.failed -= 1;
      this.start();
    }
  }

  #drop(item) {
    this.items = this.items.filter((one) => one !== item);
    item.row.remove();
    // The file is let go with its row: a long queue holds nothing of what is done.
    item.file = null;
    this.#show();
    this.changed();
  }

  /* Show the progress of the whole queue, at most once a frame. */
  #show() {
    if (this.drawn) return;
    this.drawn = requestAnimationFrame(() => {
      this.drawn = 0;
      this.#draw();
    });
  }

  #draw() {
    this.box.hidden = this.items.length === 0;
    const counted = this.form.querySelector("[data-counted]");
    const pace = this.form.querySelector("[data-pace]");
    const open = this.items.filter((item) => item.state !== "failed");
    const bytes = open.reduce((sum, item) => sum + item.size, 0);
    if (!this.isBusy) {
      const failed = this.items.length - open.length;
      const words = [open.length && fill(this.said.chosen, { count: open.length })];
      words.push(failed && fill(this.said.failed, { count: failed }));
      counted.textContent = words.filter(Boolean).join(" · ");
      pace.textContent = bytes ? `· ${size(bytes)}` : "";
      this.stopper.textContent = this.said.clear;
      this.whole.hidden = true;
      return;
    }
    const sent = this.finished.bytes + open.reduce((sum, item) => sum + item.sent, 0);
    const all = this.finished.bytes + bytes;
    counted.textContent = this.#counted();
    this.stopper.textContent = this.said.stop;
    this.whole.hidden = false;
    this.whole.value = all ? sent / all : 0;
    pace.textContent = this.#pauseSeconds ? `· ${this.#paused()}` : this.#pace(sent, all);
    this.#speak();
  }

  #counted() {
    const open = this.items.filter((item) => item.state !== "failed").length;
    const done = this.finished.count;
    return fill(this.said.counted, { done, all: done + open + this.finished.failed });
  }

  /* Speed of the last seconds, and what that means for the rest. */
  #pace(sent, all) {
    const now = performance.now() / 1000;
    this.paces.push([now, sent]);
    while (this.paces.length > 2 && now - this.paces[0][0] > PACE_SECONDS) this.paces.shift();
    const [then, before] = this.paces[0];
    if (now - then < 1 || sent <= before) return "";
    const speed = (sent - before) / (now - then);
    const words = [size(speed, "/s")];
    if (all > sent) words.push(fill(this.said.left, { time: time((all - sent) / speed) }));
    return `· ${words.join(" · ")}`;
  }

  /* Say it to who cannot see it, now and then and at the end. */
  #speak(isEnd = false) {
    const now = performance.now();
    if (!isEnd && now - this.spokenAt < SPOKEN_SECONDS * 1000) return;
    this.spokenAt = now;
    const words = [this.#counted()];
    if (this.finished.failed) words.push(fill(this.said.failed, { count: this.finished.failed }));
    this.form.querySelector("[data-spoken]").textContent = words.join(". ");
  }
}
