"""What the fake's methods do and answer. A method that is not here answers 501."""

import asyncio
import time
from typing import Any

from telegram_judge import Refusal
from telegram_world import File, World

LARGEST_DOWNLOAD = 20 * 2**20
MEDIA = {
    "sendPhoto": "photo",
    "sendDocument": "document",
    "sendVideo": "video",
    "sendVoice": "voice",
    "sendAudio": "audio",
}
JUST_TRUE = {
    "sendChatAction",
    "setMyCommands",
    "deleteMyCommands",
    "setMyDescription",
    "setMyShortDescription",
}
POLLED_TWICE = (
    "Conflict: terminated by other getUpdates request; "
    "make sure that only one bot instance is running"
)
WEBHOOK_SET = (
    "Conflict: can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly "
    "the same as a current content and reply markup of the message"
)

Params = dict[str, Any]


def _bad(text: str) -> Refusal:
    return Refusal(400, f"Bad Request: {text}")


async def answer(world: World, method: str, params: Params, files: dict[str, Any]) -> Any:
    """The result of a call that was found right."""
    if method in MEDIA:
        return _send_media(world, MEDIA[method], params, files)
    if method in JUST_TRUE:
        return True
    if method == "getUpdates":
        return await _get_updates(world, params)
    if method not in PLAIN:
        raise Refusal(501, f"{method} is not in this fake")
    return PLAIN[method](world, params)


def _markup(params: Params) -> Params:
    """Telegram echoes inline keyboards only."""
    markup = params.get("reply_markup") or {}
    return {"reply_markup": markup} if "inline_keyboard" in markup else {}


def _get_me(world: World, params: Params) -> Any:
    can = dict.fromkeys(("can_join_groups", "can_read_all_group_messages"), False)
    return {**world.me, **can, "supports_inline_queries": False}


def _send_message(world: World, params: Params) -> Any:
    chat = int(params["chat_id"])
    quoted = _quoted(world, chat, params.get("reply_parameters"))
    return world.keep(chat, world.me, text=params["text"], **quoted, **_markup(params))


def _quoted(world: World, chat: int, wanted: Params | None) -> Params:
    if not wanted:
        return {}
    if found := world.messages.get((chat, int(wanted["message_id"]))):
        return {"reply_to_message": found}
    if not wanted.get("allow_sending_without_reply"):
        raise _bad("message to be replied not found")
    return {}


def _send_media(world: World, kind: str, params: Params, files: dict[str, Any]) -> Any:
    file = _file(world, kind, params, files)
    caption = {"caption": params["caption"]} if params.get("caption") else {}
    content = {kind: describe(kind, file), **caption, **_markup(params)}
    return world.keep(int(params["chat_id"]), world.me, **content)


def _file(world: World, kind: str, params: Params, files: dict[str, Any]) -> File:
    value = str(params.get(kind) or "").removeprefix("attach://")
    if sent := files.get(value) or files.get(kind):
        return world.store(sent.data, sent.name, sent.mime)
    if value in world.files:
        return world.files[value]
    raise _bad("wrong remote file identifier specified")


def describe(kind: str, file: File) -> Any:
    """A file as it stands in a message."""
    if kind == "photo":
        small = {**file.facts, "file_id": "S" + file.facts["file_id"], "file_size": 900}
        sizes = [(small, 90, 67), (file.facts, 1280, 960)]
        return [{**facts, "width": w, "height": h} for facts, w, h in sizes]
    named = {**file.facts, "mime_type": file.mime}
    if kind == "document":
        return {**named, "file_name": file.name}
    return {**named, "duration": 1, **({"width": 10, "height": 10} if kind == "video" else {})}


def _find(world: World, params: Params, what: str) -> Params:
    found = world.messages.get((int(params["chat_id"]), int(params["message_id"])))
    if not found:
        raise _bad(f"message to {what} not found")
    return found


def _edit(world: World, params: Params) -> Any:
    message = _find(world, params, "edit")
    if message["from"] != world.me:
        raise _bad("message can't be edited")
    text, markup = params.get("text", message.get("text")), _markup(params).get("reply_markup")
    if (text, markup) == (message.get("text"), message.get("reply_markup")):
        raise _bad(NOT_MODIFIED)
    message.update(text=text, edit_date=int(time.time()), reply_markup=markup)
    if not markup:
        del message["reply_markup"]
    return message


def _delete(world: World, params: Params) -> Any:
    message = _find(world, params, "delete")
    del world.messages[message["chat"]["id"], message["message_id"]]
    return True


def _answer_query(world: World, params: Params) -> Any:
    if world.queries.get(params["callback_query_id"]) is not False:
        raise _bad("query is too old and response timeout expired or query ID is invalid")
    world.queries[params["callback_query_id"]] = True
    return True


def _get_file(world: World, params: Params) -> Any:
    file = world.files.get(params["file_id"].removeprefix("S"))
    if not file:
        raise _bad("wrong file_id or the file is temporarily unavailable")
    if len(file.data) > LARGEST_DOWNLOAD:
        raise _bad("file is too big")
    return {**file.facts, "file_path": file.path}


def _set_webhook(world: World, params: Params) -> Any:
    world.webhook = params if params.get("url") else {}
    world.allowed = params.get("allowed_updates") or world.allowed
    world.news.set()
    return True


def _delete_webhook(world: World, params: Params) -> Any:
    world.webhook = {}
    if str(params.get("drop_pending_updates")).lower() == "true":
        world.waiting.clear()
    return True


def _webhook_info(world: World, params: Params) -> Any:
    url = world.webhook.get("url", "")
    waiting = len(world.waiting)
    found = {"url": url, "has_custom_certificate": False, "pending_update_count": waiting}
    if url and waiting:
        error = "Wrong response from the webhook: 502 Bad Gateway"
        found |= {"last_error_date": int(time.time()), "last_error_message": error}
    return found


async def _get_updates(world: World, params: Params) -> Any:
    if world.webhook:
        raise Refusal(409, WEBHOOK_SET)
    world.polls += 1
    mine, until = world.polls, time.monotonic() + float(params.get("timeout") or 0)
    world.allowed = params.get("allowed_updates") or world.allowed
    world.news.set()
    offset = int(params.get("offset") or 0)
    world.waiting[:] = [u for u in world.waiting if u["update_id"] >= offset]
    while not world.waiting and time.monotonic() < until:
        await _news(world, until - time.monotonic())
        if world.polls != mine:
            raise Refusal(409, POLLED_TWICE)
        if world.webhook:
            raise Refusal(409, WEBHOOK_SET)
    return world.waiting[: int(params.get("limit") or 100)]


async def _news(world: World, seconds: float) -> None:
    world.news.clear()
    try:
        await asyncio.wait_for(world.news.wait(), seconds)
    except TimeoutError:
        return


PLAIN = {
    "getMe": _get_me,
    "sendMessage": _send_message,
    "editMessageText": _edit,
    "editMessageReplyMarkup": _edit,
    "deleteMessage": _delete,
    "answerCallbackQuery": _answer_query,
    "getFile": _get_file,
    "setWebhook": _set_webhook,
    "deleteWebhook": _delete_webhook,
    "getWebhookInfo": _webhook_info,
}
