"""Big files through the real server process: memory above idle, and going on after cuts.

`python -m benchmarks.records_big` prints the figures; `benchmarks.records` calls `big_figures`.
Idle is the server before any upload, and its workshop after one, with its libraries and models
loaded.
"""

import asyncio
import hashlib
import json
import random
import sys
import tempfile
import time
import zipfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from bot.clock import now
from bot.places import known
from bot.settings import Settings, load
from bot.uploads.links import PAGE
from bot.wiring import Opened, Places, opened
from flows.conversation import Conversation
from flows.effects import UploadLink
from flows.messages import Address, Message
from storage.mailbox_wire import conversation_id
from tests.e2e.process import Saathi
from tests.scans import dataset, directory, written

MB = 1024 * 1024
# This very tree, whichever is installed.
HERE = (sys.executable, "-c", "from bot.cli import main; main()", "run")
WHO = Address("phone", "+919000000001")  # fictional
PIECE = 4 * MB
CUTS = 20
TUS = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}


def big_figures() -> dict[str, float]:
    """Peaks in MB above idle, seconds, and how many of 20 cuts lost nothing."""
    with tempfile.TemporaryDirectory(prefix="saathi-big-") as folder:
        return asyncio.run(_figures(Path(folder)))


async def _figures(folder: Path) -> dict[str, float]:
    async with _bench() as bench:
        await bench.rest(_pdf(folder / "first.pdf", 9 * MB))
        found = {f"idle_{who}_mb": round(each, 1) for who, each in bench.idle.items()}
        for name, file in (
            ("pdf_100mb", _pdf(folder / "a.pdf", 100 * MB)),
            ("zip_500mb", _cd(folder / "a.zip", 500 * MB)),
        ):
            found |= {f"{name}_{key}": value for key, value in (await bench.peaks(file)).items()}
        cut = _pdf(folder / "cut.pdf", 40 * MB)
        return found | {"cuts": CUTS, "cuts_without_loss": await bench.cut(cut)}


