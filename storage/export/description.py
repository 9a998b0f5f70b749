"""What a dataset says of itself: a codebook, a data package, a dataset card.

Made from ``storage.export.columns`` and the manifest by ``storage.export.making``.
"""

import json
from collections.abc import Sequence
from typing import Any

from storage.export.columns import BY_NAME, Column, TableOf
from storage.export.manifest import DatasetFile, Manifest

CODEBOOK, PACKAGE, CARD = "codebook.md", "datapackage.json", "README.md"

_UNITS = {
    "integer": "integer",
    "text": "text",
    "texts": "list of texts",
    "date": "date, Asia/Shanghai",
    "time": "moment, UTC",
    "boolean": "true or false",
}
_MEDIA = {
    "parquet": "application/vnd.apache.parquet",
    "jsonl": "application/jsonl",
    "csv": "text/csv",
}
_FEATURES = {  # of Hugging Face's datasets
    "integer": "dtype: int64",
    "text": "dtype: string",
    "texts": "sequence: string",
    "date": "dtype: date32",
    "time": "dtype: timestamp[us, tz=UTC]",
    "boolean": "dtype: bool",
}
_WHAT = "Articles that explain Chinese policy documents (政策解读), from an archive of Jiedu."


def codebook(manifest: Manifest) -> str:
    """Every table and column: what it holds and its unit."""
    lines = [
        "# Codebook",
        "",
        f"{_WHAT} As of {_moment(manifest)}, by {manifest.tool}.",
        "",
        "A cell is empty where the page or the archive does not say. Moments are in UTC, calendar"
        " dates in Asia/Shanghai; a time of which a page gives only the date is left out. Offsets"
        " and lengths count characters (Unicode code points) in the text of the article: the blocks"
        " but captions, joined by line feeds.",
        "",
        "Tables of blocks, citations, statements, agencies and regions are of "
        + (
            "every version of an article; `version` tells them apart."
            if manifest.all_versions
            else "the latest version of each article."
        ),
    ]
    if manifest.format == "csv":
        lines += [
            "",
            "The parts of a list are joined by `;`; inside a part it is written `\\;`,"
            " and a backslash `\\\\`."
            " Cells are as the pages have them: a spreadsheet takes one that begins with `=` for a"
            " formula, and Excel shows at most 32,767 characters of a cell.",
        ]
    if not manifest.with_text:
        lines += [
            "",
            "Full text is not part of this dataset: the articles are under copyright. Each has its"
            " address, the digest of its text, and the beginning of its first paragraph.",
        ]
    for name, rows in manifest.tables.items():
        table = BY_NAME[name]
        lines += [
            "",
            f"## {name}",
            "",
            f"A row is {table.row}. {rows} row{'' if rows == 1 else 's'};"
            f" key: {', '.join(table.key)}.",
            "",
            "| column | type | meaning |",
            "|---|---|---|",
        ]
        lines += [
            f"| {column.name} | {_UNITS[column.kind]} | {column.meaning} |"
            for column in _columns(table, manifest)
        ]
    return "\n".join(lines) + "\n"


def data_package(manifest: Manifest, files: Sequence[DatasetFile]) -> str:
    """The dataset as a Data Package (specs.frictionlessdata.io/data-package)."""
    resources = []
    for name in manifest.tables:
        own = [file for file in files if file.table == name]
        # A resource for each file: of the list of paths that the specification has for a table in
        # several files, Frictionless 5 reads one.
        for number, file in enumerate(own, start=1):
            is_part = len(own) > 1
            resource: dict[str, Any] = {
                "name": f"{name}-{number}" if is_part else name,
                "path": file.path,
                "description": f"A row is {BY_NAME[name].row}."
                + (f" File {number} of {len(own)} of the table {name}." if is_part else ""),
                "format": _table_format(manifest),
                "mediatype": _MEDIA[_table_format(manifest)],
                "bytes": file.bytes,
                "hash": f"sha256:{file.sha256}",
            }
            if manifest.format == "csv":
                resource |= {"profile": "tabular-data-resource", "encoding": "utf-8-sig"}
            elif manifest.format != "parquet":
                resource["encoding"] = "utf-8"
            resource["schema"] = _schema(BY_NAME[name], manifest)
            resources.append(resource)
    for file in files:
        if file.table is None:
            resources.append(
                {
                    "name": file.path.removesuffix(".warc.gz"),
                    "path": file.path,
                    "format": "warc",
                    "mediatype": "application/warc",
                    "bytes": file.bytes,
                    "hash": f"sha256:{file.sha256}",
                }
            )
    package = {
        "name": "jiedu",
        "title": "Jiedu: policy interpretations (政策解读)",
        "description": f"{_WHAT} As of {_moment(manifest)}.",
        "version": manifest.as_of.strftime("%Y.%m.%d"),
        "created": _moment(manifest),
        "keywords": ["政策解读", "policy interpretation", "China"],
        "resources": resources,
    }
    return json.dumps(package, ensure_ascii=False, indent=2) + "\n"


