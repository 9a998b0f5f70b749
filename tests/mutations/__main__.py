"""``python -m tests.mutations``: any number of mutated pages, or one large page, read and measured.

A process of its own, so that its memory is measured from nothing and a crash takes nothing along.
``--save`` writes the page of a recipe to ``tests/mutated``, which the tests read from then on.
"""

import argparse
import contextlib
import ctypes
import gc
import json
import re
import resource
import sys
import time
from collections import Counter
from pathlib import Path

from crawler.extract import ExtractionError, extract
from tests.mutations.drill import read_within
from tests.mutations.pages import own_pages
from tests.mutations.recipe import recipe_of
from tests.mutations.sizes import compose_shape

SAVED = Path(__file__).parents[1] / "mutated"
ADDRESS_SPACE = 4_000_000_000  # bytes; a page that wants more raises MemoryError and fails
KIB = 1024
TOO_MANY = re.compile(r"more than [\d,]+ (?:tags|lines)")
MOST_SHOWN = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--first", type=int, default=0, metavar="NUMBER")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--shape", help="read one page of this shape")
    parser.add_argument("--size", type=int, default=20_000_000, help="its bytes")
    parser.add_argument("--save", type=int, metavar="NUMBER", help="save the page of a recipe")
    arguments = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    if arguments.save is not None:
        recipe = recipe_of(arguments.save)
        if recipe.base not in own_pages():
            parser.error(f"{recipe} is made of somebody else's page, which must not be copied")
        (SAVED / f"{recipe.steps[0][0]}-{arguments.save}.html").write_bytes(recipe.body)
        print(recipe)
    elif arguments.shape:
        print(json.dumps(measure_shape(arguments.shape, arguments.size)))
    else:
        print(json.dumps(read_many(arguments.first, arguments.count), ensure_ascii=False))


def read_many(first: int, count: int) -> dict[str, object]:
    """Read the recipes from ``first`` on: counts, slowest page, peak of memory, failures."""
    states: Counter[str] = Counter()
    failures: dict[str, object] = {}
    slowest = (0.0, "")
    for number in range(first, first + count):
        recipe = recipe_of(number)
        print(number, recipe, file=sys.stderr, flush=True)  # the last line names a crash's page
        outcome = read_within(recipe.body, recipe.base, recipe.content_type)
        states[outcome.state] += 1
        slowest = max(slowest, (outcome.seconds, f"{number} {recipe}"))
        if outcome.faults and len(failures) < MOST_SHOWN:
            failures[f"{number} {recipe}"] = outcome.faults[:3]
    return {
        "states": dict(states),
        "slowest": slowest,
        "peak_bytes": peak_bytes(),
        "failures": failures,
    }


def measure_shape(name: str, size: int) -> dict[str, object]:
    """Read one large page: how it ended, CPU time, and the growth of the process's peak memory.

    Where pages of so many tags or lines are refused, the largest that is not refused is read too.
    """
    extract(compose_shape("paragraphs", 2000))  # everything is imported and compiled
    found = _measure(compose_shape(name, size))
    while TOO_MANY.search(str(found["state"])):
        size = size * 19 // 20
        found = _measure(compose_shape(name, size))
    return found


def _measure(body: bytes) -> dict[str, object]:
    forget_peak()
    before, started = peak_bytes(), time.process_time()
    try:
        state = f"read, {len(extract(body).blocks)} blocks"
    except ExtractionError as error:
        state = f"refused: {error}"
    seconds = time.process_time() - started
    grown = peak_bytes() - before
    return {"state": state, "size": len(body), "seconds": seconds, "grown_bytes": grown}


def forget_peak() -> None:
    """Give freed memory back and begin the peak anew, where the system can (Linux)."""
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
        Path("/proc/self/clear_refs").write_text("5")


def peak_bytes() -> int:
    """The most memory this process has held since ``forget_peak``.

    Not ``ru_maxrss`` where it can be helped: that begins with what the parent held (Linux).
    """
    with contextlib.suppress(OSError):
        found = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())
        if found:
            return int(found.group(1)) * KIB
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIB


if __name__ == "__main__":
    main()
