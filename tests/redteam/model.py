"""The naive model as a provider: prints its address, and runs until it is told to stop."""

import argparse
import asyncio
import re
import signal
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path

from tests.llm.formats import JsonObject
from tests.llm.replies import Reply
from tests.llm.server import Simulator, serve
from tests.redteam.naive import Memory, memory_from, obey

QUESTION = re.compile(r"<question>\n(.*)\n</question>", re.DOTALL)


@dataclass
class NaiveModel(Simulator):
    memory: Memory = field(default_factory=dict)

    def next_reply(self) -> Reply:
        asked = self.requests[-1]
        self.requests.clear()
        return Reply(text=obey(question_in(asked), instructions=instructions_in(asked), memory=self.memory))


def question_in(asked: JsonObject) -> str:
    """The last one, as the person wrote it: models get it escaped."""
    texts = [message["content"] for message in asked["messages"] if isinstance(message["content"], str)]
    found = [match[1] for text in texts for match in QUESTION.finditer(text)]
    return unescape(found[-1]) if found else texts[-1]


def instructions_in(asked: JsonObject) -> str:
    return "\n".join(message["content"] for message in asked["messages"] if message["role"] == "system")


async def run(memory: Memory) -> None:
    model = NaiveModel(memory=memory)
    told_to_stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told_to_stop.set)
    runner = await serve(model)
    print(model.base_url, flush=True)  # noqa: T201 - the program's one answer
    await told_to_stop.wait()
    await runner.cleanup()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A model provider that does whatever it is told, on the loopback.")
    parser.add_argument("--memory", type=Path, help="folder of *_cloze.tsv: what it knows by heart")
    options = parser.parse_args()
    asyncio.run(run(memory_from(options.memory) if options.memory else {}))
