"""Signs of an attack that no words give: forged turns and delimiters, code, hidden letters, the sheer shape."""

import re

from governance.guardrails.signals.alphabets import INVISIBLE, tags_of
from governance.guardrails.signals.readings import MAX_CHARACTERS, Readings

MARKS = {
    "chat_token": re.compile(
        r"<\|\w+\|>|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>|</?s>|\[/?(?:SYSTEM|ASSISTANT|USER)\]|"
        r"</?(?:system|assistant|user|instructions?|context|passages?|documents?|sources?|data)\b[^>]{0,40}>",
        re.IGNORECASE,
    ),
    "role_header": re.compile(
        r"(?:^|[\n.?!]|\\n)[\W_]{0,8}(?:system|assistant|ai|user|human|developer|administrator|instructions?|context|"
        r"response|prompt|note to \w+|anweisung|kontext|antwort|systemnachricht)\s?(?:message|override|note)?\s?[:=\]]",
        re.IGNORECASE,
    ),
    "delimiter": re.compile(r"[=#*_~-]{4,}|\"{3}|'{3}|`{3}|\$\w+:|END\s*(?:OF|\.|\]|=)|\[\[|\{\{"),
    "comment": re.compile(
        r"<!--|/\*|--!?>|\[(?:document|editor|system|admin|hidden)?\s?(?:note|message)\b", re.IGNORECASE
    ),
    "link": re.compile(
        r"!?\[[^\]]{0,80}\]\(|https?://|<(?:img|a|script|iframe)\b|\bjavascript:|data:text", re.IGNORECASE
    ),
    "placeholder": re.compile(
        r"\[(?:your |insert |my )?[a-z_ ]{3,30}\]|\{[a-z_ ]{2,30}\}|<[a-z_ ]{3,30}>", re.IGNORECASE
    ),
    "line_breaks": re.compile(r"(?:\n\s*){4,}|(?:\\ ?n\s*){3,}"),
    "call": re.compile(r"\w\((?:['\"]|\w+\s?[,=)])|\b(?:import|def|SELECT|DROP TABLE|rm -rf|sudo)\b"),
    "order_after_question": re.compile(
        r"[?.!;]\W{1,6}(?:please |bitte |now |then |and |also |instead )*(?:act|forget|ignore|disregard|write|say|"
        r"print|show|output|repeat|answer|imagine|pretend|formulate|generate|stop|return|translate|vergiss|ignoriere?|schreibe?|sage?|antworte|"
        r"formuliere|zeige?|gib|append|reveal|list)\b",
        re.IGNORECASE,
    ),
    "shouting": re.compile(r"(?:\b[A-Z]{2,}\b\W+){4,}"),
    "spaced_out": re.compile(r"(?<!\w)\w(?:[ \t.\-_*/|,]{1,3}\w(?!\w)){7,}"),
}
_ENCODED = {"base64", "hex", "binary", "rot13", "reversed", "tags", "spaced", "escaped", "glued"}
_LONG_CHARACTERS = 1_500
_QUOTED = re.compile(r"“[^“”]*”|„[^„“”]*[“”]|«[^«»]*»|\"[^\"]*\"|`[^`]*`|(?<!\w)[‘'][^‘’']{8,}[’'](?!\w)")
"""None reads past the next opening mark: a thousand of them would be read a thousand times."""
_WORDS = re.compile(r"[A-Za-z]+")
_SIGNS = re.compile(r"[^\w\s]")


def marks_in(text: str, read: Readings) -> frozenset[str]:
    """The names of the signs that stand in the text, those of hidden letters among them."""
    text = text[:MAX_CHARACTERS]
    found = {name for name, pattern in MARKS.items() if pattern.search(read.plain)}
    if tags_of(text):
        found.add("tag_letters")
    if len(INVISIBLE.findall(text)) > 3:
        found.add("invisible")
    if read.plain != text and read.plain.isascii() and any(0x370 <= ord(letter) < 0x590 for letter in text):
        found.add("look_alikes")
    return frozenset(found) | {f"in_{one.how}" for one in read.decoded if one.how in _ENCODED}


def shape_of(read: Readings) -> list[float]:
    """Length, signs, capitals: numbers between 0 and 1."""
    text = read.plain
    size = max(len(text), 1)
    words = max(read.words.count(" ") - 1, 1)
    capitals = sum(word.isupper() and len(word) > 2 for word in _WORDS.findall(text))
    return [
        min(size, _LONG_CHARACTERS) / _LONG_CHARACTERS,
        float(size > 600),
        min(words, 60) / 60,
        min(4 * len(_SIGNS.findall(text)) / size, 1.0),
        min(5 * capitals / words, 1.0),
        min(text.count("\n"), 10) / 10,
        float(text.rstrip().endswith("?")),
        float("?" in text),
    ]


def without_quotes(text: str) -> str:
    """The text without what stands in quotation marks, unless little else is there."""
    rest = _QUOTED.sub(" ", text)
    return rest if sum(map(str.isalpha, rest)) >= 12 else text


NAMES = (*sorted(MARKS), "tag_letters", "invisible", "look_alikes", *(f"in_{how}" for how in sorted(_ENCODED)))
"""All signs that `marks_in` may name."""
