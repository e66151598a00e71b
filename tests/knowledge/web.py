"""A web site for tests: a real HTTP server on this machine, whose pages the test writes."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class WebPage:
    """What the server answers. With an etag or a date it answers 304 to whoever has it already."""

    content: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    before: Callable[[], object] = lambda: None
    """Called between the headers and the content: where a slow server waits."""


@dataclass
class Site:
    """`pages` by path; `asked` holds the path and headers of each request."""

    port: int
    pages: dict[str, WebPage] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def at(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def has(self, path: str, content: str | bytes = "", status: int = 200, **headers: str) -> None:
        raw = content.encode() if isinstance(content, str) else content
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = WebPage(raw, status, {"Content-Type": "text/html; charset=utf-8", **named})

    def has_sitemap(self, *paths: str, path: str = "/sitemap.xml") -> None:
        entries = "".join(f"<url><loc>{self.at(each)}</loc></url>" for each in paths)
        self.has(path, f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>')

    def visits(self, path: str) -> list[dict[str, str]]:
        """The headers of each request for the path, names in lower case."""
        return [headers for asked, headers in self.asked if asked == path]


@contextmanager
def running_site() -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            site.asked.append((self.path, headers))
            page = site.pages.get(self.path, WebPage(status=404))
            unchanged = headers.get("if-none-match", "-") == page.headers.get("ETag") or headers.get(
                "if-modified-since", "-"
            ) == page.headers.get("Last-Modified")
            self.send_response(304 if unchanged else page.status)
            for name, value in page.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.flush()
            page.before()
            if not unchanged:
                self.wfile.write(page.content)

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            """A client that hangs up early is what some tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    site = Site(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
