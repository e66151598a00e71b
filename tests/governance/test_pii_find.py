"""What is found in a text, and what only looks like it."""

import subprocess
import sys
import time
from dataclasses import replace

import pytest

from governance.guardrails.pii import find
from governance.guardrails.policy import DEFAULT, Policy
from governance.guardrails.values import Action

PERSONAL = [
    ("CREDIT_CARD", "Charged to {} yesterday.", "4111 1111 1111 1111"),
    ("CREDIT_CARD", "My card is {}.", "3782-822463-10005"),
    ("CREDIT_CARD", "Mastercard {} expired", "2223003122003222"),
    ("IBAN", "Pay it to {} please.", "DE89 3704 0044 0532 0130 00"),
    ("IBAN", "konto {} gehört mir", "gb29nwbk60161331926819"),
    ("IBAN", "IBAN {} NOT YET VERIFIED", "ES91 2100 0418 4502 0005 1332"),
    ("US_SSN", "My number is {}.", "219-45-6789"),
    ("US_SSN", "SSN: {}", "219 45 6789"),
    ("ES_DNI", "Mi DNI es {}.", "12345678Z"),
    ("ES_DNI", "DNI {},", "12.345.678-Z"),
    ("ES_NIE", "NIE {} caduca", "X1234567L"),
    ("UK_NINO", "NI number {}", "AB 12 34 56 C"),
    ("UK_NHS", "NHS number {}", "943 476 5919"),
    ("DE_TAX_ID", "Meine Steuer-ID ist {}", "86095742719"),
    ("DE_SOCIAL_SECURITY", "Versicherungsnummer {}", "15070649C103"),
    ("IN_AADHAAR", "Aadhaar {} was refused", "2341 2341 2346"),
    ("IT_FISCAL_CODE", "Codice fiscale {}", "RSSMRA85T10A562S"),
    ("PL_PESEL", "PESEL {}", "44051401359"),
    ("AU_TFN", "tax file number {}", "876 543 210"),
    ("CA_SIN", "social insurance number {}", "130-692-544"),
    ("PASSPORT", "My passport number is {}, is that enough?", "C01X00T47"),
    ("PASSPORT", "Reisepass Nr. {}", "L01X00T44"),
    ("EMAIL", "Write to {}.", "ana.müller+hr@mail.acme.example"),
    ("EMAIL", "from=<{}> to", "o'neill@acme.com"),
    ("EMAIL", "said: ['{}', 'b']", "ana@acme.com"),
    ("PHONE", "Call me on {}.", "+44 20 7946 0958"),
    ("PHONE", "My cell: {}", "(212) 555-0147"),
    ("PHONE", "Handy {}", "0151 23456789"),
    ("PHONE", "old;new\n06 12 34 56 78;x {}", "06 98 76 54 32"),
    ("IP_ADDRESS", "blocked {} at noon", "192.168.17.4"),
    ("IP_ADDRESS", "from {} again", "2001:db8::8a2e:370:7334"),
    ("DATE_OF_BIRTH", "She was born on {} in Lyon.", "March 4, 1986"),
    ("DATE_OF_BIRTH", "geb. {}", "17.11.1981"),
    ("DATE_OF_BIRTH", "Children: Mia Berg ({})", "2009-05-30"),
    ("ADDRESS", "Send it to {} by Friday.", "221 Baker Street, London NW1 6XE"),
    ("ADDRESS", "Wohnung: {}.", "Lange Straße 12a, 28195 Bremen"),
    ("ADDRESS", "Elle habite {} depuis mai", "14 avenue Victor Hugo, 69003 Lyon"),
    ("ADDRESS", "I moved to {}", "12 Elm Street, Apt 4, Springfield, IL 62704"),
]

SECRETS = [
    ("{} leaked", "AKIA" + "IOSFODNN7EXAMPLE"),
    ("token {}", "ghp_" + "a1B2" * 9),
    ("see {}", "glpat-" + "Xy12" * 5),
    ("bot {}", "xoxb-" + "123456789012-abcdefABCDEF12"),
    ("stripe {}", "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc"),
    ("key {}", "sk-ant-api03-" + "aB3" * 12),
    ("maps {}", "AIza" + "Sy0123456789abcdefghijklmnopqrstuvw"),
    ("npm {}", "npm_" + "aB3d" * 9),
    ("jwt {}", "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0In0." + "dBjftJeZ4CVPmB92K27uhbUJU1p1r"),
    ("{} is the database", "postgres://app:s3cr3tPw@db.internal:5432/hr"),
    ("Authorization: Bearer {}", "q8ZpL0aT7rXw2Vb5Nc9K"),
    ("password: {}", "hunter2!x"),
    ("Das Passwort ist {}", "Sommer2026!"),
    ('api_key="{}"', "f0e1d2c3b4a5968778"),
    ("key:\n{}\nend", "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n-----END RSA PRIVATE KEY-----"),
]

