"""A schema in, a validated object out."""

from uuid import uuid4

import pytest
from pydantic import BaseModel, Field

from askacme.lib.errors import InvalidOutput
from governance.gateway.structured import complete_as
from governance.gateway.types import Caller, ChatMessage, CompletionRequest
from tests.governance.scripted import Scripted, says

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_redis")]
REQUEST = CompletionRequest(messages=(ChatMessage("user", "How many weeks?"),), question="How many weeks?")


class Leave(BaseModel):
    weeks: int = Field(ge=0)
    paid: bool


async def asked(provider: Scripted) -> Leave:
    return await complete_as(Leave, REQUEST, caller=Caller(str(uuid4())), among=[provider])


@pytest.mark.parametrize(
    "said",
    ['{"weeks": 16, "paid": true}', '  {"weeks": 16, "paid": true}\n', '```json\n{"weeks": 16, "paid": true}\n```'],
)
async def test_a_valid_answer_is_an_object(said: str) -> None:
    provider = Scripted("one", says(said))
    assert await asked(provider) == Leave(weeks=16, paid=True)
    assert provider.asked[0].output is not None
    assert provider.asked[0].output.schema["properties"]["weeks"]["minimum"] == 0


async def test_a_wrong_one_is_repaired_once_with_what_was_wrong() -> None:
    provider = Scripted("one", [*says('{"weeks": -1}'), *says('{"weeks": 16, "paid": true}')])
    assert await asked(provider) == Leave(weeks=16, paid=True)
    *_, said, wanted = provider.asked[1].messages
    assert said.content == '{"weeks": -1}'
    assert "weeks: Input should be greater than or equal to 0" in wanted.content
    assert "paid: Field required" in wanted.content


async def test_after_a_second_wrong_one_it_is_an_error() -> None:
    provider = Scripted("one", says("sixteen"))
    with pytest.raises(InvalidOutput, match="valid Leave"):
        await asked(provider)
    assert len(provider.asked) == 2
