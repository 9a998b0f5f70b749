"""Measure extraction beside its peers: quality, generalisation, speed, growth with size.

    python benchmarks/extraction.py --eval FOLDER [--quality] [--speed] [--linear] [--quick]
                                    [--pages [N]] [--reps N] [--markdown]

FOLDER holds the scorer and its corpora. Without a part named, all three run. The peers are
installed once into an environment of their own; ``--quick`` leaves them out. Prints every figure
beside its floor and aim, and exits 1 when a floor is missed.
"""

import argparse
import sys
from pathlib import Path

import quality
from limits import Finding, print_findings
from linear import measure_growth
from peers import PEERS, PeerAbsent, ReaderProcess, install_peers
from quality import Corpora, Score
from speed import measure_speed


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--eval", type=Path, required=True, help="folder of scorer and corpora")
    parser.add_argument("--quality", action="store_true", help="only how well pages are read")
    parser.add_argument("--speed", action="store_true", help="only CPU seconds a page")
    parser.add_argument("--linear", action="store_true", help="only growth with size")
    parser.add_argument("--quick", action="store_true", help="without the peers")
    parser.add_argument(
        "--pages", type=int, nargs="?", const=10, metavar="N", help="list the N lowest pages"
    )
    parser.add_argument("--reps", type=int, default=5, help="repetitions of --speed")
    parser.add_argument("--markdown", action="store_true", help="print the README's table")
    arguments = parser.parse_args()
    if not (arguments.quality or arguments.speed or arguments.linear):
        arguments.quality = arguments.speed = arguments.linear = True
    return arguments


def main() -> int:
    arguments = parse_arguments()
    if not (arguments.eval / "score.py").is_file():
        print(f"no score.py in {arguments.eval}; this benchmark needs corpora", file=sys.stderr)
        return 2
    corpora = Corpora(arguments.eval)
    if not arguments.quick and (arguments.quality or arguments.speed):
        install_peers()
    findings: list[Finding] = []
    if arguments.quality:
        findings += measure_quality(corpora, arguments)
    if arguments.speed:
        findings += measure_speed(corpora, arguments.reps, is_quick=arguments.quick)
    if arguments.linear:
        findings += measure_growth()
    print_findings(findings)
    missed = [finding.name for finding in findings if finding.is_missed]
    print(f"\n{len(missed)} of {len(findings)} floors missed")
    return 1 if missed else 0


def measure_quality(corpora: Corpora, arguments: argparse.Namespace) -> list[Finding]:
    table: dict[str, dict[str, Score]] = {}
    releases: dict[str, str] = {}
    absent: dict[str, str] = {}
    with ReaderProcess("Jiedu") as jiedu:
        answers = quality.read_corpora(jiedu, corpora)
    table["Jiedu"] = quality.score_all(corpora, answers)
    for name in () if arguments.quick else PEERS:
        try:
            with ReaderProcess(name) as peer:
                table[name] = quality.score_all(corpora, quality.read_corpora(peer, corpora))
                releases[name] = peer.release
        except PeerAbsent as reason:
            absent[name] = str(reason)
    print("; ".join(f"{name} {release}" for name, release in releases.items()))
    quality.print_scores(table, absent)
    if arguments.markdown:
        quality.print_markdown(table, releases)
    if arguments.pages:
        quality.print_worst(corpora, table["Jiedu"], arguments.pages)
    findings = quality.judge(corpora, table["Jiedu"])
    return findings + quality.print_generalisation(corpora, answers)


if __name__ == "__main__":
    sys.exit(main())
