"""The command `saathi`."""

import asyncio
import gc
import sys
from datetime import date
from typing import Annotated

import typer

from bot.cli_dead import dead
from bot.cli_settings import settings
from bot.settings import SettingsError

cli = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)
agents = typer.Typer(no_args_is_help=True, help="The support agents' accounts.")
cli.add_typer(agents, name="agents")
cli.add_typer(dead, name="dead")


def _run(work: object) -> None:
    import uvloop

    # What is loaded by now stays: no later collection needs to look through it. A turn makes
    # some thousand objects and no cycles, so looking every 700 finds nothing.
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    try:
        uvloop.run(work)  # type: ignore[arg-type]
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


@cli.command()
def run() -> None:
    """Everything in one process: the chat, the worker, and embedded servers."""
    from bot import serve

    _run(serve.run(settings(), typer.echo))


@cli.command()
def web() -> None:
    """The web process: webhooks and pages."""
    from bot import serve

    _run(serve.web(settings()))


@cli.command()
def work() -> None:
    """A worker: turns, replies, jobs."""
    from bot import serve

    _run(serve.worker(settings()))


@cli.command()
def migrate() -> None:
    """Bring the database to this version."""
    from bot.serve import outside
    from storage.migrate import migrate as bring

    asyncio.run(bring(outside(settings()).database))
    typer.echo("The database is up to date.")


@cli.command()
def check() -> None:
    """What is set up, reachable and missing."""
    from bot import checkup

    raise typer.Exit(asyncio.run(checkup.report(settings(), typer.echo)))


@cli.command()
def why(
    name: Annotated[str, typer.Argument(help="a case's number, or a conversation's id")],
) -> None:
    """Where a person's chat stands, what it waits for, and what was tried; no private words."""
    from bot import why as reasons

    found = asyncio.run(reasons.why(settings(), name))
    if found is None:
        typer.echo(
            "No such case or conversation. A number looks like the one in the chat.", err=True
        )
        raise typer.Exit(1)
    typer.echo("\n".join(found))


@cli.command()
def understand(
    today: Annotated[str, typer.Option(help="reference day, YYYY-MM-DD")] = "",
    alone: Annotated[bool, typer.Option(help="without Rasa's model")] = False,
) -> None:
    """One JSON object a line in, its meaning out; see docs/understanding.md."""
    from bot import understand_cli as understanding

    day = date.fromisoformat(today) if today else date.today()
    if alone:
        understanding.run(sys.stdin, sys.stdout, day)
        return
    with understanding.trained() as intent:
        understanding.run(sys.stdin, sys.stdout, day, intent)


@agents.command()
def invite(
    login: Annotated[str, typer.Option(prompt="Login name")],
    name: Annotated[str, typer.Option(prompt="Name that people in the chat see")],
) -> None:
    """Make an account; prints the link where its owner sets the password."""
    from bot import invitation

    try:
        typer.echo(asyncio.run(invitation.invite(settings(), login, name)))
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None


def main() -> None:
    """Entry of `.venv/bin/saathi`; runs from any folder."""
    cli()
