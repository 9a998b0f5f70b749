"""The end of each `jiedu COMMAND --help`: how the command is used, and what to do with its output.

Read by ``storage.cli.app``, which gives every command its examples.
"""

import inspect

EXIT_STATUS = (
    "Exit status:",
    "  0  fine, also when a search finds nothing",
    "  1  no such article, version or archive, or damage; one line says which",
    "  2  not understood: an unknown option, a query that makes no sense",
)

ADVICE = (
    "Lists but those of hits are tables on a terminal, tab-separated and uncut in a pipe.",
    "--json gives one object a line, --csv a header and rows, with stable names.",
    "--archive, --warc and --debug may stand before the command or after it.",
)

EXAMPLES: dict[str, tuple[str, ...]] = {
    "show": (
        "jiedu show 17",
        "jiedu show https://policy.example.cn/jiedu/1.html --version 1 --explain",
        "jiedu show 17 --raw > page.html",
    ),
    "versions": ("jiedu versions 17", "jiedu versions 17 --csv > versions.csv"),
    "diff": (
        "jiedu diff 17",
        "jiedu diff 17 1 3 --context 1",
        "jiedu diff 17 --with https://other.example.cn/reprint.html",
    ),
    "cite": (
        "jiedu cite 17",
        "jiedu cite 17 --version 1 --style bibtex",
        "jiedu cite --query 'portal:people 数据要素' --style csl > references.json",
    ),
    "reprints": ("jiedu reprints", "jiedu reprints 17 --blocks", "jiedu reprints 17 --csv"),
    "search": (
        "jiedu search '数据要素 AND portal:people'",
        "jiedu search '\"城市更新\" published:2024' --csv > hits.csv",
    ),
    "timeline": ("jiedu timeline 养老服务", "jiedu timeline 养老服务 --by year --csv > years.csv"),
    "stats": ("jiedu stats", "jiedu stats --json"),
    "documents": ("jiedu documents --query 数据要素", "jiedu documents --csv > documents.csv"),
    "document": ("jiedu document 国办发〔2024〕12号", "jiedu document 12 --json"),
    "export": (
        "jiedu export dataset",
        "jiedu export dataset '养老服务 published:2024' --format csv",
        "jiedu export dataset --as-of 2026-03-01T12:00+08:00",
        "jiedu export news --since dataset",
    ),
    "verify": ("jiedu verify dataset",),
    "coverage": ("jiedu coverage --months", "jiedu coverage --portal people --csv > coverage.csv"),
    "health": ("jiedu health", "jiedu health people --runs 30 --csv > runs.csv"),
    "ledger": (
        "jiedu ledger --state given_up",
        "jiedu ledger --portal people --csv > ledger.csv",
    ),
    "gone": ("jiedu gone", "jiedu gone --all --json"),
    "withdraw": ('jiedu withdraw 17 --reason "court order 2026-17"',),
    "withdrawals": ("jiedu withdrawals", "jiedu withdrawals --csv > audit.csv"),
    "migrate": ("jiedu migrate", "jiedu --archive new.db migrate"),
    "check": ("jiedu check", "jiedu check --repair"),
    "backup": ("jiedu backup /mnt/backup/jiedu --verify",),
    "restore": ("jiedu --archive new.db --warc new/warc restore /mnt/backup/jiedu",),
}


def epilog(*parts: tuple[str, ...]) -> str:
    """Paragraphs for the end of a help text, line by line."""
    return "\n\n".join("\n".join(part) for part in parts)


def unwrapped(docstring: str) -> str:
    """A docstring as a help text: its paragraphs are wrapped by the terminal, not by the source."""
    paragraphs = inspect.cleandoc(docstring).split("\n\n")
    return "\n\n".join(" ".join(paragraph.split("\n")) for paragraph in paragraphs)


def example_epilog(name: str) -> str | None:
    """The examples of a command; ``None`` when it has none yet."""
    examples = EXAMPLES.get(name)
    return epilog(("Examples:", *(f"  {line}" for line in examples))) if examples else None
