"""The settings for a command, and what it writes to its log."""

import logging

import typer

from bot.settings import Settings, SettingsError, load

# They print addresses with the bot's token, or what a person wrote.
QUIET = (
    "httpx",
    "httpcore",
    "aiohttp",
    "telegram",
    "twilio",
    "twilio.http_client",
    "asyncio",
    "alembic",
    "procrastinate",
    "uvicorn",
)


def settings() -> Settings:
    """The settings, or a plain sentence about what is wrong and the end."""
    try:
        found = load()
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    logging.basicConfig(
        level=found.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    return found
