"""How people and machines are reached: e-mail, phone, IP address."""

import ipaddress
import re
from collections.abc import Iterator

import phonenumbers

from governance.guardrails.pii.entities import Span

EMAIL = re.compile(
    r"(?<![\w.+%@-])(?<!\w')\w[\w.+%'!#&*?^{|}~-]{0,63}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}\.[^\W\d_][\w-]{1,62}"
)
IP_4 = re.compile(r"(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w]|\.\d)")
IP_6 = re.compile(r"(?<![\w:.])(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}(?![\w:])")
NUMBERED = re.compile(
    r"\b(?:v|ver|version|versions|build|release|rev|revision|section|sections|article|chapter|clause|paragraph|control"
    r"|firmware|driver|kapitel|abschnitt)\.?\s*$",
    re.IGNORECASE,
)
LEAST_HEX_DIGITS = 4

PHONE = re.compile(r"(?<![\w.,/:@#-])(?:\+|\(\+|00(?=[1-9]))?\(?\d(?:[ .\-/()\u00a0]{0,3}\d){6,14}(?![\w@]|[-/.,:]\d)")
BEGINNING_WITH_0 = ("DE", "GB", "FR", "IT", "NL", "AU", "AT", "CH", "IE", "SE", "IN", "BR")
OF_LENGTH = {
    7: ("US",),
    8: ("NO", "DK"),
    9: ("ES", "PL", "PT", "FR", "CH"),
    10: ("US", "IN", "IT", "MX", "BR"),
    11: ("US", "BR"),
}
"""Whose numbers are known without a country code, by how they are dialled there: what no country has costs nothing."""
ASKED_TO_CALL = re.compile(
    r"\b(?:phone|telephone|tel|telefon\w*|t[ée]l[ée]phone|tel[ée]fono|cell|mobile|mobil\w*|handy\w*|portable|m[óo]vil|call"
    r"|ring|dial|fax|sms|whatsapp|signal|reach|reachable|ruf\w*|anruf\w*|erreich\w*|num[ée]ro|appeler|ll[aá]m\w*"
    r"|contact|landline|pager|voicemail)\b",
    re.IGNORECASE,
)
SOMETHING_ELSE = re.compile(
    r"\b(?:order|po|so|pn|part|parts|lot|item|sku|invoice|ticket|tracking|parcel|shipment|barcode|serial|meter|reading"
    r"|isbn|issn|ean|version|build|section|article|case|ref|reference|code|policy|form|id|account|room|extension|ext"
    r"|passport|ssn|port|cost cent(?:er|re)|asset|batch|number of|budget|imei|vin)\b\W*(?:(?:number|no|nr|num|id|code"
    r"|reading|is|ist|was)\b\W*){0,3}$",
    re.IGNORECASE,
)
DATE_SHAPE = re.compile(
    r"(?:19|20)\d\d[-./ ]\d{1,2}[-./ ]\d{1,2}|\d{1,2}[-./ ]\d{1,2}[-./ ](?:19|20)\d\d"
    r"|(?:19|20)\d\d\D{1,3}(?:19|20)\d\d"
)
BEFORE, AFTER = 40, 25
"""Characters around a number that say what it is."""


def contacts_in(text: str) -> Iterator[Span]:
    if "@" in text:
        for match in EMAIL.finditer(text):
            yield Span(match.start(), match.end(), "EMAIL", 0.95)
    if "." in text:
        yield from ip_4_in(text)
    if text.count(":") > 1:
        yield from ip_6_in(text)
    for match in PHONE.finditer(text):
        if is_phone(text, match):
            yield Span(match.start(), match.end(), "PHONE", 0.7)


def ip_4_in(text: str) -> Iterator[Span]:
    for match in IP_4.finditer(text):
        address = address_of(match[0])
        if address and not address.is_loopback and not NUMBERED.search(text, 0, match.start()):
            yield Span(match.start(), match.end(), "IP_ADDRESS", 0.9)


def ip_6_in(text: str) -> Iterator[Span]:
    for match in IP_6.finditer(text):
        if sum(map(str.isalnum, match[0])) >= LEAST_HEX_DIGITS and address_of(match[0]):
            yield Span(match.start(), match.end(), "IP_ADDRESS", 0.9)


def address_of(written: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(written)
    except ValueError:
        return None


def is_phone(text: str, match: re.Match[str]) -> bool:
    """
    A number of some country's plan: with its country code, written as that country does, or beside words like "call".
    """
    written = match[0]
    if DATE_SHAPE.fullmatch(written):
        return False
    if written.startswith(("+", "(+", "00")):
        return is_international(written)
    if SOMETHING_ELSE.search(text[max(0, match.start() - BEFORE) : match.start()]):
        return False
    around = text[max(0, match.start() - BEFORE) : match.end() + AFTER]
    is_told = ASKED_TO_CALL.search(around) is not None
    digits = re.sub(r"\D", "", written)
    regions = BEGINNING_WITH_0 if digits[0] == "0" else OF_LENGTH.get(len(digits), ())
    return any(is_of_plan(written, region, is_told=is_told) for region in regions)


def is_international(written: str) -> bool:
    try:
        number = phonenumbers.parse("+" + written.lstrip("(+0") if written[0] != "+" else written, None)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_possible_number(number)


def is_of_plan(written: str, region: str, *, is_told: bool) -> bool:
    try:
        number = phonenumbers.parse(written, region)
    except phonenumbers.NumberParseException:
        return False
    if phonenumbers.is_valid_number_for_region(number, region):
        return is_told or is_written_as_there(written, number)
    # A range that is not given out, as those for examples are.
    return written.startswith("0") and phonenumbers.is_possible_number(number) and is_written_as_there(written, number)


def is_written_as_there(written: str, number: phonenumbers.PhoneNumber) -> bool:
    """In the same groups as the country's own way to write it, and more than one."""
    groups = re.findall(r"\d+", written)
    if groups[0] == str(number.country_code) and len(groups) > 2:
        groups = groups[1:]
    national = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    return len(groups) > 1 and groups == re.findall(r"\d+", national)
