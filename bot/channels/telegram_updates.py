"""Telegram's updates, read into ours."""

import logging

import msgspec

from bot.channels import Incoming, Refused
from bot.channels import telegram_models as models
from flows.messages import Address, Attachment, Blocked, Message, Update

KINDS = ["message", "edited_message", "callback_query", "my_chat_member"]
# An animation comes with a `document` of the same file, so it stands first.
FILES = {
    "animation": ("video", "video/mp4"),
    "document": ("document", ""),
    "voice": ("voice", "audio/ogg"),
    "audio": ("audio", "audio/mpeg"),
    "video": ("video", "video/mp4"),
    "video_note": ("video", "video/mp4"),
}
WORDLESS = ("sticker", "location", "contact")
MEMBERSHIP = {"kicked": True, "member": False}

log = logging.getLogger(__name__)


_decoder = msgspec.json.Decoder(models.Update)


def read(body: bytes) -> Incoming:
    """The updates in a webhook's body; Refused(…, 400) when it is no JSON at all."""
    try:
        return _read(_decoder.decode(body))
    except msgspec.ValidationError:
        # Telegram would repeat for ever what is not answered with 200.
        log.warning("an update from Telegram was not understood")
        return Incoming()
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise Refused("malformed", 400) from None


def _read(update: models.Update) -> Incoming:
    if update.callback_query:
        return _tapped(str(update.update_id), update.callback_query)
    if update.my_chat_member:
        return Incoming(_membership(str(update.update_id), update.my_chat_member))
    message = update.message or update.edited_message
    if not message or not _from_a_person(message):
        return Incoming()
    return Incoming(_said(str(update.update_id), message, edited=not update.message))


def _from_a_person(message: models.Message) -> bool:
    return bool(message.chat.type == "private" and message.sender and not message.sender.is_bot)


def _address(chat: models.Chat) -> Address:
    return Address("telegram", str(chat.id), reply_to=str(chat.id))


def _membership(update_id: str, member: models.Membership) -> list[Update]:
    blocked = MEMBERSHIP.get(member.new_chat_member.status)
    if blocked is None or member.chat.type != "private":
        return []
    return [Blocked(update_id, _address(member.chat), blocked)]


def _tapped(update_id: str, tap: models.Tap) -> Incoming:
    """A tap, and the call that stops the button's clock in the person's app."""
    call = {"method": "answerCallbackQuery", "callback_query_id": tap.id}
    answer = msgspec.json.encode(call)
    if not tap.data or not tap.message or tap.message.chat.type != "private":
        return Incoming([], answer, "application/json")
    message = Message(
        update_id,
        _address(tap.message.chat),
        text=_title(tap.message, tap.data),
        choice=tap.data,
        quoted=str(tap.message.message_id),
        profile_name=_name(tap.sender),
        language_hint=tap.sender.language_code,
    )
    return Incoming([message], answer, "application/json")


def _title(message: models.Message, data: str) -> str:
    rows = message.reply_markup.inline_keyboard if message.reply_markup else []
    return next((key.text for row in rows for key in row if key.callback_data == data), "")


def _name(user: models.User) -> str:
    return f"{user.first_name} {user.last_name}".strip()


def _said(update_id: str, message: models.Message, edited: bool) -> list[Update]:
    kind, attachments = _content(message)
    # A live location edits its message every few seconds.
    if not kind or (edited and kind == "location") or not message.sender:
        return []
    text, start = _words(message)
    said = Message(
        update_id,
        _address(message.chat),
        text=text,
        start=start,
        kind=kind,
        attachments=attachments,
        order=message.message_id,
        quoted=str(message.reply_to_message.message_id) if message.reply_to_message else "",
        album=message.media_group_id,
        edited=edited,
        phone=_own_phone(message),
        profile_name=_name(message.sender),
        language_hint=message.sender.language_code,
    )
    return [said]


def _content(message: models.Message) -> tuple[str, tuple[Attachment, ...]]:
    """The kind of a message and its files; no kind for what nobody wrote."""
    if message.text:
        return "text", ()
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        return "photo", (_attachment(largest, "image/jpeg"),)
    for name, (kind, mime) in FILES.items():
        if found := getattr(message, name):
            return kind, (_attachment(found, mime),)
    for name in WORDLESS:
        if getattr(message, name) is not None:
            return name, ()
    return _rest(message), ()


def _rest(message: models.Message) -> str:
    service = (
        message.pinned_message,
        message.message_auto_delete_timer_changed,
        message.write_access_allowed,
        message.chat_background_set,
    )
    return "other" if all(found is None for found in service) else ""


def _attachment(file: models.File, mime: str) -> Attachment:
    return Attachment(file.file_id, file.mime_type or mime, file.file_name, file.file_size)


def _words(message: models.Message) -> tuple[str, str]:
    """What was written, and the payload of a deep link: `/start abc` says nothing else."""
    command, _, payload = message.text.partition(" ")
    if command == "/start" and payload.strip():
        return "", payload.strip()
    return message.text or message.caption, ""


def _own_phone(message: models.Message) -> str:
    """Only the person's own card: anybody can share anybody's."""
    contact = message.contact
    if not contact or not message.sender or contact.user_id != message.sender.id:
        return ""
    return "+" + contact.phone_number.removeprefix("+")
