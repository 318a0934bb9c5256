"""A whole case made ready for the experts: what is uploaded beside its originals."""

import logging
from collections.abc import AsyncIterator, Sequence

from bot.review import terms
from bot.review.binding.sheet import PDF, Counted
from bot.review.binding.slot import MOST, Bench, Slot, bind_slot, chunks, listed, slots
from bot.review.derived import Derived
from bot.workshop.shop import Lost
from flows.conversation import Case

log = logging.getLogger(__name__)


async def bind_case(app: Bench, case: Case) -> tuple[Derived, ...]:
    """The dossier, then each document's combined PDF; kept in the document store.

    The same case gives the same files. Never fails: what cannot be made is left out.
    """
    try:
        return await _made(app, case)
    except Exception as error:
        # The originals reach the experts in any case.
        log.warning("a case was not bound: %s", type(error).__name__)
        return ()


async def _made(app: Bench, case: Case) -> tuple[Derived, ...]:
    found, combined, room = list[Slot](), list[Derived](), MOST
    async for slot in _bound(app, case):
        if slot.combined:
            combined.append(await _combined(app, case, slot))
        found.append(slot if len(slot.pdf) <= room else listed(slot))
        room -= len(found[-1].pdf)
    return (*await _dossier(app, case, found), *combined)


async def _bound(app: Bench, case: Case) -> AsyncIterator[Slot]:
    for name in slots(case):
        yield await bind_slot(app, case, name)


async def _combined(app: Bench, case: Case, slot: Slot) -> Derived:
    kept = await app.documents.keep(case.id, chunks(slot.pdf), MOST * 2)
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
        told, made = await app.slow.do(Counted, "dossier", given, *(one.pdf for one in found))
    except Lost:
        return []
    kept = await app.documents.keep(case.id, chunks(made[0]), MOST * 2)
    sources = tuple(source for slot in found for source in slot.sources)
    return [Derived("dossier", kept.document, PDF, kept.size, told.pages[0], "", sources)]
