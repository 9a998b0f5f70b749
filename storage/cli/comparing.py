"""`jiedu diff`: what changed between two versions of an article, or between two articles."""

import dataclasses
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Annotated

import typer
from rich.text import Text

from storage.cli.output import JSON, make_console, say, second, shows_colours
from storage.diff import BlockChange, BlockPlace, Difference, FieldChange, Side, compare
from storage.runs import Run

_COLOURS = {"removed": "red", "added": "green"}
_SIGNS = {"removed": "-", "added": "+"}
_MARKS = {"removed": ("[-", "-]"), "added": ("{+", "+}")}


def diff(
    context: typer.Context,
    article: Annotated[str, typer.Argument(help="address (any of its addresses) or number")],
    a: Annotated[int | None, typer.Argument(help="version; default the one before B")] = None,
    b: Annotated[int | None, typer.Argument(help="version; default the latest")] = None,
    other: Annotated[
        str | None, typer.Option("--with", help="compare with this other article instead")
    ] = None,
    lines: Annotated[
        int, typer.Option("--context", min=0, help="blocks that stayed, around each change")
    ] = 0,
    as_json: Annotated[
        bool, typer.Option("--json", help="one JSON object a line: fields, then blocks")
    ] = False,
) -> None:
    """Show what changed between two versions: fields, blocks, and characters inside them.

    Blocks are counted from 0, as in an export. A moved block is told from one that was removed
    and another that was added, also when it was edited; so are split and merged ones. A Latin
    word, a number and a title in 《》 are never cut. Lines begin with - or +; what changed inside
    them is coloured, or in a pipe marked [-so-] and {+so+}.
    """
    if other is not None and b is not None:
        raise typer.BadParameter("with another article, name one version of this one at most")
    with context.obj.open() as archive:
        if other is None:
            found = archive.diff(article, a, b)
        else:
            found = compare(archive.version(article, a), archive.version(other))
    if as_json:
        for line in _json_lines(found, lines):
            print(json.dumps(line, **JSON))
        return
    print_difference(found, lines)


def print_difference(found: Difference, lines: int = 0) -> None:
    """Print a difference for people, with ``lines`` blocks of context around each change."""
    console = make_console()
    for line in difference_lines(found, lines, is_marked=not shows_colours(console)):
        say(console, line)


def difference_lines(found: Difference, lines: int, *, is_marked: bool) -> Iterator[Text]:
    """The difference line by line; ``is_marked`` where colours cannot be seen."""
    yield Text(f"--- {_named(found.before)}", style="bold")
    yield Text(f"+++ {_named(found.after)}", style="bold")
    if found.before.reader != found.after.reader:
        said = f"read by different readers, {found.before.reader} and {found.after.reader}"
        yield Text(f"({said}: fields may differ for that)", style="dim")
    if found.is_same:
        yield Text("no difference")
    for field in found.fields:
        yield Text(f"@@ {field.field}", style="cyan")
        yield from _field_lines(field, is_marked)
    for change in shown_blocks(found.blocks, lines):
        if change.kind == "same":
            yield from _lines(change.after[0].text, " ", "dim")
            continue
        yield Text(f"@@ {_heading(change)}", style="cyan")
        yield from _block_lines(change, is_marked)


def shown_blocks(blocks: Sequence[BlockChange], lines: int) -> Iterator[BlockChange]:
    """The changes, and the blocks at most ``lines`` away from one."""
    changed = [k for k, change in enumerate(blocks) if change.kind != "same"]
    near = {k + step for k in changed for step in range(-lines, lines + 1)}
    return (change for k, change in enumerate(blocks) if k in near)


def _named(side: Side) -> str:
    if side.version is None:
        return side.url
    return f"{side.url} version {side.version}, captured {second(side.captured_at)}"


def _heading(change: BlockChange) -> str:
    """Which blocks, of what kind, and what became of them."""
    old, new = _numbers(change.before), _numbers(change.after)
    kinds = [place.kind.replace("_", " ") for place in (change.before[:1] + change.after[:1])]
    kind = " became ".join(dict.fromkeys(kinds))
    edited = " and edited" if change.is_edited else ""
    moved = " and moved" if change.is_moved else ""
    match change.kind:
        case "added" | "removed":
            return f"{kind} {old or new} {change.kind}"
        case "moved":
            return f"{kind} {old} moved to {new}{edited}"
        case "split":
            return f"{kind} {old} split into {new}{moved}{edited}"
        case "merged":
            return f"{kind} {old} merged into {new}{moved}{edited}"
    place = old if old == new else f"{old}, now {new},"
    return f"{kind} {place} changed"


def _numbers(places: Sequence[BlockPlace]) -> str:
    return " and ".join(str(place.ordinal) for place in places)


def _field_lines(field: FieldChange, is_marked: bool) -> Iterator[Text]:
    if field.runs:
        yield from _sides(field.runs, is_marked)
        return
    before, after = Counter(field.before), Counter(field.after)
    if before == after:  # in another order: all of both
        gone, new = list(field.before), list(field.after)
    else:
        gone, new = [*(before - after).elements()], [*(after - before).elements()]
    for text in gone:
        yield from _lines(text, "-", "red")
    for text in new:
        yield from _lines(text, "+", "green")


def _block_lines(change: BlockChange, is_marked: bool) -> Iterator[Text]:
    if change.runs:
        yield from _sides(change.runs, is_marked)
        return
    for place in change.before if change.kind == "removed" else change.after:
        sign = _SIGNS.get(change.kind, ">" if change.is_moved else " ")
        yield from _lines(place.text, sign, _COLOURS.get(change.kind, "yellow"))


def _sides(runs: Sequence[Run], is_marked: bool) -> Iterator[Text]:
    """The older text without what came, the newer one without what went."""
    for side in ("removed", "added"):
        if not any(run.kind in ("same", side) for run in runs):
            continue
        text = Text()
        for run in runs:
            if run.kind == side:
                opening, closing = _MARKS[side] if is_marked else ("", "")
                part = run.text if run.text.strip() else run.text.replace("\n", "¶\n")
                text.append(f"{opening}{part}{closing}", style=f"bold reverse {_COLOURS[side]}")
            elif run.kind == "same":
                text.append(run.text)
        for line in text.split("\n", allow_blank=True):
            yield Text.assemble((_SIGNS[side], _COLOURS[side]), line)


def _lines(text: str, sign: str, style: str) -> Iterator[Text]:
    for line in text.split("\n"):
        yield Text(f"{sign}{line}", style=style)


def _json_lines(found: Difference, lines: int) -> Iterator[dict[str, object]]:
    sides = {"before": dataclasses.asdict(found.before), "after": dataclasses.asdict(found.after)}
    yield {"what": "compared"} | sides | {"is_same": found.is_same}
    for field in found.fields:
        yield {"what": "field"} | dataclasses.asdict(field)
    for change in shown_blocks(found.blocks, lines):
        yield {"what": "block"} | dataclasses.asdict(change)
