"""Pure understanding of one text: no I/O, no clock, never a guess."""

from nlu.alarms import RedFlag, alarm
from nlu.cancers import CASE_TYPES, site
from nlu.commands import commands
from nlu.data import KNOWN
from nlu.extract import extract
from nlu.fields import field_named
from nlu.likely import likely, romanised
from nlu.meaning import Answer, Command, Context, Meaning, Unclear
from nlu.nearly import speaks_of
from nlu.places import place, state_of
from nlu.reader import parse_context, prepare, understand
from nlu.redact import redact
from nlu.scripts import language_of

__all__ = [
    "CASE_TYPES",
    "KNOWN",
    "Answer",
    "Command",
    "Context",
    "Meaning",
    "RedFlag",
    "Unclear",
    "alarm",
    "commands",
    "extract",
    "field_named",
    "language_of",
    "likely",
    "parse_context",
    "place",
    "prepare",
    "redact",
    "romanised",
    "site",
    "speaks_of",
    "state_of",
    "understand",
]
