"""The one door: which provider answers, and what is kept of each try."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from decimal import Decimal
from uuid import uuid4

import pytest

from askacme.lib.errors import ModelUnavailable
from governance.gateway.complete import Served, stream
from governance.gateway.models import Inference
from governance.gateway.types import Caller, ChatMessage, Completed, CompletionRequest, StreamItem, TextDelta

pytestmark = pytest.mark.django_db(transaction=True)
REQUEST = CompletionRequest(messages=(ChatMessage("user", "?"),), question="?")


@dataclass(frozen=True)
class Scripted:
    """A provider that says its words, then breaks or completes."""

    name: str
    words: tuple[str, ...] = ()
    breaks: bool = False

    def model_for(self, _request: CompletionRequest) -> str:
        return f"{self.name}-model"

    def price(self, _model: str, _usage: Completed) -> Decimal:
        return Decimal("0.25")

    async def stream(self, _request: CompletionRequest) -> AsyncGenerator[StreamItem]:
        for word in self.words:
            yield TextDelta(word)
        if self.breaks:
            raise ModelUnavailable("broken on purpose")
        yield Completed(10, 2)


async def told(*among: Scripted) -> tuple[str, Served | None, str]:
    caller = Caller(request_id=str(uuid4()), prompt_version="answer@1")
    text, served = "", None
    async for item in stream(REQUEST, caller=caller, among=among):
        if isinstance(item, TextDelta):
            text += item.text
        else:
            served = item
    return text, served, caller.request_id


async def test_the_first_provider_answers_and_is_priced() -> None:
    text, served, request_id = await told(Scripted("one", ("16 ", "weeks")), Scripted("two", ("never",)))
    assert text == "16 weeks"
    assert served == Served("one", "one-model", Completed(10, 2), Decimal("0.25"))
    row = await Inference.objects.aget(request_id=request_id)
    assert (row.status, row.cost_usd, row.output_tokens) == ("success", Decimal("0.25"), 2)


async def test_one_that_fails_before_its_first_word_is_passed_over() -> None:
    text, _, request_id = await told(Scripted("one", breaks=True), Scripted("two", ("16 weeks",)))
    assert text == "16 weeks"
    rows = [(row.provider, row.status) async for row in Inference.objects.filter(request_id=request_id).order_by("id")]
    assert rows == [("one", "error"), ("two", "success")]


async def test_words_that_were_shown_are_never_said_twice() -> None:
    with pytest.raises(ModelUnavailable, match="broken on purpose"):
        await told(Scripted("one", ("16 ",), breaks=True), Scripted("two", ("16 weeks",)))
    assert await Inference.objects.acount() == 1


async def test_when_all_fail_the_error_names_each() -> None:
    with pytest.raises(ModelUnavailable, match=r"one: broken on purpose; two: broken on purpose"):
        await told(Scripted("one", breaks=True), Scripted("two", breaks=True))


async def test_a_caller_who_goes_away_leaves_a_cancelled_row() -> None:
    request_id = str(uuid4())
    items = stream(REQUEST, caller=Caller(request_id=request_id), among=[Scripted("one", ("16 ", "weeks"))])
    await anext(items)
    await items.aclose()
    row = await Inference.objects.aget(request_id=request_id)
    assert (row.status, row.ttft_ms is not None) == ("cancelled", True)
