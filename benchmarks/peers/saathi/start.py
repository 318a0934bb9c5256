"""Saathi as a peer: all of it in one process, with dedupe, order, outbox, encryption and the record.

Only the pace towards Telegram (25 messages a second) is lifted, as it is for every peer.
"""

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))
# The same one after a kill: there are the keys and the record, as with any installation.
DATA = f"{tempfile.gettempdir()}/bench-saathi-{os.environ['PORT']}-{os.getppid()}"
Path(DATA).mkdir(mode=0o755, exist_ok=True)
SETTINGS = {
    "DATA_DIR": DATA,
    "WEB__PORT": os.environ["PORT"],
    "REDIS__URL": os.environ["REDIS_URL"],
    "RASA__ENABLED": "false",
    "CHANNELS__PHONE__ENABLED": "false",
    "CHANNELS__TELEGRAM__TOKEN": os.environ["BOT_TOKEN"],
    "CHANNELS__TELEGRAM__SECRET": "bench-secret",
    "CHANNELS__TELEGRAM__API_URL": os.environ["TELEGRAM_API"],
    "CHANNELS__TELEGRAM__MODE": "webhook",
    "PUBLIC_URL": os.environ["PUBLIC_URL"],
    "LOG_LEVEL": "WARNING",
}
os.environ.update({f"SAATHI_{name}": value for name, value in SETTINGS.items()})

from bot.channels.telegram_pace import Pace  # noqa: E402
from bot.cli import main  # noqa: E402

Pace.__init__.__defaults__ = (1000.0, 100_000.0, *Pace.__init__.__defaults__[2:])
atexit.register(shutil.rmtree, DATA, ignore_errors=True)
sys.argv = ["saathi", "run"]
os.chdir(ROOT)
main()
