"""
What the digests on the audit chain are made of, as SQL expressions over a row.

The triggers (migration 0002) and `verify_audit` use the same ones. A published version is never changed: a column that
comes later gets a new version, and older links go on naming theirs. Formats are fixed whatever the session's settings:
times in UTC, decimals and JSON as text. `jsonb` writes its keys in an order of its own, so equal values have one text.
"""

from dataclasses import dataclass

LATEST = 1
SALT = "gen_random_uuid()::text"
"""122 random bits: without it, nobody can find an erased text by trying."""


@dataclass(frozen=True, slots=True)
class Table:
    """
    One table on record. `content` is what an erasure blanks, each column with its blank.

    `facts[version]` are the columns that stay, `words[version]` those that an erasure blanks.
    """

    kind: str
    name: str
    content: dict[str, str]
    facts: dict[int, tuple[str, ...]]
    words: dict[int, tuple[str, ...]]


def moment(column: str) -> str:
    return f"""to_char({{row}}.{column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""


def plain(*columns: str) -> tuple[str, ...]:
    return tuple(f"{{row}}.{column}::text" for column in columns)


ACTS = Table(
    kind="act",
    name="governance_auditevent",
    content={"actor_email": "''", "target": "''", "details": "'{}'::jsonb"},
    facts={1: (*plain("id"), moment("at"), *plain("actor_id", "action", "content_hash"))},
    words={1: plain("actor_email", "target", "details")},
)
ANSWERS = Table(
    kind="answer",
    name="governance_auditedanswer",
    content={
        "question": "''",
        "standalone": "''",
        "answer": "''",
        "passages": "'[]'::jsonb",
        "stages": "'[]'::jsonb",
    },
    facts={
        1: (
            *plain("id"),
            moment("at"),
            moment("asked_at"),
            *plain("request_id", "user_id", "status", "stopped", "kind", "department", "route", "provider", "model"),
            *plain("prompt_version", "policy", "verdict", "verdict_code", "confidence", "input_tokens"),
            *plain("output_tokens", "cost_usd", "latency_ms", "ttft_ms", "attempts", "content_hash"),
        )
    },
    words={1: plain("question", "standalone", "answer", "passages", "stages")},
)
TABLES = {table.kind: table for table in (ACTS, ANSWERS)}


def content_hash(table: Table, row: str, version: int = LATEST) -> str:
    """SHA-256 of the salt and the words; hexadecimal."""
    return sha256((f"{row}.salt", *(column.format(row=row) for column in table.words[version])))


def digest(table: Table, row: str, version: int = LATEST) -> str:
    """SHA-256 of what stays of the row, its content's hash included; hexadecimal."""
    named = (f"'{table.kind}'", f"'{version}'")
    return sha256((*named, *(column.format(row=row) for column in table.facts[version])))


def link_hash(link: str) -> str:
    """SHA-256 of a link's other columns; hexadecimal."""
    columns = ("seq", "kind", "row_id", "digest_version", "digest", "previous")
    return sha256(tuple(f"{link}.{column}::text" for column in columns))


def sha256(texts: tuple[str, ...]) -> str:
    """Of a JSON array of the texts: where one ends and the next begins is part of it, and so is a missing one."""
    array = f"jsonb_build_array({', '.join(texts)})::text"
    return f"encode(sha256(convert_to({array}, 'UTF8')), 'hex')"
