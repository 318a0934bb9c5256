"""tus 1.0 as it is written: what each request is answered."""

import base64
import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from bot.uploads.uploads import KEPT_FOR
from tests.bot.uploads.rig import BYTES, Rig, rig
from tests.talk import START

FILES = "/upload/files"
DATA = b"0123456789"


@pytest.fixture
async def up(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig(tmp_path, most_mb=1, case_mb=2, open_per_case=3) as found:
        yield found


async def test_options_tells_what_there_is(up: Rig) -> None:
    for path in (FILES, f"{FILES}/anything"):
        told = await up.client.options(path)
        assert told.status_code == 204
        assert told.headers["tus-version"] == "1.0.0"
        assert told.headers["tus-max-size"] == str(1024 * 1024)
        assert told.headers["tus-extension"] == "creation,termination,expiration,checksum"
        assert told.headers["tus-checksum-algorithm"] == "sha1,sha256"


CREATED = [
    pytest.param({"Upload-Length": "10"}, 201, id="well"),
    pytest.param({"Upload-Length": "10", "Upload-Metadata": "filename aGk="}, 201, id="metadata"),
    pytest.param({"Upload-Length": str(1024 * 1024)}, 201, id="as big as may be"),
    pytest.param({"Upload-Length": str(1024 * 1024 + 1)}, 413, id="too big"),
    pytest.param({}, 400, id="no length"),
    pytest.param({"Upload-Defer-Length": "1"}, 400, id="a length later"),
    pytest.param({"Upload-Length": "-1"}, 400, id="less than nothing"),
    pytest.param({"Upload-Length": "ten"}, 400, id="no number"),
    pytest.param({"Upload-Length": "9" * 40}, 400, id="no number of bytes"),
    pytest.param({"Upload-Length": "10", "Tus-Resumable": "0.2.2"}, 412, id="another version"),
    pytest.param({"Upload-Length": "10", "Tus-Resumable": ""}, 412, id="no version"),
    pytest.param({"Upload-Length": "10", "Authorization": ""}, 401, id="no link"),
    pytest.param({"Upload-Length": "10", "Authorization": "Bearer x"}, 401, id="no link of ours"),
]


@pytest.mark.parametrize(("headers", "status"), CREATED)
async def test_creating(up: Rig, headers: dict[str, str], status: int) -> None:
    made = await up.client.post(FILES, headers={**up.headers(), **headers})
    assert made.status_code == status
    assert made.headers["tus-resumable"] == "1.0.0"
    assert ("tus-version" in made.headers) == (status == 412)
    if status == 201:
        assert made.headers["location"].startswith(f"{FILES}/")
        assert parsedate_to_datetime(made.headers["upload-expires"]) == START + KEPT_FOR


PATCHED = [
    pytest.param(4, b"4567", {}, 204, 8, id="well"),
    pytest.param(4, b"456789", {}, 204, 10, id="to the end"),
    pytest.param(4, b"", {}, 204, 4, id="nothing"),
    pytest.param(0, b"0123", {}, 409, 4, id="once more"),
    pytest.param(5, b"56", {}, 409, 4, id="after a gap"),
    pytest.param(4, b"4567890", {}, 413, 4, id="too long"),
    pytest.param(4, b"4", {"Content-Type": "application/json"}, 415, 4, id="another kind"),
    pytest.param(4, b"4", {"Upload-Offset": "x"}, 400, 4, id="no offset"),
    pytest.param(4, b"4", {"Upload-Offset": "-4"}, 400, 4, id="an offset before"),
    pytest.param(4, b"4", {"Tus-Resumable": "2.0.0"}, 412, 4, id="another version"),
    pytest.param(4, b"4", {"Upload-Checksum": "crc32 AAAA"}, 400, 4, id="an unknown hash"),
    pytest.param(4, b"4", {"Upload-Checksum": "sha1 !"}, 400, 4, id="a hash that is none"),
]


@pytest.mark.parametrize(("offset", "data", "headers", "status", "after"), PATCHED)
async def test_adding(
    up: Rig, offset: int, data: bytes, headers: dict[str, str], status: int, after: int
) -> None:
    address = await up.create(10)
    assert (await up.patch(address, 0, b"0123")).status_code == 204
    all_headers = {**up.headers(Upload_Offset=str(offset)), **BYTES, **headers}
    answer = await up.client.patch(address, content=data, headers=all_headers)
    assert answer.status_code == status
    assert answer.headers["tus-resumable"] == "1.0.0"
    if status == 204:
        assert answer.headers["upload-offset"] == str(after)
    assert await up.offset(address) == after


async def test_too_long_without_saying_so_before(up: Rig) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield bytes(10_000)

    address = await up.create(50_000)
    headers = {**up.headers(Upload_Offset="0"), **BYTES}
    answer = await up.client.patch(address, content=endless(), headers=headers)
    assert answer.status_code == 413
    assert await up.offset(address) == 0


@pytest.mark.parametrize("name", ["sha1", "sha256"])
async def test_a_checksum_that_is_wrong_takes_nothing(up: Rig, name: str) -> None:
    address = await up.create(10)
    right = base64.b64encode(hashlib.new(name, b"0123").digest()).decode()
    wrong = base64.b64encode(hashlib.new(name, b"other").digest()).decode()
    answer = await up.patch(address, 0, b"0123", Upload_Checksum=f"{name} {wrong}")
    assert (answer.status_code, await up.offset(address)) == (460, 0)
    answer = await up.patch(address, 0, b"0123", Upload_Checksum=f"{name} {right}")
    assert (answer.status_code, await up.offset(address)) == (204, 4)


async def test_head_tells_how_far(up: Rig) -> None:
    address = await up.create(10)
    await up.patch(address, 0, b"012")
    told = await up.client.head(address, headers=up.headers())
    assert told.status_code == 200
    assert (told.headers["upload-offset"], told.headers["upload-length"]) == ("3", "10")
    assert told.headers["cache-control"] == "no-store"
    assert parsedate_to_datetime(told.headers["upload-expires"]) == START + KEPT_FOR


async def test_ended_by_the_person(up: Rig) -> None:
    address = await up.create(10)
    await up.patch(address, 0, b"012")
    assert (await up.client.delete(address, headers=up.headers())).status_code == 204
    for verb in ("HEAD", "DELETE"):
        gone = await up.client.request(verb, address, headers=up.headers())
        assert gone.status_code == 410
    assert (await up.patch(address, 3, b"3")).status_code == 410
    assert not list((up.folder / "uploads").rglob("*.part"))


async def test_a_day_without_a_byte_and_it_is_over(up: Rig) -> None:
    address = await up.create(10)
    up.later = timedelta(hours=20)
    token = up.token(hours=100)
    headers = {**up.headers(token, Upload_Offset="0"), **BYTES}
    assert (await up.client.patch(address, content=b"0", headers=headers)).status_code == 204
    up.later = timedelta(hours=43)
    assert (await up.client.head(address, headers=up.headers(token))).status_code == 200
    await up.uploads.sweep()
    up.later = timedelta(hours=45)
    assert (await up.client.head(address, headers=up.headers(token))).status_code == 410
    await up.uploads.sweep()
    assert (await up.client.head(address, headers=up.headers(token))).status_code == 404
    assert not [each for each in (up.folder / "uploads").rglob("*") if each.is_file()]


async def test_a_method_behind_another(up: Rig) -> None:
    address = await up.create(10)
    headers = {**up.headers(Upload_Offset="0", X_HTTP_Method_Override="PATCH"), **BYTES}
    assert (await up.client.post(address, content=b"012", headers=headers)).status_code == 204
    assert await up.offset(address) == 3
    unknown = up.headers(X_HTTP_Method_Override="BREW")
    assert (await up.client.post(address, headers=unknown)).status_code == 405


async def test_unknown(up: Rig) -> None:
    for name in ("nothing", "a" * 64, "..%2F..%2Fetc", "a" * 300):
        for verb in ("HEAD", "PATCH", "DELETE"):
            headers = {**up.headers(Upload_Offset="0"), **BYTES}
            answer = await up.client.request(verb, f"{FILES}/{name}", headers=headers)
            assert answer.status_code == 404


async def test_so_many_at_a_time_and_so_much_in_all(up: Rig) -> None:
    first = await up.create(1024 * 1024)
    await up.create(1024 * 1024)
    full = await up.client.post(FILES, headers=up.headers(Upload_Length="1"))
    assert full.status_code == 507
    await up.client.delete(first, headers=up.headers())
    for _ in range(2):
        await up.create(10)
    many = await up.client.post(FILES, headers=up.headers(Upload_Length="1"))
    assert (many.status_code, many.headers["retry-after"]) == (429, "60")


async def test_a_file_of_nothing_is_told_of_too(up: Rig) -> None:
    address = await up.create(0)
    assert await up.offset(address) == 0
    (told,) = await up.told()
    assert (told.verdict, told.reason) == ("refused", "wrong_type")
