"""Where the paper lies in the picture, and its bending into place."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Array = NDArray[np.floating[Any]]
Box = tuple[float, float, float, float]
Size = tuple[int, int]
Cell = tuple[tuple[int, int, int, int], tuple[float, ...]]
CELL = 96


def corners(box: Box) -> Array:
    """NW, NE, SE, SW."""
    left, top, right, bottom = box
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], float)


def whole(size: Size) -> Array:
    """The corners of a paper."""
    return corners((0, 0, size[0], size[1]))


def homography(source: Array, target: Array) -> Array:
    """The 3 x 3 matrix that takes four points to four points."""
    rows = list[list[float]]()
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    found = np.linalg.solve(np.array(rows), target.reshape(-1))
    return np.append(found, 1.0).reshape(3, 3)


def through(matrix: Array, points: Array) -> Array:
    """Array taken through a homography."""
    moved = np.concatenate([points, np.ones((len(points), 1))], 1) @ matrix.T
    taken: Array = moved[:, :2] / moved[:, 2:]
    return taken


def seen(points: Array, size: Size, angles: Sequence[float]) -> Array:
    """Paper points as a camera sees them that stands tilted above (roll, pitch, yaw in degrees)."""
    roll, pitch, yaw = (math.radians(angle) for angle in angles)
    x, y = (points - np.array(size) / 2).T
    x, y = x * math.cos(roll) - y * math.sin(roll), x * math.sin(roll) + y * math.cos(roll)
    depth = 1.5 * max(size) + x * math.sin(yaw) + y * math.sin(pitch)
    flat = np.stack([x * math.cos(yaw), y * math.cos(pitch)], 1)
    return np.asarray(flat * 1.5 * max(size) / depth[:, None])


@dataclass(frozen=True)
class Aim:
    """How the camera looks at a paper: turned, how full the picture is, and where the rest is."""

    angles: tuple[float, float, float] = (0.0, 0.0, 0.0)
    fill: float = 1.0
    slack: tuple[float, float] = (0.0, 0.0)


def fit(size: Size, target: Box, region: Box, aim: Aim) -> Array:
    """The homography that lets the target box of a paper fill a region of the picture."""
    paper = whole(size)
    low, high = span(seen(corners(target), size, aim.angles))
    start, end = np.array(region[:2], float), np.array(region[2:], float)
    scale = aim.fill * float(np.min((end - start) / (high - low)))
    free = (end - start - (high - low) * scale) / 2
    middle = (start + end) / 2 + free * np.array(aim.slack)
    return homography(paper, (seen(paper, size, aim.angles) - (low + high) / 2) * scale + middle)


def span(points: Array) -> tuple[Array, Array]:
    """Least and greatest coordinates."""
    return points.min(0), points.max(0)


def scale_of(matrix: Array, size: Size) -> float:
    """Picture pixels for one paper pixel, about the middle of the paper."""
    quad = through(matrix, whole(size))
    x, y = quad.T
    area = abs(float(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))) / 2
    return math.sqrt(area / (size[0] * size[1]))


def moved(matrix: Array, by: Sequence[float]) -> Array:
    """The same view shifted in the picture."""
    shift = np.array([[1, 0, by[0]], [0, 1, by[1]], [0, 0, 1]], float)
    return shift @ matrix


def bend(points: Array, size: Size, curl: float) -> Array:
    """Paper that does not lie flat: a slow wave."""
    x, y = points[:, 0] / size[0], points[:, 1] / size[1]
    wave = np.stack([0.5 * np.sin(2.6 * y + 0.6), np.sin(math.pi * x)], 1)
    return points + curl * size[0] * wave


def lay(ground: Image.Image, paper: Image.Image, matrix: Array, curl: float) -> None:
    """Put the paper on the ground, bent into place."""
    low, high = span(through(matrix, whole(paper.size)))
    left, top = (max(0, int(v) - 30) for v in low)
    right, bottom = (min(int(v) + 30, end) for v, end in zip(high, ground.size, strict=True))
    size = (right - left, bottom - top)
    mesh = mesh_of(np.linalg.inv(matrix), (left, top, right, bottom), paper.size, curl)
    bent = paper.transform(size, Image.Transform.MESH, mesh, Image.Resampling.BILINEAR)
    full = Image.new("L", paper.size, 255)
    mask = full.transform(size, Image.Transform.MESH, mesh, Image.Resampling.NEAREST)
    ground.paste(bent, (left, top), mask)


def steps(start: int, end: int) -> list[int]:
    """Edges of cells from start to end."""
    return [*range(start, end, CELL), end]


def mesh_of(back: Array, box: tuple[int, int, int, int], size: Size, curl: float) -> list[Cell]:
    """Cells of the picture, each with the four places of the paper it comes from."""
    left, top, right, bottom = box
    xs, ys = steps(left, right), steps(top, bottom)
    grid = np.stack(np.meshgrid(xs, ys), -1).reshape(-1, 2).astype(float)
    came = bend(through(back, grid), size, curl).reshape(len(ys), len(xs), 2)
    cells = list[Cell]()
    for j, i in itertools.product(range(len(ys) - 1), range(len(xs) - 1)):
        there = (xs[i] - left, ys[j] - top, xs[i + 1] - left, ys[j + 1] - top)
        quad = (*came[j, i], *came[j + 1, i], *came[j + 1, i + 1], *came[j, i + 1])
        cells.append((there, quad))
    return cells
