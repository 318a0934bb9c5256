"""What goes over the pipes to a workshop's process and back."""

from collections.abc import Sequence
from typing import BinaryIO

import msgspec


class Order(msgspec.Struct, frozen=True):
    """A task's name and what it needs to know; the files follow, of these sizes.

    `far`: the size of a file that stays where it is, whose pieces are asked for; -1 for none.
    """

    task: str
    given: msgspec.Raw
    sizes: tuple[int, ...] = ()
    far: int = -1


class Answer(msgspec.Struct, frozen=True):
    """What came of it; the files made follow, of these sizes. Or first a question: the bytes
    of the far file that are needed (`start`, `length`), to be written to the pipe.
    """

    result: msgspec.Raw = msgspec.Raw(b"null")
    sizes: tuple[int, ...] = ()
    needs: tuple[int, int] | None = None


def raw(value: object) -> msgspec.Raw:
    """A value as it stands within an order or an answer."""
    return msgspec.Raw(msgspec.json.encode(value))


def line(told: Order | Answer) -> bytes:
    """The line that goes before the files."""
    return msgspec.json.encode(told) + b"\n"


def read_files(pipe: BinaryIO, sizes: Sequence[int]) -> list[bytes]:
    """The files that follow a line; EOFError where the pipe closed before."""
    files = [pipe.read(size) for size in sizes]
    if any(len(file) != size for file, size in zip(files, sizes, strict=True)):
        raise EOFError
    return files
