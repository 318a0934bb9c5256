"""What one photograph of a paper shows: whether it can be read, and why not."""

from bot.sight.likeness import SAME_PAGE, distance
from bot.sight.look import Form, Seen, look
from bot.sight.mend import Mended, mend
from bot.sight.verdict import TRIES, verdict

__all__ = ["SAME_PAGE", "TRIES", "Form", "Mended", "Seen", "distance", "look", "mend", "verdict"]
