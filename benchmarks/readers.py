"""Every extractor under one interface: a process that is given pages and says what it read.

Started by peers.py, in Jiedu's environment or in the peers': ``readers.py NAME`` writes one line of
JSON with the releases in use, or why the extractor is absent, then answers line by line: a page
with what was read and its CPU seconds, ``{"clear": true}`` with an empty object. One untuned
setting each, the one that suits news text.
"""

import functools
import gc
import importlib.metadata
import json
import logging
import sys
import time
import warnings
from collections.abc import Callable

Found = dict[str, str | None]  # body, title, author (names joined by a comma), date
Reader = Callable[[str, str | None], Found]

# What Justext's defaults (70 and 200 letters) are in Chinese, where a character says as much as
# three letters.
_JUSTEXT_SHORT, _JUSTEXT_LONG = 23, 67
# Read before the clock runs: loads tables and compiles patterns. Of no corpus.
_WARM_UP = (
    "<html><head><title>关于试点工作的解读</title></head><body><h1>关于试点工作的解读</h1>"
    "<p>2024-05-13 10:20 来源：示例网</p>"
    + "<p>为贯彻落实有关部署，各地各部门结合实际，分类推进，取得了阶段性成效。</p>" * 8
    + "</body></html>"
)


def make_jiedu() -> Reader:
    from crawler.extract import ExtractionError, extract

    def read(html: str, url: str | None) -> Found:
        try:
            article = extract(html, url=url)
        except ExtractionError:  # an answer, not a fault: it found no article
            return {}
        has_time = article.posted_precision != "day"
        posted = article.posted_at
        return {
            "body": article.text,
            "title": article.title,
            "author": ",".join(article.authors),
            "date": posted.strftime("%Y-%m-%d %H:%M" if has_time else "%Y-%m-%d")
            if posted
            else None,
        }

    return read


def make_trafilatura(*, is_precise: bool = False) -> Reader:
    """With metadata; ``bare_extraction`` gives all that is scored, without the cost of a format."""
    import trafilatura

    def read(html: str, url: str | None) -> Found:
        document = trafilatura.bare_extraction(
            html,
            url=url,
            favor_precision=is_precise,
            include_comments=False,
            with_metadata=True,
        )
        if document is None:
            return {}
        return {
            "body": document.text,
            "title": document.title,
            "author": (document.author or "").replace(";", ","),
            "date": document.date,
        }

    return read


def make_readability() -> Reader:
    import lxml.html
    from readability import Document

    def read(html: str, url: str | None) -> Found:
        document = Document(html, url=url)
        tree = lxml.html.fromstring(document.summary(html_partial=True))
        return {"body": "\n".join(filter(None, map(str.strip, tree.itertext())))}

    return read


def make_resiliparse() -> Reader:
    from resiliparse.extract.html2text import extract_plain_text

    def read(html: str, url: str | None) -> Found:
        text = extract_plain_text(
            html, main_content=True, comments=False, alt_texts=False, list_bullets=False
        )
        return {"body": text}

    return read


def make_justext() -> Reader:
    """Without a stop list, since it has none for Chinese: only lengths and link density decide."""
    import justext

    def read(html: str, url: str | None) -> Found:
        paragraphs = justext.justext(
            html,
            frozenset(),
            length_low=_JUSTEXT_SHORT,
            length_high=_JUSTEXT_LONG,
            stopwords_low=0,
            stopwords_high=0,
        )
        return {"body": "\n".join(p.text for p in paragraphs if not p.is_boilerplate)}

    return read


def make_gne() -> Reader:
    from gne import GeneralNewsExtractor

    extractor = GeneralNewsExtractor()

    def read(html: str, url: str | None) -> Found:
        found = extractor.extract(html)
        return {
            "body": found["content"],
            "title": found["title"],
            "author": found["author"],
            "date": found["publish_time"],
        }

    return read


# Name as printed -> the package whose release is named, how to make the reader.
READERS: dict[str, tuple[str, Callable[[], Reader]]] = {
    "Jiedu": ("jiedu", make_jiedu),
    "trafilatura": ("trafilatura", make_trafilatura),
    "trafilatura, precision": (
        "trafilatura",
        functools.partial(make_trafilatura, is_precise=True),
    ),
    "readability-lxml": ("readability-lxml", make_readability),
    "resiliparse": ("resiliparse", make_resiliparse),
    "jusText": ("jusText", make_justext),
    "GNE": ("gne", make_gne),
}


def clear_caches() -> None:
    """Forget what was remembered of earlier pages: a second pass must not find its answers."""
    for thing in gc.get_objects():
        if isinstance(thing, functools._lru_cache_wrapper):
            thing.cache_clear()
    gc.collect()


def answer(reader: Reader, page: dict[str, str | None]) -> dict[str, object]:
    found: Found = {}
    error = None
    started = time.process_time()
    try:
        found = reader(page["html"] or "", page["url"])
    except Exception as problem:  # a page an extractor fails on is a page it did not read
        error = repr(problem)[:200]
    seconds = time.process_time() - started
    texts = {key: "" if value is None else str(value) for key, value in found.items()}
    return {"found": texts, "seconds": seconds, "error": error}


def main() -> int:
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    answers, sys.stdout = sys.stdout, sys.stderr  # whatever an extractor prints is no answer
    package, make = READERS[sys.argv[1]]
    try:
        reader = make()
        release = importlib.metadata.version(package)
    except ImportError as problem:
        print(json.dumps({"absent": str(problem)}), file=answers, flush=True)
        return 1
    reader(_WARM_UP, None)
    print(json.dumps({"release": release}), file=answers, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        if request.get("clear"):
            clear_caches()
            reader(_WARM_UP, None)
            reply: dict[str, object] = {}
        else:
            reply = answer(reader, request)
        print(json.dumps(reply), file=answers, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
