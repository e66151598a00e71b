"""On whose behalf a stage calls a model."""

from chat.pipeline.values import Asked
from governance.gateway.types import Caller

REHEARSAL = "evaluation"
"""The purpose of all calls of a rehearsal: they count in no person's and no group's budget."""


def caller_for(asked: Asked, *, purpose: str = "answer", prompt_version: str = "") -> Caller:
    """As the gateway counts it."""
    if asked.rehearsal:
        return Caller(str(asked.request_id), purpose=REHEARSAL, prompt_version=prompt_version)
    return Caller(str(asked.request_id), asked.user_id, asked.audience.group_ids, purpose, prompt_version)
