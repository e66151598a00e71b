"""The simulated provider itself: its embeddings, its failures at random, and as a program."""

import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from tests.llm.vectors import vector_of
from tests.llm_simulator import Simulator, running_simulator

ASKED = {"model": "small", "messages": []}


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with running_simulator() as simulator:
        yield simulator


def cosine(one: str, other: str) -> float:
    return sum(a * b for a, b in zip(vector_of(one), vector_of(other), strict=True))


def test_texts_that_share_words_point_the_same_way() -> None:
    assert cosine("parental leave", "Parental leave!") == pytest.approx(1)
    assert cosine("parental leave", "leave of absence") > 0.3 > abs(cosine("parental leave", "printer driver"))


def test_embeddings_come_in_the_order_of_the_texts(simulator: Simulator) -> None:
    asked = {"model": "e", "input": ["one", "two"], "dimensions": 8}
    data = httpx.post(f"{simulator.base_url}/embeddings", json=asked).json()["data"]
    assert [entry["embedding"] for entry in data] == [vector_of("one", 8), vector_of("two", 8)]


def test_the_share_of_failures_is_kept_and_can_be_repeated(simulator: Simulator) -> None:
    simulator.fail_share = 0.3
    again = Simulator(fail_share=0.3)
    with httpx.Client() as client:
        url = f"{simulator.base_url}/chat/completions"
        statuses = [client.post(url, json=ASKED).status_code for _ in range(200)]
    assert statuses == [again.next_reply().status for _ in range(200)]
    assert 40 <= statuses.count(503) <= 80


def test_the_program_prints_its_address_and_answers() -> None:
    command = [sys.executable, "-m", "tests.llm_simulator", "--tokens", "3"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout
        try:
            base_url = program.stdout.readline().strip()
            answer = httpx.post(f"{base_url}/chat/completions", json=ASKED).json()
            assert answer["choices"][0]["message"]["content"] == "word word word "
        finally:
            program.terminate()
