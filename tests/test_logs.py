"""Log files hold one JSON object a line; a terminal shows progress, cron's mail does not."""

import datetime as dt
import json
import logging
import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy.exceptions import NotConfigured, UsageError
from scrapy.settings import Settings

from crawler.extensions.progress import ProgressExtension, _Display
from crawler.logfile import JsonLines, name_log_file
from tests.commands import ROOT
from tests.crawling import Crawled, Operator
from tests.site.server import SampleSite

GOV = "zcjd.samples.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Two crawls of one portal: what the terminal of the first showed, what the second said."""

    operator: Operator
    terminal: str
    cron: Crawled
    sent: int  # requests of the first


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    folder = tmp_path_factory.mktemp("logs")
    with SampleSite(articles=15) as site:
        url = f"sqlite:///{folder / 'archive.db'}"
        operator = Operator(site=site, archive_url=url, folder=folder)
        terminal = on_a_terminal(operator, "--logfile", str(folder / "crawl.log"))
        sent = len(site.requests)
        cron = operator.crawl("samples_gov")
        yield Told(operator=operator, terminal=terminal, cron=cron, sent=sent)


@pytest.fixture
def _own_log() -> Iterator[None]:
    """Take back what setting up a log does to this process."""
    before, level = list(logging.root.handlers), logging.root.level
    yield
    for handler in [h for h in logging.root.handlers if h not in before]:
        logging.root.removeHandler(handler)
        handler.close()
    logging.root.setLevel(level)


def line(message: Any, *arguments: object, **fields: object) -> dict[str, Any]:
    """What a record becomes."""
    record = logging.LogRecord(
        "crawler.spider", logging.WARNING, "x.py", 1, message, arguments, None
    )
    vars(record).update(fields)
    text = JsonLines().format(record)
    assert "\n" not in text
    found: dict[str, Any] = json.loads(text)
    return found


def test_a_line_has_its_time_in_utc_and_its_message() -> None:
    found = line("%s: 没有%d\n篇", "gov", 3, created=1772424000.25)
    assert found == {
        "time": "2026-03-02T04:00:00.250+00:00",
        "level": "WARNING",
        "logger": "crawler.spider",
        "message": "gov: 没有3\n篇",
    }
    assert "没有" in JsonLines().format(logging.makeLogRecord({"msg": "没有"}))


def test_a_line_names_its_portal() -> None:
    spider = SimpleNamespace(name="family", portal_name="family:host")
    assert line("x", spider=spider)["portal"] == "family:host"
    assert line("x", crawler=SimpleNamespace(spider=spider))["portal"] == "family:host"
    assert line("x", spider=SimpleNamespace(name="gov"))["portal"] == "gov"
    assert "portal" not in line("x", crawler=SimpleNamespace(spider=None))


def test_a_traceback_is_one_field() -> None:
    try:
        raise ValueError("第7行")
    except ValueError:
        found = line("failed", exc_info=sys.exc_info())
    assert found["message"] == "failed"
    assert re.fullmatch(r"Traceback.*ValueError: 第7行", found["error"], re.DOTALL)


def test_odd_messages_are_lines_too() -> None:
    assert line({"a": object})["message"].startswith("{'a'")
    assert line(ValueError("x"))["message"] == "x"
    assert json.loads(JsonLines().format(logging.makeLogRecord({"msg": "\udc80"})))


def records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(text) for text in path.read_text("utf-8").splitlines()]


def test_a_crawl_writes_nothing_but_json_lines(told: Told) -> None:
    found = records(told.operator.folder / "crawl.log")
    assert all({"time", "level", "logger", "message"} <= set(entry) for entry in found)
    starts = [entry for entry in found if "Scrapy 2." in entry["message"]]
    assert found[0] in starts  # from the first line on
    assert len(starts) == 2  # appended
    assert any(entry.get("portal") == "samples_gov" for entry in found)
    assert all(dt.datetime.fromisoformat(e["time"]).utcoffset() == dt.timedelta() for e in found)
    assert {entry["level"] for entry in found} <= {"INFO", "WARNING", "ERROR"}


