"""The typefaces of what we print, under their own licence (OFL.txt)."""

from pathlib import Path

FONTS = Path(__file__).parent
