"""How well each extractor reads the corpora, by the scoring that comes with them.

Called by extraction.py. Nothing is scored here: every figure is one of ``score.py``'s, for all
pages, for the sites kept unread while rules were written, or for all sites but one.
"""

import hashlib
import importlib.util
import statistics
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit

from limits import Finding
from peers import Answer, Page, ReaderProcess

CORPORA = ("gne_zh", "magic_zh", "iacw_zh", "aeb")
_UNREAD_SHARE = 3  # a third of the sites: those whose name's md5 is divisible by it
# Sites of that third whose pages were opened all the same while rules were written.
_OPENED = (
    *("cjddsb", "cjn", "mingridapan", "zh.wikipedia.org", "www.douban.com", "news.39.net"),
    *("www.360kuai.com", "www.dawgsbynature.com", "www.remember8090.it", "www.ascom.com"),
    *("www.express.co.uk", "dealbreaker.com", "practicalhorsemanmag.com", "www.space.com"),
    *("blog.givewell.org", "detroit.cbslocal.com", "www.nbcnews.com", "www.healthline.com"),
    *("www.mysanantonio.com", "www.newsnation.in", "www.autoracing.com.br"),
)
_LOWEST_SITES = 4
_FIELDS = ("noise", "title", "day", "minute", "author")
_COLUMNS = ("F1", "P", "R", "<.5", *_FIELDS)


@dataclass(frozen=True, slots=True)
class Score:
    """One extractor on some pages of one corpus: score.py's figures, and P, R, F1 by page id."""

    figures: dict[str, float]
    per_page: dict[str, tuple[float, float, float]]
    errors: dict[str, str]


class Corpora:
    """The scorer and its corpora, from the folder that holds both."""

    def __init__(self, folder: Path) -> None:
        self._scorer = load_scorer(folder / "score.py")
        self.pages: dict[str, list[Page]] = {name: self._scorer.load(name) for name in CORPORA}

    def score(self, pages: list[Page], answers: dict[str, Answer]) -> Score:
        found = {key: answer.found for key, answer in answers.items()}
        figures, per_page = self._scorer.score(pages, found)
        errors = {key: a.error for key, a in answers.items() if a.error}
        return Score(figures, per_page, errors)

    def count_noise(self, name: str) -> int:
        """The noise lines that score.py looks for: those longer than three characters."""
        lines = [n for page in self.pages[name] for n in page.get("noise", ())]
        return sum(len(self._scorer.SPACE.sub("", line)) > 3 for line in lines)

    def count_dated(self, name: str, *, with_time: bool) -> int:
        moments = [self._scorer.when(page.get("date")) for page in self.pages[name]]
        return sum(bool(m and (m[1] or not with_time)) for m in moments)


