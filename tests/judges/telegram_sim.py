"""The patient's side of the fake, and what tests turn and read: `/sim/<token>/<action>`."""

import time
from dataclasses import asdict
from typing import Any

from aiohttp import web
from telegram_judge import Refusal
from telegram_methods import describe
from telegram_send import again, emit
from telegram_wire import Sent, parameters
from telegram_world import WORLDS, Fault, World, new_world

FILES = {
    "photo": "image/jpeg",
    "document": "application/pdf",
    "voice": "audio/ogg",
    "audio": "audio/mpeg",
    "video": "video/mp4",
}

Params = dict[str, Any]
Files = dict[str, Sent]


def routes() -> list[web.RouteDef]:
    """The routes for tests."""
    return [web.post("/sim/new", _new), web.post("/sim/{token}/{action}", _act)]


async def _new(request: web.Request) -> web.Response:
    world = new_world()
    return web.json_response({"token": world.token, "username": world.me["username"]})


async def _act(request: web.Request) -> web.Response:
    world, action = WORLDS.get(request.match_info["token"]), request.match_info["action"]
    if not world or action not in ("again", *KNOBS, *DOES, *FILES):
        raise Refusal(404, f"no such bot, or no such action: {action}")
    params, files = await parameters(request)
    if action == "again":
        return web.json_response(await again(world, int(params["update_id"])))
    if action in KNOBS:
        return web.json_response(KNOBS[action](world, params) or {})
    chat = int(params["chat"])
    if "lang" in params:
        world.person(chat)["language_code"] = params["lang"]
    does = DOES.get(action) or _file(action)
    kind, body = does(world, chat, params, files)
    return web.json_response(await emit(world, kind, body))


# What a person does: each answers with the kind of update and its body.


def _said(world: World, chat: int, params: Params, **content: Any) -> tuple[str, Params]:
    if "reply_to" in params:
        content["reply_to_message"] = world.messages[chat, int(params["reply_to"])]
    return "message", world.keep(chat, world.person(chat), **content)


def _text(world: World, chat: int, params: Params, files: Files) -> tuple[str, Params]:
    text = params["text"]
    command = {"type": "bot_command", "offset": 0, "length": len(text.partition(" ")[0])}
    extra = {"entities": [command]} if text.startswith("/") else {}
    return _said(world, chat, params, text=text, **extra)


def _file(kind: str) -> Any:
    def does(world: World, chat: int, params: Params, files: Files) -> tuple[str, Params]:
        sent = files.get("file")
        data = sent.data if sent else bytes(int(params.get("size", 1000)))
        name = "" if kind == "photo" or not sent else sent.name
        file = world.store(data, name, sent.mime if sent and name else FILES[kind])
        wanted = {k: params[k] for k in ("caption", "media_group_id") if k in params}
        return _said(world, chat, params, **{kind: describe(kind, file)}, **wanted)

    return does


def _sticker(world: World, chat: int, params: Params, files: Files) -> tuple[str, Params]:
    facts = world.store(b"webp", "", "image/webp").facts
    kind = {"type": "regular", "is_animated": False, "is_video": False}
    sticker = {**facts, **kind, "width": 512, "height": 512, "emoji": "🙏"}
    return _said(world, chat, params, sticker=sticker)


def _location(world: World, chat: int, params: Params, files: Files) -> tuple[str, Params]:
    return _said(world, chat, params, location={"latitude": 18.52, "longitude": 73.85})


def _contact(world: World, chat: int, params: Params, files: Files) -> tuple[str, Params]:
    owner = {"user_id": int(params.get("owner", chat))}
    card = {"phone_number": str(params["phone"]), "first_name": "Asha", **owner}
    return _said(world, chat, params, contact=card)


def _edit(world: World, chat: int, params: Params, files: Files) -> tuple[str, Params]:
    message = world.messages[chat, int(params["message_id"])]
    message.update(text=params["text"], edit_date=int(time.time()))
    return "edited_message", message


def _tap(world: World, chat: int, params: Params, files: Files) -> tuple[str, Params]:
    message = _with_button(world, chat, params)
    rows = message["reply_markup"]["inline_keyboard"]
    pressed = next(b for row in rows for b in row if params["button"] in _names(b))
    query = f"Q{len(world.queries) + 1}"
    world.queries[query] = False
    tap = {"id": query, "from": world.person(chat), "chat_instance": "1", "message": message}
    return "callback_query", {**tap, "data": pressed["callback_data"]}


def _with_button(world: World, chat: int, params: Params) -> Params:
    for (where, number), message in reversed(world.messages.items()):
        rows = message.get("reply_markup", {}).get("inline_keyboard", [])
        shown = any(params["button"] in _names(b) for row in rows for b in row)
        if where == chat and shown and int(params.get("message_id") or number) == number:
            return message
    raise Refusal(404, f"no message shows the button {params['button']!r}")


def _names(button: Params) -> tuple[str, str]:
    return button["text"], button.get("callback_data", "")


def _block(world: World, chat: int, params: Params, files: Files) -> tuple[str, Params]:
    world.blocked.add(chat)
    return _membership(world, chat, "member", "kicked")


def _unblock(world: World, chat: int, params: Params, files: Files) -> tuple[str, Params]:
    world.blocked.discard(chat)
    return _membership(world, chat, "kicked", "member")


def _membership(world: World, chat: int, old: str, new: str) -> tuple[str, Params]:
    def member(status: str) -> Params:
        until = {"until_date": 0} if status == "kicked" else {}
        return {"status": status, "user": world.me, **until}

    who = {"chat": world.chat(chat), "from": world.person(chat), "date": int(time.time())}
    changed = {"old_chat_member": member(old), "new_chat_member": member(new)}
    return "my_chat_member", {**who, **changed}


# Knobs: no update comes of these.


def _fault(world: World, params: Params) -> None:
    world.faults.append(Fault(**params))


def _speed(world: World, params: Params) -> None:
    world.per_second = int(params["per_second"])


def _meet(world: World, params: Params) -> None:
    world.person(int(params["chat"]))


def _state(world: World, params: Params) -> Params:
    open_queries = [query for query, done in world.queries.items() if not done]
    waiting = [update["update_id"] for update in world.waiting]
    return {
        "messages": list(world.messages.values()),
        "calls": [asdict(call) for call in world.calls],
        "unanswered": open_queries,
        "waiting": waiting,
        "webhook": world.webhook,
    }


def _bytes(world: World, params: Params) -> Params:
    file = world.files[params["file_id"]]
    return {"name": file.name, "mime": file.mime, "hex": file.data.hex()}


KNOBS = {"fault": _fault, "speed": _speed, "meet": _meet, "state": _state, "bytes": _bytes}
DOES = {
    "text": _text,
    "sticker": _sticker,
    "location": _location,
    "contact": _contact,
    "edit": _edit,
    "tap": _tap,
    "block": _block,
    "unblock": _unblock,
}
