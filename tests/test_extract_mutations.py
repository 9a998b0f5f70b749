"""Damaged pages: an article that is well-formed or an ExtractionError, soon, in little memory.

More than a thousand pages here, 20,000 in `make soak`; those in ``mutated/`` are read every time.
Write the page of a failing recipe there with ``python -m tests.mutations --save NUMBER``.
"""

import contextlib
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.extract import ExtractionError, explain, extract
from storage import Archive
from tests.article_pages import PARAGRAPHS, TITLE, URL, page, paragraphs
from tests.mutations import (
    ADDRESS_PARTS,
    MUTATIONS,
    SHAPES,
    Base,
    Recipe,
    TookTooLong,
    faults_of,
    own_pages,
    read_within,
    recipe_of,
    shared_pages,
    time_limit,
)
from tests.records import capture

ROOT = Path(__file__).parents[1]
SAVED = sorted((ROOT / "tests" / "mutated").glob("*.html"))
BROKE = [path for path in SAVED if path.stem.startswith("broke-")]  # they say what broke
MOST_BYTES_HELD = 500_000_000
SOAK_PAGES, SOAK_PROCESSES = 20_000, 4
LARGEST = 20_000_000  # DOWNLOAD_MAXSIZE
LARGE = 2_000_000
LEVELS = 2000
TIMEOUT_SECONDS = 1800  # for a process that hangs inside of C code, where no signal is heard

STEPS = st.lists(
    st.tuples(st.sampled_from(list(MUTATIONS)), st.integers(0, 10**6)), min_size=1, max_size=4
)
REPRODUCIBLE = settings(
    derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)


def check(recipe: Recipe) -> None:
    outcome = read_within(recipe.body, recipe.base, recipe.content_type)
    assert not outcome.faults, f"{recipe}: {outcome}"


@settings(REPRODUCIBLE, max_examples=600)
@given(base=st.sampled_from(own_pages()), steps=STEPS)
def test_mutated_pages_are_read_or_refused(base: Base, steps: list[tuple[str, int]]) -> None:
    check(Recipe(base=base, steps=tuple(steps)))


@pytest.mark.skipif(not shared_pages(), reason="no real pages at shared/ beside the checkout")
@settings(REPRODUCIBLE, max_examples=300)
@given(number=st.integers(0, max(len(shared_pages()) - 1, 0)), steps=STEPS)
def test_mutated_real_pages_are_read_or_refused(number: int, steps: list[tuple[str, int]]) -> None:
    check(Recipe(base=shared_pages()[number], steps=tuple(steps)))


@settings(REPRODUCIBLE, max_examples=300)
@given(
    start=st.sampled_from(("", "http://a.cn", "https://a.cn/")),
    parts=st.lists(st.sampled_from(ADDRESS_PARTS), max_size=8),
)
def test_any_address_is_used_or_refused(start: str, parts: list[str]) -> None:
    html = page(after="<a href='?page=2'>下一页</a>", body=f"{paragraphs()}<a href='b'>附</a>")
    with contextlib.suppress(ExtractionError):
        assert faults_of(extract(html, url=start + "".join(parts))) == []


@pytest.mark.parametrize("kind", MUTATIONS)
def test_every_kind_of_mutation_changes_pages(kind: str) -> None:
    recipes = [
        Recipe(base=base, steps=((kind, number),)) for number, base in enumerate(own_pages())
    ]
    assert sum(recipe.body != recipe.base.body for recipe in recipes) > len(recipes) / 2
    for recipe in recipes:
        check(recipe)


def test_recipes_give_the_same_page_again() -> None:
    assert {recipe_of(number).steps[0][0] for number in range(len(MUTATIONS))} == set(MUTATIONS)
    for number in range(60):
        recipe = recipe_of(number)
        assert recipe.body == recipe_of(number).body, recipe


def test_a_hang_and_a_broken_record_would_be_found() -> None:
    def search_forever() -> None:
        re.match(r"(a+)+b", "a" * 40)

    with pytest.raises(TookTooLong), time_limit(0.2):
        search_forever()
    article = extract(page(), url=URL)
    assert faults_of(article) == []
    for name, value in (
        ("title", ""),
        ("source", "样例\x00"),
        ("byline", "\ud800"),
        ("blocks", article.blocks[1:]),
        ("blocks", ()),
        ("posted_precision", None),
        ("media_kind", "图解"),
        ("next_page", "javascript:void(0)"),
    ):
        assert faults_of(_replace(article, name, value)), (name, value)


def _replace(article: Any, name: str, value: object) -> Any:
    fields = {field: getattr(article, field) for field in article.__dataclass_fields__}
    return type(article)(**(fields | {name: value}))


@pytest.mark.parametrize("path", SAVED, ids=lambda path: path.stem)
def test_saved_pages_are_read_or_refused(path: Path) -> None:
    body = path.read_bytes()
    for base in own_pages()[:3]:
        outcome = read_within(body, base, base.content_type)
        assert not outcome.faults, outcome
    with contextlib.suppress(ExtractionError):
        assert explain(body, url=URL)


@pytest.mark.parametrize("path", BROKE, ids=lambda path: path.stem)
def test_pages_once_misread_are_read(path: Path) -> None:
    article = extract(path.read_bytes(), url=URL)
    assert (article.title, [block.text for block in article.blocks]) == (TITLE, list(PARAGRAPHS))
    assert article.posted_at == article.published_at


