"""The regression suite about Acme's handbook."""

from pathlib import Path

from governance.prompts.suites.cases import load
from governance.prompts.suites.services import install

NAME = "acme"
CASES = Path(__file__).with_name("suite.jsonl")
PROMPTS = ("answer", "condense")


def add_suite() -> None:
    """Made once; what people made of it is left as it is."""
    install(name=NAME, title="Acme’s handbook", prompts=PROMPTS, cases=load(CASES))
