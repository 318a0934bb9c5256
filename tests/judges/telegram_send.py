"""Bring an update to the bot: by webhook, with Telegram's repeats, or by waiting for getUpdates."""

import asyncio
import copy
from typing import Any

import aiohttp
from telegram_judge import Refusal, judge, judge_update
from telegram_methods import answer
from telegram_rules import check
from telegram_world import Call, World

TRIES = 3
HEADER = "X-Telegram-Bot-Api-Secret-Token"

Params = dict[str, Any]


async def emit(world: World, kind: str, body: Params) -> Params:
    """A new update; the answer tells what became of it."""
    update = {"update_id": next(world.update_ids), kind: copy.deepcopy(body)}
    judge_update(update)
    if world.allowed and kind not in world.allowed:
        return {"update": update, "dropped": True}
    world.given[update["update_id"]] = update
    return {"update": update, "status": await deliver(world, update)}


async def again(world: World, update_id: int) -> Params:
    """The same update once more, as after a lost answer."""
    update = world.given[update_id]
    return {"update": update, "status": await deliver(world, update)}


async def deliver(world: World, update: Params) -> int:
    """To the webhook, or into the waiting line (0). What failed three times waits there too."""
    status = 0
    for number in range(TRIES if world.webhook else 0):
        await asyncio.sleep(0.05 * number)
        status = await _post(world, update)
        if 200 <= status < 300:
            return status
    world.waiting.append(update)
    world.news.set()
    return status


async def _post(world: World, update: Params) -> int:
    secret = world.webhook.get("secret_token")
    headers = {HEADER: secret} if secret else {}
    url = world.webhook["url"]
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as session,
            session.post(url, json=update, headers=headers) as response,
        ):
            if response.ok and response.content_type == "application/json":
                await _called(world, await response.json())
            return response.status
    except (aiohttp.ClientError, TimeoutError):
        return -1


async def _called(world: World, params: Params | None) -> None:
    """A method call inside the webhook's answer: nobody hears what came of it."""
    if not params or "method" not in params:
        return
    method = str(params.pop("method"))
    call = world.note(Call(method, params, inside_webhook=True))
    try:
        judge(method, params, {})
        check(world, method, params, {})
        call.result = await answer(world, method, params, {})
        call.status = 200
    except Refusal as refusal:
        call.status = refusal.code
