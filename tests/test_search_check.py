"""`jiedu check` knows when search would not find what the archive holds, and mends it."""

import pytest
from sqlalchemy import text

from storage import Archive
from storage.check import check, repair
from tests.records import URL, article, capture

OTHER = "http://news.example.cn/jiedu/1002.html"
DAMAGE = {
    "DELETE FROM search_entries WHERE version_id = 1": "it has no entry",
    "UPDATE search_entries SET is_latest = true WHERE version_id = 1": "rightly whether",
    "UPDATE search_entries SET is_latest = false WHERE version_id = 2": "rightly whether",
    "UPDATE search_entries SET reading_id = 2 WHERE version_id = 2": "another reading than its new",
    "UPDATE articles SET withdrawn_at = '2026-03-01' WHERE id = 2": "the article is withdrawn",
}
WORDS = {
    "sqlite": (
        "INSERT INTO search_index (search_index) VALUES ('delete-all')",
        "INSERT INTO search_index_characters (search_index_characters) VALUES ('delete-all')",
    ),
    "postgresql": (
        "DELETE FROM search_index WHERE version_id = 3",
        "DELETE FROM search_index_texts WHERE version_id = 3",
    ),
}


@pytest.fixture
def filled(archive: Archive) -> Archive:
    """An article of two versions, of which the second was read twice, and one of one."""
    archive.begin_crawl("test")
    archive.add([capture()], article("甲乙。"))
    archive.add([capture(b"2", minute=1)], article("丙丁。"))
    archive.add_reading(2, article("丙丁。", reader="2+bbbbbbbb"))
    archive.add([capture(b"3", url=OTHER, minute=2)], article("戊己。", url=OTHER))
    archive.finish_crawl("finished", {})
    return archive


def run(archive: Archive, statement: str) -> None:
    with archive.engine.begin() as connection:
        connection.execute(text(statement))


def test_a_damaged_index_is_an_error_and_made_anew(filled: Archive, backend: str) -> None:
    assert check(filled).findings == []
    damage = DAMAGE | dict.fromkeys(WORDS[backend], "version 3: its words cannot be found")
    for statement, part in damage.items():
        run(filled, statement)
        report = check(filled)
        errors = [f"{finding.where}: {finding.what}" for finding in report.findings]
        assert any(part in error for error in errors), (statement, errors)
        (line,) = repair(filled, report)
        count = 2 if "withdrawn" in part else 3
        assert line == f"the search index was made anew, with {count} version(s)"
        assert check(filled).findings == []
        run(filled, "UPDATE articles SET withdrawn_at = NULL")
        if count == 2:
            repair(filled, check(filled))
        found = [filled.search(words).article_ids() for words in ("甲乙", "丙丁", "戊己", "丙 己")]
        assert found == [[], [1], [2], []]


# FTS5 does not tell which rows it has; without an entry none of them is found.
@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_what_is_left_of_a_withdrawn_article_is_an_error(filled: Archive) -> None:
    filled.withdraw(URL, "personal data", by="an archivist")
    run(filled, "INSERT INTO search_index_texts VALUES (1, '甲', '乙')")
    (error,) = check(filled).findings
    assert "has no entry" in error.what
    repair(filled, check(filled))
    assert check(filled).findings == []