def dataset_card(manifest: Manifest) -> str:
    """A card as Hugging Face's datasets read it: each table is a configuration."""
    lines = ["---", "language:", "- zh", "license: other", "pretty_name: Jiedu 政策解读"]
    filled = [name for name, rows in manifest.tables.items() if rows]  # it cannot load an empty one
    if filled:
        lines.append("configs:")
        for name in filled:
            lines += [f"- config_name: {name}", f"  data_files: {_pattern(name, manifest)}"]
            if name == "articles":
                lines.append("  default: true")
    if filled and manifest.format != "csv":  # whose types they guess in any case
        # Otherwise they guess them from the first rows, where a column may be empty.
        lines.append("dataset_info:")
        for name in filled:
            lines += [f"- config_name: {name}", "  features:"]
            for column in _columns(BY_NAME[name], manifest):
                lines += [f"  - name: {column.name}", f"    {_FEATURES[column.kind]}"]
    asked = json.dumps(manifest.query, ensure_ascii=False) if manifest.query else "everything"
    lines += [
        "---",
        "",
        "# Jiedu: policy interpretations (政策解读)",
        "",
        f"{_WHAT}",
        "",
        f"- As of: {_moment(manifest)}",
        f"- Made by: {manifest.tool}",
        f"- Query: `{asked}`, {manifest.articles} article{'' if manifest.articles == 1 else 's'}",
        "- Text: "
        + (
            "in it; the articles are copyrighted, so do not publish it without permission"
            if manifest.with_text
            else "left out; the articles are copyrighted"
        ),
    ]
    if manifest.since:
        lines.append(
            f"- Goes on from the dataset as of {manifest.since.isoformat()}: it holds every article"
            " of which something was recorded since. Drop their rows there, and those of the"
            " articles in `removed`, and add these; `documents` is the whole table."
        )
    lines += [
        "",
        "`codebook.md` explains every column, `datapackage.json` is the same for programs, and"
        " `jiedu verify .` checks the files against `manifest.json`.",
    ]
    if _table_format(manifest) == "jsonl":
        lines.append(
            "polars looks at the first rows only to tell types, where a column may be empty:"
            " `polars.read_ndjson(path, infer_schema_length=None)`."
        )
    if manifest.format == "csv":
        lines.append(
            "CSV is for spreadsheets and the eye; programs that guess types from the first rows get"
            " them right from the same dataset in Parquet or JSON lines."
        )
    lines.append("")
    lines += ["| table | rows | a row is |", "|---|---|---|"]
    lines += [
        f"| {name} | {rows} | {BY_NAME[name].row} |" for name, rows in manifest.tables.items()
    ]
    return "\n".join(lines) + "\n"


def _columns(table: TableOf, manifest: Manifest) -> tuple[Column, ...]:
    return table.columns_with(text=manifest.with_text)


def _schema(table: TableOf, manifest: Manifest) -> dict[str, Any]:
    return {
        "fields": [_field(column, manifest) for column in _columns(table, manifest)],
        "primaryKey": list(table.key),
        "missingValues": [""],
    }


def _field(column: Column, manifest: Manifest) -> dict[str, Any]:
    """A field of Table Schema; CSV holds a list as one text."""
    lists = "string" if manifest.format == "csv" else "array"
    types = {
        "integer": "integer",
        "text": "string",
        "texts": lists,
        "date": "date",
        "time": "datetime",
        "boolean": "boolean",
    }
    field = {
        "name": column.name,
        "type": types[column.kind],
        "description": column.meaning + ("; joined by ;" if column.kind == "texts" else ""),
    }
    if column.kind == "time":
        field["format"] = "%Y-%m-%dT%H:%M:%S.%fZ"
    return field


def _table_format(manifest: Manifest) -> str:
    return "jsonl" if manifest.format == "warc" else manifest.format


def _pattern(name: str, manifest: Manifest) -> str:
    if manifest.format == "parquet":
        return f'"{name}/**/*.parquet"'
    return f"{name}.{_table_format(manifest)}"


def _moment(manifest: Manifest) -> str:
    return manifest.as_of.isoformat()
