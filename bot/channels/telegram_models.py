"""What we read of Telegram's updates; field names as on the Bot API's page. The rest is skipped."""

from typing import Any

from msgspec import Struct, field


class User(Struct):
    """Who did it."""

    id: int
    is_bot: bool = False
    first_name: str = ""
    last_name: str = ""
    language_code: str = ""


class Chat(Struct):
    """Where; only `private` ones are ours."""

    id: int
    type: str = ""


class File(Struct):
    """Any kind of file."""

    file_id: str
    file_size: int = 0
    file_name: str = ""
    mime_type: str = ""
    width: int = 0
    height: int = 0


class Contact(Struct):
    """A shared card."""

    phone_number: str
    user_id: int = 0


class Quoted(Struct):
    """The message that is replied to."""

    message_id: int


class Button(Struct):
    """A button of ours."""

    text: str
    callback_data: str = ""


class Keyboard(Struct):
    """Our buttons under a message."""

    inline_keyboard: list[list[Button]] = []


class Message(Struct):
    """A message; of a deleted one Telegram sends only chat and number."""

    message_id: int
    chat: Chat
    sender: User | None = field(default=None, name="from")
    text: str = ""
    caption: str = ""
    media_group_id: str = ""
    photo: list[File] = []
    document: File | None = None
    voice: File | None = None
    audio: File | None = None
    video: File | None = None
    video_note: File | None = None
    animation: File | None = None
    sticker: File | None = None
    location: Any = None
    contact: Contact | None = None
    reply_to_message: Quoted | None = None
    reply_markup: Keyboard | None = None
    # What Telegram itself says about the chat: nobody wrote these.
    pinned_message: Any = None
    message_auto_delete_timer_changed: Any = None
    write_access_allowed: Any = None
    chat_background_set: Any = None


class Tap(Struct):
    """`CallbackQuery`."""

    id: str
    sender: User = field(name="from")
    message: Message | None = None
    data: str = ""


class Member(Struct):
    """`ChatMember`: whether the bot may write."""

    status: str = ""


class Membership(Struct):
    """`ChatMemberUpdated`."""

    chat: Chat
    new_chat_member: Member


class Update(Struct):
    """One update; of the kinds exactly one is there."""

    update_id: int
    message: Message | None = None
    edited_message: Message | None = None
    callback_query: Tap | None = None
    my_chat_member: Membership | None = None
