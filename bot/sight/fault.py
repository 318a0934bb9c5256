"""What is wrong with a photograph, from its measures: the limits stand here.

Chosen on the tune part of simulated photographs; docs/photos.md has the figures.
"""

Measures = dict[str, float]

DARK, SPOT, RISE = 50.0, 0.003, 0.02
FEW_LETTERS, SOFT, SMALL = 12, 0.01, 8.5
STEEP, STEEP_WHEN_SMALL, EVEN = 2.45, 2.2, 0.69
FAR, SPECK, THUMBNAIL = 0.33, 0.1, 600
LEAST_LINES, LINES_WHEN_SMALL, POSTER, SLANT = 30.0, 115.0, 0.03, 0.2
GUTTER, LINES_OF_TWO, FOLD, FOLD_HUE = 7.0, 20, 1.0, 2.0
OVER, OVER_WHEN_NEAR, NOT_OVER, CUT, MOST_CUT, GAP = 0.6, 0.8, 0.2, 2, 40, 5.2
CUT_WHEN_TIGHT, GAP_WHEN_TIGHT, MOST_GAP, STRAY = 5, 10.0, 8.0, 2
# What runs so far along the picture's frame is the ground.
GROUND = 0.35
OPPOSITE = {"left": "right", "right": "left", "top": "bottom", "bottom": "top"}
VIEW_DARK, VIEW_STEEP = 20.0, 1.2


def of_page(m: Measures) -> tuple[str, str]:
    """The reason's id and the side of a cut, or two empty words."""
    if reason := _light(m) or _letters(m):
        return reason, ""
    if m["long"] < LEAST_LINES:
        return "not_a_document", ""
    if _two(m):
        return "two_pages", ""
    if side := cut_side(m):
        return f"cut_off_{side}", side
    return ("not_a_document" if _is_other(m) else ""), ""


def of_view(m: Measures) -> tuple[str, str]:
    """Of a film or a sore: only what nobody could see anything on."""
    if m["bright"] < VIEW_DARK:
        return "dark", ""
    return ("blurred" if 0 < m["steep"] < VIEW_STEEP else ""), ""


def _light(m: Measures) -> str:
    if m["bright"] < DARK:
        return "dark"
    return "glare" if m["spot"] >= SPOT and m["rise"] > RISE else ""


def _letters(m: Measures) -> str:
    if m["side"] < THUMBNAIL and m["soft"] > SOFT:
        return "small"
    if m["letters"] >= FEW_LETTERS and m["share"] < SPECK:
        return "small"
    if m["letters"] < FEW_LETTERS:
        return "blurred" if m["soft"] > SOFT and m["share"] > FAR else "empty"
    if m["height"] < SMALL:
        return "small" if m["steep"] >= STEEP_WHEN_SMALL or m["share"] < FAR else "blurred"
    if m["steep"] < STEEP:
        return "blurred"
    return "shaken" if m["even"] < EVEN else ""


def cut_side(m: Measures) -> str:
    """The side over which the paper runs with its writing, or an empty word."""
    sides = [side for side in OPPOSITE if _is_cut(m, side)]
    return max(sides, key=lambda side: m[f"over_{side}"] * (1 + m[f"cut_{side}"]), default="")


def _is_cut(m: Measures, side: str) -> bool:
    """Writing at or near the edge while the paper's other end, or a wide margin, is in view."""
    if m[f"over_{side}"] < OVER or m[f"gap_{side}"] > MOST_GAP:
        return False
    other, rest = OPPOSITE[side], [each for each in OPPOSITE if each != side]
    # A patterned cloth has its letters on all sides, and more of them than a page has lines.
    if max(m[f"cut_{each}"] for each in rest) > STRAY or m[f"cut_{side}"] > MOST_CUT:
        return False
    if m[f"over_{other}"] <= NOT_OVER:
        lone = sum(m[f"over_{each}"] for each in OPPOSITE) - m[f"over_{side}"] <= NOT_OVER
        near = m[f"gap_{side}"] < GAP and m[f"over_{side}"] >= OVER_WHEN_NEAR
        return m[f"cut_{side}"] >= CUT or (lone and near)
    return m[f"cut_{side}"] >= CUT_WHEN_TIGHT and m[f"gap_{other}"] >= GAP_WHEN_TIGHT


def _is_other(m: Measures) -> bool:
    """On a small thing only a few lines of writing, or letters as on a poster."""
    few = m["share"] <= FAR and m["long"] < LINES_WHEN_SMALL
    return few or m["height"] > POSTER * m["side"]


def _two(m: Measures) -> bool:
    """A second sheet, an outline of two that overlap, or writing parted by a blank strip."""
    parted = m["gutter"] > GUTTER and m["lines"] >= LINES_OF_TWO
    return _beside(m) or m["slant"] > SLANT or parted


def _beside(m: Measures) -> bool:
    apart = m["other"] > 0.25 * m["share"] and m["other_inside"] < 0.3 and m["other_along"] < GROUND
    alike = m["other_light"] > 0.7 and m["other_hue"] < 16 and m["other_ink"] > 0.005
    # Halves of one folded sheet share a whole side and the colour.
    folded = m["other_touch"] > FOLD and m["other_hue"] < FOLD_HUE
    return apart and alike and not folded
