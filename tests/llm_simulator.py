"""
The simulated model provider: what tests import, and a program for benches.

`python -m tests.llm_simulator --port 0 --first-token-ms 200 --tokens-per-s 60 --tokens 120` prints its address and
runs until it is told to stop.
"""

import argparse
import asyncio
import signal

from tests.llm.replies import Reply
from tests.llm.server import Simulator, closed_port, deaf_port, running_simulator, serve

__all__ = ["Reply", "Simulator", "closed_port", "deaf_port", "running_simulator"]

TOKEN = "word "


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A model provider that makes up its answers, on the loopback.")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--first-token-ms", type=float, default=0.0)
    parser.add_argument("--tokens-per-s", type=float, default=0.0, help="0: as fast as it can")
    parser.add_argument("--tokens", type=int, default=120, help="length of each answer")
    parser.add_argument("--fail-share", type=float, default=0.0, help="share of calls that get a 503, from 0 to 1")
    parser.add_argument("--seed", type=int, default=4)
    return parser.parse_args()


async def run(options: argparse.Namespace) -> None:
    reply = Reply(
        text=TOKEN * options.tokens,
        piece_chars=len(TOKEN),
        first_token_s=options.first_token_ms / 1000,
        token_s=1 / options.tokens_per_s if options.tokens_per_s else 0.0,
    )
    simulator = Simulator(script=[reply], fail_share=options.fail_share, seed=options.seed)
    told_to_stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told_to_stop.set)
    runner = await serve(simulator, options.port)
    print(simulator.base_url, flush=True)  # noqa: T201 - the program's one answer
    await told_to_stop.wait()
    simulator.closing.set()
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(run(arguments()))
