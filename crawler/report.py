"""What a crawl did, counted: the numbers the summary prints and the archive's crawl row keeps."""

import datetime as dt
from dataclasses import asdict, dataclass, field

from crawler.measures import Measures
from storage import Added, Article

REPORTED_PROBLEMS = 20  # reasons kept in full; further ones are only counted


@dataclass(slots=True)
class CrawlReport:
    """Counts of one crawl; ``problems`` are reasons a person should read, ``notes`` may be read."""

    listed: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    older: int = 0
    suspect: int = 0
    missing: int = 0  # not there, to be confirmed by another visit
    withdrawn: int = 0  # seen and not kept
    gone: int = 0
    returned: int = 0
    failed: int = 0
    readings: int = 0
    left_out: int = 0  # listed, and not wanted by the selection
    unsure: int = 0  # asked for because the listing did not say enough to leave them out
    outside: int = 0  # of these, archived though they proved not to belong to the selection
    files: int = 0  # attachments and images kept
    files_failed: int = 0
    listings_read: int = 0  # listing pages that came and could be read
    listed_new: int = 0  # links of listings that the ledger did not know
    requests: int = 0  # sent, robots.txt and every retry and redirect included
    pages_read: int = 0
    generic: int = 0  # of these, read without any of the portal's layouts
    without_date: int = 0  # of the pages read: they state no time of posting
    without_source: int = 0
    measures: Measures = field(default_factory=Measures)
    refusal: str | None = None
    retry_at: str | None = None  # ISO 8601: when the portal that refused asks to come back
    backlog_days: float | None = None  # how late the latest of what is due is, after the run
    backlog: int | None = None
    failures: list[str] = field(default_factory=list)  # pages that will be asked for again
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def count(self, added: Added) -> None:
        """Count what became of one article visit."""
        if added.state != "kept":
            setattr(self, added.state, getattr(self, added.state) + 1)
        self.readings += added.is_new_reading
        self.returned += added.is_return

    def failure(self, text: str) -> None:
        """Keep why a page failed."""
        if len(self.failures) < REPORTED_PROBLEMS:
            self.failures.append(text)

    def count_listing(self, new_links: int) -> None:
        """Count a listing page that could be read."""
        self.listings_read += 1
        self.listed_new += new_links

    def count_page(self, article: Article, added: Added) -> None:
        """Measure an article that was read."""
        self.pages_read += 1
        self.generic += article.layout == "generic"
        self.without_date += article.posted_at is None
        self.without_source += article.source is None
        self.measures.add_page(article, added)

    def problem(self, text: str) -> None:
        """Keep a reason for the summary."""
        if len(self.problems) < REPORTED_PROBLEMS:
            self.problems.append(text)
        elif len(self.problems) == REPORTED_PROBLEMS:
            self.problems.append("and more; the log has them all")

    def problem_once(self, text: str) -> None:
        """Keep a reason that many requests share."""
        if text not in self.problems:
            self.problem(text)

    def note(self, text: str) -> None:
        """Keep what is worth knowing and wants nobody's doing, once."""
        if text not in self.notes and len(self.notes) < REPORTED_PROBLEMS:
            self.notes.append(text)

    def refuse(self, reason: str, retry_at: dt.datetime | None) -> None:
        """The portal refused; the crawl is over."""
        self.refusal = reason
        self.retry_at = retry_at.isoformat(timespec="seconds") if retry_at else None
        self.problem(
            f"{reason}; the portal is left alone. Ask its webmaster, crawl it more rarely, or"
            " switch it off; nothing is done to get around a refusal"
        )

    @property
    def needs_person(self) -> bool:
        """Whether someone should look: something failed or a problem was noted."""
        return bool(self.failed or self.problems)

    def counts(self) -> dict[str, object]:
        """All counts and problems by name."""
        counts = {name: value for name, value in asdict(self).items() if name != "measures"}
        return counts | self.measures.counts()
