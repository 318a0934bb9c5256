"""python-telegram-bot's Bot, with a short way to send plain words."""

from typing import Any

from telegram import Bot, InlineKeyboardMarkup, ReplyParameters

NO_PREVIEW = {"is_disabled": True}


def quoting(message: int) -> ReplyParameters:
    """That a message is answered; one that was deleted meanwhile is so all the same."""
    return ReplyParameters(message, allow_sending_without_reply=True)


class Sender(Bot):
    """PTB builds the message that Telegram answers with, which costs as much as sending it."""

    async def send_words(
        self, chat: int, text: str, keyboard: InlineKeyboardMarkup | None, quote: int = 0
    ) -> str:
        """As `send_message`, but only Telegram's id of the message comes back."""
        said: dict[str, Any] = {"chat_id": chat, "text": text, "link_preview_options": NO_PREVIEW}
        if keyboard:
            said["reply_markup"] = keyboard
        if quote:
            said["reply_parameters"] = quoting(quote)
        sent = await self._post("sendMessage", said)
        return str(sent["message_id"])
