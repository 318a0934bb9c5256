"""A whole case made ready for the experts: what is uploaded beside its originals."""

import asyncio
import logging
from collections.abc import Sequence

from bot.found import PDF
from bot.review import terms
from bot.review.binding.fetch import MOST, Bench
from bot.review.binding.sheet import Counted
from bot.review.binding.slot import Slot, bind_slot, light, listed, slots
from bot.review.binding.told import Told
from bot.review.derived import Derived
from bot.workshop.shop import Lost
from flows.conversation import Case
from storage.documents import once

# Seconds; a family waits to hear that its case arrived.
SOON = 45.0
log = logging.getLogger(__name__)


async def bind_case(app: Bench, case: Case) -> tuple[Derived, ...]:
    """The dossier, each document's combined PDF, what a machine read; kept in the document store.

    The same case gives the same files. Never fails: what cannot be made is left out.
    """
    try:
        async with app.binding.lock:
            if (known := app.binding.find(case)) is None:
                known = await _made(app, case)
                app.binding.keep(case, known)
            return known
    except Exception as error:
        # The originals reach the experts in any case.
        log.warning("a case was not bound: %s", type(error).__name__)
        return ()


async def bind_soon(app: Bench, case: Case) -> tuple[Derived, ...] | None:
    """The same, or None where it takes long or another case is being bound."""
    if app.binding.lock.locked():
        return None
    try:
        async with asyncio.timeout(SOON):
            return await bind_case(app, case)
    except TimeoutError:
        return None


async def _made(app: Bench, case: Case) -> tuple[Derived, ...]:
    found, combined, room, told = list[Slot](), list[Derived](), MOST, Told()
    for name in slots(case):
        slot = await bind_slot(app, case, name)
        await told.add(app, slot)
        if slot.combined:
            combined.append(await _combined(app, case, slot))
        # From here on its files are not needed, and a case may have a thousand megabytes.
        found.append(listed(slot) if len(slot.pdf) > room else light(slot))
        room -= len(found[-1].pdf)
    return (*await _dossier(app, case, found), *combined, *await told.kept(app, case))


async def _combined(app: Bench, case: Case, slot: Slot) -> Derived:
    kept = await app.documents.keep(case.id, once(slot.pdf), MOST * 2)
    pages = sum(slot.pages)
    return Derived("combined", kept.document, PDF, kept.size, pages, slot.name, slot.sources)


async def _dossier(app: Bench, case: Case, found: Sequence[Slot]) -> list[Derived]:
    if not found:
        return []
    missing = [
        f"{terms.word('papers', slot)}: {terms.word('waivers', why)}"
        for slot, why in case.waivers.items()
    ]
    parts = [slot.part for slot in found]
    given = {"number": case.number, "parts": parts, "missing": missing}
    try:
        told, made = await app.bindery.do(Counted, "dossier", given, *(one.pdf for one in found))
    except Lost:
        return []
    kept = await app.documents.keep(case.id, once(made[0]), MOST * 2)
    sources = tuple(source for slot in found for source in slot.sources)
    return [Derived("dossier", kept.document, PDF, kept.size, told.pages[0], "", sources)]