@pytest.mark.usefixtures("_own_log")
def test_the_log_file_is_as_the_settings_say(tmp_path: Path) -> None:
    file = tmp_path / "a.log"
    values = {"LOG_FILE": str(file), "ARCHIVE_LOG_FORMAT": "json", "LOG_LEVEL": "WARNING"}
    settings = Settings(values)
    name_log_file(settings, "crawl")
    assert not settings.getbool("LOG_INSTALL_ROOT_HANDLER")  # Scrapy's would write text
    logging.getLogger("a").warning("宽")
    logging.getLogger("a").info("quiet")
    (handler,) = (h for h in logging.root.handlers if getattr(h, "baseFilename", "") == str(file))
    lone = {"name": "a", "msg": "\udc80", "levelno": logging.WARNING, "levelname": "WARNING"}
    handler.handle(logging.makeLogRecord(lone))  # to the file only: pytest cannot report it
    assert [entry["message"] for entry in records(file)] == ["宽", "\udc80"]
    as_text = Settings(values | {"ARCHIVE_LOG_FORMAT": "text"})
    name_log_file(as_text, "crawl")
    assert as_text.getbool("LOG_INSTALL_ROOT_HANDLER")


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"LOG_FILE": "/proc/no/such.log", "ARCHIVE_LOG_FORMAT": "json"}, "cannot write /proc/no"),
        ({"LOG_FILE": "x.log", "ARCHIVE_LOG_FORMAT": "yaml"}, "give json or text"),
    ],
)
def test_a_log_that_cannot_be_written_is_wrong_usage(values: dict[str, str], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        name_log_file(Settings(values), "crawl")


# -- what a crawl measures ---------------------------------------------------------------------


def test_the_crawl_row_keeps_what_was_measured(told: Told) -> None:
    operator = told.operator
    articles = operator.site.articles(GOV)
    with operator.archive() as archive:
        first, again = (crawl.counts for crawl in archive.crawls("samples_gov"))
        lengths = [len(archive.version(url).article.text) for url in articles]
        listings = sum(capture.kind == "listing" for capture in archive.captures())
        run, _ = archive.health("samples_gov").runs
    assert first["requests"] == told.sent
    assert (first["listed_new"], first["pages_read"]) == (len(articles), len(articles))
    assert first["text_length"] == first["fresh"]["text_length"] == median(lengths)
    assert first["fresh"]["pages"] == len(articles)
    assert 0 < first["response_seconds"] <= first["response_seconds_p95"] < 10
    assert first["without_date"] == 0
    assert first["listings_read"] + again["listings_read"] == listings
    assert "measures" not in first
    assert run.pages.read == run.fresh.read == len(articles)
    # pages seen before tell nothing of what is served today
    assert (again["listed_new"], again["fresh"]["pages"]) == (0, 0)
    assert again["pages_read"] == len(articles)


# -- progress ----------------------------------------------------------------------------------


def on_a_terminal(operator: Operator, *arguments: str) -> str:
    """What `scrapy crawl` shows on standard error when that is a terminal."""
    ours, theirs = pty.openpty()
    values = os.environ | {
        "SCRAPY_PROJECT": "samples",
        "JIEDU_HOST_MAP": json.dumps(operator.site.host_map),
        "ARCHIVE_URL": operator.archive_url,
        "ARCHIVE_CONTACT": "webmaster@samples.example",
        "TERM": "xterm",
        "COLUMNS": "160",
    }
    command = [sys.executable, "-m", "scrapy", "crawl", "samples_gov", *arguments]
    process = subprocess.Popen(
        command, cwd=ROOT, env=values, stdout=subprocess.DEVNULL, stderr=theirs
    )
    os.close(theirs)
    shown, limit = b"", time.monotonic() + 60
    while time.monotonic() < limit:
        if not select.select([ours], [], [], 1)[0]:
            continue
        try:
            chunk = os.read(ours, 65536)
        except OSError:  # Linux says so when the other end is closed
            break
        if not chunk:
            break
        shown += chunk
    os.close(ours)
    assert process.wait(timeout=10) == 0
    return shown.decode("utf-8", "replace")


def test_a_terminal_shows_progress_when_the_log_goes_elsewhere(told: Told) -> None:
    count = len(told.operator.site.articles(GOV))
    assert "samples_gov" in told.terminal
    assert f"{count}/{count}" in told.terminal
    assert f"{count} listed, {count} new" in told.terminal


def test_cron_gets_no_progress(told: Told) -> None:
    assert (told.cron.status, told.cron.errors) == (0, "")


@pytest.mark.parametrize(("is_terminal", "log_file"), [(True, None), (False, "crawl.log")])
def test_no_progress_without_a_terminal_or_with_the_log_on_it(
    monkeypatch: pytest.MonkeyPatch, is_terminal: bool, log_file: str | None
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: is_terminal)
    crawler = SimpleNamespace(settings=Settings({"LOG_FILE": log_file}))
    with pytest.raises(NotConfigured):
        ProgressExtension(crawler)  # type: ignore[arg-type]


def test_crawls_side_by_side_share_one_display() -> None:
    display = _Display()
    first, second = display.begin("gov"), display.begin("[paper]")
    progress = display._progress
    assert progress
    assert progress.live.is_started
    display.update(first, done=3, total=4, counts="3 new")
    display.update(second, done=1, total=None, counts="1 new")
    assert [task.description for task in progress.tasks] == ["gov", "[paper]"]
    assert [(task.completed, task.total) for task in progress.tasks] == [(3, 4), (1, None)]
    display.end()
    assert progress.live.is_started
    display.end()
    assert not progress.live.is_started
    third = display.begin("juhe")  # the next crawl of the process starts another
    assert display._progress is not progress
    display.end()
    display.update(third, done=1, total=1, counts="late")  # a late visit harms nothing
