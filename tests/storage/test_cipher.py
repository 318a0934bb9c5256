"""Sealing: only the right key, at the right place, unaltered, opens."""

from collections.abc import AsyncIterator

import pytest

from storage import cipher
from storage.cipher import SealedWrong

KEY, OTHER = b"k" * 32, b"o" * 32
WORDS = "मेरी माँ की रिपोर्ट".encode()


def test_opens_what_was_sealed() -> None:
    sealed = cipher.seal(KEY, WORDS, b"here")
    assert cipher.open(KEY, sealed, b"here") == WORDS
    assert WORDS not in sealed


def test_the_same_words_never_look_the_same() -> None:
    assert cipher.seal(KEY, WORDS) != cipher.seal(KEY, WORDS)


@pytest.mark.parametrize(
    ("key", "aad", "change"),
    [
        pytest.param(OTHER, b"here", lambda s: s, id="another key"),
        pytest.param(KEY, b"there", lambda s: s, id="another place"),
        pytest.param(KEY, b"here", lambda s: s[:-1] + bytes([s[-1] ^ 1]), id="altered"),
        pytest.param(KEY, b"here", lambda s: b"\x09" + s[1:], id="unknown version"),
        pytest.param(KEY, b"here", lambda s: s[:-1], id="cut off"),
        pytest.param(KEY, b"here", lambda s: s[:5], id="almost nothing"),
        pytest.param(KEY, b"here", lambda s: b"", id="nothing"),
    ],
)
def test_nothing_else_opens(key: bytes, aad: bytes, change: object) -> None:
    assert callable(change)
    sealed = change(cipher.seal(KEY, WORDS, b"here"))
    with pytest.raises(SealedWrong) as problem:
        cipher.open(key, sealed, aad)
    assert WORDS.decode() not in str(problem.value)
    assert problem.value.__cause__ is None


def test_a_wrapped_key_names_its_master() -> None:
    wrapped = cipher.wrap(OTHER, KEY, b"case:1")
    assert cipher.unwrap(OTHER, wrapped, b"case:1") == KEY
    assert cipher.wrapped_by(wrapped) == cipher.master_id(OTHER) != cipher.master_id(KEY)
    with pytest.raises(SealedWrong):
        cipher.unwrap(KEY, wrapped, b"case:1")
    with pytest.raises(SealedWrong):
        cipher.unwrap(OTHER, wrapped, b"case:2")


def test_derived_keys_differ_by_purpose_and_stay() -> None:
    assert cipher.derive(KEY, "index") == cipher.derive(KEY, "index")
    assert (
        len({cipher.derive(KEY, "index"), cipher.derive(KEY, "x"), cipher.derive(OTHER, "x")}) == 3
    )


def test_a_blind_index_is_a_keyed_name() -> None:
    assert cipher.blind_index(KEY, "+91 98") == cipher.blind_index(KEY, "+91 98")
    assert cipher.blind_index(KEY, "+91 98") != cipher.blind_index(OTHER, "+91 98")
    # HMAC-SHA256 of the empty text under the empty key, as published.
    assert cipher.blind_index(b"", "").startswith("b613679a0814d9ec772f95d778c35fc5")


async def pieces(data: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def sealed_stream(data: bytes, size: int = 50_000) -> bytes:
    return b"".join([part async for part in cipher.seal_stream(KEY, pieces(data, size), b"a")])


async def opened_stream(sealed: bytes, size: int = 33_333, aad: bytes = b"a") -> bytes:
    return b"".join([part async for part in cipher.open_stream(KEY, pieces(sealed, size), aad)])


@pytest.mark.parametrize(
    "length", [0, 1, cipher.FRAME - 1, cipher.FRAME, cipher.FRAME + 1, 3 * cipher.FRAME, 300_001]
)
@pytest.mark.parametrize("size", [1000, 65_536, 1_000_000])
async def test_streams_of_any_length_come_back(length: int, size: int) -> None:
    data = bytes(n % 251 for n in range(length))
    sealed = await sealed_stream(data, size)
    assert await opened_stream(sealed, size) == data
    assert length < 20 or data[:20] not in sealed


HEAD, STEP = 17, cipher.FRAME + 16


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda s: s[:-1], id="last byte missing"),
        pytest.param(lambda s: s[: HEAD + 2 * STEP], id="last frame missing"),
        pytest.param(lambda s: s[:HEAD], id="all frames missing"),
        pytest.param(lambda s: s[:HEAD] + s[HEAD + STEP :], id="first frame missing"),
        pytest.param(
            lambda s: (
                s[:HEAD]
                + s[HEAD + STEP : HEAD + 2 * STEP]
                + s[HEAD : HEAD + STEP]
                + s[HEAD + 2 * STEP :]
            ),
            id="frames swapped",
        ),
        pytest.param(lambda s: s + s[-20:], id="something appended"),
        pytest.param(lambda s: s[:100] + bytes([s[100] ^ 1]) + s[101:], id="altered"),
        pytest.param(lambda s: b"\x01" + s[1:], id="unknown version"),
        pytest.param(lambda s: b"", id="nothing"),
    ],
)
async def test_a_stream_that_was_touched_never_ends_well(change: object) -> None:
    assert callable(change)
    sealed = await sealed_stream(b"x" * 150_000)
    with pytest.raises(SealedWrong):
        await opened_stream(change(sealed))


async def test_a_stream_opens_only_at_its_place() -> None:
    with pytest.raises(SealedWrong):
        await opened_stream(await sealed_stream(b"x"), aad=b"b")