def load_scorer(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("score", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise FileNotFoundError(f"no scorer at {path}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def site_of(page: Page) -> str:
    """The host; without an address the folder in the page's id, or the id as a site of its own."""
    host = urlsplit(page["url"] or "").hostname
    if host:
        return host
    parts = str(page["id"]).split("/")
    return parts[-2] if len(parts) > 1 else parts[0]


def is_unread(page: Page) -> bool:
    """Whether the page's site was kept unread while rules were written."""
    site = site_of(page)
    digest = hashlib.md5(site.encode(), usedforsecurity=False).hexdigest()
    return int(digest, 16) % _UNREAD_SHARE == 0 and site not in _OPENED


def read_corpora(reader: ReaderProcess, corpora: Corpora) -> dict[str, dict[str, Answer]]:
    return {name: reader.read_all(pages) for name, pages in corpora.pages.items()}


def score_all(corpora: Corpora, answers: dict[str, dict[str, Answer]]) -> dict[str, Score]:
    return {name: corpora.score(pages, answers[name]) for name, pages in corpora.pages.items()}


def print_scores(table: dict[str, dict[str, Score]], absent: dict[str, str]) -> None:
    """A block per corpus, a row per extractor; the absent ones with the reason."""
    for corpus in CORPORA:
        print(f"\n{corpus:<24}" + "".join(f"{column:>8}" for column in _COLUMNS) + "  errors")
        for name, scores in table.items():
            figures = scores[corpus].figures
            cells = "".join(f"{show(figures, column):>8}" for column in _COLUMNS)
            print(f"{name:<24}{cells}{len(scores[corpus].errors):>8}")
        for name, reason in absent.items():
            print(f"{name:<24}absent: {reason}")


def show(figures: dict[str, float], column: str) -> str:
    value = figures.get(column)
    if value is None:
        return ""
    return str(value) if column.startswith("<") else f"{value:.3f}".lstrip("0")


def print_markdown(table: dict[str, dict[str, Score]], releases: dict[str, str]) -> None:
    """The README's table: body F1 everywhere, and on gne_zh what else its gold says."""
    head = ["", *CORPORA, *(f"{field}, gne_zh" for field in _FIELDS)]
    print("\n| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for name, scores in table.items():
        gives_fields = scores["gne_zh"].figures.get("title")
        cells = [show(scores[corpus].figures, "F1") for corpus in CORPORA]
        for field in _FIELDS:
            is_given = field == "noise" or gives_fields
            cells.append(show(scores["gne_zh"].figures, field) if is_given else "-")
        package, comma, setting = name.partition(",")
        label = " ".join(filter(None, (package, releases.get(name)))) + comma + setting
        print(f"| {label} | " + " | ".join(cells) + " |")


def print_worst(corpora: Corpora, scores: dict[str, Score], count: int) -> None:
    """The pages a developer should look at; those of unread sites are marked, not to be opened."""
    for corpus in CORPORA:
        pages = {page["id"]: page for page in corpora.pages[corpus]}
        print(f"\n{corpus}, lowest pages (u: unread site, do not open)")
        ranked = sorted(scores[corpus].per_page.items(), key=lambda item: item[1][2])
        for key, (precision, recall, f1) in ranked[:count]:
            mark = "u" if is_unread(pages[key]) else " "
            error = scores[corpus].errors.get(key, "")
            print(
                f"  {mark} P {precision:.3f}  R {recall:.3f}  F1 {f1:.3f}"
                f"  {key:<28} {site_of(pages[key])} {error}"
            )


def print_generalisation(corpora: Corpora, answers: dict[str, dict[str, Answer]]) -> list[Finding]:
    """Unread sites against the rest, the spread when one site is left out, the lowest sites."""
    print(
        f"\n{'':<10}{'unread F1 (pages)':>20}{'rest F1 (pages)':>20}{'unread - rest':>15}", end=""
    )
    print("   one site left out   sites")
    findings = []
    for corpus, pages in corpora.pages.items():
        found = answers[corpus]
        unread = [page for page in pages if is_unread(page)]
        rest = [page for page in pages if not is_unread(page)]
        one, other = (corpora.score(part, found).figures["F1"] for part in (unread, rest))
        sites = sorted({site_of(page) for page in pages})
        without = [
            corpora.score([p for p in pages if site_of(p) != site], found).figures["F1"]
            for site in sites
        ]
        print(
            f"{corpus:<10}{f'{one:.3f} ({len(unread)})':>20}{f'{other:.3f} ({len(rest)})':>20}"
            f"{one - other:>+15.3f}   {min(without):.3f} to {max(without):.3f}{len(sites):>9}"
        )
        findings.append(Finding(f"rest minus unread, F1, {corpus}", other - one))
    print("\nmean F1 of the lowest sites (u: unread)")
    for corpus, pages in corpora.pages.items():
        print(f"{corpus:<10}" + "  ".join(lowest_sites(pages, corpora, answers[corpus])))
    return findings


def lowest_sites(pages: list[Page], corpora: Corpora, found: dict[str, Answer]) -> list[str]:
    f1s: dict[str, list[float]] = defaultdict(list)
    unread = {site_of(page) for page in pages if is_unread(page)}
    per_page = corpora.score(pages, found).per_page
    for page in pages:
        f1s[site_of(page)].append(per_page[page["id"]][2])
    means = sorted((statistics.mean(values), site) for site, values in f1s.items())
    shown = means[:_LOWEST_SITES]
    return [f"{site}{' (u)' if site in unread else ''} {mean:.3f}" for mean, site in shown]


def judge(corpora: Corpora, scores: dict[str, Score]) -> list[Finding]:
    """Jiedu's figures that have a limit."""
    findings = [Finding(f"body F1, {name}", scores[name].figures["F1"]) for name in CORPORA]
    findings += [
        Finding(f"pages below F1 .5, {name}", scores[name].figures["<.5"]) for name in CORPORA
    ]
    name = "gne_zh"
    figures = scores[name].figures
    titled = sum(bool(page.get("title")) for page in corpora.pages[name])
    counts = {
        "titles wrong": (1 - figures["title"]) * titled,
        "days wrong": (1 - figures["day"]) * corpora.count_dated(name, with_time=False),
        "minutes wrong": (1 - figures["minute"]) * corpora.count_dated(name, with_time=True),
        "noise lines let through": figures["noise"] * corpora.count_noise(name),
    }
    findings += [Finding(f"{what}, {name}", round(count)) for what, count in counts.items()]
    findings.append(Finding(f"authors right, share, {name}", figures["author"]))
    return findings
