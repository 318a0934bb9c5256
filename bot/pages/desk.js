// The agents' desk: asks every three seconds; what is shown as sent, the record says is sent.
import { make } from "./bubble.js";

const EVERY = 3000;
const WHY = {
  taken: "Another agent has this chat.",
  not_waiting: "This chat does not wait any more.",
  not_yours: "Take the chat first.",
  text_length: "A message has 1 to 1,500 characters.",
  too_big: "A file may have 16 MB.",
  file_type: "Only PDF, JPEG, PNG or WebP can be sent.",
  erased: "This person had their data erased.",
};
// Why a chat waits, as `CallAgent` names it.
const REASONS = {
  asked: "Asked for a person",
  not_understood: "Was not understood",
  medical_question: "Asked a medical question",
  callback: "Wants a call",
  call_person: "Call: no messages wanted",
  follow_up: "Asks for a follow-up talk",
  review_refused: "The review was refused",
};
const part = (id) => document.getElementById(id);
let token = "";
let chosen = "";
let drawn = "";
let waiting = [];
let atEnd = true;

async function call(path, how = {}) {
  const headers = { ...how.headers, "X-Desk-Token": token };
  let answer;
  try {
    answer = await fetch(`/desk/api/${path}`, { ...how, headers });
  } catch {
    return tell("No connection. Trying again …");
  }
  if (answer.status === 401) return location.reload();
  const body = await answer.json().catch(() => ({}));
  tell(answer.ok ? "" : (WHY[body.error] ?? "That did not work. Please try again."));
  if (!answer.ok && ["taken", "not_waiting", "erased"].includes(body.error) && !how.method) leave();
  return answer.ok ? body : undefined;
}

function tell(text) {
  part("notice").textContent = text;
}

function post(path, body = {}) {
  const headers = { "Content-Type": "application/json" };
  return call(path, { method: "POST", headers, body: JSON.stringify(body) });
}

async function look() {
  const found = await call("queue");
  if (found) drawQueue(found.chats);
  if (chosen) await showChat();
}

function drawQueue(chats) {
  part("empty").hidden = chats.length > 0;
  const rows = chats.map((chat) => {
    const state = chat.mine ? "mine" : `${chat.minutes} min`;
    const about = chat.reasons.map(reasonOf).join(", ");
    const row = make("button", { type: "button", data: { testid: "waiting", conversation: chat.conversation } });
    row.append(make("span", { className: "why" }, about), make("span", { className: "state" }, state));
    row.classList.toggle("urgent", chat.urgent);
    if (chat.urgent) row.prepend(make("span", { className: "flag" }, "urgent"));
    row.setAttribute("aria-current", String(chat.conversation === chosen));
    row.addEventListener("click", () => choose(chat.conversation));
    return make("li", {}, row);
  });
  keepFocus(part("queue"), rows);
}

function keepFocus(list, rows) {
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset.conversation : "";
  list.replaceChildren(...rows);
  if (focused) list.querySelector(`[data-conversation="${CSS.escape(focused)}"]`)?.focus();
}

function reasonOf(reason) {
  return REASONS[reason] ?? readable(reason.replace("red_flag.", "Alarm: "));
}

function readable(name) {
  return name.replace(/[._]/g, " ");
}

function choose(conversation) {
  chosen = conversation;
  drawn = "";
  waiting = [];
  document.body.classList.add("inside");
  look();
}

function leave() {
  chosen = "";
  part("chat").hidden = true;
  document.body.classList.remove("inside");
}

async function showChat() {
  const asked = chosen;
  const chat = await call(`chats/${asked}`);
  if (!chat || asked !== chosen) return;
  part("chat").hidden = false;
  part("claim").hidden = chat.mine;
  part("release").hidden = part("composer").hidden = !chat.mine;
  const text = JSON.stringify([chat.history, chat.case, chat.mine, waiting.length]);
  if (text === drawn) return;
  drawn = text;
  part("who").textContent = chat.name || "Name not known";
  part("facts").textContent = [chat.channel, chat.language, chat.case?.number, `question: ${readable(chat.question)}`]
    .filter(Boolean).join(" · ");
  drawCase(chat);
  drawHistory(chat);
}

