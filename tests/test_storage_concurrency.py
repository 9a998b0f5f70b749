"""Several processes adding the same articles at once, on both backends."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from storage import Archive
from storage.warc_reading import iterate
from tests.commands import FORKS
from tests.records import BODY, article, capture

SMALL = pytest.param(4, 12, id="small")
FULL = pytest.param(8, 200, id="full", marks=pytest.mark.soak)

_start: Barrier


def address(number: int) -> str:
    """The ``number``-th article's address."""
    return f"http://news.example.cn/jiedu/{number}.html"


def words(number: int, process: int) -> str:
    """A paragraph that differs between processes by one character."""
    return f"第{number}篇由第{process}家报道。"


def add_same(archive_url: str, folder: str, urls: int, process: int) -> Counter[str]:
    """Every process sees the same content of every article."""
    return _add(archive_url, folder, [(n, words(n, 0)) for n in range(urls)])


def add_distinct(archive_url: str, folder: str, urls: int, process: int) -> Counter[str]:
    """Every process sees a content of its own, all captured in the same minute."""
    return _add(archive_url, folder, [(n, words(n, process)) for n in range(urls)])


def _add(archive_url: str, folder: str, pages: list[tuple[int, str]]) -> Counter[str]:
    states: Counter[str] = Counter()
    with Archive.open(archive_url, warc=folder) as archive:
        _start.wait(timeout=300)
        for number, text in pages:
            url = address(number)
            added = archive.add([capture(text.encode(), url=url)], article(*BODY, text, url=url))
            states[added.state] += 1
    return states


def _meet(start: Barrier) -> None:
    global _start
    _start = start


Work = Callable[[str, str, int, int], Counter[str]]


def run_together(work: Work, processes: int, *arguments: object) -> list[Counter[str]]:
    """What ``work`` returned in each process; all of them begin at the same moment."""
    with ProcessPoolExecutor(
        processes, FORKS, initializer=_meet, initargs=(FORKS.Barrier(processes),)
    ) as pool:
        futures = [pool.submit(work, *arguments, n) for n in range(processes)]  # type: ignore[arg-type]
        return [future.result() for future in futures]


def check_files(archive: Archive, folder: Path, processes: int) -> None:
    """Each process wrote its own files, each capture one response or revisit."""
    found = [record.type for path in folder.iterdir() for record in iterate(path)]
    assert found.count("response") + found.count("revisit") == archive.counts()["captures"]
    assert len({path.name.split("-")[1] for path in folder.iterdir()}) == processes


@pytest.mark.parametrize(("processes", "urls"), [SMALL, FULL])
def test_the_same_content_from_all_is_one_version(
    archive_url: str,
    tmp_path: Path,
    processes: int,
    urls: int,
) -> None:
    states = run_together(add_same, processes, archive_url, str(tmp_path / "warc"), urls)
    assert sum(states, Counter()) == {"new": urls, "unchanged": urls * (processes - 1)}
    with Archive.open(archive_url, warc=tmp_path / "warc") as archive:
        for number in range(urls):
            (version,) = archive.versions(address(number))
            assert (version.number, version.captures) == (1, processes)
            assert len(archive.captures(address(number))) == processes
        assert archive.counts() == {
            "articles": urls,
            "versions": urls,
            "readings": urls,
            "captures": urls * processes,
        }
        check_files(archive, tmp_path / "warc", processes)


@pytest.mark.parametrize(("processes", "urls"), [SMALL, FULL])
def test_distinct_contents_are_versions_without_gap(
    archive_url: str, tmp_path: Path, processes: int, urls: int
) -> None:
    states = run_together(add_distinct, processes, archive_url, str(tmp_path / "warc"), urls)
    assert sum(states, Counter()) == {"new": urls, "changed": urls * (processes - 1)}
    with Archive.open(archive_url, warc=tmp_path / "warc") as archive:
        for number in range(urls):
            versions = archive.versions(address(number))
            assert [v.number for v in versions] == list(range(1, processes + 1))
            assert {v.captures for v in versions} == {1}
            assert {v.article.blocks[-2].text for v in versions} == {
                words(number, process) for process in range(processes)
            }
            ids = [v.id for v in versions]
            assert ids == sorted(ids)  # numbered in the order of their commits
        check_files(archive, tmp_path / "warc", processes)
