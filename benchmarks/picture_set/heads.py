"""Letterheads, the patient's box and what stands at the foot."""

from collections.abc import Callable, Mapping
from random import Random

from PIL import Image, ImageDraw

from benchmarks.picture_set.data import load
from benchmarks.picture_set.fonts import BACKUP, Colour, Pen, width, write
from benchmarks.picture_set.reports import Report
from benchmarks.picture_set.strips import Strip, beside, blank, centred, paragraph, stack
from benchmarks.picture_set.styles import Style
from benchmarks.picture_set.tables import boxed, fields

WRITTEN = ("kalam", "caveat")


def colour(report: Report) -> Colour:
    """The hospital's own colour."""
    code = report.hospital["colour"].lstrip("#")
    return (int(code[0:2], 16), int(code[2:4], 16), int(code[4:6], 16))


def logo(ink: Colour, side: int) -> Image.Image:
    """A cross in a disc."""
    image = blank(side, side)
    draw = ImageDraw.Draw(image)
    draw.ellipse((2, 2, side - 3, side - 3), fill=ink)
    for box in ((0.42, 0.2, 0.58, 0.8), (0.2, 0.42, 0.8, 0.58)):
        draw.rectangle([round(side * part) for part in box], fill=(255, 255, 255))
    return image


def name_lines(report: Report, style: Style, ink: Colour, wide: int) -> list[Strip]:
    """Hospital's names and place, centred."""
    family = BACKUP if style.body.family in WRITTEN else style.body.family
    px = min(style.label.px, round(style.paper[0] * 0.024))
    hospital, small = report.hospital, (70, 70, 76)
    place = f"{hospital['place']}   Ph: 00000 00000"
    names = [(hospital["native"], Pen(BACKUP, round(px * 1.35), True, ink))]
    names += [(hospital["name"], Pen(family, round(px * 1.5), True, ink))]
    names += [(place, Pen(family, round(px * 0.8), False, small))]
    return [centred(text, pen, wide) for text, pen in names if text]


def underline(strip: Strip, ink: Colour) -> Strip:
    """A thick line below."""
    line = Strip(Image.new("RGB", (strip.image.width, 4), ink))
    return stack([strip, line, Strip(blank(10, 12))])


def centre(report: Report, style: Style, wide: int) -> Strip:
    """Names in the middle."""
    return underline(stack(name_lines(report, style, colour(report), wide)), colour(report))


def left(report: Report, style: Style, wide: int) -> Strip:
    """Logo at the left, names beside."""
    side = min(150, wide // 7)
    names = stack(name_lines(report, style, colour(report), wide - side - 20))
    row = beside([Strip(logo(colour(report), side)), names], [0, side + 20], wide)
    return underline(Strip(row.image, names.lines), colour(report))


def band(report: Report, style: Style, wide: int) -> Strip:
    """White on a band of colour."""
    names = stack(name_lines(report, style, (0, 0, 0), wide))
    ground = Image.new("RGB", (wide, names.image.height + 12), colour(report))
    ground.paste((255, 255, 255), (0, 6), Image.eval(names.image.convert("L"), lambda v: 255 - v))
    return stack([Strip(ground, names.lines), Strip(blank(10, 14))])


def plain(report: Report, style: Style, wide: int) -> Strip:
    """Black and simple."""
    return underline(stack(name_lines(report, style, (25, 25, 25), wide)), (60, 60, 60))


HEADS: dict[str, Callable[[Report, Style, int], Strip]] = {
    "centre": centre, "left": left, "band": band, "plain": plain,
}  # fmt: skip


def head(report: Report, style: Style, wide: int) -> Strip:
    """The letterhead; a typewriter or a thermal printer has no colours."""
    if style.body.family in ("courier-prime", "vt323"):
        return plain(report, style, wide)
    return HEADS[report.hospital["head"]](report, style, wide)


def labels(report: Report) -> dict[str, str]:
    """What the patient's name, age and date are called here."""
    words = load("people")["words"]
    native, english = words[report.hospital["lang"]]["labels"], words["en"]["labels"]
    if report.hospital["lang"] == "en":
        return dict(english)
    return {key: f"{native[key]} / {english[key].split(' /')[0]}" for key in english}


def patient(report: Report, style: Style, wide: int) -> Strip:
    """Who and when: one column on a narrow paper, else two."""
    person, words, pad = report.person, labels(report), 12 * style.frame
    name = f"{person.printed} ({person.native})" if person.native else person.printed
    who = {words["name"]: name, words["age"]: person.age_printed}
    when = {"ID": person.number, "Received": report.received, words["date"]: report.day_printed}
    inner = wide - 2 * pad
    if style.paper[0] < 1200:
        made = fields(who | when, style.label, style.body, inner)
    else:
        made = halves(who, when, style, inner)
    return boxed(made, pad) if style.frame else made


def halves(who: Mapping[str, str], when: Mapping[str, str], style: Style, wide: int) -> Strip:
    """Two lists of fields beside each other, read one after the other."""
    half = wide // 2
    parts = [fields(part, style.label, style.body, half - 20) for part in (who, when)]
    row = beside(parts, [0, half + 20], wide)
    return Strip(row.image, parts[0].lines + parts[1].lines)


def running(report: Report, style: Style, wide: int) -> Strip:
    """The one line that later pages have instead of the patient's box."""
    text = f"{report.person.printed}   {report.person.number}   {report.day_printed}"
    return paragraph(text, style.label, wide)


def sign(report: Report, style: Style, wide: int, scrawl: Image.Image) -> Strip:
    """Signature and doctor's name at the right."""
    pen = Pen(style.label.family, style.label.px, True, style.label.ink)
    image = blank(wide, scrawl.height + pen.px * 2)
    at = round(wide - max(scrawl.width, width(report.doctor, pen)) - 10)
    image.paste(scrawl, (at, 0))
    write(ImageDraw.Draw(image), (at, scrawl.height + pen.px), report.doctor, pen)
    return Strip(image, (report.doctor,))


def foot(page: int, pages: int, style: Style, wide: int, rng: Random) -> Strip:
    """Page number, and small: FICTIONAL."""
    number = rng.choice([f"Page {page} of {pages}", f"Page {page}/{pages}", f"{page} / {pages}"])
    family = "courier-prime" if style.body.family == "courier-prime" else BACKUP
    pen = Pen(family, round(style.paper[0] ** 0.5 * 0.56), False, (80, 80, 84))
    return centred(f"FICTIONAL - invented for tests        {number}", pen, wide)
