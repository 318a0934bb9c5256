"""What one photograph of a paper shows: whether it can be read, and why not."""

from bot.sight.look import Seen, look
from bot.sight.verdict import TRIES, verdict

__all__ = ["TRIES", "Seen", "look", "verdict"]
