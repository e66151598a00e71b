"""What a version of a prompt holds, checked: its text and the settings that it is sent with."""

import hashlib
import json
from dataclasses import asdict, dataclass
from decimal import Decimal, InvalidOperation

from askacme.lib.errors import InvalidInput
from governance.prompts.kinds import Kind

MOST_OUTPUT_TOKENS = 8_192
MOST_LINES = 500
HOTTEST = Decimal(2)
HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Content:
    """`tier` is "fast", "strong" or, where the router decides, "routed". `text` has plain newlines, no blank ends."""

    text: str
    tier: str
    temperature: Decimal = Decimal(0)
    max_output_tokens: int = 1024

    @property
    def sha256(self) -> str:
        """The fingerprint of all that a model gets from it."""
        told = json.dumps(asdict(self) | {"temperature": f"{self.temperature:.2f}"}, sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()


def checked(kind: Kind, *, text: str, tier: str, temperature: Decimal | str, max_output_tokens: int) -> Content:
    """
    The content as it is kept.

    Raises InvalidInput that says what is wrong; InvalidTemplate when that is the text.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text:
        raise InvalidInput("Write the prompt's text.")
    if text.count("\n") >= MOST_LINES:
        raise InvalidInput(f"A prompt has at most {MOST_LINES} lines.")
    kind.names_in(text)
    allowed = ("routed",) if kind.is_routed else ("fast", "strong")
    if tier not in allowed:
        raise InvalidInput(f"The prompt “{kind.name}” has the tier {' or '.join(allowed)}, not “{tier}”.")
    if not 1 <= max_output_tokens <= MOST_OUTPUT_TOKENS:
        raise InvalidInput(f"The answer may have between 1 and {MOST_OUTPUT_TOKENS:,} tokens.")
    return Content(text, tier, checked_temperature(temperature), max_output_tokens)


def checked_temperature(given: Decimal | str) -> Decimal:
    try:
        temperature = Decimal(given)
    except InvalidOperation:
        raise InvalidInput(f"“{given}” is no temperature. Write a number from 0 to {HOTTEST}.") from None
    if not (temperature.is_finite() and 0 <= temperature <= HOTTEST):
        raise InvalidInput(f"The temperature is a number from 0 to {HOTTEST}.")
    if temperature != temperature.quantize(HUNDREDTH):
        raise InvalidInput("The temperature has at most two decimals.")
    return temperature.quantize(HUNDREDTH)
