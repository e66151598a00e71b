"""
Pages of the web kept in step: an unchanged page costs one request without content, a page that is gone is withdrawn.

One request at a time, with a pause between them. A page is gone when the sitemap or the list no longer names it, or
when its server says so (404, 410) on two runs; any other failure keeps what was read before.
"""

import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from urllib.robotparser import RobotFileParser

from django.conf import settings
from django.utils import timezone

from askacme.lib.errors import AskAcmeError, ServiceUnavailable
from knowledge.documents.naming import discreet_address
from knowledge.documents.services import digest
from knowledge.ingest.parse.kind import content_of, media_type_of
from knowledge.sources.items import DELETED_HERE, Options, Outcome, drop, failed, guard, take_in, unreadable
from knowledge.sources.models import Source, SourceItem
from knowledge.sources.page_path import as_utf8, page_path
from knowledge.sources.robots import PRODUCT, read_robots
from knowledge.sources.safe_fetch import Answer, Fetcher
from knowledge.sources.sitemap import Listing, read_sitemap

PAUSE_S = 0.2
MAX_RUN_S = 1800.0
FAILURES_IN_A_ROW = 5
GONE = frozenset({404, 410})
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Round:
    """One run over the pages of a source: what it needs, and what it learns on the way."""

    source: Source
    fetcher: Fetcher
    options: Options
    robots: RobotFileParser | None
    broken: Mapping[int, str]
    only_host: str = ""
    gone: list[SourceItem] = field(default_factory=list)
    failures: int = 0
    deadline: float = field(default_factory=lambda: time.monotonic() + MAX_RUN_S)


def sync_pages(source: Source, options: Options) -> Iterator[Outcome]:
    """
    Bring the source's documents in step with its pages; yields what becomes of each.

    Raises NotFound, ServiceUnavailable or UnreadableFile when the list of pages can't be had or the site stops
    answering; at the end Conflict when suspiciously many documents would vanish, or ServiceUnavailable when the list
    was not whole: then none of the missing pages is removed.
    """
    with Fetcher() as fetcher:
        round_ = begun(source, fetcher, options)
        listing = listing_of(source, fetcher)
        items = {item.address: item for item in source.items.select_related("document__owner")}
        for item in items.values():
            item.source = source
        urls = {discreet_address(url): url for url in listing.addresses}
        oldest_first = sorted(urls, key=lambda at: items[at].checked_at if at in items else BEGINNING)
        for address in oldest_first:
            yield visit(items.get(address) or SourceItem(source=source, address=address), urls[address], round_)
            time.sleep(PAUSE_S)
        missing = [items[address] for address in sorted(items.keys() - urls.keys())]
        if listing.missing:
            raise ServiceUnavailable(f"{listing.missing} No page counts as gone this time.")
        yield from removals(missing, round_, list(items.values()), empty=not listing.addresses)


def begun(source: Source, fetcher: Fetcher, options: Options) -> Round:
    of_a_site = source.kind == Source.Kind.SITEMAP
    return Round(
        source=source,
        fetcher=fetcher,
        options=options,
        robots=read_robots(source.address, fetcher) if of_a_site else None,
        broken=unreadable(source),
        only_host=fetcher.checked(source.address).host if of_a_site else "",
    )


def listing_of(source: Source, fetcher: Fetcher) -> Listing:
    if source.kind == Source.Kind.SITEMAP:
        return read_sitemap(source.address, fetcher)
    addresses: dict[str, None] = {}
    missing = ""
    for line in filter(None, map(str.strip, source.urls.splitlines())):
        try:
            addresses[str(fetcher.checked(line))] = None
        except AskAcmeError as error:
            missing = str(error)
    return Listing(tuple(addresses), missing)


