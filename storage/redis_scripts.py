"""The Lua scripts of the mailbox, called by name."""

import asyncio
import secrets
from hashlib import sha1
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import NoScriptError

from storage.points import reach
from storage.redis_client import dialer, is_cluster
from storage.redis_line import Line

FOLDER = Path(__file__).parent / "lua"
Argument = str | bytes | int
# At the memory limit nothing more comes in, while all that is here is worked and leaves.
INWARD = {"put", "receipt"}


def texts() -> dict[str, str]:
    """Each script by its name, with what they share before it."""
    common = (FOLDER / "common.lua").read_text(encoding="utf-8")
    files = (each for each in FOLDER.glob("*.lua") if each.stem != "common")
    return {
        each.stem: _first_line(each.stem) + common + each.read_text(encoding="utf-8")
        for each in files
    }


def _first_line(name: str) -> str:
    return "#!lua\n" if name in INWARD else "#!lua flags=allow-oom\n"


class Scripts:
    """Runs scripts by name; the server learns a script when it is first needed."""

    def __init__(self, patient: Redis) -> None:
        self._patient, self._lines = patient, dict[str, Line]()
        # What this process leases is marked with it; see alive.lua.
        self.owner = secrets.token_hex(6)
        self._texts = texts()
        self._hashes = {
            name: sha1(text.encode(), usedforsecurity=False).hexdigest()
            for name, text in self._texts.items()
        }

    async def call(self, name: str, prefix: str, *args: Argument) -> Any:
        """One script on one shard; raises the client's own errors."""
        reach(f"{name}.asked")
        line, given = self._line(prefix), (2, prefix, f"{prefix}alive:{self.owner}", *args)
        try:
            answer = await line.ask("EVALSHA", self._hashes[name], *given)
        except NoScriptError:
            answer = await line.ask("EVAL", self._texts[name], *given)
        reach(f"{name}.answered")
        return answer

    async def aclose(self) -> None:
        """Hang up."""
        await asyncio.gather(*(line.aclose() for line in self._lines.values()))

    def _line(self, prefix: str) -> Line:
        # On a Cluster each shard may lie on a server of its own.
        server = prefix if is_cluster(self._patient) else ""
        if not (line := self._lines.get(server)):
            line = self._lines[server] = Line(dialer(self._patient, prefix))
        return line
