"""AskAcme as a model: the `openai` package against a web process."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group
from openai import AsyncOpenAI, AuthenticationError, BadRequestError, NotFoundError, RateLimitError
from openai.types.chat import ChatCompletionMessageParam

from askacme.lib.threads import in_thread
from chat.conversations.models import Conversation, Message
from governance.access.models import ApiKey, User
from governance.gateway.limits.models import UsageLimit
from tests.cast import make_document
from tests.chat.served import web_process
from tests.llm_simulator import Reply, Simulator, running_simulator

pytestmark = pytest.mark.django_db(transaction=True)
QUESTION = "How many weeks of parental leave do I get?"


def saying(*texts: str) -> list[ChatCompletionMessageParam]:
    """A conversation: the user's words and the answers in turns."""
    said: list[ChatCompletionMessageParam] = []
    for place, text in enumerate(texts):
        said.append({"role": "assistant", "content": text} if place % 2 else {"role": "user", "content": text})
    return said


@pytest.fixture(scope="module")
def model() -> Iterator[Simulator]:
    """The language model behind it all."""
    with running_simulator() as simulator:
        yield simulator


@pytest.fixture(scope="module")
def site(django_db_setup: None, model: Simulator) -> Iterator[str]:
    provider = {"name": "sim", "kind": "openai", "base_url": model.base_url, "models": {"fast": "small"}}
    with web_process(ASKACME_LLM_PROVIDERS=json.dumps([provider])) as url:
        yield url


@pytest.fixture(autouse=True)
def says_what_it_always_says(model: Simulator) -> None:
    model.script = [Reply()]
    model.left.clear()


class Client(AsyncOpenAI):
    """OpenAI's own client, which doesn't try again: a refusal is what these tests look at."""

    def __init__(self, site: str, key: str) -> None:
        super().__init__(base_url=f"{site}/v1", api_key=key, max_retries=0)

    async def ask(self, *texts: str, **more: Any) -> Any:
        return await self.chat.completions.create(model="askacme", messages=saying(*texts), **more)


async def client_of(site: str, user: User) -> Client:
    return Client(site, await in_thread(ApiKey.issue, user))


@pytest.fixture
async def ana_s(site: str, ana: User) -> AsyncIterator[Client]:
    """Ana's client, and one document that everyone may see."""
    await in_thread(make_document)
    async with await client_of(site, ana) as client:
        yield client


async def test_an_answer_and_its_proof(ana_s: Client, site: str) -> None:
    answer = await ana_s.ask(QUESTION)
    (choice,) = answer.choices
    assert choice.message.content == "Parental leave is 16 weeks [1]."
    assert (choice.finish_reason, answer.model) == ("stop", "askacme")
    proof = answer.model_extra["askacme"]
    assert proof["status"] == "success"
    assert "16 weeks" in proof["sources"][0]["quote"]
    assert [sentence["state"] for sentence in proof["proof"]] == ["proved"]
    assert proof["sources"][0]["url"] == f"{site}/sources/{proof['request_id']}/1/"


async def test_a_stream_says_the_same_as_the_answer(ana_s: Client) -> None:
    whole = (await ana_s.ask(QUESTION)).choices[0].message.content
    stream = await ana_s.ask(QUESTION, stream=True, stream_options={"include_usage": True})
    chunks = [chunk async for chunk in stream]
    told = [chunk.choices[0] for chunk in chunks if chunk.choices]
    assert "".join(choice.delta.content or "" for choice in told) == whole
    assert told[0].delta.role == "assistant"
    assert [choice.finish_reason for choice in told if choice.finish_reason] == ["stop"]
    assert chunks[-2].model_extra["askacme"]["sources"][0]["n"] == 1
    assert chunks[-1].usage.total_tokens == chunks[-1].usage.prompt_tokens + chunks[-1].usage.completion_tokens


async def test_what_fails_the_check_is_withdrawn(ana_s: Client, model: Simulator) -> None:
    model.script = [Reply(text="It is probably ten weeks.")]
    chunks = [chunk async for chunk in await ana_s.ask(QUESTION, stream=True)]
    assert chunks[-1].model_extra["askacme"]["status"] == "no_answer"
    whole = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert "ten weeks" not in whole or chunks[-1].choices[0].finish_reason == "content_filter"


async def test_a_client_that_leaves_stops_the_answer_nobody_could_read(ana_s: Client, model: Simulator) -> None:
    model.script = [Reply(text="Parental leave is 16 weeks [1]. " * 99, token_s=0.02)]
    async for chunk in await ana_s.ask(QUESTION, stream=True):
        if chunk.choices[0].delta.content:
            break
    await ana_s.close()
    assert await in_thread(model.left.wait, 20)
    assert (await Message.objects.aget()).stopped


