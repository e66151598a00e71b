"""
Numbers of people and of their accounts, by Presidio's recognisers and their checksums.

A number whose checksum one in ten passes counts only beside a word that says what it is. Loading takes seconds
(Presidio brings spaCy along) and happens once, at the first text or by `warm_up`; nothing of it opens a socket.
"""

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from governance.guardrails.pii.entities import Span

if TYPE_CHECKING:
    from presidio_analyzer import PatternRecognizer

LEAST_DIGITS = 5
BEFORE, AFTER = 50, 30
"""Characters around a number in which a word may say what it is."""

IBAN_BEGINS = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d\d(?=[\s-]{0,2}[A-Za-z0-9])")
IBAN_REST = re.compile(r"[\s-]{0,2}[A-Za-z0-9]")
IBAN_MOST, IBAN_LEAST = 34, 15
CARD = re.compile(r"(?<![\w+.,/-])(?:\d[ .\u00a0-]?){12,18}\d(?!\w|[-.,/]\d)")
BROKEN_CARD = re.compile(
    r"(?<![\w+.,/-])(?<!\d\s)(?:(?:\d{4}\s{1,3}){3}\d{4}|3[47]\d\d\s{1,3}\d{6}\s{1,3}\d{5})(?!\w|\s{0,3}\d|[-.,/]\d)"
)
"""One in each cell or line a group, and nothing but these: a column of numbers is none."""
CARD_BEGINS = re.compile(r"(?:4|5[0-8]|2[2-7]|3[0-9]|6[0-9])")
CARD_LENGTHS = {"3": {14, 15, 16}, "4": {13, 16, 19}, "5": {16}, "2": {16}, "6": {16, 17, 18, 19}}
PAID_WITH = re.compile(
    r"card|visa|master|amex|maestro|discover|diners|paid|pay|charg|credit|debit|karte|carte|tarjeta|refund",
    re.IGNORECASE,
)
NUMBER_OF_A_THING = re.compile(
    r"\b(?:order|purchase order|tracking|parcel|shipment|barcode|serial|meter|reading|part|lot|isbn|ean|imei|sku"
    r"|article|ticket|invoice|batch|asset|commit|case|reference|ref|order id|gtin|upc|counter|transaction)\b\W*"
    r"(?:(?:number|no|nr|reading|code|id|is|was|ends)\b\W*){0,3}$",
    re.IGNORECASE,
)
DNI = re.compile(r"(?<![\w.-])(?:\d{8}|\d{1,2}\.\d{3}\.\d{3})[ -]?[A-Za-z](?!\w)")
NIE = re.compile(r"(?<![\w-])[XYZxyz][ -]?\d{7}[ -]?[A-Za-z](?!\w)")
SSN = re.compile(r"(?<![\w.-])(?!000|666|9)\d{3}([- .])(?!00)\d\d\1(?!0000)\d{4}(?!\w|-\d)")
SSN_BARE = re.compile(r"(?<![\w.-])(?!000|666|9)\d{3}(?!00)\d\d(?!0000)\d{4}(?!\w|[-.]\d)")
ITIN = re.compile(r"(?<![\w.-])9\d\d-(?:5\d|6[0-5]|7\d|8[0-8]|9[0-24-9])-\d{4}(?![\w-])")
SSN_WORDS = re.compile(r"\b(?:ssn|ssns|social|social security|itin|tax ?payer)\b", re.IGNORECASE)
AADHAAR = re.compile(r"(?<![\w-])(?<!\d )[2-9]\d{3}([ -])\d{4}\1\d{4}(?!\w|[ -]\d)")


@dataclass(frozen=True, slots=True)
class Kind:
    """One of Presidio's recognisers. `beside` are the words that must stand near, None where its form is enough."""

    recogniser: str
    entity: str
    beside: re.Pattern[str] | None = None


def near(words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{words})", re.IGNORECASE)


KINDS = (
    Kind("AuMedicareRecognizer", "AU_MEDICARE", near("medicare")),
    Kind("AuTfnRecognizer", "AU_TFN", near("tfn|tax file")),
    Kind("CaSinRecognizer", "CA_SIN", near(r"sin\b|social insurance|assurance sociale")),
    Kind("DeHealthInsuranceRecognizer", "DE_HEALTH_INSURANCE", near("kranken|versicher|kvnr|health insurance")),
    Kind("DeIdCardRecognizer", "DE_ID_CARD", near("ausweis|id card|identity card|perso\b")),
    Kind("DeSocialSecurityRecognizer", "DE_SOCIAL_SECURITY"),
    Kind("DeTaxIdRecognizer", "DE_TAX_ID", near(r"steuer|tax id|tax number|tin\b|idnr|tax identification")),
    Kind("FiPersonalIdentityCodeRecognizer", "FI_PERSONAL_IDENTITY_CODE"),
    Kind("InAadhaarRecognizer", "IN_AADHAAR", near("aadha?ar|uidai")),
    Kind("InPanRecognizer", "IN_PAN", near(r"pan\b|permanent account")),
    Kind("ItFiscalCodeRecognizer", "IT_FISCAL_CODE"),
    Kind("KrRrnRecognizer", "KR_RRN", near("rrn|resident registration|korean?")),
    Kind("NgNinRecognizer", "NG_NIN", near(r"nin\b|national identi")),
    Kind("NhsRecognizer", "UK_NHS", near("nhs|national health")),
    Kind("PlPeselRecognizer", "PL_PESEL", near("pesel")),
    Kind("SePersonnummerRecognizer", "SE_PERSONNUMMER", near("person ?num|personal identity|swedish")),
    Kind("SgFinRecognizer", "SG_NRIC_FIN", near(r"nric|fin\b|singapore")),
    Kind("ThTninRecognizer", "TH_TNIN", near("thai|tnin|national id")),
    Kind("TrNationalIdRecognizer", "TR_NATIONAL_ID", near(r"t\.?c\.? ?kimlik|tckn|turkish|kimlik")),
    Kind("UkDrivingLicenceRecognizer", "UK_DRIVING_LICENCE", near("driv|licen")),
    Kind("UkNinoRecognizer", "UK_NINO"),
    Kind("UsMbiRecognizer", "US_MBI", near("medicare|mbi")),
    Kind("AbaRoutingRecognizer", "US_BANK_ROUTING", near("routing|aba|account")),
    Kind("ZaIdNumberRecognizer", "ZA_ID_NUMBER", near("south africa|id number|identity number")),
)


