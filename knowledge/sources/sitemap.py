"""Sitemaps (sitemaps.org, version 0.9): the pages of a site, named by the site itself."""

import io
from dataclasses import dataclass
from typing import Any

from lxml import etree

from askacme.lib.errors import AskAcmeError, NotFound, ServiceUnavailable, UnreadableFile
from knowledge.sources.safe_fetch import Fetcher, gunzipped

MAX_SITEMAP_BYTES = 20 * 1024 * 1024
MAX_SITEMAPS = 50
MAX_PAGES = 5_000
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Listing:
    """The pages to visit. When `missing` says why it is not the whole list, no page may count as gone."""

    addresses: tuple[str, ...]
    missing: str = ""


def read_sitemap(address: str, fetcher: Fetcher) -> Listing:
    """
    The pages of a sitemap, or of all those that a sitemap index names. Only pages of the sitemap's own host count.

    Raises NotFound, ServiceUnavailable or UnreadableFile when the sitemap itself can't be had; one that an index names
    and that can't be had makes the listing incomplete.
    """
    home = fetcher.checked(address).host
    pages: dict[str, None] = {}
    kind, named = parse_sitemap(fetch_sitemap(address, home, fetcher))
    missing = ""
    if kind == "sitemapindex":
        inner = own(named, home, fetcher)
        missing = f"The sitemap names more than {MAX_SITEMAPS} others." if len(inner) > MAX_SITEMAPS else ""
        for each in inner[:MAX_SITEMAPS]:
            try:
                kind, named = parse_sitemap(fetch_sitemap(each, home, fetcher))
            except AskAcmeError as error:
                missing = f"{each}: {error}"
                continue
            if kind == "urlset":
                pages |= dict.fromkeys(own(named, home, fetcher))
    else:
        pages |= dict.fromkeys(own(named, home, fetcher))
    if len(pages) > MAX_PAGES:
        missing = f"The sitemap names {len(pages):,} pages, of which {MAX_PAGES:,} are read."
    return Listing(tuple(pages)[:MAX_PAGES], missing)


def fetch_sitemap(address: str, home: str, fetcher: Fetcher) -> bytes:
    content = io.BytesIO()
    answer = fetcher.fetch(address, content, max_bytes=MAX_SITEMAP_BYTES, only_host=home)
    if answer.status in {404, 410}:
        raise NotFound(f"There is no sitemap at {address} ({answer.status}).")
    if answer.status != 200:
        raise ServiceUnavailable(f"The server answered {answer.status} for the sitemap {address}.")
    raw = content.getvalue()
    return gunzipped(raw, MAX_SITEMAP_BYTES) if raw.startswith(_GZIP) else raw


def parse_sitemap(content: bytes) -> tuple[str, list[str]]:
    """
    `urlset` with pages or `sitemapindex` with sitemaps, and their addresses.

    Raises UnreadableFile, also for any document type declaration: entities are declared there, and no sitemap needs
    them.
    """
    parser = etree.XMLParser(
        resolve_entities=False, huge_tree=False, no_network=True, load_dtd=False, dtd_validation=False
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableFile(f"This is no sitemap: {str(error)[:200]}") from error
    kind = etree.QName(root).localname
    if kind not in {"urlset", "sitemapindex"} or root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableFile("This is no sitemap: it must hold <urlset> or <sitemapindex>, without a DOCTYPE.")
    return kind, [location_of(entry) for entry in root if location_of(entry)]


def location_of(entry: Any) -> str:
    return (entry.findtext("{*}loc") or "").strip() if isinstance(entry.tag, str) else ""


def own(named: list[str], home: str, fetcher: Fetcher) -> list[str]:
    """Those addresses that are of this host and may be fetched; a site may not send us elsewhere."""
    found: dict[str, None] = {}
    for address in named:
        try:
            url = fetcher.checked(address)
        except AskAcmeError:
            continue
        if url.host == home:
            found[str(url)] = None
    return list(found)
