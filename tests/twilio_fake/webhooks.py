"""Webhooks to the application: signed over the public address, sent to loopback."""

import asyncio
import base64
import hashlib
import hmac
import re
from collections.abc import Coroutine
from typing import Any

import httpx

from tests.twilio_fake.state import State

_running: set[asyncio.Task[None]] = set()


def later(state: State, work: Coroutine[Any, Any, None]) -> None:
    """Do something after the answer has gone."""
    task = asyncio.get_running_loop().create_task(work)
    _running.add(task)
    task.add_done_callback(_running.discard)


def sign(token: str, url: str, fields: dict[str, str]) -> str:
    """Twilio's signature as documented, written out to judge the library we check with."""
    whole = url + "".join(name + fields[name] for name in sorted(fields))
    digest = hmac.new(token.encode(), whole.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


async def post(state: State, url: str, fields: dict[str, str]) -> dict[str, Any]:
    """Call a public address; repeated as its fragment asks. The fragment is not signed."""
    url, _, fragment = url.partition("#")
    repeats = re.search(r"rc=(\d)", fragment)
    tries = 1 + (int(repeats[1]) if repeats and "rp=all" in fragment else 0)
    answer: dict[str, Any] = {"url": url, "fields": fields, "status": 0, "text": "", "type": ""}
    for _ in range(tries if state.app_url else 0):
        answer |= await _call(state, url, fields)
        if 0 < answer["status"] < 400:
            break
    state.webhooks.append(answer)
    return answer


async def _call(state: State, url: str, fields: dict[str, str]) -> dict[str, Any]:
    headers = {
        "X-Twilio-Signature": sign(state.token, url, fields),
        "X-Forwarded-Proto": "https",
        "I-Twilio-Idempotency-Token": state.sid("tok"),
    }
    real = url.replace(state.public_url, state.app_url, 1)
    try:
        async with httpx.AsyncClient(timeout=15) as client:
            got = await client.post(real, data=fields, headers=headers)
    except httpx.HTTPError:
        return {"status": 0}
    kind = got.headers.get("content-type", "")
    return {"status": got.status_code, "text": got.text, "type": kind}


async def report(state: State, message: dict[str, Any]) -> None:
    """Tell how far a message got: in order, or shuffled, as in real life."""
    code = await _failure(state, message)
    statuses = ["failed"] if code else ["sent", "delivered", "read"]
    message["status"], message["error_code"] = statuses[-1], int(code) if code else None
    if state.shuffle:
        state.chance.shuffle(statuses)
    if callback := message["wanted"].get("StatusCallback"):
        for status in statuses * state.times:
            await post(state, callback, _status_fields(state, message, status, code))


async def _failure(state: State, message: dict[str, Any]) -> str:
    wanted = message["wanted"]
    if fault := state.fault("delivery"):
        return str(fault.code)
    if message["to"] in state.unreachable:
        return "63024"
    content = state.contents.get(wanted.get("ContentSid", ""), {})
    if not state.window_open(message["to"]) and not content.get("approved"):
        return "63016"
    for link in wanted.get("MediaUrl", []):
        if not await _readable(link):
            return "63019"
    return ""


async def _readable(link: str) -> bool:
    if not link.startswith("http://127.0.0.1"):
        return True  # nothing beyond loopback is ever called
    async with httpx.AsyncClient(timeout=5) as client:
        got = await client.get(link)
    return got.status_code == 200 and "content-type" in got.headers


def _status_fields(state: State, message: dict[str, Any], status: str, code: str) -> dict[str, str]:
    fields = {
        "ChannelPrefix": "whatsapp",
        "ApiVersion": "2010-04-01",
        "MessageStatus": status,
        "SmsStatus": status,
        "SmsSid": message["sid"],
        "MessageSid": message["sid"],
        "To": message["to"],
        "From": message["from"],
        "ChannelToAddress": message["to"],
        "AccountSid": state.account,
    }
    return fields | ({"ErrorCode": code} if code else {})
