// Messages on their way out: kept over reloads, sent one by one, again with the same id.
const STALLED = 45_000;
const LONGEST_PAUSE = 15_000;

export class Outbox {
  constructor(phone, screen) {
    this.phone = phone;
    this.screen = screen;
    this.waiting = [];
    this.running = false;
    this.wake = () => {};
    addEventListener("online", () => this.wake());
  }

  async restore() {
    const kept = (await shelf("readonly", (store) => store.getAll())) ?? [];
    const own = kept.filter((item) => item.phone === this.phone);
    for (const item of own.sort((one, two) => one.order - two.order)) {
      this.screen.pending(item);
      this.waiting.push(item);
    }
    this.run();
  }

  add(item) {
    this.waiting.push(item);
    shelf("readwrite", (store) => store.put(item));
    this.screen.pending(item);
    this.run();
  }

  async run() {
    if (this.running) return;
    this.running = true;
    for (let tries = 0; this.waiting.length; ) {
      const item = this.waiting[0];
      this.screen.sending(item);
      const status = await post(item, (share) => this.screen.progress(item, share));
      if (settled(status)) {
        tries = 0;
        this.waiting.shift();
        shelf("readwrite", (store) => store.delete(item.id));
        this.screen.settled(item, status);
      } else {
        this.screen.held(status);
        if (status === 403) await renew();
        await this.pause(tries++);
      }
    }
    this.running = false;
  }

  pause(tries) {
    const seconds = Math.min(LONGEST_PAUSE, 500 * 2 ** tries);
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, seconds);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

// After a restart of Saathi the old page may not post; a look at the page lets it again.
export async function renew() {
  try {
    await fetch("/phone", { cache: "no-store" });
  } catch {
    // Still offline; the next try will tell.
  }
}

function settled(status) {
  return status === 200 || (status >= 400 && status < 500 && ![403, 408, 429].includes(status));
}

function post(item, onProgress) {
  const { file, fileName, ...fields } = item;
  const request = new XMLHttpRequest();
  let timer = setTimeout(() => request.abort(), STALLED);
  return new Promise((resolve) => {
    request.onloadend = () => {
      clearTimeout(timer);
      resolve(request.status);
    };
    request.upload.onprogress = (event) => {
      clearTimeout(timer);
      timer = setTimeout(() => request.abort(), STALLED);
      onProgress(event.loaded / event.total);
    };
    request.open("POST", "/phone/messages");
    if (file) return request.send(form(fields, file, fileName));
    request.setRequestHeader("Content-Type", "application/json");
    return request.send(JSON.stringify(fields));
  });
}

function form(fields, file, name) {
  const data = new FormData();
  for (const [key, value] of Object.entries(fields)) data.append(key, String(value));
  data.append("file", file, name);
  return data;
}

// IndexedDB holds files too; where it is shut (private windows) memory must do.
function shelf(mode, work) {
  return new Promise((resolve) => {
    let opening;
    try {
      opening = indexedDB.open("saathi", 1);
    } catch {
      return resolve(undefined);
    }
    opening.onupgradeneeded = () => opening.result.createObjectStore("unsent", { keyPath: "id" });
    opening.onerror = () => resolve(undefined);
    opening.onsuccess = () => {
      const change = opening.result.transaction("unsent", mode);
      const asked = work(change.objectStore("unsent"));
      change.oncomplete = () => finish(asked.result);
      change.onabort = () => finish(undefined);
    };
    const finish = (value) => {
      opening.result.close();
      resolve(value);
    };
  });
}
