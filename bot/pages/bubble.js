// What a chat is made of: bubbles, taps under them, lists that open from below. Text only as text nodes.
import { clock, sizeOf } from "./words.js";

const PICTURES = ["image/jpeg", "image/png", "image/webp", "image/gif"];
const LINK = /(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)।])/g;

export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  const { data = {}, aria = {}, role, ...rest } = properties;
  Object.assign(element, rest);
  Object.assign(element.dataset, data);
  if (role) element.setAttribute("role", role);
  for (const [name, value] of Object.entries(aria)) element.setAttribute(`aria-${name}`, value);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export function bubble(entry, words) {
  const side = entry.mine ? "mine" : "theirs";
  const parts = [
    entry.file ? fileCard(entry.file, words) : null,
    entry.text ? make("p", { className: "text", dir: "auto" }, ...linked(entry.text)) : null,
    meta(entry, words),
  ];
  const body = make("article", { className: "bubble", data: { testid: "bubble" } }, ...parts);
  if (entry.language) body.lang = entry.language;
  const row = make("div", { className: `row ${side}`, data: { id: entry.id, side } }, body);
  return row;
}

export function mark(row, state, words) {
  const tick = row.querySelector(".tick");
  const names = { waiting: words.waiting, sent: words.sent, read: words.read, refused: words.refused };
  tick.dataset.state = state;
  tick.setAttribute("aria-label", names[state]);
}

export function choices(entry, words, onTap, onOpen) {
  if (!entry.buttons?.length) return null;
  if (entry.as_list) {
    const title = entry.list_title || words.choose;
    const open = make("button", { type: "button", className: "open-list", data: { testid: "list-open" } });
    open.append(make("span", { className: "lines", aria: { hidden: "true" } }), title);
    open.setAttribute("aria-haspopup", "dialog");
    open.addEventListener("click", () => onOpen(entry, title));
    return make("div", { className: "choices", lang: entry.language }, open);
  }
  const buttons = entry.buttons.map((button) => {
    const tap = make("button", { type: "button", dir: "auto", data: { testid: "choice", choice: button.id } });
    tap.append(button.title);
    tap.addEventListener("click", () => onTap(entry, button));
    return tap;
  });
  const about = { className: "choices", lang: entry.language, role: "group", aria: { label: words.choose } };
  return make("div", about, ...buttons);
}

export function fillSheet(sheet, entry, title, words, onTap) {
  const rows = entry.buttons.map((button) => {
    const about = button.about ? make("span", { className: "about", dir: "auto" }, button.about) : null;
    const name = make("span", { className: "title", dir: "auto" }, button.title);
    const row = make("button", { type: "button", data: { testid: "list-row", choice: button.id } }, name, about);
    row.addEventListener("click", () => {
      sheet.close();
      onTap(entry, button);
    });
    return make("li", {}, row);
  });
  const shut = make("button", { type: "button", className: "shut", aria: { label: words.close } }, "✕");
  shut.addEventListener("click", () => sheet.close());
  const head = make("header", {}, make("h2", { dir: "auto" }, title), shut);
  sheet.setAttribute("aria-label", title);
  sheet.lang = entry.language;
  sheet.replaceChildren(head, make("ul", {}, ...rows));
}

function meta(entry, words) {
  const at = new Date(entry.at);
  const time = make("time", { dateTime: at.toISOString(), dir: "ltr" }, clock(at));
  const tick = entry.mine ? make("span", { className: "tick", role: "img" }) : null;
  const line = make("div", { className: "meta" }, time, tick);
  if (tick) tick.setAttribute("aria-label", words.waiting);
  return line;
}

function fileCard(file, words) {
  const address = file.url ?? `/phone/files/${file.ref}?type=${encodeURIComponent(file.mime)}`;
  const link = { href: address, target: "_blank", rel: "noopener noreferrer" };
  const name = file.name || words.attach;
  if (PICTURES.includes(file.mime)) {
    const picture = make("img", { src: address, alt: name, loading: "lazy", decoding: "async" });
    const frame = make("a", { ...link, className: "picture" }, picture);
    picture.addEventListener("error", () => frame.replaceWith(paper(file, link, name, words)));
    return frame;
  }
  return paper(file, link, name, words);
}

function paper(file, link, name, words) {
  const ending = (name.includes(".") ? name.split(".").pop() : file.mime.split("/").pop()) || "file";
  const badge = make("span", { className: "badge", aria: { hidden: "true" } }, ending.slice(0, 4));
  const detail = make("span", { className: "detail" }, make("bdi", {}, sizeOf(file.size)), ` · ${words.open}`);
  const about = make("span", { className: "name" }, make("bdi", {}, name), detail);
  return make("a", { ...link, className: "document", data: { testid: "document" } }, badge, about);
}

function linked(text) {
  return text.split(LINK).map((part, place) => {
    if (place % 2 === 0) return part;
    return make("a", { href: part, target: "_blank", rel: "noopener noreferrer" }, part);
  });
}
