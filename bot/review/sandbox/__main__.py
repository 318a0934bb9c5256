"""The sandbox alone: `python -m bot.review.sandbox --events http://…/review/events`."""

import os
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from bot.review.sandbox import http_poster, sandbox_app
from flows.turnaround import ZONE


def main(
    events: Annotated[str, typer.Option(help="Saathi's address for events")],
    folder: Annotated[Path, typer.Option(help="where cases are kept")] = Path("data/sandbox"),
    port: Annotated[int, typer.Option(help="where to listen on 127.0.0.1")] = 8010,
) -> None:
    """Serve; SAATHI_REVIEW__TOKEN and SAATHI_REVIEW__WEBHOOK_SECRET as Saathi has them."""
    token = os.environ.get("SAATHI_REVIEW__TOKEN", "")
    secret = os.environ.get("SAATHI_REVIEW__WEBHOOK_SECRET", "")
    if not token or not secret:
        raise typer.BadParameter("set SAATHI_REVIEW__TOKEN and SAATHI_REVIEW__WEBHOOK_SECRET")
    app = sandbox_app(folder, http_poster(events), secret, lambda: datetime.now(ZONE), token=token)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    typer.run(main)
