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
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from crawler.extensions.progress import _Display
from crawler.logfile import JsonLines
from tests.crawling import ROOT, Operator
from tests.site.server import SampleSite

GOV = "zcjd.samples.example"


@pytest.fixture
def site() -> Iterator[SampleSite]:
    with SampleSite(articles=15) as running:
        yield running


@pytest.fixture
def operator(site: SampleSite, tmp_path: Path) -> Operator:
    return Operator(site=site, archive_url=f"sqlite:///{tmp_path / 'archive.db'}", folder=tmp_path)


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


def test_a_crawl_writes_nothing_but_json_lines(operator: Operator) -> None:
    operator.site.fail(operator.site.articles(GOV)[0], 500)
    assert operator.crawl("samples_gov").status == 1
    found = records(operator.folder / "crawl.log")
    assert len(found) > 10
    assert all({"time", "level", "logger", "message"} <= set(entry) for entry in found)
    assert any("Scrapy" in entry["message"] for entry in found)  # from the first line on
    assert any(entry.get("portal") == "samples_gov" for entry in found)
    now = dt.datetime.now(dt.UTC)
    assert all(
        dt.timedelta(0) <= now - dt.datetime.fromisoformat(entry["time"]) < dt.timedelta(minutes=5)
        for entry in found
    )
    assert {entry["level"] for entry in found} <= {"INFO", "WARNING", "ERROR"}
    operator.crawl("samples_gov")
    assert len(records(operator.folder / "crawl.log")) > len(found)  # appended


def test_errors_in_the_log_are_still_counted(operator: Operator) -> None:
    site = operator.site
    site.fail(f"https://{GOV}/robots.txt", 503)
    crawled = operator.crawl("samples_gov")
    assert crawled.status == 1
    levels = [entry["level"] for entry in records(operator.folder / "crawl.log")]
    count = levels.count("ERROR")
    assert (f"{count} errors in the log" in crawled.output) is bool(count)


def test_text_can_be_asked_for(operator: Operator) -> None:
    log = operator.folder / "crawl.log"
    arguments = ("crawl", "samples_gov", "--logfile", str(log))
    assert operator.scrapy(*arguments, ARCHIVE_LOG_FORMAT="text").status == 0
    assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \[scrapy", log.read_text("utf-8"))
    wrong = operator.scrapy(*arguments, ARCHIVE_LOG_FORMAT="yaml")
    assert (wrong.status, "give json or text" in wrong.errors) == (2, True)


def test_a_log_file_that_cannot_be_written_is_one_line(operator: Operator) -> None:
    crawled = operator.scrapy("crawl", "samples_gov", "--logfile", "/proc/no/such.log")
    assert crawled.status == 2
    assert "cannot write /proc/no/such.log" in crawled.errors
    assert "Traceback" not in crawled.errors


# -- what a crawl measures -----------------------------------------------------------------------


def test_the_crawl_row_keeps_what_was_measured(operator: Operator) -> None:
    site = operator.site
    articles = site.articles(GOV)
    operator.crawl("samples_gov")
    with operator.archive() as archive:
        counts = archive.crawls("samples_gov")[-1].counts
        lengths = sorted(len(archive.version(url).article.text) for url in articles)
        (run,) = archive.health("samples_gov").runs
    sent = [request for request in site.requests if request.host == GOV]
    assert counts["requests"] == len(sent)
    assert (counts["listed_new"], counts["pages_read"]) == (len(articles), len(articles))
    assert lengths[0] <= counts["text_length"] <= lengths[-1]
    assert counts["text_length"] == lengths[len(lengths) // 2] or len(lengths) % 2 == 0
    assert counts["fresh"]["pages"] == len(articles)
    assert 0 < counts["response_seconds"] <= counts["response_seconds_p95"] < 10
    assert counts["without_date"] == 0
    assert counts["listings_read"] >= 1
    assert "measures" not in counts
    assert run.pages.read == run.fresh.read == len(articles)
    operator.crawl("samples_gov")  # pages seen before tell nothing of what is served today
    with operator.archive() as archive:
        again = archive.crawls("samples_gov", limit=1)[0].counts
    assert (again["listed_new"], again["fresh"]["pages"]) == (0, 0)
    assert again["pages_read"] == len(articles)
    shown = operator.jiedu("health", "--runs", "1")
    assert shown.status == 0, shown.errors
    assert "samples_gov" in shown.output
    (told,) = json.loads(operator.jiedu("health", "samples_gov", "--json").output)
    assert [entry["new"] for entry in told["runs"]] == [len(articles), 0]
    assert told["warnings"] == []
    assert "not been crawled yet" in operator.jiedu("health", "samples_paper").output


# -- progress ------------------------------------------------------------------------------------


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


def test_a_terminal_shows_progress_when_the_log_goes_elsewhere(operator: Operator) -> None:
    log = str(operator.folder / "crawl.log")
    shown = on_a_terminal(operator, "--logfile", log)
    count = len(operator.site.articles(GOV))
    assert "samples_gov" in shown
    assert f"{count}/{count}" in shown
    assert f"{count} listed, {count} new" in shown


def test_cron_gets_no_progress(operator: Operator) -> None:
    crawled = operator.crawl("samples_gov")
    assert crawled.status == 0
    assert crawled.errors == ""


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
