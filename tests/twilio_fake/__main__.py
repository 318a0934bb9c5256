"""Serve the fake on a free port, told on the first line of output, until input ends."""

import os
import socket
import sys
import threading

import uvicorn

from tests.twilio_fake.app import make


def main(account: str, token: str) -> None:
    """Serve until the parent goes away."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(2048)
    port = listener.getsockname()[1]
    config = uvicorn.Config(make(account, token, f"http://127.0.0.1:{port}"), log_level="warning")
    threading.Thread(target=_end_with_input, daemon=True).start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    uvicorn.Server(config).run(sockets=[listener])


def _end_with_input() -> None:
    sys.stdin.read()
    os._exit(0)


main(*sys.argv[1:3])
