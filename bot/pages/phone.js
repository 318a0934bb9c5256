// One phone, or several side by side (/phone?phones=2); each is its own person with its own chat.
import { bubble, choices, fillSheet, make, mark } from "./bubble.js";
import { Outbox, renew } from "./outbox.js";
import { LANGUAGES, dayName, direction, wordsOf } from "./words.js";

const TYPING = 20_000;
const SILENT = 40_000;
const BIGGEST = 20_000_000;
const asked = new URLSearchParams(location.search);

class Screen {
  constructor(slot) {
    this.slot = slot;
    this.id = numberOf(slot);
    this.rows = new Map();
    this.last = 0;
    this.order = 0;
    this.day = "";
    this.unread = new Map();
    this.build();
    this.speak(firstLanguage());
    this.outbox = new Outbox(this.id, this);
    this.connect();
  }

  build() {
    const copy = document.getElementById("phone").content.cloneNode(true);
    this.root = copy.querySelector(".phone");
    for (const part of this.root.querySelectorAll("[data-part]")) this[part.dataset.part] = part;
    document.getElementById("phones").append(copy);
    this.root.setAttribute("aria-label", `Phone ${this.slot}`);
    this.composer.addEventListener("submit", (event) => this.submit(event));
    this.field.addEventListener("keydown", (event) => this.key(event));
    this.field.addEventListener("input", () => this.grow());
    this.field.addEventListener("paste", (event) => this.paste(event));
    this.attach.addEventListener("click", () => this.picker.click());
    this.picker.addEventListener("change", () => this.pick());
    this.hello.addEventListener("click", () => this.say(this.hello.dataset.say));
    this.latest.addEventListener("click", () => this.toEnd("smooth"));
    this.log.addEventListener("scroll", () => this.scrolled(), { passive: true });
    // A picture gets its height late; whoever was reading the end stays there.
    this.log.addEventListener("load", () => this.stuck && this.toEnd("instant"), true);
    new ResizeObserver(() => this.stuck && this.toEnd("instant")).observe(this.log);
    this.sheet.addEventListener("click", (event) => event.target === this.sheet && this.sheet.close());
    this.root.addEventListener("dragover", (event) => event.preventDefault());
    this.root.addEventListener("drop", (event) => this.drop(event));
    document.addEventListener("visibilitychange", () => this.report());
  }

  speak(language) {
    if (this.language === language) return;
    this.language = language;
    this.words = wordsOf(language);
    this.root.lang = language;
    this.root.dir = direction(language);
    this.field.placeholder = this.words.message;
    this.field.setAttribute("aria-label", this.words.message);
    this.attach.setAttribute("aria-label", this.words.attach);
    this.button.setAttribute("aria-label", this.words.send);
    this.latest.setAttribute("aria-label", this.words.latest);
    this.hello.textContent = this.words.hello;
    this.typing.setAttribute("aria-label", this.words.typing);
    this.showStatus();
    if (this.slot === 1) document.documentElement.lang = language;
  }

  // Events in.

  connect() {
    this.source = new EventSource(`/phone/events?phone=${this.id}&after=${this.last}`);
    this.source.addEventListener("bubble", (event) => this.show(JSON.parse(event.data)));
    this.source.addEventListener("ready", () => this.ready());
    this.source.addEventListener("beat", () => this.alive());
    this.source.onerror = () => this.lost();
    this.alive();
  }

  ready() {
    this.online = true;
    this.tries = 0;
    this.log.setAttribute("aria-busy", "false");
    this.welcome.hidden = this.rows.size > 0;
    this.showStatus();
    this.alive();
    if (!this.restored) this.outbox.restore();
    else this.outbox.wake();
    this.restored = true;
    this.report();
  }

