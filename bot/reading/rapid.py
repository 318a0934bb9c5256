"""RapidOCR: PP-OCRv6 on the ONNX runtime, on this machine; knows Latin letters, no Indic ones."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import rapidocr
from numpy.typing import NDArray
from PIL import Image

from bot.reading.engine import shares
from bot.reading.turn import turned
from nlu.report.page import Box, Line, PageText

MODELS = Path(rapidocr.__file__).parent / "models"
# With a path given, the library never looks for a model on the internet.
FILES = {
    "Det": "PP-OCRv6_det_small.onnx",
    "Cls": "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
    "Rec": "PP-OCRv6_rec_small.onnx",
}
# One thread: chats are answered on the same machine.
ONE_THREAD = {
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}
# A piece of print is upright or sideways only if it is so much longer than high.
LONG = 1.8
# The library turns such pieces a quarter against the clock before it reads them.
TALL = 1.5
# The first look at a page may be wrong about its way up; the second one tells.
TURNS = 2
Quads = NDArray[np.float32]


class Rapid:
    """The three networks, loaded when the first page comes."""

    def read(self, image: Image.Image) -> PageText:
        """Its lines of print; a page that lies or stands on its head is turned and read again."""
        (lines, more, slope), turn = _read(image), 0
        for _ in range(TURNS):
            if more:
                turn = (turn + more) % 360
                lines, more, slope = _read(turned(image, turn))
        page = turned(image, turn)
        return PageText(lines, turn, "rapid", page.width, page.height, slope)


@cache
def _networks() -> Any:
    cv2.setNumThreads(1)
    paths = {f"{part}.model_path": str(MODELS / name) for part, name in FILES.items()}
    return rapidocr.RapidOCR(params={**paths, **ONE_THREAD, "Global.log_level": "critical"})


def _read(image: Image.Image) -> tuple[tuple[Line, ...], int, float]:
    networks = _networks()
    pixels = np.asarray(image.convert("RGB"))[:, :, ::-1]
    small, scaled = networks.preprocess_img(pixels)
    found, heads, said, _ = networks.run_ocr_steps(small, scaled)
    if found.boxes is None or said.txts is None:
        return (), 0, 0.0
    height, width = small.shape[:2]
    quads = np.asarray(found.boxes, np.float32)
    lines = [
        Line(text.strip(), _box(quad, width, height), round(float(sure), 3))
        for quad, text, sure in zip(quads, said.txts, said.scores, strict=True)
        if text.strip() and sure >= networks.text_score
    ]
    # The library turns a piece of print over only where it is so sure.
    over = [head == "180" and sure > networks.cfg.Cls.cls_thresh for head, sure in heads.cls_res]
    return tuple(lines), _turn(quads, over, said.scores), _slope(quads)


def _box(quad: Quads, width: int, height: int) -> Box:
    (left, top), (right, bottom) = quad.min(0).tolist(), quad.max(0).tolist()
    return shares(left, top, right, bottom, width, height)


def _turn(quads: Quads, over: Sequence[bool], sures: Sequence[float]) -> int:
    """By how many degrees clockwise the page becomes upright, by the votes of its lines.

    A line that was turned the wrong way is read as nonsense, so its letters are less sure.
    """
    votes = dict.fromkeys((0, 90, 180, 270), 0.0)
    for quad, on_its_head, sure in zip(quads, over, sures, strict=True):
        across, down = quad[1] - quad[0], quad[3] - quad[0]
        wide, high = float(np.linalg.norm(across)), float(np.linalg.norm(down))
        if max(wide, high) >= LONG * min(wide, high):
            run = down if high >= TALL * wide else across
            votes[_way(-run if on_its_head else run)] += max(wide, high) * sure**4
    return max(votes, key=lambda turn: votes[turn])


def _way(run: Quads) -> int:
    """The turn that makes a line that runs this way run to the right."""
    right, down = float(run[0]), float(run[1])
    if abs(right) >= abs(down):
        return 0 if right >= 0 else 180
    return 270 if down > 0 else 90


def _slope(quads: Quads) -> float:
    """How much the long lines sink on their way to the right: the middle one of all."""
    along = quads[:, 1] - quads[:, 0]
    wide = np.linalg.norm(along, axis=1) >= np.median(np.linalg.norm(along, axis=1))
    ahead = along[wide & (along[:, 0] > 0)]
    return round(float(np.median(ahead[:, 1] / ahead[:, 0])), 4) if len(ahead) else 0.0
