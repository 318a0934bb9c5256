"""The defects: each makes a good shot into one that must be taken again."""

from collections.abc import Callable
from dataclasses import replace
from random import Random

from benchmarks.picture_set.others import SCENES
from benchmarks.picture_set.place import Aim
from benchmarks.picture_set.shots import Shot, a_good_shot

BLUR, MOTION = (0.18, 0.42), (0.95, 1.9)
BLACK, MURKY = (0.035, 0.085), (0.11, 0.18)
SMALL = (3.0, 5.5)
SIDES = ("left", "right", "top", "bottom")


def blur(shot: Shot, rng: Random, nth: int) -> Shot:
    """Out of focus."""
    amount = rng.uniform(*BLUR)
    return replace(shot, blur=amount, strength=amount)


def motion(shot: Shot, rng: Random, nth: int) -> Shot:
    """Shaken."""
    amount = rng.uniform(*MOTION)
    return replace(shot, motion=amount, strength=amount, blur=min(shot.blur, 0.03))


def cut_off(shot: Shot, rng: Random, nth: int) -> Shot:
    """A part of the text, measured by its ink, lies outside the picture."""
    side = SIDES[nth % len(SIDES)]
    share = rng.uniform(0.10 if side in ("left", "right") else 0.14, 0.4)
    aim = Aim(shot.aim.angles, rng.uniform(0.93, 1.0))
    return replace(shot, strength=share, how=side, aim=aim, tight=False, fingers=0)


def glare(shot: Shot, rng: Random, nth: int) -> Shot:
    """A reflection that hides a part of the text."""
    share, how = rng.uniform(0.12, 0.35), ("lamp", "window")[nth % 2]
    return replace(shot, strength=share, glare=0.0, how=how)


def dark(shot: Shot, rng: Random, nth: int) -> Shot:
    """Hardly any light: black, or brightened by the phone until only noise is left."""
    how = ("black", "murky")[nth % 2]
    amount = rng.uniform(*(BLACK if how == "black" else MURKY))
    noise = rng.uniform(5, 9) if how == "black" else rng.uniform(20, 28)
    soft, quality = rng.uniform(0.05, 0.09), min(shot.quality, 76)
    dim = replace(shot, exposure=amount, noise=noise, blur=soft, quality=quality, glare=0.0)
    return replace(dim, strength=amount, how=how)


def too_small(shot: Shot, rng: Random, nth: int) -> Shot:
    """Letters (em) of 3 to 5.5 pixels: from far away, or a thumbnail."""
    how = ("far", "far", "thumbnail")[nth % 3]
    sent = rng.choice([1280, 1600]) if how == "far" else shot.sent
    slack = (rng.uniform(-0.5, 0.5), rng.uniform(-0.5, 0.5))
    away = replace(shot, sent=sent, aim=replace(shot.aim, slack=slack), tight=False)
    return replace(away, strength=rng.uniform(*SMALL), how=how, fingers=0, exif=False)


def two_pages(shot: Shot, rng: Random, nth: int) -> Shot:
    """Two papers in one picture."""
    how = ("beside", "beside", "overlap")[nth % 3]
    size = shot.size[::-1] if how == "beside" else shot.size
    aim = replace(shot.aim, fill=0.95)
    return replace(shot, how=how, strength=2.0, size=size, aim=aim, tight=False, fingers=0)


def not_a_document(shot: Shot, rng: Random, nth: int) -> Shot:
    """Something else altogether."""
    bare = replace(shot, fingers=0, folds="", tight=False, curl=0.0, aim=Aim())
    return replace(bare, how=list(SCENES)[nth % len(SCENES)], strength=1.0)


DEFECTS: dict[str, Callable[[Shot, Random, int], Shot]] = {
    "blur": blur,
    "motion": motion,
    "cut_off": cut_off,
    "glare": glare,
    "dark": dark,
    "too_small": too_small,
    "two_pages": two_pages,
    "not_a_document": not_a_document,
}


def a_shot(defect: str, nth: int, rng: Random) -> Shot:
    """A good shot, or one with the defect on top of harmless effects; nth picks its variety."""
    shot = a_good_shot(rng)
    return shot if defect == "none" else replace(DEFECTS[defect](shot, rng, nth), defect=defect)
