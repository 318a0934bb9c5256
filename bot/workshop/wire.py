"""What goes over the pipes to a workshop's process and back."""

from collections.abc import Sequence
from typing import BinaryIO

import msgspec


class Order(msgspec.Struct, frozen=True):
    """A task's name and what it needs to know; the files follow, of these sizes."""

    task: str
    given: msgspec.Raw
    sizes: tuple[int, ...] = ()


class Answer(msgspec.Struct, frozen=True):
    """What came of it; the files made follow, of these sizes."""

    result: msgspec.Raw
    sizes: tuple[int, ...] = ()


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