def visit(item: SourceItem, url: str, round_: Round) -> Outcome:
    """
    Fetch one page if it has changed. Its item's address may have dots where the `url` has a key.

    Raises ServiceUnavailable when too many in a row did not answer, or the run has taken long enough.
    """
    if round_.robots and not round_.robots.can_fetch(PRODUCT, url):
        return failed(item, "The site's robots.txt asks programs to leave this page alone.", round_.options)
    if time.monotonic() > round_.deadline:
        raise ServiceUnavailable("The site has more pages than could be read in 30 minutes: the rest comes next time.")
    try:
        with tempfile.NamedTemporaryFile() as file:
            outcome = fetched(item, url, file, round_)
    except ServiceUnavailable as error:
        return not_answered(item, str(error), round_)
    except AskAcmeError as error:
        outcome = failed(item, str(error), round_.options)
    round_.failures = 0
    return outcome


def fetched(item: SourceItem, url: str, file: IO[bytes], round_: Round) -> Outcome:
    answer = round_.fetcher.fetch(
        url,
        file,
        max_bytes=settings.ASKACME.max_upload_bytes,
        etag="" if item.etag.startswith("sha256:") else item.etag,
        last_modified=item.last_modified if item.etag else "",
        only_host=round_.only_host,
    )
    if answer.status in GONE:
        return gone(item, answer.status, round_)
    if answer.status == 304:
        return as_it_was(item, round_)
    if answer.status != 200:
        raise ServiceUnavailable(f"The server answered {answer.status}: what was read before stays.")
    as_utf8(file, answer)
    file.flush()
    etag = answer.etag or f"sha256:{digest(file)[0]}"
    if item.etag == etag:
        return as_it_was(item, round_)
    path = item.document.path if item.document else page_path(url, answer.media_type, content_at(file))
    media_type_of(Path(file.name), path)
    return taken(item, file, path, answer, etag, round_.options)


def taken(item: SourceItem, file: IO[bytes], path: str, answer: Answer, etag: str, options: Options) -> Outcome:
    item.last_modified = answer.last_modified
    return take_in(item, file, path=path, etag=etag, options=options)


def as_it_was(item: SourceItem, round_: Round) -> Outcome:
    """An unchanged page, of which a person may have deleted the document, or which could not be read."""
    item.error, item.gone_since, item.checked_at = "", None, timezone.now()
    item.save(update_fields=["error", "gone_since", "checked_at"])
    if item.document_id is None:
        return Outcome(item.address, "kept", DELETED_HERE)
    if reason := round_.broken.get(item.document_id):
        return Outcome(item.address, "failed", reason)
    return Outcome(item.address, "unchanged")


def gone(item: SourceItem, status: int, round_: Round) -> Outcome:
    """The first time it is noted, the second time the document goes: a site may be half down while it is rebuilt."""
    said = f"The server answered {status} (gone)."
    if item.document_id is None:
        item.gone_since = item.gone_since or timezone.now()
        return failed(item, said, round_.options)
    if item.gone_since is not None:
        round_.gone.append(item)
        return Outcome(item.address, "kept", f"{said} The second time: it is withdrawn at the end.")
    item.gone_since = timezone.now()
    failed(item, f"{said} If it still is at the next sync, the document is withdrawn.", round_.options)
    return Outcome(item.address, "kept", item.error)


def not_answered(item: SourceItem, why: str, round_: Round) -> Outcome:
    round_.failures += 1
    outcome = failed(item, why, round_.options)
    if round_.failures >= FAILURES_IN_A_ROW:
        raise ServiceUnavailable(f"{FAILURES_IN_A_ROW} pages in a row did not answer; the last one: {why}")
    return outcome


def removals(missing: list[SourceItem], round_: Round, known: list[SourceItem], *, empty: bool) -> Iterator[Outcome]:
    """Pages that a person took off a list are meant to go; those that a site lost are counted first."""
    by_hand = round_.source.kind == Source.Kind.URLS
    lost = round_.gone if by_hand else [*missing, *round_.gone]
    guard(round_.source, lost, known, round_.options, empty=empty and not by_hand)
    for item in [*missing, *round_.gone]:
        yield drop(item, round_.options)


def content_at(file: IO[bytes]) -> str:
    return content_of(Path(file.name))