def _pdf(path: Path, size: int) -> Path:
    """A PDF of one page with an attachment of noise."""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>"]
    objects.append(b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>")
    noise, places = random.Random(size), []
    with path.open("wb") as out:
        out.write(b"%PDF-1.7\n")
        for number, body in enumerate(objects, 1):
            places.append(out.tell())
            out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
        places.append(out.tell())
        out.write(b"4 0 obj\n<</Length %d>>stream\n" % size)
        for _ in range(size // MB):
            out.write(noise.randbytes(MB))
        out.write(noise.randbytes(size % MB) + b"\nendstream\nendobj\n")
        start = out.tell()
        table = b"".join(b"%010d 00000 n \n" % place for place in places)
        out.write(b"xref\n0 5\n0000000000 65535 f \n" + table)
        out.write(b"trailer\n<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % start)
    return path


def _cd(path: Path, size: int) -> Path:
    """A CD of CT pictures of 512 by 512, of an invented patient."""
    picture = dataset("CT", size=512)
    data, noise = written(picture), random.Random(size)
    head = data[: len(data) - 512 * 512 * 2]
    many = size // len(data)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as box:
        box.writestr("DICOMDIR", directory([dataset("CT", size=8) for _ in range(many)]))
        for number in range(many):
            box.writestr(f"DICOM/IM{number:05}", head + noise.randbytes(512 * 512 * 2))
    return path


@dataclass
class Bench:
    """A running Saathi, and our own view of what it keeps."""

    saathi: Saathi
    made: Opened
    name: str
    client: httpx.AsyncClient
    idle: dict[str, float] = field(default_factory=dict)

    async def state(self) -> Conversation:
        """The chat as it stands."""
        found = await self.made.app.mailbox.peek(self.name)
        assert found
        return found

    async def link(self) -> dict[str, str]:
        """The headers that a link grants."""
        to = UploadLink((await self.state()).case.id, "scan_images")
        token = self.made.app.links.address(self.name, to, "en", now()).partition("#")[2]
        return {"Authorization": f"Bearer {token}", **TUS}

    async def create(self, file: Path) -> str:
        """A new upload for a file; its address."""
        headers = {**await self.link(), "Upload-Length": str(file.stat().st_size)}
        answer = await self.client.post(f"{PAGE}/files", headers=headers)
        assert answer.status_code == 201, answer.status_code
        return answer.headers["location"]

    async def upload(self, file: Path) -> None:
        """Send it all, and wait until the chat has it."""
        address, headers = await self.create(file), await self.link()
        with file.open("rb") as source:
            while data := source.read(PIECE):
                told = {**headers, "Upload-Offset": str(source.tell() - len(data))}
                answer = await self.client.patch(address, content=data, headers=told)
                assert answer.status_code == 204, answer.status_code
        await self.arrived(file)

    async def arrived(self, file: Path) -> None:
        """Until the case has exactly these bytes."""
        with file.open("rb") as source:
            wanted = hashlib.file_digest(source, "sha256").hexdigest()
        async with asyncio.timeout(300):
            while wanted not in await self._papers():
                await asyncio.sleep(0.1)

    async def _papers(self) -> set[str]:
        papers = (await self.state()).case.papers.values()
        return {paper.document for several in papers for paper in several}

    async def peaks(self, file: Path) -> dict[str, float]:
        """How far the memory of the server and its workshop rises while a file comes."""
        for process in self._processes():
            # The kernel's own mark of the most is put back to now.
            Path(f"/proc/{process.pid}/clear_refs").write_text("5", "ascii")
        begun = time.monotonic()
        await self.upload(file)
        seconds = time.monotonic() - begun
        web, *hands = [_most(process.pid) for process in self._processes()]
        told = {"web": web - self.idle["web"], "child": sum(hands) - self.idle["child"]}
        told["both"] = sum(told.values())
        found = {f"{who}_mb_above_idle": round(each, 1) for who, each in told.items()}
        return {**found, "seconds": round(seconds, 1)}

    async def rest(self, first: Path) -> None:
        """Idle: the server before any upload, its workshop after one file."""
        web = self._processes()[0].memory_info().rss / MB
        await self.upload(first)
        hands = await self._quiet()
        assert hands, "no process looked at the first file"
        self.idle = {"web": web, "child": sum(each.memory_info().rss for each in hands) / MB}

    async def _quiet(self) -> list[psutil.Process]:
        """The workshop's processes, once none has worked for three seconds.

        The first file is also read in the background, which loads its models there.
        """
        quiet, before = 0, -1.0
        while quiet < 6:
            await asyncio.sleep(0.5)
            hands = self._processes()[1:]
            used = sum(sum(each.cpu_times()[:2]) for each in hands)
            quiet, before = (quiet + 1 if used == before else 0), used
        return hands

    def _processes(self) -> list[psutil.Process]:
        """The server, then the processes of its workshop."""
        assert self.saathi.process
        web = psutil.Process(self.saathi.process.pid)
        hands = [each for each in web.children() if "bot.workshop.hand" in each.cmdline()]
        return [web, *hands]

    async def cut(self, file: Path) -> int:
        """Send it over a line that breaks 20 times; how many breaks lost nothing."""
        chance, address, offset, good = random.Random(CUTS), await self.create(file), 0, 0
        data = file.read_bytes()
        for cut in sorted(chance.randrange(len(data)) for _ in range(CUTS)):
            await self._broken(address, offset, data[offset:cut])
            found = await self.offset(address)
            good += offset <= found <= cut
            offset = found
        told = {**await self.link(), "Upload-Offset": str(offset)}
        await self.client.patch(address, content=data[offset:], headers=told)
        await self.arrived(file)
        return good

    async def offset(self, address: str) -> int:
        """How many bytes are there."""
        answer = await self.client.head(address, headers=await self.link())
        return int(answer.headers["upload-offset"])

    async def _broken(self, address: str, offset: int, data: bytes) -> None:
        def part() -> Iterator[bytes]:
            for at in range(0, len(data), 65_536):
                yield data[at : at + 65_536]
            raise ConnectionError

        async def parts() -> AsyncIterator[bytes]:
            for piece in part():
                yield piece

        told = {**await self.link(), "Upload-Offset": str(offset)}
        try:
            await self.client.patch(address, content=parts(), headers=told)
        except (ConnectionError, httpx.HTTPError):
            return


def _most(pid: int) -> float:
    """The most memory that a process had since its mark was put back, in MB."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


@asynccontextmanager
async def _bench() -> AsyncIterator[Bench]:
    saathi = Saathi(command=HERE)
    try:
        await saathi.start()
        settings = load(None).model_copy(update={"data_dir": saathi.data})
        async with opened(settings, _places(settings), works=False) as made:
            name = conversation_id(made.app.mailbox._index_key, WHO)
            async with httpx.AsyncClient(base_url=saathi.url, timeout=120) as client:
                bench = Bench(saathi, made, name, client)
                await _begun(bench)
                yield bench
    finally:
        await saathi.close()


def _places(settings: Settings) -> Places:
    found = known(settings)
    return Places(found["redis"], found["database"])


async def _begun(bench: Bench) -> None:
    """A chat that has a case."""
    for number, text in enumerate(("hi", "English"), 1):
        said = Message(f"bench{number}", WHO, text, order=number)
        await bench.made.app.mailbox.put([said], claim=False)
        await asyncio.sleep(1)
    async with asyncio.timeout(20):
        while not (await bench.state()).cases:
            await asyncio.sleep(0.1)


if __name__ == "__main__":
    print(json.dumps(big_figures(), indent=2))
