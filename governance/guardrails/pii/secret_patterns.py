"""
What gives access to a system: keys and tokens in their vendors' own form, and passwords by the words around them.

Forms: the vendors' pages, and gitleaks' rules (https://github.com/gitleaks/gitleaks, config/gitleaks.toml).
"""

import math
import re
from collections import Counter
from collections.abc import Iterator

from governance.guardrails.pii.entities import Span

API_KEY = "API_KEY"

VENDORS = re.compile(
    "|".join(
        [
            r"\b(?:AKIA|ASIA|AGPA|AROA|AIDA|ANPA|ABIA|ACCA)[A-Z0-9]{16}\b",  # AWS
            r"\bgh[pousr]_[A-Za-z0-9]{30,255}",  # GitHub
            r"\bgithub_pat_\w{22,255}",
            r"\bgl(?:pat|dt|rt|cbt|ptt|ft|soat|agent|imt|oas)-[\w-]{20,}",  # GitLab
            r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}",  # Slack
            r"\bxapp-\d-[A-Za-z0-9-]{10,}",
            r"\bhooks\.slack\.com/services/[\w/]{20,}",
            r"\b(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,}",  # Stripe
            r"\bwhsec_[A-Za-z0-9+/=]{20,}",
            r"\bsk-(?:ant-|proj-|svcacct-|admin-|or-)?[A-Za-z0-9_-]{20,}",  # OpenAI, Anthropic, OpenRouter
            r"\bAIza[\w-]{35}",  # Google
            r"\bya29\.[\w-]{20,}",
            r"\bGOCSPX-[\w-]{20,}",
            r"\bnpm_[A-Za-z0-9]{36}",
            r"\bpypi-[\w-]{16,}",
            r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}",  # JSON Web Token
            r"\bSG\.[\w-]{16,32}\.[\w-]{16,64}",  # SendGrid
            r"\b(?:SK|AC)[0-9a-f]{32}\b",  # Twilio
            r"\b[\w~.-]{3}8Q~[\w~.-]{31,34}",  # Azure
            r"(?<=AccountKey=)[A-Za-z0-9+/]{40,}={0,2}",
            r"(?<=SharedAccessKey=)[A-Za-z0-9+/]{40,}={0,2}",
            r"(?<=[?&]sig=)[A-Za-z0-9%+/]{40,}",
            r"\bhf_[A-Za-z0-9]{30,}",  # Hugging Face
            r"\bdo[opr]_v1_[a-f0-9]{64}",  # DigitalOcean
            r"\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}",  # Shopify
            r"\bsq0[a-z]{3}-[\w-]{22,43}",  # Square
            r"\bdapi[a-h0-9]{32}\b",  # Databricks
            r"\blin_api_[A-Za-z0-9]{40}",
            r"\bntn_[A-Za-z0-9]{40,}",
            r"\bkey-[0-9a-f]{32}\b",  # Mailgun
            r"\b[0-9a-f]{32}-us\d{1,2}\b",  # Mailchimp
            r"\b\d{8,10}:AA[\w-]{32,35}",  # Telegram
            r"\bhv[sbr]\.[\w-]{20,}",  # Vault
            r"\bdckr_pat_[\w-]{20,}",
            r"\bATATT3[\w=-]{40,}",  # Atlassian
            r"\b[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{60,}",
            r"\bglsa_[A-Za-z0-9]{32}_[a-f0-9]{8}",  # Grafana
            r"\bAGE-SECRET-KEY-1[0-9A-Z]{58}",
            (
                r"-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----"
                r"(?:[\s\S]*?-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----|[\sA-Za-z0-9+/=:,-]*)"
            ),
        ]
    )
)
ADDRESS_WITH_PASSWORD = re.compile(
    r"\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@\"'<>]*:[^\s@/\"'<>]+@[^\s\"'<>,;)]+", re.IGNORECASE
)
SCHEME = re.compile(r"\b(?:Bearer|Basic|Token)\s+([A-Za-z0-9._~+/-]{16,}=*)", re.IGNORECASE)
SAID_BEFORE = (
    r"(?:api[ _-]?key|access[ _-]?key|private[ _-]?key|secret(?:[ _-]?key)?|token|passwor[dt]|passwd|pwd|passphrase"
    r"|kennwort|contraseña|mot de passe|credentials?)"
)
ASSIGNED = re.compile(
    rf"{SAID_BEFORE}[\w-]{{0,20}}[\"']?(?:\s*[:=]+>?\s*|\s+(?:is|was|ist|lautet|es|est)\s*:?\s+)[\"'`]?([^\s\"'`,;<>]{{6,}})",
    re.IGNORECASE,
)
BESIDE = re.compile(rf"{SAID_BEFORE}[\"'`]?[ \t]+[\"'`(]?([A-Za-z0-9_.~+/-]{{20,}}={{0,2}})", re.IGNORECASE)
HINT = re.compile(r"passw|secret|token|key|pwd|kennwort|contrase|mot de passe|credential|bearer|basic", re.IGNORECASE)
UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
LEAST_BITS = 3.0
"""A character, of a long value without a form of its own: words have fewer."""


def secrets_in(text: str) -> Iterator[Span]:
    for match in VENDORS.finditer(text):
        yield Span(match.start(), match.end(), API_KEY, 1.0)
    if "://" in text:
        for match in ADDRESS_WITH_PASSWORD.finditer(text):
            yield Span(match.start(), match.end(), API_KEY, 1.0)
    if HINT.search(text):
        yield from told_by_words(text)


def told_by_words(text: str) -> Iterator[Span]:
    for match in SCHEME.finditer(text):
        if is_random(match[1]):
            yield Span(*match.span(1), API_KEY, 0.95)
    for match in ASSIGNED.finditer(text):
        value = match[1].rstrip(".)]}?")
        if looks_like_a_password(value):
            yield Span(match.start(1), match.start(1) + len(value), API_KEY, 0.9)
    for match in BESIDE.finditer(text):
        if is_random(match[1]):
            yield Span(*match.span(1), API_KEY, 0.85)


def looks_like_a_password(value: str) -> bool:
    """Not a word of a sentence about passwords, nor a variable that holds one."""
    if value.startswith(("$", "{", "[", "<", "http://", "https://", "os.", "process.")) or UUID.fullmatch(value):
        return False
    has_letter, has_digit = any(map(str.isalpha, value)), any(map(str.isdigit, value))
    has_sign = any(not char.isalnum() and char not in "-_.:/()'’" for char in value)
    return has_letter and (has_digit or has_sign) and len(value) >= 6


def is_random(value: str) -> bool:
    """Whether no person made it up: letters and digits in no order, and no number of anything else."""
    if UUID.fullmatch(value) or not any(map(str.isdigit, value)) or not any(map(str.isalpha, value)):
        return False
    counts = Counter(value)
    bits = -sum(n / len(value) * math.log2(n / len(value)) for n in counts.values())
    return bits >= LEAST_BITS
