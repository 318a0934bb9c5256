"""Making an agent's account from the command line, beside a running Saathi or without one."""

import secrets

from bot.clock import now
from bot.desk.desk import LOGIN
from bot.desk.passwords import digest
from bot.places import database_of
from bot.settings import Settings, SettingsError
from storage.database import open_engine
from storage.desk import Agent, DeskStore
from storage.migrate import migrate


async def invite(settings: Settings, login: str, name: str) -> str:
    """A new account's link, to be opened once within a week."""
    if not LOGIN.fullmatch(login.strip().lower()) or not name.strip():
        raise SettingsError("a login has 2 to 80 letters a-z, digits, or . _ @ + -")
    token = secrets.token_urlsafe(32)
    agent = Agent(secrets.token_hex(8), login.strip().lower(), name.strip()[:80])
    async with database_of(settings) as url:
        await migrate(url)
        engine = open_engine(url)
        try:
            await DeskStore(engine).invite(agent, digest(token), now())
        finally:
            await engine.dispose()
    base = settings.public_url or f"http://{settings.web.host}:{settings.web.port}"
    return f"Open this link to set the password: {base}/desk/join#{token}"
