"""A running Saathi joined to the fakes of both providers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.e2e.backend import Backend
from tests.e2e.chats import TelegramChat, WhatsAppChat
from tests.e2e.process import HURRIED, Saathi
from tests.fake_telegram import SECRET, FakeTelegram, fake_telegram
from tests.fake_twilio import ACCOUNT, SENDER, TOKEN, FakeTwilio, fake_twilio

ARVIND = 1_000_000_002
RAHUL = "whatsapp:+910000000001"


@dataclass
class Rig:
    """All that a test needs."""

    saathi: Saathi
    backend: Backend
    telegram: FakeTelegram
    twilio: FakeTwilio
    webhook: bool

    def on_telegram(self, chat: int = ARVIND) -> TelegramChat:
        """Somebody's Telegram."""
        return TelegramChat(self.telegram, chat, webhook=self.webhook)

    def on_whatsapp(self, sender: str = RAHUL) -> WhatsAppChat:
        """Somebody's WhatsApp."""
        return WhatsAppChat(self.twilio, sender)


@asynccontextmanager
async def running(
    *, mode: str = "webhook", command: tuple[str, ...] = HURRIED, **more: str
) -> AsyncIterator[Rig]:
    """Saathi with both channels, ended with everything it started."""
    saathi = Saathi(command=command)
    settings = {"app_url": saathi.url, "public_url": saathi.url}
    async with fake_telegram() as telegram, fake_twilio(**settings) as twilio:
        saathi.more = {**_channels(telegram, twilio, mode), **more}
        backend = Backend(saathi)
        try:
            await saathi.start()
            yield Rig(saathi, backend, telegram, twilio, mode == "webhook")
        finally:
            await backend.close()
            await saathi.close()


def _channels(telegram: FakeTelegram, twilio: FakeTwilio, mode: str) -> dict[str, str]:
    return {
        "SAATHI_CHANNELS__TELEGRAM__TOKEN": telegram.token,
        "SAATHI_CHANNELS__TELEGRAM__SECRET": SECRET,
        "SAATHI_CHANNELS__TELEGRAM__API_URL": telegram.url,
        "SAATHI_CHANNELS__TELEGRAM__MODE": mode,
        "SAATHI_CHANNELS__WHATSAPP__ACCOUNT_SID": ACCOUNT,
        "SAATHI_CHANNELS__WHATSAPP__AUTH_TOKEN": TOKEN,
        "SAATHI_CHANNELS__WHATSAPP__SENDER": SENDER,
        "SAATHI_CHANNELS__WHATSAPP__API_URL": twilio.url,
    }
