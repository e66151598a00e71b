"""What is logged, without anybody's values."""

import io
import logging
import logging.config
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings

VALUES = (
    "4111 1111 1111 1111",
    "DE89 3704 0044 0532 0130 00",
    "219-45-6789",
    "12345678Z",
    "ana@acme.com",
    "AKIA" + "IOSFODNN7EXAMPLE",
    "postgres://app:s3cr3tPw@db.internal:5432/hr",
)


def logging_settings() -> dict[str, Any]:
    described: dict[str, Any] = settings.LOGGING
    return described


@pytest.fixture
def line() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def logger(line: io.StringIO) -> Iterator[logging.Logger]:
    """With a handler as our settings describe the one of every process."""
    configured = logging.config.DictConfigurator({"version": 1})
    discreet = configured.configure_custom(dict(logging_settings()["filters"]["discreet"]))
    assert logging_settings()["handlers"]["console"]["filters"] == ["discreet"]
    handler = logging.StreamHandler(line)
    handler.addFilter(discreet)
    made = logging.getLogger("tests.pii")
    made.setLevel(logging.INFO)
    made.propagate = False
    made.addHandler(handler)
    yield made
    made.removeHandler(handler)


@pytest.mark.parametrize("value", VALUES)
def test_a_message_its_arguments_and_its_traceback_hold_no_value(
    value: str, logger: logging.Logger, line: io.StringIO
) -> None:
    try:
        raise RuntimeError(f"no row for {value}")
    except RuntimeError:
        logger.exception("Asked %s about %r", value, {"said": [value]})

    logged = line.getvalue()
    assert value not in logged
    assert "RuntimeError: no row for ‹" in logged


@pytest.mark.parametrize(
    "asked", ["maria%40private.example", "4111+1111+1111+1111", "DE89%203704%200044%200532%200130%2000"]
)
def test_an_address_that_holds_a_value_does_not(asked: str, logger: logging.Logger, line: io.StringIO) -> None:
    logger.info("GET /conversations/search?q=%s&x=1", asked)

    assert asked not in line.getvalue()
    assert "/conversations/search?q=‹" in line.getvalue()


def test_what_is_no_value_is_logged_as_it_is(logger: logging.Logger, line: io.StringIO) -> None:
    words = "Run 0f8fad5b-d9cb-469f-a165-70867728950e took 1732233600123 ns, 10.2.3.4:5432, 12,345 tokens, v1.2.3"

    logger.info(words)

    assert line.getvalue().strip() == words


def test_a_line_that_can_t_be_put_together_says_where_it_is_from(logger: logging.Logger, line: io.StringIO) -> None:
    logger.info("%d of ana@acme.com", "three")

    assert line.getvalue().strip() == "(a line that could not be checked: TypeError)"
