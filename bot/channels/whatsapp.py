"""WhatsApp through Twilio: verify, parse, fetch, send."""

import json
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from twilio.request_validator import RequestValidator
from twilio.rest import Client

from bot.channels import FetchFailed, Incoming, OutFile, Refused, Reply, SendFailed, Webhook
from bot.channels.twilio_bubbles import LIMITS, Bubble, bubbles
from bot.channels.twilio_content import Contents, Filled, TemplateStore
from bot.channels.twilio_errors import FAILURES, failed, failure
from bot.channels.twilio_http import API, CONTENT, TwilioHttp
from bot.channels.twilio_list import written
from bot.channels.twilio_media import LARGEST, LOOPBACK, Media, sids
from bot.channels.twilio_pace import Pace
from bot.channels.twilio_updates import fields, header, message, receipt
from bot.settings import WhatsApp as WhatsAppSettings
from flows.messages import Address, Attachment, Message

__all__ = ["TemplateStore", "WhatsApp", "failure", "open_whatsapp"]

LARGEST_IMAGE = 5 * 2**20
ANSWER = b'<?xml version="1.0" encoding="UTF-8"?><Response/>'
FORM = "application/x-www-form-urlencoded"
# Repeat a callback three times, whatever went wrong: by default never for our 5xx.
REPEAT = "#rc=3&rp=all"
GONE = ("20404", "404")
LOST = (*GONE, "21655")
# Codes that speak of the content alone: the same words may go as plain text.
UNUSABLE = (*LOST, "content_refused", "21654", "21656", "63005", "63013")


class WhatsApp:
    """WhatsApp through Twilio; `start` it in the running loop before fetch and send."""

    limits = LIMITS

    def __init__(
        self, settings: WhatsAppSettings, public_url: str, templates: TemplateStore, pace: Pace
    ) -> None:
        self._settings = settings
        self._status_url = public_url.rstrip("/") + "/whatsapp/status" if public_url else ""
        self._templates = templates
        self._pace = pace
        self._auth = (settings.account_sid, settings.auth_token.get_secret_value())
        self._validator = RequestValidator(self._auth[1])

    async def start(self) -> None:
        """Open the connections."""
        api, content = self._settings.api_url, self._settings.content_url
        content = content or (CONTENT if api == API else api)
        self._http = TwilioHttp({API: api, CONTENT: content})
        self._client = Client(*self._auth, http_client=self._http)
        self._contents = Contents(self._client, self._templates)
        self._media = Media(self._http.connections, self._auth, api, self._settings.media_hosts)

    async def stop(self) -> None:
        """Close the connections."""
        await self._http.connections.close()

    def verify(self, webhook: Webhook) -> None:
        """Raise Refused unless Twilio signed this form for our public address."""
        # Only a form: for JSON the signature covers a hash of the body, not the body.
        if header(webhook, "content-type").split(";")[0].strip().lower() != FORM:
            raise Refused("not a form", 415)
        signed = (webhook.url, fields(webhook), header(webhook, "x-twilio-signature"))
        if not self._validator.validate(*signed):
            raise Refused("wrong signature", 403)

    def parse(self, webhook: Webhook) -> Incoming:
        """A message, or how far one of ours got."""
        form = fields(webhook)
        if not form.get("MessageSid") or not form.get("From"):
            raise Refused("no MessageSid or no From", 400)
        found = receipt(form) if "MessageStatus" in form else message(form)
        return Incoming([found] if found else [], ANSWER, "text/xml")

    async def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        """The bytes of a file, streamed."""
        async for piece in self._media.stream(attachment.ref):
            yield piece

    async def forget(self, attachment: Attachment) -> None:
        """Delete a file at Twilio, which keeps it otherwise; gone already is fine."""
        sid, file = sids(attachment.ref)
        try:
            await self._client.messages(sid).media(file).delete_async()
        except FAILURES as error:
            if (cause := failed(error)).code not in GONE:
                raise FetchFailed(cause.code, permanent=cause.permanent) from None

    async def send(self, to: Address, reply: Reply) -> str:
        """Send a reply and return Twilio's id of its last message."""
        if reply.template:
            sid = await self._contents.template(reply.template, reply.language)
            await self._contents.check_template(sid, reply.template_params)
            return await self._create_content(to, sid, reply.template_params)
        if reply.file:
            self._check(reply.file)
        for bubble in bubbles(reply):
            last = await self._send(to, bubble)
        return last

    def written(self, since: datetime, until: datetime) -> AsyncIterator[Message]:
        """What people wrote in that time, also where its webhook never came."""
        base, sender = self._settings.api_url, _prefixed(self._settings.sender)
        return written(self._client, base, sender, since, until)

    def _check(self, file: OutFile) -> None:
        parts = urlsplit(file.link)
        trying_out = urlsplit(self._settings.api_url).hostname in LOOPBACK
        if not (parts.scheme == "https" or (trying_out and parts.hostname in LOOPBACK)):
            raise SendFailed("no_public_link", permanent=True)
        if file.size > (LARGEST_IMAGE if file.mime.startswith("image/") else LARGEST):
            raise SendFailed("too_big", permanent=True)

    async def _send(self, to: Address, bubble: Bubble) -> str:
        if not bubble.filled:
            media = {"media_url": [bubble.link]} if bubble.link else {}
            return await self._create(to, **({"body": bubble.text} if bubble.text else {}), **media)
        try:
            return await self._send_filled(to, bubble.filled)
        except SendFailed as error:
            if error.code not in UNUSABLE and not error.code.startswith("variables_"):
                raise
        for piece in bubble.plain:
            last = await self._create(to, body=piece)
        return last

    async def _send_filled(self, to: Address, filled: Filled) -> str:
        sid = await self._contents.sid(filled)
        try:
            return await self._create_content(to, sid, filled.values)
        except SendFailed as error:
            if error.code not in LOST:
                raise
        sid = await self._contents.sid(filled, lost=sid)
        return await self._create_content(to, sid, filled.values)

    async def _create_content(self, to: Address, sid: str, values: Mapping[str, str]) -> str:
        variables = json.dumps(dict(values), ensure_ascii=False)
        return await self._create(to, content_sid=sid, content_variables=variables)

    async def _create(self, to: Address, **what: Any) -> str:
        if self._status_url:
            what["status_callback"] = self._status_url + REPEAT
        await self._pace.wait(to.key)
        try:
            sent = await self._client.messages.create_async(
                to=to.reply_to or _prefixed(to.id), from_=_prefixed(self._settings.sender), **what
            )
        except FAILURES as error:
            raise failed(error) from None
        return str(sent.sid)


def _prefixed(address: str) -> str:
    return "whatsapp:" + address.removeprefix("whatsapp:")


def open_whatsapp(
    settings: WhatsAppSettings,
    public_url: str,
    templates: TemplateStore,
    pace: Pace | None = None,
) -> WhatsApp:
    """The channel; its `start` and `stop` belong to the running loop."""
    return WhatsApp(settings, public_url, templates, pace or Pace())
