"""The tables of an exported dataset and their columns: what each holds, in which unit, since when.

The one description that the files, the codebook, the data package and the tests are made from.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["integer", "text", "texts", "date", "time", "boolean"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column; empty where the page or the archive does not say.

    ``texts`` is a list of texts (in CSV joined by ``;``), ``time`` a moment in UTC with
    microseconds, ``date`` a calendar date in Asia/Shanghai. ``is_full_text`` columns are there only
    in a dataset exported with its text.
    """

    name: str
    kind: Kind
    meaning: str
    is_full_text: bool = False


@dataclass(frozen=True, slots=True)
class TableOf:
    """A table: what a row of it is, the columns that tell rows apart, and all columns in order."""

    name: str
    row: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def columns_with(self, *, text: bool) -> tuple[Column, ...]:
        """The columns of a dataset with its text, or without."""
        return tuple(column for column in self.columns if text or not column.is_full_text)


EXCERPT = 100  # characters of an article's first paragraph
STATEMENT_EXCERPT = 60  # characters of a statement

_ARTICLE = Column("article_id", "integer", "number of the article in this archive; never changes")
_VERSION = Column("version", "integer", "number of the version, counted from 1")
_PORTAL = Column("portal", "text", "name of the portal; empty for an article of no known portal")
_READING = Column("reading_id", "integer", "number of the reading these parts belong to")
_ORDINAL = Column("ordinal", "integer", "place among its kind in the reading, counted from 0")
_START = Column("start", "integer", "offset of its first character in the text, from 0")
_END = Column("end", "integer", "offset behind its last character")
_BLOCK = Column("block", "integer", "ordinal of the block it stands in")

ARTICLES = TableOf(
    "articles",
    "an article, as the current reading of its latest version has it",
    ("article_id",),
    (
        _ARTICLE,
        Column("url", "text", "canonical address"),
        _PORTAL,
        Column("day", "date", "date it counts for: published, else posted, else captured"),
        Column("version", "integer", "number of the latest version"),
        Column("versions", "integer", "how many versions there are"),
        Column("digest", "text", "SHA-256 of the content, without white space; hexadecimal"),
        Column("permalink", "text", "address with version and digest, for citing"),
        Column("title", "text", "title as printed"),
        Column("title_main", "text", "title without the tag of its column"),
        Column("column_tag", "text", "tag of the newspaper column in the title (政策解读)"),
        Column("kicker", "text", "line above the title (肩题)"),
        Column("subtitle", "text", "line below the title (副题)"),
        Column("source", "text", "credited outlet (来源)"),
        Column("source_url", "text", "address of the credited outlet's page"),
        Column("channel", "text", "section of the portal (栏目)"),
        Column(
            "type",
            "text",
            "type of interpretation: official, expert, media, 图解, 答记者问 or 发布会",
        ),
        Column("media_kind", "text", "text, 图解 or video"),
        Column("byline_role", "text", "what the byline calls its authors (本报记者)"),
        Column("authors", "texts", "names in the byline"),
        Column("editors", "texts", "names in the editor's line"),
        Column("origin_medium", "text", "print or wire original: its medium"),
        Column("origin_date", "date", "print or wire original: its date"),
        Column("origin_page", "text", "print original: its page (02)"),
        Column("published_date", "date", "date of the original"),
        Column("published_at", "time", "time of the original; empty where only a date is known"),
        Column("published_precision", "text", "day, minute or second"),
        Column("published_basis", "text", "where the page says it: origin, meta, visible or url"),
        Column("posted_date", "date", "date it was posted on this portal"),
        Column("posted_at", "time", "time it was posted; empty where only a date is known"),
        Column("posted_precision", "text", "day, minute or second"),
        Column("first_seen_at", "time", "when the page was first fetched"),
        Column("captured_at", "time", "when the latest version was first fetched"),
        Column("last_checked_at", "time", "when the page was last seen to be there"),
        Column("gone_at", "time", "since when the page is gone; empty while it is there"),
        Column("reprint_cluster", "integer", "smallest article_id among the copies of its text"),
        Column("reader", "text", "extractor release and rules that read it"),
        Column("layout", "text", "page template of the portal; generic when none fitted"),
        Column("length", "integer", "characters of the text, captions left out"),
        Column("excerpt", "text", f"beginning of the first paragraph, {EXCERPT} characters"),
        Column("text", "text", "blocks but captions, joined by line feeds", is_full_text=True),
    ),
)

