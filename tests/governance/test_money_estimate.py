"""How many tokens a request is, and what it can't cost more than."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from governance.gateway.money.estimate import (
    LEAST_OF_MOST,
    MOST_ADDED_FOR_TOOLS,
    expected_input_tokens,
    most_cost,
    most_input_tokens,
    not_from_afar,
)
from governance.gateway.types import ChatMessage, Completed, OutputSchema, Rate, ToolCall, ToolSpec
from tests.cast import PARENTAL_LEAVE
from tests.governance.money import request_of

RATE = Rate(input=Decimal(3), output=Decimal(15), cached_input=Decimal("0.3"), cache_write=Decimal("3.75"))
MODEL = "a model without a table"


@pytest.fixture(scope="module")
def byte_pairs() -> Tokenizer:
    """A small byte-level BPE, as the vendors' tokenizers are."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(
        [PARENTAL_LEAVE], trainers.BpeTrainer(vocab_size=400, initial_alphabet=alphabet, show_progress=False)
    )
    return tokenizer


@given(texts=st.lists(st.text(max_size=3000), min_size=1, max_size=4))
def test_no_tokenizer_of_bytes_counts_more_than_the_bound(byte_pairs: Tokenizer, texts: list[str]) -> None:
    true_count = sum(len(byte_pairs.encode(text).ids) for text in texts)
    assert true_count <= sum(len(text.encode()) for text in texts)
    assert true_count < most_input_tokens(request_of(*texts))


@given(
    text=st.text(max_size=5000),
    cached=st.integers(0, 6000),
    written=st.integers(0, 6000),
    said=st.integers(0, 700),
)
def test_no_usage_within_the_bound_costs_more_than_the_most(text: str, cached: int, written: int, said: int) -> None:
    request = request_of(text, max_output_tokens=700)
    most = most_input_tokens(request)
    cached = min(cached, most)
    usage = Completed(most, said, cached_input_tokens=cached, cache_write_tokens=min(written, most - cached))
    assert RATE.of(usage) <= most_cost(request, RATE)


def test_the_most_is_rounded_up() -> None:
    cheap = Rate(Decimal("0.0000001"), Decimal(0), Decimal(0), Decimal(0))
    assert most_cost(request_of("hello"), cheap) == Decimal("0.00000001")


def test_everything_that_is_sent_counts() -> None:
    tool = ToolSpec("calendar", "Days off", {"type": "object", "properties": {"who": {"type": "string"}}})
    called = ChatMessage("assistant", "", tool_calls=(ToolCall("1", "calendar", '{"who": "' + "x" * 400 + '"}'),))
    plain = request_of("y" * 4000)
    with_tools = request_of("y" * 4000, tools=(tool,))
    with_schema = request_of("y" * 4000, output=OutputSchema("answer", {"type": "object", "title": "z" * 100}))
    assert most_input_tokens(with_tools) - most_input_tokens(plain) > MOST_ADDED_FOR_TOOLS
    assert most_input_tokens(with_schema) - most_input_tokens(plain) > MOST_ADDED_FOR_TOOLS + 200
    with_call = request_of("y" * 4000)
    with_call = type(with_call)(messages=(*with_call.messages, called), question="")
    assert most_input_tokens(with_call) - most_input_tokens(plain) > 400
    assert expected_input_tokens(with_call, MODEL) - expected_input_tokens(plain, MODEL) > 100


def test_a_short_question_is_bounded_by_what_providers_may_add() -> None:
    assert most_input_tokens(request_of("Hello?")) == LEAST_OF_MOST


def test_without_a_table_four_bytes_are_a_token() -> None:
    assert expected_input_tokens(request_of("y" * 4000), MODEL) == 1004


def test_a_table_that_is_not_at_hand_is_not_fetched() -> None:
    with pytest.raises(FileNotFoundError, match="TIKTOKEN_CACHE_DIR"):
        not_from_afar("https://tables.example/o200k_base.tiktoken")
