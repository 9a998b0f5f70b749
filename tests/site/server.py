"""The sample portals on 127.0.0.1: several hosts behind one port, told apart by the Host header.

Used by tests (``with SampleSite() as site``) and by ``python -m tests.site``.
"""

import datetime as dt
import gzip as gzip_format
import hashlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from tests.site.disturbances import Disturbances, Fault, declare_wrongly
from tests.site.generator import generate_articles
from tests.site.newsroom import DISALLOWED, Newsroom, Page, key_of
from tests.site.record import SampleArticle, written_articles

CHUNK_BYTES = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRequest:
    """One request as it came, when by ``time.monotonic()``, and the status it got."""

    at: float
    method: str
    host: str
    path: str
    headers: dict[str, str]
    status: int

    def header(self, name: str) -> str | None:
        """The first header of this name in any case."""
        return next((v for n, v in self.headers.items() if n.lower() == name.lower()), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A response as it goes out. ``announced`` is its Content-Length when that is a lie;
    ``repeated`` is a number of bytes sent after ``body``."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""
    announced: int | None = None
    repeated: int = 0
    drip_seconds: float = 0  # between two bytes of the body


class SampleSite(Newsroom, Disturbances):
    """The running server; leave the ``with`` block to stop it.

    ``articles`` is the number of articles on all portals together (the twelve written by hand come
    first), the same each time. ``gzip``, ``conditional`` (ETag and Last-Modified with
    304 answers), ``rotate`` (the aggregator's counter and sidebar) and ``crawl_delay`` (seconds,
    in robots.txt) may be set while it runs. ``requests`` holds every request so far.
    """

    def __init__(
        self,
        *,
        articles: int = 60,
        port: int = 0,
        gzip: bool = False,
        conditional: bool = False,
        rotate: bool = True,
        crawl_delay: float | None = None,
    ) -> None:
        Newsroom.__init__(self, _first_articles(articles), rotate=rotate)
        Disturbances.__init__(self)
        self.gzip = gzip
        self.conditional = conditional
        self.crawl_delay = crawl_delay
        self.requests: list[RecordedRequest] = []
        self._robots: dict[str, str] = {}
        self._stopping = threading.Event()
        self._server = _Server(("127.0.0.1", port), self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True, name="sample-site"
        )

    @property
    def port(self) -> int:
        """The port all hosts are served on."""
        return int(self._server.server_address[1])

    @property
    def host_map(self) -> dict[str, str]:
        """Where each host is really served: setting ``HOST_MAP`` of the download handler."""
        return {host: f"127.0.0.1:{self.port}" for host in self.hosts}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop serving; what is being answered slowly ends at once."""
        self._stopping.set()
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def is_stopping(self, seconds: float) -> bool:
        """Wait; whether the site is being stopped."""
        return self._stopping.wait(seconds)

    def restore(self, url: str) -> None:
        """Take back ``delete`` and every fault of the address and of an article's later pages."""
        super().restore(url)
        self.recover(url)
        if self._follow(key_of(url)) in self._articles:
            for page in self.pages(url):
                self.recover(page)

    def drop_page(self, url: str, page: int) -> None:
        """Answer 404 for one page, from 1, of a multi-page article."""
        self.fail(self.pages(url)[page - 1], 404)

    def robots(self, host: str, text: str) -> None:
        """Serve this robots.txt on the host."""
        self._robots[host] = text

    def requests_for(self, url: str) -> list[RecordedRequest]:
        """The requests so far for one address."""
        return [r for r in list(self.requests) if (r.host, r.path.partition("?")[0]) == key_of(url)]

    def answer(self, host: str, path: str, headers: dict[str, str]) -> Answer:
        """The response to a request; header names are in lower case."""
        if host not in self.hosts:
            return _plain(404, f"no sample portal is called {host!r}\n")
        fault = self.fault_for((host, path))
        if fault.delay_seconds:
            self._stopping.wait(fault.delay_seconds)
        if fault.spoiling == "reset":
            raise ConnectionResetError
        if fault.status is not None:
            return _failure(fault)
        if path == "/robots.txt":
            return _plain(200, self._robots_text(host))
        return self._dress(self.page(host, path), headers, fault)

    def _dress(self, page: Page, headers: dict[str, str], fault: Fault) -> Answer:
        """The page with its headers, after what the fault makes of it."""
        body, content_type = page.body, page.content_type
        if fault.spoiling == "wrong_charset":
            body, lie = declare_wrongly(body, content_type.partition("charset=")[2])
            content_type = f"text/html; charset={lie}"
        elif fault.spoiling == "empty":
            body = b""
        elif fault.spoiling == "binary":
            body = fault.binary
        sent = [("Content-Type", content_type)]
        if page.location:
            sent.append(("Location", page.location))
        if self.conditional and page.modified_at and page.status == 200:
            tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            sent += [("ETag", tag), ("Last-Modified", format_datetime(page.modified_at, True))]
            if _is_unchanged(headers, tag, page.modified_at):
                return Answer(status=304, headers=tuple(sent[1:]))
        if fault.spoiling == "oversize":
            return Answer(
                status=200,
                headers=tuple(sent),
                body=body,
                repeated=max(fault.size_bytes - len(body), 0),
            )
        if self.gzip and "gzip" in headers.get("accept-encoding", ""):
            body = gzip_format.compress(body, mtime=0)
            sent += [("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")]
        if fault.spoiling == "truncate":
            half = body[: len(body) // 2]
            return Answer(status=200, headers=tuple(sent), body=half, announced=len(body))
        drip = fault.drip_seconds
        return Answer(status=page.status, headers=tuple(sent), body=body, drip_seconds=drip)

    def _robots_text(self, host: str) -> str:
        delay = "" if self.crawl_delay is None else f"Crawl-delay: {self.crawl_delay:g}\n"
        return self._robots.get(host, f"User-agent: *\nDisallow: {DISALLOWED}\n{delay}")


def _is_unchanged(headers: dict[str, str], tag: str, modified_at: dt.datetime) -> bool:
    if "if-none-match" in headers:  # RFC 9110, 13.1.3: then the date is not looked at
        return tag in headers["if-none-match"]
    try:
        return parsedate_to_datetime(headers.get("if-modified-since", "")) >= modified_at
    except (TypeError, ValueError):
        return False


def _failure(fault: Fault) -> Answer:
    status = fault.status or 500
    if fault.body is not None:
        return Answer(status=status, headers=fault.headers, body=fault.body)
    known = {entry.value: entry.phrase for entry in HTTPStatus}  # firewalls use others, as 521
    answer = _plain(status, f"{status} {known.get(status, 'refused')}\n")
    if fault.retry_after is None:
        return answer
    wait = ("Retry-After", str(fault.retry_after))
    return Answer(status=status, headers=(*answer.headers, wait), body=answer.body)


def _plain(status: int, text: str) -> Answer:
    kind = ("Content-Type", "text/plain; charset=utf-8")
    return Answer(status=status, headers=(kind,), body=text.encode())


def _first_articles(count: int) -> list[SampleArticle]:
    written = written_articles()[:count]
    return written + generate_articles(count - len(written))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a client may keep its connection open; its thread is a daemon

    def __init__(self, address: tuple[str, int], site: SampleSite) -> None:
        self.site = site
        self._open: set[Any] = set()
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Close the connections clients keep open too, so that no socket outlives the site."""
        super().server_close()
        for request in list(self._open):
            self.shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up in the middle are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "SamplePortals", ""
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body in one segment
    server: _Server

    def do_GET(self) -> None:
        host = self.headers.get("Host", "").partition(":")[0].lower()
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.server.site.answer(host, urlsplit(self.path).path, headers)
        self.server.site.requests.append(
            RecordedRequest(
                at=time.monotonic(),
                method=self.command,
                host=host,
                path=self.path,
                headers=dict(self.headers.items()),
                status=answer.status,
            )
        )
        self._send(answer)

    do_HEAD = do_GET

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        length = len(answer.body) + answer.repeated
        if answer.announced is not None:
            length = answer.announced
            self.close_connection = True
        if answer.status != 304:
            self.send_header("Content-Length", str(length))
        self.end_headers()
        if answer.drip_seconds:
            self.wfile.flush()
            self._drip(answer)
        elif self.command != "HEAD":
            self.wfile.write(answer.body)
            for chunk in _spaces(answer.repeated):
                self.wfile.write(chunk)
        self.wfile.flush()

    def _drip(self, answer: Answer) -> None:
        for number in range(len(answer.body)):
            self.wfile.write(answer.body[number : number + 1])
            self.wfile.flush()
            if self.server.site.is_stopping(answer.drip_seconds):
                return

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: a test's output is the test's."""


def _spaces(size_bytes: int) -> Iterator[bytes]:
    chunk = b" " * CHUNK_BYTES
    for _ in range(size_bytes // CHUNK_BYTES):
        yield chunk
    yield chunk[: size_bytes % CHUNK_BYTES]
