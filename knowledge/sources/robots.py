"""robots.txt (RFC 9309): which pages a site asks programs to leave alone."""

import io
from urllib.robotparser import RobotFileParser

from askacme.lib.errors import FileTooLarge, ServiceUnavailable
from knowledge.sources.safe_fetch import Fetcher

PRODUCT = "AskAcme"
MAX_ROBOTS_BYTES = 512 * 1024


def read_robots(address: str, fetcher: Fetcher) -> RobotFileParser:
    """
    The rules of the site that the address is on. None at all (4xx) allows everything.

    Raises ServiceUnavailable when the server fails: then nothing may be fetched.
    """
    rules = RobotFileParser()
    content = io.BytesIO()
    try:
        answer = fetcher.fetch(str(fetcher.checked(address).join("/robots.txt")), content, max_bytes=MAX_ROBOTS_BYTES)
    except FileTooLarge:
        rules.parse(lines_of(content))
        return rules
    if answer.status >= 500 or answer.status == 429:
        raise ServiceUnavailable(f"The server answered {answer.status} for robots.txt: nothing is fetched this time.")
    rules.parse(lines_of(content) if answer.status == 200 else [])
    return rules


def lines_of(content: io.BytesIO) -> list[str]:
    return content.getvalue().decode("utf-8", errors="replace").removeprefix("\ufeff").splitlines()
