"""
`python -m tests.redteam`: what garak's attacks achieve against AskAcme with a model that obeys everything.

Prints attack success by probe, as a Markdown table: with guards that allow everything, with the default policy but
every question finding passages, and as AskAcme ships. See README.md for how to install garak.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests import services
from tests.bench.__main__ import prepare
from tests.bench.output import say
from tests.redteam.garak_run import PROBES, attack, data_folder


def main() -> None:
    options = arguments()
    with ExitStack() as stack:
        memory = data_folder()
        services.start(stack)
        prepare()
        from tests.redteam.company import found, stages
        from tests.redteam.site import site
        from tests.redteam.success import ends, table

        key = found()
        model = stack.enter_context(naive_model(memory))
        folder = options.keep or Path(os.environ["ASKACME_VAR"]) / "redteam"
        runs = {}
        for stage in stages():
            with stage.policy(), site(model, stage.floors) as url:
                say(f"{stage.name} …", to=sys.stderr)
                runs[stage.name] = attack(
                    url, key, folder / stage.short, prompts=options.prompts, probes=options.probes
                )
                say(f"{stage.name}: {ends(runs[stage.name])}", to=sys.stderr)
        say(table(runs))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.redteam", description="garak against AskAcme.")
    parser.add_argument("--prompts", type=int, default=8, help="at most so many of each probe")
    parser.add_argument("--keep", type=Path, help="folder for garak's reports; default: they are thrown away")
    parser.add_argument("probes", nargs="*", default=PROBES, help="garak's names of probes")
    return parser.parse_args()


@contextmanager
def naive_model(memory: Path) -> Iterator[str]:
    """In a process of its own, and its address."""
    command: Sequence[str] = (sys.executable, "-m", "tests.redteam.model", "--memory", str(memory))
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(10)


if __name__ == "__main__":
    main()