@cache
def recognisers() -> dict[str, "PatternRecognizer"]:
    """Presidio's, made once. Raises whatever loading it raises; the next call tries again."""
    logging.getLogger("presidio-analyzer").setLevel(logging.CRITICAL + 1)  # it logs the values that it can't read
    from presidio_analyzer import predefined_recognizers as known

    made: dict[str, Any] = {kind.recogniser: getattr(known, kind.recogniser)() for kind in KINDS}
    made["IbanRecognizer"] = known.IbanRecognizer(exact_match=True)
    for name in ("CreditCardRecognizer", "EsNifRecognizer", "EsNieRecognizer", "UsSsnRecognizer"):
        made[name] = getattr(known, name)()
    return made


def warm_up() -> None:
    recognisers()
    list(numbers_in("1234567"))


def numbers_in(text: str) -> Iterator[Span]:
    if sum(map(str.isdigit, text)) < LEAST_DIGITS:
        return
    known = recognisers()
    yield from ibans(text, known["IbanRecognizer"].validate_result)
    yield from cards(text, known["CreditCardRecognizer"].validate_result)
    yield from spanish(text, known)
    yield from social_security(text, known["UsSsnRecognizer"].invalidate_result)
    for match in AADHAAR.finditer(text):
        if not is_of_a_thing(text, match.start()) and known["InAadhaarRecognizer"].validate_result(match[0]):
            yield Span(match.start(), match.end(), "IN_AADHAAR", 0.9)
    for kind in KINDS:
        if kind.beside is None or kind.beside.search(text):
            yield from by_presidio(text, kind, known[kind.recogniser])


def by_presidio(text: str, kind: Kind, recogniser: "PatternRecognizer") -> Iterator[Span]:
    for found in recogniser.analyze(text, [recogniser.supported_entities[0]]):
        around = text[max(0, found.start - BEFORE) : found.end + AFTER]
        if found.score > 0 and (kind.beside is None or kind.beside.search(around)):
            yield Span(found.start, found.end, kind.entity, 0.9)


def ibans(text: str, is_valid: Callable[[str], bool | None]) -> Iterator[Span]:
    """Whatever the gaps, and whatever word follows: from the longest to the shortest that its country has."""
    for begin in IBAN_BEGINS.finditer(text):
        signs, ends = begin[0], [begin.end()]
        while len(signs) < IBAN_MOST and (following := IBAN_REST.match(text, ends[-1])):
            signs += following[0][-1]
            ends.append(following.end())
        for cut in range(len(ends) - 1, IBAN_LEAST - 5, -1):
            end = ends[cut]
            if (end == len(text) or not text[end].isalnum()) and is_valid(signs[: 4 + cut].upper()):
                yield Span(begin.start(), end, "IBAN", 1.0)
                break


def cards(text: str, is_valid: Callable[[str], bool | None]) -> Iterator[Span]:
    for match in (*CARD.finditer(text), *BROKEN_CARD.finditer(text)):
        digits = re.sub(r"\D", "", match[0])
        if not CARD_BEGINS.match(digits) or len(digits) not in CARD_LENGTHS[digits[0]] or not is_valid(digits):
            continue
        if digits == match[0] and is_of_a_thing(text, match.start()) and not PAID_WITH.search(text):
            continue
        yield Span(match.start(), match.end(), "CREDIT_CARD", 1.0)


def is_of_a_thing(text: str, start: int) -> bool:
    """Whether the words right before a number say that it is a parcel's, a meter's, a part's."""
    return NUMBER_OF_A_THING.search(text[max(0, start - BEFORE) : start]) is not None


def spanish(text: str, known: dict[str, "PatternRecognizer"]) -> Iterator[Span]:
    for form, recogniser, entity in ((DNI, "EsNifRecognizer", "ES_DNI"), (NIE, "EsNieRecognizer", "ES_NIE")):
        for match in form.finditer(text):
            if known[recogniser].validate_result(re.sub(r"[ .-]", "", match[0]).upper()):
                yield Span(match.start(), match.end(), entity, 0.95)


def social_security(text: str, is_impossible: Callable[[str], bool | None]) -> Iterator[Span]:
    for match in ITIN.finditer(text):
        yield Span(match.start(), match.end(), "US_ITIN", 0.9)
    for match in (*SSN.finditer(text), *SSN_BARE.finditer(text)):
        is_usual = "-" in match[0] and not is_of_a_thing(text, match.start())
        around = text[max(0, match.start() - BEFORE) : match.end() + AFTER]
        if (is_usual or SSN_WORDS.search(around)) and not is_impossible(re.sub(r"\D", "-", match[0])):
            yield Span(match.start(), match.end(), "US_SSN", 0.9)