VERSIONS = TableOf(
    "versions",
    "a version of an article: a content its publisher has shown",
    ("article_id", "version"),
    (
        _ARTICLE,
        _VERSION,
        _PORTAL,
        Column("is_latest", "boolean", "whether it is the article's latest version"),
        Column("digest", "text", "SHA-256 of the content, without white space; hexadecimal"),
        Column("captured_at", "time", "when it was first fetched"),
        Column("recorded_at", "time", "when the archive recorded it"),
        Column("reading_id", "integer", "number of its current reading"),
        Column("read_at", "time", "when that reading was recorded"),
        Column("reader", "text", "extractor release and rules that read it"),
        Column("layout", "text", "page template of the portal; generic when none fitted"),
        Column("url", "text", "address at which it was read"),
        Column("title", "text", "title as printed"),
        Column("length", "integer", "characters of the text, captions left out"),
    ),
)

BLOCKS = TableOf(
    "blocks",
    "a block of the main content: a paragraph, heading, list item, table, quote or caption",
    ("block_id",),
    (
        Column("block_id", "text", "r, reading_id, b, ordinal; never changes"),
        _ARTICLE,
        _VERSION,
        _PORTAL,
        _READING,
        Column("ordinal", "integer", "place in the article, counted from 0"),
        Column("kind", "text", "paragraph, heading, list_item, table, quote or caption"),
        Column("level", "integer", "level of a heading"),
        Column("start", "integer", "offset of its first character in the text; empty for captions"),
        _END,
        Column("length", "integer", "characters"),
        Column("digest", "text", "SHA-256 of its text in UTF-8; hexadecimal"),
        Column("text", "text", "its text", is_full_text=True),
    ),
)

DOCUMENTS = TableOf(
    "documents",
    "a policy document that one of the articles explains or cites",
    ("document_id",),
    (
        Column("document_id", "integer", "number of the document in this archive"),
        Column("title", "text", "title without brackets, as first met"),
        Column("doc_type", "text", "kind of document (意见, 办法, ...)"),
        Column("number", "text", "document number (发文字号)"),
        Column("first_seen_at", "time", "when an article first named it"),
        Column("cited_by", "integer", "articles of this dataset that name it"),
        Column("interpreted_by", "integer", "articles of this dataset that explain it"),
    ),
)

CITATIONS = TableOf(
    "citations",
    "an edge from an article to a title in 《》 or a short name (cites), or to the document that it"
    " explains (interprets)",
    ("reading_id", "relation", "ordinal"),
    (
        _ARTICLE,
        _VERSION,
        _PORTAL,
        _READING,
        Column("relation", "text", "cites or interprets"),
        _ORDINAL,
        Column("document_id", "integer", "document meant; empty for what is no policy document"),
        Column("title", "text", "title as written"),
        Column(
            "kind", "text", "document, alias (a short name), medium (a newspaper) or work (a book)"
        ),
        Column("number", "text", "document number (发文字号) that stands with it"),
        Column("evidence", "texts", "why the article counts as explaining it"),
        _START,
        _END,
        _BLOCK,
    ),
)

