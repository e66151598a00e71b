"""No log line holds a secret or somebody's number, whatever was logged: messages, arguments, tracebacks."""

import logging
import re

from governance.guardrails.pii.contact_patterns import EMAIL
from governance.guardrails.pii.entities import apart, name_of
from governance.guardrails.pii.numbers import AADHAAR, DNI, NIE, SSN
from governance.guardrails.pii.secret_patterns import secrets_in

UK_NINO = re.compile(r"\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d ?[A-D]\b")
GAP = r"(?:[ .+-]|%20)?"
"""Also as an address has it."""
IBAN = re.compile(rf"\b[A-Z]{{2}}\d\d(?:{GAP}[A-Z0-9]{{4}}){{2,7}}(?:{GAP}[A-Z0-9]{{1,3}})?\b")
CARD = re.compile(rf"(?<![\w+.,/-])[2-6](?:{GAP}\d){{13,18}}(?![\w-])")
MAIL = re.compile(rf"{EMAIL.pattern}|[\w.+-]{{1,64}}%40[\w-]{{1,63}}(?:\.[\w-]{{1,63}})+")
FORMS = {
    "IBAN": IBAN,
    "CREDIT_CARD": CARD,
    "US_SSN": SSN,
    "ES_DNI": DNI,
    "ES_NIE": NIE,
    "UK_NINO": UK_NINO,
    "IN_AADHAAR": AADHAAR,
    "EMAIL": MAIL,
}
"""By their form alone: checksums would need Presidio, which the first lines of a process must not wait for."""
DIGIT_OR_AT = re.compile(r"[\d@]")


class Discreet(logging.Filter):
    """
    Rewrites each record before a handler writes it. Of a line that can't be looked at only where it is from is left.

    For handlers: a logger's own filters don't see what comes from the loggers below it.
    """

    formatter = logging.Formatter()

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            record.msg, record.args = without_values(record.getMessage()), ()
            if record.exc_info and not record.exc_text:
                record.exc_text = self.formatter.formatException(record.exc_info)
            record.exc_text = without_values(record.exc_text) if record.exc_text else None
            record.stack_info = without_values(record.stack_info) if record.stack_info else None
        except Exception as error:
            record.msg, record.args = f"(a line that could not be checked: {type(error).__name__})", ()
            record.exc_info = record.exc_text = record.stack_info = None
        return True


def without_values(text: str) -> str:
    for span in reversed(apart(secrets_in(text))):
        text = f"{text[: span.start]}‹{name_of(span.entity)}›{text[span.end :]}"
    if DIGIT_OR_AT.search(text):
        for entity, form in FORMS.items():
            text = form.sub(f"‹{name_of(entity)}›", text)
    return text
