"""Which engine reads, by the setting: auto, rapid, tesseract, textract or off."""

from typing import Literal

from bot.reading.engine import Engine
from bot.reading.tesseract import Tesseract, installed
from bot.reading.textract import open_textract

Choice = Literal["auto", "rapid", "tesseract", "textract", "off"]


class NotInstalled(Exception):
    """The engine that the setting names is not on this machine."""


def choose(choice: Choice, region: str = "") -> Engine | None:
    """The engine of a setting, none for `off`; raises NotInstalled.

    `auto` is RapidOCR: nothing leaves the machine, and nothing has to be installed.
    """
    match choice:
        case "off":
            return None
        case "textract":
            return open_textract(region)
        case "tesseract":
            if not installed():
                raise NotInstalled("tesseract")
            return Tesseract()
        case "auto" | "rapid":
            # Loads the runtime and OpenCV, which a web process does not need.
            from bot.reading.rapid import Rapid

            return Rapid()
