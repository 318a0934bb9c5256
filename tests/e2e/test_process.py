"""The process itself: ready, ended in good order, ended by force; nothing is left of it."""

import pytest

from tests.e2e.process import PLAIN, Saathi

pytestmark = pytest.mark.slow


async def test_stopping_leaves_nothing() -> None:
    saathi = Saathi(command=PLAIN)
    try:
        await saathi.start()
        names = {one.name() for one in saathi.children()}
        assert {"postgres"} < names
        assert await saathi.stop() == 0
        assert saathi.left() == []
    finally:
        await saathi.close()


async def test_a_kill_leaves_nothing_and_it_starts_again() -> None:
    saathi = Saathi(command=PLAIN)
    try:
        await saathi.start()
        await saathi.kill9()
        assert await saathi.gone() == []
        await saathi.start()
        await saathi.restart()
        assert await saathi.stop() == 0
    finally:
        await saathi.close()