STATEMENTS = TableOf(
    "statements",
    "something that somebody says in an article",
    ("reading_id", "ordinal"),
    (
        _ARTICLE,
        _VERSION,
        _PORTAL,
        _READING,
        _ORDINAL,
        Column("kind", "text", "direct or reported"),
        Column("speaker", "text", "who says it"),
        Column("organisation", "text", "organisation of a speaker who is named with it"),
        Column("posts", "texts", "posts of a speaker who is named with them"),
        Column("verb", "text", "verb that introduces it (表示, 说, ...)"),
        _START,
        _END,
        _BLOCK,
        Column("length", "integer", "characters"),
        Column("excerpt", "text", f"its beginning, {STATEMENT_EXCERPT} characters"),
        Column("text", "text", "what is said", is_full_text=True),
    ),
)

AGENCIES = TableOf(
    "agencies",
    "an agency that an article names as having issued something",
    ("reading_id", "ordinal"),
    (
        _ARTICLE,
        _VERSION,
        _PORTAL,
        _READING,
        _ORDINAL,
        Column("agency_id", "integer", "number of the agency in this archive"),
        Column("name", "text", "name as written"),
        Column("canonical", "text", "official name"),
        Column("region", "text", "region of a local agency"),
        Column("act", "integer", "ordinal of the act of issuing: agencies of one act act jointly"),
        Column("verb", "text", "verb of that act (印发, 联合发布, ...)"),
        _START,
        _END,
    ),
)

REGIONS = TableOf(
    "regions",
    "an administrative division that an article names",
    ("reading_id", "ordinal"),
    (
        _ARTICLE,
        _VERSION,
        _PORTAL,
        _READING,
        _ORDINAL,
        Column("name", "text", "name as written"),
        Column("code", "text", "GB/T 2260 code, six digits"),
        Column("full_name", "text", "official names from the province down, joined by /"),
        Column("level", "text", "province, city or county"),
        _START,
        _END,
        _BLOCK,
    ),
)

CAPTURES = TableOf(
    "captures",
    "a fetched response of an article",
    ("capture_id",),
    (
        Column("capture_id", "integer", "number of the capture in this archive"),
        _ARTICLE,
        Column("version", "integer", "version it showed; empty for redirects and failures"),
        _PORTAL,
        Column("url", "text", "address asked for"),
        Column("method", "text", "HTTP method"),
        Column("status", "integer", "HTTP status"),
        Column("mime", "text", "media type as served"),
        Column("page", "integer", "page of the article, from 1; empty for redirects"),
        Column("captured_at", "time", "when it was fetched"),
        Column("recorded_at", "time", "when the archive recorded it"),
        Column("is_suspect", "boolean", "whether it waits for a second visit to confirm it"),
        Column("failure", "text", "why nothing was read from it"),
        Column("etag", "text", "ETag header"),
        Column("last_modified", "text", "Last-Modified header"),
        Column("size_bytes", "integer", "bytes of the body as sent"),
        Column("payload_digest", "text", "digest of the body as sent, as in WARC"),
        Column("body_digest", "text", "SHA-256 of the decoded body; hexadecimal"),
        Column("record_type", "text", "WARC record: response, or revisit of an earlier one"),
        Column("revisits_id", "integer", "capture_id that a revisit refers to"),
        Column("warc_file", "text", "WARC file"),
        Column("warc_offset", "integer", "offset of the record in it, in bytes"),
        Column("warc_length", "integer", "length of the record in it, in bytes"),
        Column("warc_record_id", "text", "WARC-Record-ID"),
    ),
)

REMOVED = TableOf(
    "removed",
    "an article whose rows of the earlier dataset, if it has any, are to be dropped",
    ("article_id",),
    (
        _ARTICLE,
        Column(
            "reason",
            "text",
            "withdrawn since, whether the query found it or not; or unmatched: found no more",
        ),
    ),
)

TABLES = (
    ARTICLES, VERSIONS, BLOCKS, DOCUMENTS, CITATIONS, STATEMENTS, AGENCIES, REGIONS, CAPTURES,
)  # fmt: skip
BY_NAME = {table.name: table for table in (*TABLES, REMOVED)}