async def test_a_wrong_key_is_said_to_be_one(site: str) -> None:
    async with Client(site, "aa_nobody") as stranger:
        with pytest.raises(AuthenticationError) as refused:
            await stranger.ask(QUESTION)
    assert refused.value.code == "invalid_api_key"


async def test_there_is_one_model(ana_s: Client) -> None:
    assert [model.id async for model in ana_s.models.list()] == ["askacme"]
    assert (await ana_s.models.retrieve("askacme")).owned_by == "askacme"


async def test_another_model_is_unknown(ana_s: Client) -> None:
    with pytest.raises(NotFoundError) as refused:
        await ana_s.chat.completions.create(model="gpt-4o", messages=saying(QUESTION))
    assert (refused.value.code, refused.value.param) == ("model_not_found", "model")
    with pytest.raises(NotFoundError):
        await ana_s.models.retrieve("openai/gpt-4o")


async def test_earlier_turns_come_along_and_clutter_no_list(ana_s: Client, ana: User, model: Simulator) -> None:
    answer = await ana_s.ask("How long is parental leave?", "It is 16 weeks [1].", "And when must I tell my manager?")
    assert any("It is 16 weeks." in message["content"] for message in model.requests[-1]["messages"])
    message = await Message.objects.select_related("parent").aget(pk=answer.model_extra["askacme"]["request_id"])
    assert message.parent is not None
    assert (message.parent.question, message.parent.answer) == ("How long is parental leave?", "It is 16 weeks.")
    conversation = await Conversation.objects.aget(user=ana)
    assert conversation.is_temporary
    assert conversation.head_id == message.pk


async def test_long_conversations_and_odd_characters_come_along(ana_s: Client) -> None:
    earlier = ["And?", "So."] * 20 + ["\0 " + "".join(f"word{n} " for n in range(150_000))] * 2
    answer = await ana_s.ask(*earlier, QUESTION)
    assert answer.model_extra["askacme"]["status"] == "success"


async def test_what_the_client_s_system_message_says_is_not_taken_up(ana_s: Client) -> None:
    messages = [{"role": "system", "content": "Answer in pirate speech."}, *saying(QUESTION)]
    answer = await ana_s.chat.completions.create(model="askacme", messages=messages)  # type: ignore[arg-type]
    message = await Message.objects.aget(pk=(answer.model_extra or {})["askacme"]["request_id"])
    assert (message.question, message.parent_id) == (QUESTION, None)


IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"n": 2}, "n"),
        ({"tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}]}, "tools"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"messages": [{"role": "user", "content": [IMAGE]}]}, "messages"),
        ({"messages": saying(QUESTION, "16 weeks.")}, "messages"),
        ({"messages": [{"role": "nobody", "content": "?"}]}, "messages.0.role"),
    ],
)
async def test_what_can_t_be_honoured_is_refused(ana_s: Client, more: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequestError) as refused:
        await ana_s.chat.completions.create(**{"model": "askacme", "messages": saying(QUESTION)} | more)
    assert refused.value.param == param
    assert refused.value.type == "invalid_request_error"
    assert not await Conversation.objects.aexists()


async def test_text_may_come_in_parts_and_wishes_that_do_no_harm_are_passed_over(ana_s: Client) -> None:
    parts = [{"type": "text", "text": QUESTION}]
    messages: Any = [{"role": "user", "content": parts}]
    answer = await ana_s.chat.completions.create(model="askacme", messages=messages, temperature=0, max_tokens=1)
    assert "16 weeks" in (answer.choices[0].message.content or "")


async def test_who_asks_too_much_hears_when_to_ask_again(ana_s: Client, ana: User) -> None:
    await UsageLimit.objects.acreate(scope=UsageLimit.Scope.PERSON, user=ana, requests_per_day=1)
    await ana_s.ask(QUESTION)
    with pytest.raises(RateLimitError) as refused:
        await ana_s.ask("One question", "and its answer.", QUESTION, stream=True)
    assert refused.value.code == "rate_limit_exceeded"
    assert int(refused.value.response.headers["Retry-After"]) > 0
    assert await Conversation.objects.acount() == 1


async def test_cleo_outside_the_audience_gets_no_trace_of_it(site: str, cleo: User, team: Group) -> None:
    await in_thread(make_document, groups=(team,))
    async with await client_of(site, cleo) as client:
        answer = await client.ask(QUESTION)
    assert answer.model_extra["askacme"] | {"request_id": ""} == {
        "request_id": "",
        "status": "no_answer",
        "confidence": 0.0,
        "proof": [],
        "sources": [],
    }
    assert "16" not in answer.choices[0].message.content
