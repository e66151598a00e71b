"""What the asker has been told, has said or may read: whatever stands there is no secret in the answer."""

import re
from collections.abc import Iterable

ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]{1,20}://|www\.|mailto:)[^\s<>`\"\[\]]+", re.IGNORECASE)
NOT_A_WORD = re.compile(r"[\W_]+")
LEAST_CLOSE = 7
"""Characters from which a value is told without what stands between them: fewer come together by chance."""
AROUND_AN_ADDRESS = ".,:;!?*_'\")(]}"


class Sources:
    """Passages, question, history, what tools said. `hosts` are this site's own. Looked through only when asked."""

    def __init__(self, texts: Iterable[str] = (), hosts: Iterable[str] = ()) -> None:
        self._texts = list(texts)
        self._hosts = {host.casefold() for host in hosts}
        self._read = 0
        self._folded = ""
        self._words = " "
        self._close = ""
        self._addresses: set[str] = set()

    def add(self, texts: Iterable[str]) -> None:
        self._texts += texts

    def hold(self, value: str) -> bool:
        """The value, in any case; what is longer also in other groups of letters and digits."""
        self._look()
        close = NOT_A_WORD.sub("", value.casefold())
        return value.casefold() in self._folded or (len(close) >= LEAST_CLOSE and close in self._close)

    def say(self, words: str) -> bool:
        """These words (folded, one space between) stand there one after the other."""
        self._look()
        return f" {words} " in self._words

    def name(self, address: str) -> bool:
        """The address stands there, or leads to this site. Its host alone is not enough: the rest could tell things."""
        self._look()
        plain = plain_address(address)
        return plain in self._addresses or host_of(plain) in self._hosts

    def _look(self) -> None:
        for text in self._texts[self._read :]:
            self._folded += f"\n{text.casefold()}"
            self._words += f"{' '.join(NOT_A_WORD.split(text.casefold()))} | "
            self._close += f"\n{NOT_A_WORD.sub('', text.casefold())}"
            self._addresses |= {plain_address(found[0]) for found in ADDRESS.finditer(text)}
        self._read = len(self._texts)


def plain_address(address: str) -> str:
    """Without what differs where the same page is meant."""
    text = address.strip().strip(AROUND_AN_ADDRESS).casefold()
    text = text.removeprefix("https:").removeprefix("http:").removeprefix("//").removeprefix("www.")
    return text.rstrip("/")


def host_of(plain: str) -> str:
    """Of a plain address; empty for one that a browser might read in another way."""
    host = re.split(r"[/?#]", plain, maxsplit=1)[0]
    return host if re.fullmatch(r"[a-z0-9.-]+(?::\d{1,5})?", host) else ""
