// Sends files piece by piece (tus 1.0), and goes on where it was after a cut, sleep or reload.
// Plain enough for Chrome 60.
(function () {
  "use strict";
  var FILES = "/upload/files", SMALLEST = 65536, LARGEST = 8388608, WANTED = 6, SILENCE = 30000, A_DAY = 864e5, PATIENCE = 8;
  var token = location.hash.slice(1), words = {}, most = 0, piece = 262144;
  var queue = [], current = null, request = null, timer = 0, heard = 0, paused = false, failures = 0;

  function at(id) { return document.getElementById(id); }

  function show(id, text) { at(id).textContent = text; at(id).hidden = !text; }

  function send(verb, address, headers, body, then, progress) {
    var mine = request = new XMLHttpRequest();
    mine.open(verb, address);
    mine.setRequestHeader("Authorization", "Bearer " + token);
    mine.setRequestHeader("Tus-Resumable", "1.0.0");
    Object.keys(headers).forEach(function (name) { mine.setRequestHeader(name, headers[name]); });
    heard = Date.now();
    mine.upload.onprogress = function (event) { heard = Date.now(); if (progress) progress(event.loaded); };
    mine.onloadend = function () { if (request === mine) { request = null; then(mine); } };
    mine.send(body);
  }

  // What is remembered of a file, so that it can be gone on with after a reload.
  function mark(file) { return ["upload", file.name, file.size, file.lastModified].join(":"); }

  function remember(file, address) {
    try {
      if (address) localStorage.setItem(mark(file), address + " " + Date.now());
      else localStorage.removeItem(mark(file));
    } catch (error) { /* Private mode: it goes on without. */ }
  }

  function remembered(file) {
    try { return (localStorage.getItem(mark(file)) || "").split(" ")[0]; } catch (error) { return ""; }
  }

  function unfinished() {
    try {
      return Object.keys(localStorage).filter(function (key) {
        return key.indexOf("upload:") === 0 && Date.now() - localStorage[key].split(" ")[1] < A_DAY;
      });
    } catch (error) { return []; }
  }

  function row(file) {
    var item = document.createElement("li"), parts = { item: item };
    [["name", "span"], ["bar", "progress"], ["told", "span"]].forEach(function (part) {
      parts[part[0]] = item.appendChild(document.createElement(part[1]));
      parts[part[0]].className = part[0];
    });
    parts.name.textContent = file.name;
    parts.bar.max = file.size || 1;
    parts.bar.value = 0;
    at("files").appendChild(item);
    return parts;
  }

  function add(files) {
    show("again", "");
    if (current && failures > PATIENCE) giveUp();
    Array.prototype.forEach.call(files, function (file) {
      var job = { file: file, row: row(file), address: remembered(file), offset: 0, from: 0, since: 0 };
      if (file.size > most) wrong(job, words.too_big);
      else queue.push(job);
    });
    if (!current) next();
  }

  // A phone may forget where a file was: chosen once more, it is found again.
  function giveUp() {
    var running = request;
    clearTimeout(timer);
    current.row.item.parentNode.removeChild(current.row.item);
    current = request = null;
    if (running) running.abort();
  }

  function next() {
    current = queue.shift() || null;
    failures = 0;
    at("pause").hidden = !current;
    show("state", current ? words.keep_open : at("files").querySelector(".done") ? words.back : "");
    show("choose-word", at("files").firstChild ? words.more : words.choose);
    if (current) { awake(); ask(); }
  }

  function wrong(job, text) {
    job.row.item.className = "wrong";
    job.row.told.textContent = text;
    job.row.bar.hidden = true;
    if (job === current) next();
  }

  // Where are we? Asked at the start, and again after everything unforeseen.
  function ask() {
    if (!current || paused || request) return;
    if (!current.address) return create();
    send("HEAD", current.address, {}, null, function (answer) {
      if (answer.status === 200) {
        current.offset = current.from = Number(answer.getResponseHeader("Upload-Offset"));
        current.since = Date.now();
        go();
      } else if (answer.status === 404 || answer.status === 410) {
        current.address = "";
        create();
      } else otherwise(answer);
    });
  }

  function create() {
    send("POST", FILES, { "Upload-Length": String(current.file.size) }, null, function (answer) {
      if (answer.status !== 201) return otherwise(answer);
      current.address = answer.getResponseHeader("Location");
      current.offset = current.from = 0;
      current.since = Date.now();
      remember(current.file, current.address);
      go();
    });
  }

  function go() {
    var job = current, begun = Date.now(), from = job.offset, end = Math.min(from + piece, job.file.size);
    tell(from);
    if (from >= job.file.size) return done();
    var headers = { "Upload-Offset": String(from), "Content-Type": "application/offset+octet-stream" };
    send("PATCH", job.address, headers, job.file.slice(from, end), function (answer) {
      if (answer.status !== 204) return otherwise(answer);
      failures = 0;
      var seconds = Math.max(0.05, (Date.now() - begun) / 1000);
      // Pieces that take some seconds each: little is lost at a cut, little spent on asking.
      var fitting = Math.min((end - from) / seconds * WANTED, piece * 2);
      piece = Math.max(SMALLEST, Math.min(LARGEST, Math.round(fitting)));
      job.offset = Number(answer.getResponseHeader("Upload-Offset"));
      if (!paused) go();
    }, function (loaded) { tell(from + Math.min(loaded, end - from)); });
  }

  function tell(offset) {
    var job = current, percent = job.file.size ? Math.floor(offset / job.file.size * 100) : 100;
    var seconds = (Date.now() - job.since) / 1000, speed = (offset - job.from) / seconds;
    var text = level(percent + " %");
    if (seconds > 2 && speed > 0) {
      var left = Math.ceil((job.file.size - offset) / speed / 60);
      text += " · " + level(shown(speed) + "/s") + " · " + (left > 1 ? words.minutes.replace("{minutes}", left) : words.soon);
    }
    job.row.bar.value = offset;
    job.row.told.textContent = text;
    show("state", words.keep_open);
  }

  // From left to right, also within Urdu.
  function level(text) { return "\u2066" + text + "\u2069"; }

  function shown(bytes) {
    return bytes < 1e6 ? Math.max(1, Math.round(bytes / 1e3)) + " KB" : (bytes / 1e6).toFixed(1) + " MB";
  }

  function done() {
    remember(current.file, "");
    current.row.item.className = "done";
    current.row.bar.value = current.row.bar.max;
    current.row.told.textContent = "✓ " + words.done;
    next();
  }

  function otherwise(answer) {
    var status = answer.status;
    if (status === 401 || status === 403) return open();
    if (status === 413) return wrong(current, words.too_big);
    if (status === 507) return wrong(current, words.full);
    if (status === 404 || status === 410) current.address = "";
    failures += 1;
    piece = Math.max(SMALLEST, piece / 2);
    show("state", status === 429 ? words.too_many : words.offline);
    if (failures > PATIENCE && !status && navigator.onLine) show("again", words.again);
    clearTimeout(timer);
    // 409: only the place was wrong. 423: our own request of before still hangs there.
    timer = setTimeout(ask, status === 409 || status === 423 ? 500 : Math.min(30, Math.pow(2, failures)) * 500);
  }

  function again() {
    clearTimeout(timer);
    if (request && Date.now() - heard > SILENCE) request.abort();
    else if (!request) ask();
  }

  function pause() {
    paused = !paused;
    at("pause").textContent = paused ? words.go_on : words.pause;
    show("state", paused ? words.paused : words.keep_open);
    var running = request;
    if (paused && running) { request = null; running.abort(); }
    if (!paused) { failures = 0; ask(); }
  }

  function awake() {
    if (navigator.wakeLock && document.visibilityState === "visible") {
      navigator.wakeLock.request("screen").catch(function () { /* The battery is low. */ });
    }
  }

  function expired() {
    current = null;
    queue = [];
    ["choose", "pause", "again", "state", "files"].forEach(function (id) { at(id).hidden = true; });
    show("title", words.expired_title);
    show("about", words.expired);
  }

  function greet(ready) {
    at("main").hidden = false;
    if (!ready) return expired();
    show("title", words.title);
    show("about", words.about);
    show("choose-word", words.choose);
    at("pause").textContent = words.pause;
    if (unfinished().length) show("again", words.again);
  }

  function open() {
    send("POST", "/upload/words", {}, null, function (answer) {
      if (answer.status !== 200 && answer.status !== 410) return setTimeout(open, 2000);
      var told = JSON.parse(answer.responseText);
      words = told.words;
      most = told.most;
      document.documentElement.lang = told.language;
      document.documentElement.dir = told.language === "ur" ? "rtl" : "ltr";
      document.title = words.title;
      greet(answer.status === 200);
    });
  }

  at("input").onchange = function () { add(this.files); this.value = ""; };
  at("pause").onclick = pause;
  window.addEventListener("online", again);
  document.addEventListener("visibilitychange", function () {
    if (document.visibilityState === "visible") { awake(); again(); }
  });
  window.addEventListener("hashchange", function () { token = location.hash.slice(1); open(); });
  setInterval(function () { if (request && Date.now() - heard > SILENCE) request.abort(); }, 5000);
  open();
})();
