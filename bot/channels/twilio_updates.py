"""From Twilio's form fields to our updates."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from multidict import MultiDict

from bot.channels import Refused, Webhook
from flows.messages import Address, Attachment, Delivery, Message, Receipt

FIELDS = 400
FILES = 10

DELIVERIES = {
    "accepted": Delivery.ACCEPTED,
    "queued": Delivery.ACCEPTED,
    "sending": Delivery.ACCEPTED,
    "sent": Delivery.ACCEPTED,
    "delivered": Delivery.DELIVERED,
    "read": Delivery.READ,
    "undelivered": Delivery.FAILED,
    "failed": Delivery.FAILED,
    "canceled": Delivery.FAILED,
}
KINDS = {
    "image": "photo",
    "audio": "voice",
    "video": "video",
    "application": "document",
    "text": "document",
}
MESSAGE_TYPES = {"sticker": "sticker", "location": "location", "contacts": "contact"}


def fields(webhook: Webhook) -> MultiDict[str]:
    """The form. Blank fields stay: they are part of what was signed."""
    try:
        pairs = parse_qsl(
            webhook.body.decode(), keep_blank_values=True, max_num_fields=FIELDS, errors="strict"
        )
    except ValueError:
        raise Refused("not a form", 400) from None
    return MultiDict(pairs)


def header(webhook: Webhook, name: str) -> str:
    """A header, however its name is written."""
    found = (value for key, value in webhook.headers.items() if key.lower() == name)
    return next(found, "")


def message(form: Mapping[str, str]) -> Message:
    """What a person sent."""
    attachments = _attachments(form)
    number, kind = _bare(form["From"]), _kind(form, attachments)
    return Message(
        id=form["MessageSid"],
        sender=_address(form, "From"),
        text=form.get("Body") or _place(form),
        choice=_choice(form),
        attachments=attachments,
        kind=kind,
        quoted=form.get("OriginalRepliedMessageSid", ""),
        # Somebody's card is not the number of who sends it.
        phone=number if number.startswith("+") and kind != "contact" else "",
        profile_name=form.get("ProfileName", ""),
    )


def receipt(form: Mapping[str, str]) -> Receipt | None:
    """How far one of our messages got; nothing for a status from the future."""
    status, sid = form["MessageStatus"], form["MessageSid"]
    if not (delivery := DELIVERIES.get(status)):
        return None
    return Receipt(
        id=f"{sid}.{status}",
        sender=_address(form, "To"),
        message_id=sid,
        delivery=delivery,
        code=form.get("ErrorCode", ""),
    )


def _address(form: Mapping[str, str], who: str) -> Address:
    # Not by phone number: WhatsApp leaves it out once a person takes a username.
    lasting = form.get("ExternalUserId") or form.get(who, "")
    return Address("whatsapp", _bare(lasting), reply_to=form.get(who, ""))


def _bare(address: str) -> str:
    return address.removeprefix("whatsapp:")


def _choice(form: Mapping[str, str]) -> str:
    chosen = form.get("ButtonPayload") or form.get("ListId") or ""
    # A placeholder that nobody filled names no choice; the title in Body still does.
    return "" if chosen.startswith("{{") else chosen


def _place(form: Mapping[str, str]) -> str:
    return ", ".join(part for part in (form.get("Label"), form.get("Address")) if part)


def _attachments(form: Mapping[str, str]) -> tuple[Attachment, ...]:
    number = form.get("NumMedia") or "0"
    if not (number.isascii() and number.isdigit()) or int(number) > FILES:
        raise Refused("NumMedia is not a small number", 400)
    found = (
        (form.get(f"MediaUrl{i}"), form.get(f"MediaContentType{i}")) for i in range(int(number))
    )
    return tuple(Attachment(url, mime=mime or "") for url, mime in found if url)


def _kind(form: Mapping[str, str], attachments: tuple[Attachment, ...]) -> str:
    if known := MESSAGE_TYPES.get(form.get("MessageType", "")):
        return known
    if attachments:
        mime = attachments[0].mime.lower()
        return "contact" if "vcard" in mime else KINDS.get(mime.partition("/")[0], "other")
    if form.get("Latitude"):
        return "location"
    return "text" if form.get("Body") or _choice(form) else "other"