LOOK_ALIKES = [
    "Order SO0281310968 and ORD107072722839 are late, #319-0585483-7603004 too.",
    "Meter reading 4056214635378040 and barcode 5981003285989570.",
    "We need PN 966-49-79728, HX347-8902-REVA and 5569.609.30.",
    "Version 10.2.3.4 replaces build 9.16.86.98; see section 3.7.1.2.",
    "From 2023-11-05T08:30:00Z to 12/11/2024, FY2024 Q3.",
    "Correlation id b59bd2cd-d38e-499c-ece8-5c679684bc07.",
    "Revert 095866d5389d86ec7c4c9f686ca1e448d89fc2cc.",
    "EUR 585.883,50 or $88,449.00, £14.81 or USD 5.6 million.",
    "Parcel JD014661976466507, then RR877963386DE.",
    "ISBN 978-4-1838-5186-3, ext 6785, room 3.50, port 5432.",
    "Tickets 10234, 10235 and 10301; 9:00 to 17:30; ratio 1:4:19.",
    "Is the password policy in section 4.2? Your password must have 12 characters.",
    "How do I reset my password: by phone or online?",
    "The fiscal code for travel is 630-7712-20.",
    "FedEx tracking 7712 3456 7890 and tracking number 4111111111111112.",
    "Was the passport policy changed in 2024?",
    "The wall fell on 9 November 1989; the office opened on 03.10.1990.",
]


@pytest.mark.parametrize(("entity", "text", "value"), PERSONAL)
def test_personal_data_is_found_to_the_character(entity: str, text: str, value: str) -> None:
    written = text.format(value)

    found = [(span.entity, written[span.start : span.end]) for span in find(written, policy=DEFAULT)]

    assert (entity, value) in found


@pytest.mark.parametrize(("text", "value"), SECRETS)
def test_a_secret_is_found_without_the_words_around_it(text: str, value: str) -> None:
    written = text.format(value)

    assert [written[span.start : span.end] for span in find(written, policy=DEFAULT)] == [value]


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_numbers_of_things_are_nobody_s(text: str) -> None:
    assert [text[span.start : span.end] for span in find(text, policy=DEFAULT)] == []


@pytest.mark.parametrize(
    "wrong",
    ["4111 1111 1111 1112", "DE89 3704 0044 0532 0130 01", "12345678A", "2341 2341 2345", "PESEL 44051401358"],
)
def test_what_fails_its_checksum_is_no_such_number(wrong: str) -> None:
    assert find(f"It says {wrong} here.", policy=DEFAULT) == ()


def test_a_company_s_own_words_are_found_and_its_own_addresses_left() -> None:
    policy = Policy("x@1", hidden=("Project  Bluebird", "ACME-77"), allowed=("acme.com", "press@partner.example"))
    text = "project bluebird: write to hr@mail.acme.com, press@partner.example or joe@acme.community"

    found = [text[span.start : span.end] for span in find(text, policy=policy)]

    assert found == ["project bluebird", "joe@acme.community"]


def test_a_type_that_the_policy_allows_is_left_alone() -> None:
    policy = replace(DEFAULT, pii={"EMAIL": Action.ALLOW, "PHONE": Action.WARN})
    text = "ana@acme.com, +44 20 7946 0958, 219-45-6789"

    assert [span.entity for span in find(text, policy=policy)] == ["US_SSN"]


def test_looking_opens_no_socket_even_the_first_time() -> None:
    """In a process of its own, where nothing is loaded yet."""
    script = (
        "import socket, django; django.setup()\n"
        "def refuse(*_a, **_k): raise SystemExit('a socket was opened')\n"
        "socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse\n"
        "from governance.guardrails.pii import find\n"
        "from governance.guardrails.policy import DEFAULT\n"
        "print(len(find('ana@acme.com 4111 1111 1111 1111', policy=DEFAULT)))"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=100, check=False)

    assert done.stdout.strip().endswith("2"), done.stderr


@pytest.mark.parametrize(
    "hostile",
    [
        "1 " * 2500,
        "a." * 2500 + "@",
        "(" * 5000,
        "AB12 " * 1000,
        "password " * 550,
        "1:2:" * 1250,
        "12 Elm " * 700,
        "Straße 1 " * 550,
        "a://" * 1250,
        "-----BEGIN PRIVATE KEY-----" * 180,
    ],
)
def test_hostile_texts_are_looked_at_in_good_time(hostile: str) -> None:
    find("1234567", policy=DEFAULT)  # what is loaded once is not the text's fault
    began = time.monotonic()
    find(hostile, policy=DEFAULT)

    assert time.monotonic() - began < 2