def test_every_reading_of_a_damaged_page_can_be_archived(archive: Archive) -> None:
    bodies = [path.read_bytes() for path in SAVED] + [recipe_of(n * 7).body for n in range(40)]
    kept = 0
    for number, body in enumerate(bodies):
        url = f"http://news.example.cn/jiedu/{number}.html"
        try:
            article = extract(body, url=url)
        except ExtractionError as error:
            archive.add([capture(body, url=url)], None, failure=str(error))
            continue
        added = archive.add([capture(body, url=url)], article)
        assert added.state == "new"
        assert archive.versions(url)[0].article.blocks == article.blocks
        kept += 1
    assert kept > len(bodies) / 2


# Damage that loses nothing: whatever a browser shows unchanged must be read unchanged.
HARMLESS: dict[str, Callable[[str], str]] = {
    "items not closed": lambda html: html.replace("</li>", ""),
    "cells and rows not closed": lambda html: re.sub("</t[dr]>", "", html),
    "inline elements not closed": lambda html: re.sub("</(?:span|em|font)>(?=</p>)", "", html),
    "no end": lambda html: re.sub(r"</div>\s*</body>.*", "", html, flags=re.DOTALL),
    "no html, head and body": lambda html: re.sub("</?(?:!DOCTYPE |)(?:html|head|body)>", "", html),
    "upper case": lambda html: re.sub(r"</?[a-z]\w*", lambda tag: tag.group().upper(), html),
    "decimal references": lambda html: _numbered(html, "&#{};"),
    "hexadecimal references": lambda html: _numbered(html, "&#x{:X};"),
    "windows line ends": lambda html: html.replace("\n", "\r\n"),
    "one line": lambda html: html.replace("\n", " "),
    "comments": lambda html: re.sub("(<p[ >])", r"<!-- <div hidden> -->\1", html),
    "no quotes": lambda html: re.sub(r'(class|id)="([\w-]+)"', r"\1=\2", html),
    "byte order mark": lambda html: f"\ufeff{html}",
    "zero-width spaces": lambda html: re.sub("([，。])(?=[一-龥])", "\\1\u200b", html),
    "empty paragraphs": lambda html: html.replace("</p>", "</p><p>&nbsp;</p>"),
    "a second html and body": lambda html: html.replace("<body", "<html><body><body", 1),
    "the page twice": lambda html: html * 2,
    "the page four times": lambda html: html * 4,
}


def _numbered(html: str, form: str) -> str:
    return re.sub("[^\x00-\x7f]", lambda found: form.format(ord(found.group())), html)


@pytest.mark.parametrize("damage", HARMLESS)
def test_harmless_damage_changes_nothing(damage: str) -> None:
    for base in own_pages():
        html = base.body.decode("gb18030" if "paper" in base.name else "utf-8")
        whole = extract(html, url=base.url, portal=base.portal)
        damaged = extract(HARMLESS[damage](html), url=base.url, portal=base.portal)
        for name in ("title", "text", "authors", "editors", "posted_at", "source", "origin"):
            assert getattr(damaged, name) == getattr(whole, name), (base.name, name)


@pytest.mark.parametrize(
    "tags",
    [
        *("div", "span", "b", "section", "blockquote", "font", "center", "form", "article", "p"),
        *("table tr td", "ul li", "dl dd", "em div", "h2", "pre", "label", "figure", "x-any"),
    ],
)
def test_text_in_two_thousand_elements_is_read(tags: str) -> None:
    names = tags.split()
    count = (LEVELS - 3) // len(names)  # html, body and the paragraph's own are three of them
    opening = "".join(f"<{name}>" for name in names) * count
    closing = "".join(f"</{name}>" for name in reversed(names)) * count
    html = f"<html><body>{opening}{paragraphs()}{closing}</body></html>"
    with time_limit(5):
        article = extract(html, url=URL)
    assert [block.text for block in article.blocks] == list(PARAGRAPHS)


@pytest.mark.parametrize("depth", [2100, 10_000, 100_000])
@pytest.mark.parametrize("tag", ["div", "span", "table", "a href='/'", "li", "font"])
def test_deeper_text_is_read_or_refused(tag: str, depth: int) -> None:
    name = tag.split()[0]
    body = (f"<{tag}>" * depth + paragraphs() + f"</{name}>" * depth).encode()
    outcome = read_within(body, Base(name=tag, body=body, url=URL), None)
    assert not outcome.faults, outcome


def run(*arguments: str) -> dict[str, Any]:
    """``python -m tests.mutations`` in a process of its own, and the JSON it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.mutations", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"ended with {done.returncode} after {done.stderr[-2000:]}"
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("shape", ["short_paragraphs", "short_links"])
def test_large_dense_pages_take_little_memory(shape: str) -> None:
    """The two shapes that cost most, a tenth of the full size; all of them are in the soak."""
    found = run("--shape", shape, "--size", str(LARGE))
    assert found["grown_bytes"] < MOST_BYTES_HELD * 0.4, found


@pytest.mark.soak
@pytest.mark.parametrize("shape", SHAPES)
def test_the_largest_pages_stay_under_the_limit_of_memory(shape: str) -> None:
    found = run("--shape", shape, "--size", str(LARGEST))
    assert found["grown_bytes"] < MOST_BYTES_HELD, found


@pytest.mark.soak
@pytest.mark.parametrize("process", range(SOAK_PROCESSES))
def test_twenty_thousand_mutated_pages(process: int) -> None:
    count = SOAK_PAGES // SOAK_PROCESSES
    found = run("--first", str(process * count), "--count", str(count))
    assert found["failures"] == {}
    assert sum(found["states"].values()) == count
    assert found["peak_bytes"] < MOST_BYTES_HELD