  alive() {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.again(), SILENT);
  }

  lost() {
    this.online = false;
    this.hideTyping();
    this.showStatus();
    if (!this.restored) {
      this.restored = true;
      this.outbox.restore();
    }
    if (this.source.readyState === EventSource.CLOSED) this.again();
  }

  again() {
    this.source.close();
    this.tries = (this.tries ?? 0) + 1;
    clearTimeout(this.retry);
    const pause = Math.min(10_000, 300 * 2 ** this.tries);
    this.retry = setTimeout(() => renew().then(() => this.connect()), pause);
  }

  show(entry) {
    this.alive();
    this.last = Math.max(this.last, entry.n);
    this.welcome.hidden = true;
    const atEnd = this.stuck || this.nearEnd();
    if (!entry.mine) this.heard(entry);
    this.separate(new Date(entry.at));
    this.forget(entry.id);
    const row = bubble(entry, this.words);
    this.rows.set(entry.id, row);
    this.place(row);
    if (entry.mine) mark(row, "sent", this.words);
    const taps = choices(entry, this.words, (...tap) => this.tap(...tap), (...list) => this.open(...list));
    if (taps) row.append(taps);
    if (atEnd || entry.mine || !this.online) this.toEnd("instant");
    else this.latest.hidden = false;
  }

  forget(id) {
    const row = this.rows.get(id);
    const preview = row?.querySelector("[href^='blob:']");
    if (preview) URL.revokeObjectURL(preview.href);
    row?.remove();
  }

  heard(entry) {
    if (entry.language && LANGUAGES.includes(entry.language)) this.speak(entry.language);
    this.hideTyping();
    for (const row of this.log.querySelectorAll(".row.mine .tick[data-state=sent]")) {
      mark(row.closest(".row"), "read", this.words);
    }
    for (const old of this.log.querySelectorAll(".choices:not(.old)")) old.classList.add("old");
    if ((entry.tick ?? 0) < 3) this.unread.set(entry.id, entry.tick ?? 0);
    this.report();
  }

  separate(at) {
    const day = at.toDateString();
    if (day === this.day) return;
    this.day = day;
    const line = make("div", { className: "day", role: "separator" });
    line.append(make("span", {}, dayName(at, this.language, this.words)));
    this.place(line);
  }

  // What is confirmed stands above what still waits.
  place(row) {
    const pending = this.log.querySelector(".row.pending");
    this.log.insertBefore(row, pending ?? this.typing);
  }

  report() {
    clearTimeout(this.reporting);
    this.reporting = setTimeout(() => this.sendReport(), 250);
  }

  async sendReport() {
    const tick = document.visibilityState === "visible" ? 3 : 2;
    const ids = [...this.unread].filter(([, known]) => known < tick).map(([id]) => id);
    if (!ids.length) return;
    const body = JSON.stringify({ phone: this.id, ids, tick });
    const headers = { "Content-Type": "application/json" };
    try {
      const answer = await fetch("/phone/receipts", { method: "POST", headers, body });
      if (!answer.ok) return;
      for (const id of ids) tick === 3 ? this.unread.delete(id) : this.unread.set(id, tick);
    } catch {
      // Reported again with the next bubble or on reconnect.
    }
  }

  // Messages out.

  submit(event) {
    event.preventDefault();
    const text = this.field.value.trim();
    if (!text) return;
    this.field.value = "";
    this.grow();
    this.say(text);
  }

  say(text) {
    this.outbox.add(this.item({ text }));
    this.field.focus();
  }

  tap(entry, button) {
    this.outbox.add(this.item({ text: button.title, choice: button.id, quoted: entry.id }));
  }

  open(entry, title) {
    fillSheet(this.sheet, entry, title, this.words, (...tap) => this.tap(...tap));
    const frame = this.root.getBoundingClientRect();
    Object.assign(this.sheet.style, {
      left: `${frame.left}px`,
      width: `${frame.width}px`,
      bottom: `${Math.max(0, innerHeight - frame.bottom)}px`,
    });
    this.sheet.dir = this.root.dir;
    this.sheet.showModal();
  }

  item(fields) {
    this.order = Math.max(this.order + 1, Date.now());
    const hint = navigator.language ?? "";
    return { phone: this.id, id: random(16), order: this.order, language_hint: hint, ...fields };
  }

  pick() {
    this.upload([...this.picker.files]);
    this.picker.value = "";
  }

  paste(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    this.upload(files);
  }

  drop(event) {
    event.preventDefault();
    this.upload([...(event.dataTransfer?.files ?? [])]);
  }

  upload(files) {
    const album = files.length > 1 ? random(12) : "";
    const text = this.field.value.trim();
    for (const [place, file] of files.entries()) {
      if (file.size > BIGGEST) {
        this.tell(this.words.tooBig);
        continue;
      }
      const caption = place === 0 ? text : "";
      this.outbox.add(this.item({ album, text: caption, file, fileName: file.name }));
    }
    this.field.value = "";
    this.grow();
  }

  // The outbox tells how it goes.

  pending(item) {
    this.welcome.hidden = true;
    const entry = { id: item.id, mine: true, at: new Date(), text: item.text };
    if (item.file) {
      const url = URL.createObjectURL(item.file);
      entry.file = { url, name: item.fileName, mime: item.file.type, size: item.file.size };
    }
    const row = bubble(entry, this.words);
    row.classList.add("pending");
    if (item.file) row.firstChild.append(make("progress", { max: 1, value: 0, ariaLabel: this.words.waiting }));
    mark(row, "waiting", this.words);
    this.rows.set(item.id, row);
    this.log.insertBefore(row, this.typing);
    this.toEnd("instant");
  }

  sending() {
    if (this.online) this.showTyping();
  }

  progress(item, share) {
    const bar = this.rows.get(item.id)?.querySelector("progress");
    if (bar) bar.value = share;
  }

  settled(item, status) {
    this.tell("");
    if (status === 200) return;
    this.hideTyping();
    const row = this.rows.get(item.id);
    row.classList.add("refused");
    row.querySelector("progress")?.remove();
    mark(row, "refused", this.words);
    this.tell(status === 413 ? this.words.tooBig : this.words.refused);
  }

  held(status) {
    this.hideTyping();
    if (status !== 403) this.tell(this.words.offline);
  }

  // Small things.

  tell(text) {
    this.notice.textContent = text;
    this.notice.hidden = !text;
  }

  showTyping() {
    this.typing.hidden = false;
    this.showStatus();
    if (this.nearEnd()) this.toEnd("instant");
    clearTimeout(this.typingEnds);
    this.typingEnds = setTimeout(() => this.hideTyping(), TYPING);
  }

  hideTyping() {
    clearTimeout(this.typingEnds);
    this.typing.hidden = true;
    this.showStatus();
  }

  showStatus() {
    const state = !this.online ? "connecting" : this.typing.hidden ? "online" : "typing";
    this.status.textContent = this.words[state];
    this.status.dataset.state = state;
  }

  key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    this.submit(event);
  }

  grow() {
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(132, this.field.scrollHeight)}px`;
    this.root.classList.toggle("writing", this.field.value.trim() !== "");
  }

  nearEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 80;
  }

  scrolled() {
    this.stuck = this.nearEnd();
    if (this.stuck) this.latest.hidden = true;
  }

  toEnd(behavior) {
    this.stuck = true;
    this.log.scrollTo({ top: this.log.scrollHeight, behavior });
    this.latest.hidden = true;
  }
}

function numberOf(slot) {
  const key = `saathi.phone.${slot}`;
  const known = asked.has("new") ? "" : recall(key);
  const number = known || random(16);
  try {
    localStorage.setItem(key, number);
  } catch {
    // A private window: the phone lasts as long as the page.
  }
  return number;
}

function recall(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return "";
  }
}

function random(bytes) {
  const values = crypto.getRandomValues(new Uint8Array(bytes));
  return [...values].map((value) => value.toString(16).padStart(2, "0")).join("");
}

function firstLanguage() {
  const wanted = (navigator.language ?? "en").slice(0, 2);
  return LANGUAGES.includes(wanted) ? wanted : "en";
}

const count = Math.min(4, Math.max(1, Number(asked.get("phones")) || 1));
document.body.dataset.phones = String(count);
for (let slot = 1; slot <= count; slot += 1) new Screen(slot);
// A reload must not make yet another phone.
if (asked.has("new")) history.replaceState(null, "", count > 1 ? `?phones=${count}` : location.pathname);