function drawCase(chat) {
  part("case").hidden = !chat.case;
  if (!chat.case) return;
  part("answers").replaceChildren(...chat.case.answers.map((line) => make("li", { dir: "auto" }, line)));
  const papers = chat.case.papers.map((paper) => {
    const href = `/desk/api/chats/${chat.conversation}/files/${chat.case.id}/${paper.document}`;
    return make("li", {}, make("a", { href, target: "_blank", rel: "noopener" }, paper.slot));
  });
  const notes = (chat.notes || []).map((document, n) => {
    const src = `/desk/api/chats/${chat.conversation}/files/${chat.conversation}/${document}`;
    const player = make("audio", { src, controls: "", preload: "none" });
    return make("li", {}, `Voice note ${n + 1} `, player);
  });
  part("papers").replaceChildren(...papers, ...notes);
}

function drawHistory(chat) {
  const said = new Set(chat.history.filter((line) => line.by === "agent").flatMap((line) => [line.text, ...line.files]));
  waiting = waiting.filter((text) => ![...said].some((shown) => shown.includes(text)));
  const log = part("log");
  const open = waiting.map((text) => bubble({ by: "agent", text, files: [], at: new Date().toISOString(), delivery: "" }, chat));
  log.replaceChildren(...chat.history.map((line) => bubble(line, chat)), ...open);
  if (log.dataset.chat !== chat.conversation) atEnd = true;
  log.dataset.chat = chat.conversation;
  toEnd();
}

function toEnd() {
  if (atEnd) part("log").scrollTop = part("log").scrollHeight;
}

function bubble(line, chat) {
  const files = line.files.map((name) => make("p", { className: "file" }, "File: ", make("bdi", {}, name)));
  const kind = line.kind && line.kind !== "text" && !line.files.length && !line.text ? `(${line.kind})` : "";
  const text = make("p", { className: "text", dir: "auto", lang: chat.language }, line.text || kind);
  const taps = line.taps?.length ? make("p", { className: "taps", dir: "auto", lang: chat.language }, line.taps.join("  ·  ")) : null;
  const state = line.by === "person" ? "" : line.delivery || "on its way";
  const at = new Date(line.at).toLocaleString("en-IN", { day: "numeric", month: "short", hour: "numeric", minute: "2-digit" });
  const foot = make("p", { className: "meta" }, [names(line.by), at, state, line.code].filter(Boolean).join(" · "));
  return make("article", { className: `line ${line.by}`, data: { testid: "line", by: line.by, delivery: state } }, ...files, text, taps, foot);
}

function names(by) {
  return { person: "Person", bot: "Saathi", agent: "Agent" }[by];
}

part("log").addEventListener("scroll", () => {
  const log = part("log");
  atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
});
// Whoever was reading the end stays there when the composer opens or the window turns.
new ResizeObserver(toEnd).observe(part("log"));

part("claim").addEventListener("click", async () => {
  await post(`chats/${chosen}/claim`);
  look();
});

part("release").addEventListener("click", async () => {
  if (await post(`chats/${chosen}/release`)) leave();
  look();
});

// A try that got no answer is repeated under the same name, so that it is said once.
let written = { id: "", text: "" };

part("composer").addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = part("text").value.trim();
  if (!text) return;
  if (written.text !== text) written = { id: name(), text };
  if (!(await post(`chats/${chosen}/messages`, written))) return;
  written = { id: "", text: "" };
  waiting.push(text);
  atEnd = true;
  part("text").value = "";
  look();
});

part("text").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  part("composer").requestSubmit();
});

part("attach").addEventListener("click", () => part("picker").click());
part("picker").addEventListener("change", async () => {
  const [file] = part("picker").files;
  part("picker").value = "";
  if (!file) return;
  const body = new FormData();
  body.append("id", name());
  body.append("file", file, file.name);
  tell("Sending the file …");
  if (await call(`chats/${chosen}/files`, { method: "POST", body })) waiting.push(file.name);
  look();
});

part("back").addEventListener("click", leave);
part("logout").addEventListener("click", async () => {
  await post("logout");
  location.reload();
});

function name() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function start() {
  const me = await call("me");
  if (!me) return void setTimeout(start, EVERY);
  token = me.token;
  part("me").textContent = me.name;
  for (;;) {
    await look();
    await new Promise((resolve) => setTimeout(resolve, EVERY));
  }
}

start();
