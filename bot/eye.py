"""`python -m bot.eye`: an order and the bytes of a file come in, a verdict goes out."""

import resource
import sys

import msgspec

from bot.inspect_file import inspect

# A page of 120 megapixels needs about 400 MB.
MOST_MEMORY = 2 * 1024**3
MOST_FILES = 64


class Order(msgspec.Struct, frozen=True):
    """What follows the line: `size` bytes of a file of this kind."""

    mime: str
    tries: int
    size: int


def limit() -> None:
    """From now on nothing is written to disk, and memory has an end."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_NOFILE, (MOST_FILES, MOST_FILES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """Look at one file after the other, until the pipe closes."""
    limit()
    while line := sys.stdin.buffer.readline():
        order = msgspec.json.decode(line, type=Order)
        data = sys.stdin.buffer.read(order.size)
        found = inspect(data, order.mime, order.tries)
        sys.stdout.buffer.write(msgspec.json.encode(found) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
