"""A run's sign of life, and the wish to stop it: two keys in Redis."""

from uuid import UUID

from askacme.lib.redis import client

BEAT_S = 2
ALIVE_FOR_S = 10


async def beat(request_id: UUID) -> None:
    await client().set(f"run:{request_id}:alive", "1", ex=ALIVE_FOR_S)


async def is_alive(request_id: UUID) -> bool:
    return bool(await client().exists(f"run:{request_id}:alive"))


async def end(request_id: UUID) -> None:
    await client().delete(f"run:{request_id}:alive", f"run:{request_id}:stop")


async def ask_to_stop(request_id: UUID) -> None:
    await client().set(f"run:{request_id}:stop", "1", ex=600)


async def is_stop_wanted(request_id: UUID) -> bool:
    return bool(await client().exists(f"run:{request_id}:stop"))
