"""What a person does: writes, taps, sends files."""

import base64
import hashlib
import time
from typing import Any

from tests.twilio_fake.state import File, State, dated


def fields(state: State, told: dict[str, Any]) -> dict[str, str]:
    """The form of one message.

    `told`: from, body, name, media [{mime, b64}], tap {sid, title}, reply_to, lat, lon,
    extra {field: value}; a field given as None is left out.
    """
    sender = told["from"]
    state.heard[sender] = time.time()
    sid = state.sid("MM" if told.get("media") else "SM")
    form = _base(state, sid, sender) | {
        "Body": told.get("body", ""),
        "ProfileName": told.get("name", "Asha Example"),
        **_media(state, sid, told.get("media", [])),
        **_tap(state, told.get("tap")),
        **_place(told),
    }
    if told.get("reply_to"):
        form["OriginalRepliedMessageSid"] = told["reply_to"]
        form["OriginalRepliedMessageSender"] = state.sender
    form |= told.get("extra", {})
    return {name: value for name, value in form.items() if value is not None}


def listed(state: State, form: dict[str, str], ago: float) -> dict[str, Any]:
    """A message as the API lists it: without the lasting id, without what was tapped."""
    sent = dated(time.time() - ago)
    return {
        "sid": form["MessageSid"],
        "account_sid": state.account,
        "from": form["From"],
        "to": form["To"],
        "body": form["Body"],
        "num_media": form["NumMedia"],
        "direction": "inbound",
        "status": "received",
        "date_sent": sent,
        "date_created": sent,
        "error_code": None,
    }


def _base(state: State, sid: str, sender: str) -> dict[str, str]:
    lasting = sender.split(":")[1]
    if lasting.startswith("+"):
        lasting = "IN." + hashlib.md5(sender.encode()).hexdigest()[:16]
    return {
        "SmsMessageSid": sid,
        "SmsSid": sid,
        "MessageSid": sid,
        "AccountSid": state.account,
        "ApiVersion": "2010-04-01",
        "SmsStatus": "received",
        "MessageType": "text",
        "NumSegments": "1",
        "NumMedia": "0",
        "ReferralNumMedia": "0",
        "From": sender,
        "To": state.sender,
        "ExternalUserId": f"whatsapp:{lasting}",
    } | ({"WaId": sender.split("+")[1]} if "+" in sender else {})


def _media(state: State, sid: str, media: list[dict[str, str]]) -> dict[str, str]:
    form = {"NumMedia": str(len(media))}
    for number, file in enumerate(media):
        name = state.sid("ME")
        state.files[name] = File(base64.b64decode(file["b64"]), file["mime"], sid)
        path = f"/2010-04-01/Accounts/{state.account}/Messages/{sid}/Media/{name}"
        form[f"MediaUrl{number}"] = state.base + path
        form[f"MediaContentType{number}"] = file["mime"]
        family = file["mime"].split("/")[0]
        form["MessageType"] = family if family in ("image", "audio", "video") else "document"
    return form


def _tap(state: State, tap: dict[str, str] | None) -> dict[str, str]:
    """A tap on what was really shown: its id comes from the filled content."""
    if not tap:
        return {}
    shown = state.messages[tap["sid"]]["wanted"]["rendered"]
    form = {"OriginalRepliedMessageSid": tap["sid"], "Body": tap["title"]}
    for action in shown.get("twilio/quick-reply", {}).get("actions", []):
        if action["title"] == tap["title"]:
            payload = {"ButtonText": tap["title"], "ButtonPayload": action["id"]}
            return form | payload | {"MessageType": "button"}
    for item in shown.get("twilio/list-picker", {}).get("items", []):
        if item["item"] == tap["title"]:
            payload = {"ListTitle": tap["title"], "ListId": item["id"]}
            return form | payload | {"MessageType": "interactive"}
    raise LookupError("no such button was shown")


def _place(told: dict[str, Any]) -> dict[str, str]:
    if "lat" not in told:
        return {}
    return {
        "Latitude": str(told["lat"]),
        "Longitude": str(told["lon"]),
        "MessageType": "location",
    }
