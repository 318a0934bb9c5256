"""What stands before the camera: the ground, the papers on it, the fingers."""

from dataclasses import dataclass, replace
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from benchmarks.picture_set import hands, ink, light, others, place, scenery
from benchmarks.picture_set.place import Aim, Array
from benchmarks.picture_set.render import Page
from benchmarks.picture_set.shots import Shot

FINGER = 66
EM_OF_OTHERS = 40


@dataclass(frozen=True)
class Laid:
    """A page and where it lies in the picture."""

    page: Page
    matrix: Array

    @property
    def scale(self) -> float:
        """Picture pixels for one of the page's."""
        return place.scale_of(self.matrix, self.page.image.size)

    @property
    def quad(self) -> Array:
        """The page's corners in the picture."""
        return place.through(self.matrix, place.whole(self.page.image.size))


@dataclass(frozen=True)
class Scene:
    """The picture before the lens, and the page that it is about."""

    image: Image.Image
    laid: Laid | None

    @property
    def em(self) -> float:
        """The height of the page's letters in the picture."""
        return self.laid.page.em * self.laid.scale if self.laid else EM_OF_OTHERS


def scene(pages: list[Page], shot: Shot, rng: Random) -> Scene:
    """What stands before the camera; the last page lies on top."""
    if shot.defect == "not_a_document":
        return Scene(others.scene(shot.how, shot.ground, rng, shot.size), None)
    spots = zip(pages, regions(shot), strict=True)
    laid = [Laid(page, view(page, shot, region, rng)) for page, region in spots]
    image = table(laid, shot, rng)
    for one in laid:
        lay(image, one, shot, rng)
    for _ in range(shot.fingers):
        grip(image, laid[-1], rng)
    return Scene(image, laid[-1])


def regions(shot: Shot) -> list[place.Box]:
    """The parts of the picture that pages lie in."""
    w, h = shot.size
    if shot.defect != "two_pages":
        return [(0, 0, w, h)]
    if shot.how == "beside":
        return [(0, 0, w / 2, h), (w / 2, 0, w, h)]
    return [(0.2 * w, 0.22 * h, w, h), (0, 0, 0.8 * w, 0.78 * h)]


def view(page: Page, shot: Shot, region: place.Box, rng: Random) -> Array:
    """Where the page lies in the picture."""
    size, aim = page.image.size, shot.aim
    if shot.defect == "cut_off":
        return ink.cut(place.fit(size, ink.kept(page, shot), region, aim), page, shot)
    if shot.defect == "two_pages":
        aim = replace(aim, angles=(aim.angles[0] + rng.uniform(-3, 3), *aim.angles[1:]))
    return place.fit(size, page.text if shot.tight else (0, 0, *size), region, aim)


def table(laid: list[Laid], shot: Shot, rng: Random) -> Image.Image:
    """The ground with the soft shadows of the papers."""
    ground = scenery.ground(shot.ground, rng, shot.size)
    for one in laid:
        mask, drop = Image.new("L", ground.size, 255), (rng.uniform(-2, 6), rng.uniform(2, 8))
        quad = one.quad / scenery.SHRINK + np.array(drop)
        ImageDraw.Draw(mask).polygon([(x, y) for x, y in quad.tolist()], fill=120)
        soft = mask.filter(ImageFilter.GaussianBlur(ground.width / 90))
        ground = light.lit(ground, np.asarray(soft, np.float32) / np.float32(255))
    return scenery.enlarged(ground, shot.size)


def lay(picture: Image.Image, one: Laid, shot: Shot, rng: Random) -> None:
    """Put the page into the picture; made smaller first where it is shown much smaller."""
    factor = max(1, int(0.75 / one.scale))
    paper = one.page.image.reduce(factor) if factor > 1 else one.page.image
    matrix = one.matrix @ np.diag([factor, factor, 1.0])
    place.lay(picture, light.folded(paper, shot.folds, rng), matrix, shot.curl)


def grip(image: Image.Image, one: Laid, rng: Random) -> None:
    """A finger over the page's empty margin."""
    w, h = one.page.image.size
    inset, y = one.page.text[0] * 0.6, rng.uniform(0.3, 0.85) * h
    at = inset if rng.random() < 0.5 else w - inset
    tip, inner = place.through(one.matrix, np.array([[at, y], [w / 2, y]]))
    hands.hold(image, tip, inner - tip, FINGER * one.scale, rng)


def as_held(page: Page, shot: Shot) -> Shot:
    """The distance, or the way the phone is held, that the defect asks for."""
    if shot.defect == "too_small":
        return small_enough(page, shot)
    if shot.defect == "cut_off":
        left, top, right, bottom = ink.kept(page, shot)
        return replace(shot, size=shot.size[::-1]) if right - left > bottom - top else shot
    return shot


def small_enough(page: Page, shot: Shot) -> Shot:
    """The distance or the thumbnail's size that gives letters of the wanted height."""
    size = page.image.size
    full = Laid(page, place.fit(size, (0, 0, *size), (0, 0, *shot.size), Aim()))
    share = page.em * full.scale / max(shot.size)
    if shot.how == "thumbnail":
        return replace(shot, sent=round(shot.strength / (share * shot.aim.fill)))
    return replace(shot, aim=replace(shot.aim, fill=shot.strength / (share * shot.sent)))
