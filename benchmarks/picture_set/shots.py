"""How a good picture is taken: only effects that a reader's eye forgives."""

from dataclasses import dataclass, replace
from random import Random

from benchmarks.picture_set.place import Aim

CAMERAS = [(1536, 2048), (1944, 2592), (2448, 3264), (3024, 4032)]
SENT = [0, 0, 0, 0, 0, 0, 1600, 1600, 1600, 1280]
GROUNDS = ["wood", "wood", "checks", "flowers", "stone", "cloth", "desk"]
LAMPS = [(1.0, 1.0, 1.0), (1.0, 0.94, 0.8), (1.0, 0.97, 0.9), (0.93, 0.98, 1.0), (0.97, 1.0, 0.94)]
FOLDS = ["v", "h", "vh", "hh"]
ANGLES = ((2.5, 7), (6, 13), (4, 9))


@dataclass(frozen=True)
class Shot:
    """One way to take a picture. blur and motion are in heights (em) of the paper's own letters."""

    size: tuple[int, int]
    sent: int
    quality: int
    ground: str
    aim: Aim
    tight: bool = False
    curl: float = 0.0
    folds: str = ""
    fingers: int = 0
    shadow: float = 0.0
    glare: float = 0.0
    exposure: float = 1.0
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)
    blur: float = 0.0
    motion: float = 0.0
    noise: float = 1.0
    turn: int = 0
    exif: bool = False
    defect: str = "none"
    strength: float = 0.0
    how: str = ""


def sometimes(rng: Random, chance: float, low: float, high: float) -> float:
    """A strength, or 0 in most cases."""
    return round(rng.uniform(low, high), 3) if rng.random() < chance else 0.0


def aimed(rng: Random) -> Aim:
    """A phone held nearly straight above."""
    roll, pitch, yaw = (max(-top, min(top, rng.gauss(0, usual))) for usual, top in ANGLES)
    slack = (rng.uniform(-0.9, 0.9), rng.uniform(-0.9, 0.9))
    return Aim((roll, pitch, yaw), rng.uniform(0.84, 0.98), slack)


def a_good_shot(rng: Random) -> Shot:
    """A picture that can be read."""
    sent = rng.choice(SENT)
    camera = rng.choice(CAMERAS[:2] if sent else CAMERAS)
    shot = Shot(camera, sent, rng.randint(62, 93), rng.choice(GROUNDS), aimed(rng))
    return unsteady(lit_up(handled(shot, rng), rng), rng)


def handled(shot: Shot, rng: Random) -> Shot:
    """What happens to the paper; `tight` leaves its edges, but no text, out of the picture."""
    tight = rng.random() < 0.2
    fill = rng.uniform(0.93, 0.985) if tight else shot.aim.fill
    return replace(
        shot,
        tight=tight,
        aim=replace(shot.aim, fill=fill),
        curl=sometimes(rng, 0.4, 0.004, 0.014),
        folds=rng.choice(FOLDS) if rng.random() < 0.35 else "",
        fingers=0 if tight or rng.random() > 0.2 else rng.choice([1, 1, 2]),
    )


def unsteady(shot: Shot, rng: Random) -> Shot:
    """How the phone is held."""
    turn = rng.choice([90, 180, 270]) if rng.random() < 0.2 else 0
    lying = not turn and not shot.sent and rng.random() < 0.12
    blur, motion = sometimes(rng, 0.4, 0.015, 0.06), sometimes(rng, 0.15, 0.04, 0.18)
    return replace(shot, turn=turn, exif=lying, blur=blur, motion=motion)


def lit_up(shot: Shot, rng: Random) -> Shot:
    """What happens to the light."""
    dim = sometimes(rng, 0.2, 0.38, 0.62)
    return replace(
        shot,
        shadow=sometimes(rng, 0.45, 0.12, 0.45),
        glare=sometimes(rng, 0.15, 0.12, 0.3),
        exposure=dim or rng.uniform(0.82, 1.04),
        tint=rng.choice(LAMPS),
        noise=rng.uniform(3, 6) if dim else rng.uniform(0.5, 3),
    )


def effects(shot: Shot) -> dict[str, float | str]:
    """The harmless effects of a shot and their strengths; the defect's own is left out."""
    own = {"dark": "low_light", "blur": "blur", "motion": "motion"}.get(shot.defect)
    return {name: value for name, value in strengths(shot).items() if value and name != own}


def strengths(shot: Shot) -> dict[str, float | str]:
    """All effects, also those that are absent."""
    return {
        "perspective": round(max(map(abs, shot.aim.angles)), 1),
        "tight": int(shot.tight),
        "curl": shot.curl,
        "folds": shot.folds,
        "fingers": shot.fingers,
        "shadow": shot.shadow,
        "glare": shot.glare,
        "low_light": round(1 - shot.exposure, 2) if shot.exposure < 0.7 else 0,
        "blur": round(shot.blur, 3),
        "motion": round(shot.motion, 3),
        "noise": round(shot.noise, 1),
        "turn": shot.turn,
        "exif_turn": int(shot.exif),
        "sent": shot.sent,
    }
