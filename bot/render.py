"""From an order to speak to finished words within a channel's limits."""

from collections.abc import Sequence

from bot.channels import Button, Limits, OutFile, Reply
from bot.wording import Wording
from flows.effects import Line, Option, Say, Voice

# Lines that stand close together, like the rows of a table.
CLOSE = ("review.item", "review.numbered", "records.have", "records.waived", "notice.")


def render(wording: Wording, say: Say, limits: Limits, file: OutFile | None = None) -> Reply:
    """The reply for one bubble; rows beyond the limit go to the next page."""
    options, more = _page(say.options, say.page, _row_limit(say, limits))
    buttons = tuple(_button(wording, option, say.voice, limits) for option in options)
    if more:
        title = wording.text("list.more", {}, say.voice)
        buttons = (*buttons, Button(more, title))
    as_list = say.as_list or len(buttons) > limits.buttons
    return Reply(
        text=_text(wording, say, options, limits),
        buttons=buttons,
        as_list=as_list,
        list_title=wording.text("list.open", {}, say.voice) if as_list else "",
        file=file,
        language=say.voice.language,
        quote=say.quote,
    )


def template(wording: Wording, say: Say, name: str) -> Reply:
    """The message that may open a closed service window, in place of free words."""
    words = wording.text(f"template.{say.template}", {}, say.voice)
    given = {"1": name, **{key: value for key, value in say.template_params.items() if value}}
    # The catalog's {{1}} has become {1}, as in every text with braces.
    used = {number: value for number, value in given.items() if f"{{{number}}}" in words}
    for number, value in used.items():
        words = words.replace(f"{{{number}}}", value)
    return Reply(words, language=say.voice.language, template=say.template, template_params=used)


def _row_limit(say: Say, limits: Limits) -> int:
    fits = not say.as_list and len(say.options) <= limits.buttons
    return limits.buttons if fits else limits.rows


def _page(options: Sequence[Option], page: int, rows: int) -> tuple[Sequence[Option], str]:
    """The options of one page and the id of the tap that leads on, if there is more."""
    if len(options) <= rows:
        return options, ""
    size = rows - 1
    pages = -(-len(options) // size)
    here = page % pages
    return options[here * size : (here + 1) * size], f"!more:{(here + 1) % pages}"


def _button(wording: Wording, option: Option, voice: Voice, limits: Limits) -> Button:
    title = option.literal or wording.text(option.key, {}, voice)
    about = wording.text(option.about, {}, voice) if option.about and limits.row_about else ""
    return Button(option.id, title, about)


def _text(wording: Wording, say: Say, options: Sequence[Option], limits: Limits) -> str:
    lines = _abouts(wording, options, say.voice) if not limits.row_about else []
    return _joined([(line, wording.line(line, say.voice)) for line in say.lines]) + "".join(lines)


def _joined(lines: Sequence[tuple[Line, str]]) -> str:
    text, close_before = "", False
    for line, words in lines:
        close = line.key.startswith(CLOSE)
        text += ("\n" if close and close_before else "\n\n") + words if text else words
        close_before = close
    return text


def _abouts(wording: Wording, options: Sequence[Option], voice: Voice) -> list[str]:
    return [
        f"\n• {wording.text(option.key, {}, voice)}: {wording.text(option.about, {}, voice)}"
        for option in options
        if option.about
    ]
