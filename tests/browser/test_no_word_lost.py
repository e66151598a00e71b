"""Whatever is cut, killed or restarted in mid-answer: the answer ends well, with no word lost or told twice."""

import asyncio
import time
from collections.abc import AsyncIterator

import aiohttp
import psutil
import pytest

from askacme.serve.embedded import at
from askacme.serve.processes import working_in
from tests.browser.company import Company, SlowModel
from tests.browser.founding import BEN
from tests.browser.readers import Reader, ReadTab
from tests.llm_simulator import Reply
from tests.serve.running import eventually

pytestmark = pytest.mark.slow

QUESTION = "How do I plan my parental leave?"
LONG = "\n\n".join(f"Step {n} of the parental leave is agreed with your manager [1]." for n in range(1, 9))
TAKEN_OVER_WITHIN_S = 10.0


@pytest.fixture
async def ben(slow_model: SlowModel) -> AsyncIterator[Reader]:
    """*ben*, at the web process whose model is slow; it may just be starting again after it was killed."""
    assert await asyncio.to_thread(eventually, slow_model.serve.answers)
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        reader = Reader(session, slow_model.url)
        await reader.sign_in(BEN)
        yield reader
        reader.leave()


def speaks(slow_model: SlowModel, *, answer_s: float) -> None:
    reply = Reply(text=LONG, piece_chars=24)
    slow_model.simulator.script[:] = [Reply(text=LONG, piece_chars=24, token_s=answer_s / len(reply.pieces))]


async def uncut(ben: Reader) -> tuple[str, int]:
    """The answer as it is when nothing happens, and in how many frames it came."""
    tab = await ben.tab()
    await tab.ask(QUESTION)
    frames = await tab.read()
    return tab.text, frames


@pytest.mark.parametrize("where", ["same tab", "new tab", "other process"])
async def test_the_socket_may_be_cut_after_any_event(
    ben: Reader, slow_model: SlowModel, company: Company, where: str
) -> None:
    speaks(slow_model, answer_s=1)
    whole, frames = await uncut(ben)
    assert frames > 8

    async def with_a_cut(after: int) -> ReadTab:
        tab = await ben.tab()
        await tab.ask(QUESTION)
        await tab.read(after)
        tab.cut()
        if where == "new tab":
            tab = await ben.tab(tab.conversation_id)
        else:
            await tab.connect(at=company.url if where == "other process" else "")
        await tab.read()
        return tab

    for tab in await asyncio.gather(*map(with_a_cut, range(1, frames + 1))):
        assert (tab.text, tab.state) == (whole, "done")
        assert all(whole.startswith(text) for text in tab.texts)


async def test_a_killed_web_process_s_answer_is_completed_by_another(
    ben: Reader, slow_model: SlowModel, company: Company
) -> None:
    speaks(slow_model, answer_s=30)
    tab = await ben.tab(at=company.url)
    there = await ben.tab(tab.conversation_id)
    await there.ask(QUESTION)
    await there.read(2)
    killed_at = time.monotonic()
    web_process_of(slow_model).kill()
    await tab.read()
    assert time.monotonic() - killed_at < TAKEN_OVER_WITHIN_S
    assert (tab.state, tab.status) == ("done", "success")
    assert "16 weeks" in tab.text


def web_process_of(slow_model: SlowModel) -> psutil.Process:
    (web,) = [child for child in slow_model.serve.children() if "askacme.asgi:application" in child.cmdline()]
    return web


async def test_redis_may_be_restarted_in_mid_answer(ben: Reader, slow_model: SlowModel, company: Company) -> None:
    speaks(slow_model, answer_s=1)
    whole, _ = await uncut(ben)
    speaks(slow_model, answer_s=6)
    here = await ben.tab()
    await here.ask(QUESTION)
    await here.read(2)
    there = await ben.tab(here.conversation_id, at=company.url)
    await there.read(1)
    _, redis = at(company.serve.var)
    (server,) = working_in(company.serve.var / "redis", "redis-server")
    server.kill()
    server.wait(10)
    redis.ensure_running()
    for tab in (here, there):
        await tab.read()
        assert (tab.text, tab.state) == (whole, "done")


async def test_a_tab_that_stops_reading_holds_nobody_up(ben: Reader, slow_model: SlowModel) -> None:
    speaks(slow_model, answer_s=1)
    whole, _ = await uncut(ben)
    deaf = await ben.tab()
    deaf.stop_reading()
    await deaf.ask(QUESTION)
    other, same = await ben.tab(), await ben.tab(deaf.conversation_id)
    await other.ask(QUESTION)
    for tab in (other, same):
        await tab.read()
        assert (tab.text, tab.state) == (whole, "done")
