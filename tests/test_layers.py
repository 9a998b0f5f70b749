"""The one-way corridor: ``spiders -> crawler -> storage``, and the floors inside two rooms."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("spiders", "crawler", "storage")

# Inside storage, from the ground up: a module imports only modules named before it (or in its own
# line). ``storage`` itself is the public door, for the rooms above.
FLOORS = (
    ("errors", "characters", "clock", "entities", "interpretation"),
    ("record", "document_key"),
    (
        "content_encoding",
        "identity",
        "digest",
        "schedule",
        "tokens",
        "runs",
        "permalink",
        "outlets",
    ),
    ("pairing", "reference"),
    ("diff", "cite"),
    ("schema", "address", "warc_reading", "snippets", "id_list"),
    ("signatures", "reprint_changes", "reprint_origin", "reprint_schema", "reprint_buckets"),
    ("policy_schema", "rows", "derived", "query_tree", "former"),
    ("query_text", "policy_search", "word_index"),
    ("query",),
    ("warc", "warc_erasing", "transaction", "aliases", "tombstones", "indexing", "search"),
    ("reprint_links", "reprint_clusters"),
    ("policy", "results"),
    ("reading",),
    ("migrating",),
    ("opening", "listings", "coverage", "captures", "chain", "leases", "absences", "rechecks"),
    ("ledger", "lookups", "health", "linked_files", "erasure"),
    # `Archive` inherits from seven of these
    ("export", "exporting"),
    ("writing", "running", "updating", "withdrawal", "documents", "citing", "reprints"),
    ("archive",),
    ("check", "backup"),
    ("cli",),
    ("web",),
)
_HEIGHT = {name: height for height, floor in enumerate(FLOORS) for name in floor}
# The archive's vocabulary: nothing of storage but vocabulary from further down.
_ALONE = ("errors", "characters", "clock", "entities", "interpretation", "document_key", "record")


def imported(source: str, module: str) -> Iterator[tuple[int, str]]:
    """Line and dotted name of every import in ``module``, hidden in functions or not.

    ``from a import b`` gives ``a.b``, which may be a module. Relative imports are resolved.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = module.split(".")[: -node.level] if node.level else []
            base = ".".join([*package, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)
        elif (
            isinstance(node, ast.Call)
            and getattr(node.func, "attr", getattr(node.func, "id", None))
            in ("import_module", "__import__")
            and node.args
            and isinstance(node.args[0], ast.Constant)
        ):
            yield node.lineno, str(node.args[0].value)


def violations(source: str, module: str) -> list[str]:
    """What ``module`` (dotted name) imports and must not, one line each."""
    return [
        f"{module}:{line} imports {name}: {why}"
        for line, name in imported(source, module)
        if (why := _why_not(module, name))
    ]


def _why_not(module: str, name: str) -> str | None:
    room, target = module.partition(".")[0], name.partition(".")[0]
    if target in ROOMS and ROOMS.index(target) < ROOMS.index(room):
        return f"{room} lies below {target}"
    if target == "scrapy" and (room == "storage" or module.startswith("crawler.extract")):
        return "it must work without a crawler"
    if room == "spiders" and target not in (*ROOMS, *sys.stdlib_module_names):
        return "portal data needs no engine"
    if target == "tests":
        return "shipped code knows no tests"
    if room == target == "storage":
        return _why_not_inside_storage(module, name)
    return None


def _why_not_inside_storage(module: str, name: str) -> str | None:
    parts, wanted = module.split("."), name.split(".")
    if len(parts) == 1:
        return None  # the public door
    if len(wanted) == 1 or wanted[1][0].isupper() or wanted[1] == "__init__":
        return "the public door is for the rooms above"
    own, other = parts[1], wanted[1]
    if own == "migrations":
        return None if other in ("migrations", "schema") else "migrations know the schema only"
    if own == other:
        return None
    if own not in _HEIGHT or other not in _HEIGHT:
        return f"give {own if own not in _HEIGHT else other} its floor in {Path(__file__).name}"
    if own in _ALONE:
        is_below = other in _ALONE and _HEIGHT[other] < _HEIGHT[own]
        return None if is_below else "the vocabulary stands alone"
    return None if _HEIGHT[other] <= _HEIGHT[own] else f"{own} lies below {other}"


def modules() -> Iterator[tuple[str, Path]]:
    """Dotted name and file of every module of the three rooms."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def test_every_module_keeps_the_corridor() -> None:
    found = dict(modules())
    assert {"spiders", "crawler.extract", "storage.archive", "storage.record"} <= set(found)
    broken = [line for name, path in found.items() for line in violations(path.read_text(), name)]
    assert broken == []


def test_no_storage_module_needs_another_that_needs_it() -> None:
    known = {name: path for name, path in modules() if name.startswith("storage.")}
    graph = {
        name: {
            wanted if wanted in known else wanted.rpartition(".")[0]
            for _, wanted in imported(path.read_text(), name)
        }
        for name, path in known.items()
    }
    while leaves := [name for name, wanted in graph.items() if not wanted & graph.keys()]:
        for name in leaves:
            del graph[name]
    assert graph == {}  # what is left runs in circles


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("storage.archive", "import scrapy"),
        ("storage.archive", "from scrapy.http import Response"),
        ("storage.archive", "def f():\n    from crawler.extract import extract"),
        ("storage.archive", "import importlib\nimportlib.import_module('spiders.people')"),
        ("storage.archive", "import crawler"),
        ("storage.cli.app", "from spiders import people"),
        ("crawler.spider", "from spiders.people import People"),
        ("crawler.spider", "if TYPE_CHECKING:\n    import spiders.people"),
        ("crawler.extract.article", "from scrapy import Selector"),
        ("crawler.extract", "import scrapy.http"),
        ("crawler.spider", "from tests.records import article"),
        ("spiders.people", "from scrapy import Spider"),
        ("spiders.people", "import requests"),
        ("storage.record", "from storage.schema import Table"),
        ("storage.record", "from . import schema"),
        ("storage.errors", "from storage.record import Article"),
        ("storage.schema", "from storage.archive import Archive"),
        ("storage.chain", "from .archive import Archive"),
        ("storage.reading", "from storage import Archive"),
        ("storage.archive", "import storage"),
        ("storage.archive", "from storage import cli"),
        ("storage.unheard", "from storage.record import Article"),
        ("storage.migrations.versions.0001_first_tables", "import storage.archive"),
    ],
)
def test_a_breach_is_seen(module: str, source: str) -> None:
    (line,) = violations(source, module)
    assert line.startswith(f"{module}:")


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("spiders.people", "from crawler.spider import PortalSpider\nfrom storage import Article"),
        ("crawler.spider", "import scrapy\nfrom storage import Archive"),
        ("crawler.extract.article", "from storage.record import Block\nimport parsel"),
        ("crawler.extract.article", "from .text import blocks"),
        ("storage", "from storage.archive import Archive"),
        (
            "storage.cli.app",
            "from storage.archive import Archive\nfrom storage.cli import articles",
        ),
        ("storage.archive", "from storage import ledger\nimport sqlalchemy"),
        ("storage.record", "import datetime"),
        ("storage.migrations.versions.0001_first_tables", "import storage.schema"),
    ],
)
def test_what_is_allowed_is_let_through(module: str, source: str) -> None:
    assert violations(source, module) == []


@pytest.mark.parametrize(
    ("module", "absent"),
    [("storage", ("scrapy", "crawler", "spiders")), ("crawler.extract", ("scrapy", "twisted"))],
)
def test_what_a_room_loads_keeps_the_corridor_too(module: str, absent: tuple[str, ...]) -> None:
    """No import of an import brings in what the room may not see."""
    program = f"import sys, {module}; print([name for name in {absent!r} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.stdout == "[]\n", done.stderr
