"""The commands `saathi dead …`."""

import asyncio
from collections.abc import Coroutine
from typing import Annotated, Any, TypeVar

import typer

from bot.cli_settings import settings

dead = typer.Typer(help="What was given up: list, show, requeue, settle; no private words.")
Found = TypeVar("Found")
Name = Annotated[str, typer.Argument(help="an id of the list")]


@dead.callback(invoke_without_command=True)
def dead_list(context: typer.Context) -> None:
    """List what could not be delivered or done."""
    from bot import dead as letters

    if context.invoked_subcommand is None:
        typer.echo("\n".join(asyncio.run(letters.listed(settings()))))


@dead.command()
def show(name: Name) -> None:
    """What one of them was, whose, and why it was given up."""
    from bot import dead as letters

    typer.echo("\n".join(_found(letters.shown(settings(), name))))


@dead.command()
def requeue(name: Name) -> None:
    """Try it again, as a new attempt with an id of its own."""
    from bot import dead as letters

    typer.echo(_found(letters.requeued(settings(), name)))


@dead.command()
def settle(name: Name) -> None:
    """Take it off the list: a person has looked after it."""
    from bot import dead as letters

    _found(letters.settled(settings(), name))


def _found(asked: Coroutine[Any, Any, Found]) -> Found:
    from bot.dead import NotFound

    try:
        return asyncio.run(asked)
    except NotFound:
        typer.echo("Nothing that was given up has this id. `saathi dead` lists all.", err=True)
        raise typer.Exit(1) from None
