"""The channel layer, patient with Redis."""

import asyncio
import logging
from typing import Any

from channels_redis.core import RedisChannelLayer
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

PAUSE_S = 1.0


class PatientLayer(RedisChannelLayer):  # type: ignore[misc]  # channels_redis has no types
    """While Redis is away, who listens goes on listening; the layer's own way is to close each of their sockets."""

    async def receive(self, channel: str) -> Any:
        while True:
            try:
                return await super().receive(channel)
            except (RedisError, OSError) as error:
                logger.warning("Tabs hear nothing of each other while Redis is away (%r)", error)
                await asyncio.sleep(PAUSE_S)
