"""Holds erebench against its peers: first whether the figures agree, then time and memory of one process each."""

import argparse
import csv
import hashlib
import importlib.metadata
import json
import os
import platform
import re
import shlex
import shutil
import signal
import statistics
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path("scripts/peers")
WORK = Path("target/peers")
# Longer than this a peer may not take; its documents are cut until it does not.
LIMIT_SECONDS = 600
CUT = 4
# So few documents that what is measured is the start of the process.
START_DOCUMENTS = 10
TOLERANCE = 1e-9
# Ends of intervals come from random numbers: they may differ by this share of the interval. At 1,000 replicates
# the standard error of an end is 0.02 to 0.03 of it, that of a difference 0.03 to 0.04.
INTERVAL_TOLERANCE = 0.15
# Nobody computes in parallel.
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
PACKAGES = ("nervaluate", "seqeval", "spacy", "neleval", "scipy", "numpy")


@dataclass(frozen=True)
class Contest:
    """A peer and what erebench does beside it; `{corpus}` in the arguments is the folder of the corpus."""

    name: str
    package: str
    peer: tuple[str, ...]
    ours: tuple[str, ...]

    @staticmethod
    def score(name: str, package: str, peer: tuple[str, ...], protocol: str, replicates: int = 0) -> "Contest":
        files = ("{corpus}/gold.jsonl", "{corpus}/predictions.jsonl")
        return Contest(name, package, peer, (
            "score", *files, "--protocol", protocol, "--replicates", str(replicates), "--json", "-j", "1",
        ))


MERGE = ("merge", "{corpus}/mentions.part", "--replicates", "1000", "--json", "-j", "1")
MENTIONS = str(HERE / "mentions.toml")
CONTESTS = (
    Contest.score("nervaluate", "nervaluate", ("peer_nervaluate.py", "{corpus}"), "nervaluate-1.2"),
    Contest.score("seqeval, report", "seqeval", ("peer_seqeval.py", "{corpus}", "report"), "seqeval"),
    Contest.score("seqeval, F1 alone", "seqeval", ("peer_seqeval.py", "{corpus}", "f1"), "seqeval"),
    Contest.score("spaCy", "spacy", ("peer_spacy.py", "{corpus}"), "spacy"),
    Contest.score("neleval", "neleval", ("peer_neleval.py", "{corpus}"), "neleval"),
    Contest("scipy, BCa", "scipy", ("peer_scipy.py", "{corpus}", "BCa"), MERGE),
    Contest("scipy, percentile", "scipy", ("peer_scipy.py", "{corpus}", "percentile"), MERGE),
    Contest.score(
        "scipy, percentile; ours scores too", "scipy", ("peer_scipy.py", "{corpus}", "percentile"), MENTIONS, 1000
    ),
)


class Measurement(NamedTuple):
    user_seconds: float
    system_seconds: float
    wall_seconds: float
    peak_bytes: int


class TooSlow(Exception):
    pass


class Row(NamedTuple):
    """One measurement, as it stands in rows.csv."""

    round: int
    peer: str
    side: str
    documents: int
    user_seconds: float
    system_seconds: float
    wall_seconds: float
    peak_bytes: int


def measure(command: list[str], output: Path, limit: float | None = None) -> Measurement:
    """Runs one process with its standard output in a file; what it used comes from the kernel."""
    errors = output.with_suffix(".stderr")
    meter = [sys.executable, "-I", "-S", str(HERE / "measure.py"), str(output), str(errors), *command]
    process = subprocess.Popen(
        meter, stdout=subprocess.PIPE, text=True, env=os.environ | ONE_THREAD, start_new_session=True
    )
    try:
        answer, _ = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise TooSlow from None
    if process.returncode != 0:
        raise SystemExit(f"could not start {shlex.join(command)}")
    user, system, wall, peak, status = answer.split()
    if status != "0":
        raise SystemExit(f"{shlex.join(command)} failed:\n{errors.read_text(encoding='utf-8', errors='replace')}")
    return Measurement(float(user), float(system), float(wall), int(peak))


class Bench:
    """The corpora, and the two commands of a contest on one of them."""

    def __init__(self, erebench: Path, documents: int) -> None:
        self.erebench = str(erebench.absolute())
        shutil.rmtree(WORK, ignore_errors=True)
        WORK.mkdir(parents=True)
        gold, predictions = WORK / "synthetic.jsonl", WORK / "noise.jsonl"
        self.ours("synth", "--preset", "bench", "--docs", str(documents), "--seed", "1", "-o", str(gold))
        self.ours("noise", str(gold), "-o", str(predictions))
        self.sources = (str(gold), str(predictions))

    def ours(self, *arguments: str) -> str:
        done = subprocess.run([self.erebench, *arguments], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"erebench {shlex.join(arguments)} failed:\n{done.stderr}")
        return done.stdout

    def corpus(self, documents: int) -> Path:
        """The folder of the first documents, in every form."""
        folder = WORK / f"corpus-{documents}"
        if not folder.exists():
            convert = [sys.executable, str(HERE / "convert.py"), *self.sources, str(folder)]
            subprocess.run([*convert, "--documents", str(documents)], check=True)
            files = (str(folder / "gold.jsonl"), str(folder / "predictions.jsonl"))
            self.ours("score", *files, "--protocol", MENTIONS, "--partial", str(folder / "mentions.part"))
        return folder

    def command(self, contest: Contest, side: str, documents: int) -> list[str]:
        corpus = str(self.corpus(documents))
        if side == "peer":
            program, *arguments = contest.peer
            command = [sys.executable, str(HERE / program), *arguments]
        else:
            command = [self.erebench, *contest.ours]
        return [argument.replace("{corpus}", corpus) for argument in command]


def figures_of(record: dict[str, Any]) -> dict[str, float]:
    """The figures of erebench under the names that the peers' programs give theirs."""
    figures: dict[str, float] = {}
    for score in record["scores"]:
        place = f"{score['view']}/{score['slice'] or 'all'}/{score['average']}"
        for name in ("precision", "recall", "f1"):
            figures[f"{place}/{name}"] = score[name]
            for end, value in (score[f"{name}_interval"] or {}).items():
                figures[f"{place}/{name}.{end}"] = value
    return figures


def agreement(contest: Contest, peer: dict[str, float], ours: dict[str, float]) -> int:
    """How many figures are equal; stops where one is not."""
    for name, value in peer.items():
        tolerance = TOLERANCE
        if name.endswith((".low", ".high")):
            whole = name.rsplit(".", 1)[0]
            tolerance = INTERVAL_TOLERANCE * (ours[f"{whole}.high"] - ours[f"{whole}.low"])
        if name not in ours or not abs(ours[name] - value) <= tolerance:
            raise SystemExit(f"{contest.name}: {name} is {value}, ours is {ours.get(name)}: nothing was timed")
    return len(peer)


def check(bench: Bench, contest: Contest, documents: int) -> tuple[int, int]:
    """Compares the figures; the documents that the peer can do in time, and how many figures are equal."""
    outputs = {side: WORK / f"{side}.json" for side in ("peer", "ours")}
    while True:
        try:
            measure(bench.command(contest, "peer", documents), outputs["peer"], LIMIT_SECONDS)
            break
        except TooSlow:
            print(f"{contest.name}: over {LIMIT_SECONDS} s for {documents} documents, now {documents // CUT}")
            documents //= CUT
            if documents < START_DOCUMENTS:
                raise SystemExit(f"{contest.name} is too slow") from None
    measure(bench.command(contest, "ours", documents), outputs["ours"])
    peer, ours = (json.loads(outputs[side].read_text(encoding="utf-8")) for side in ("peer", "ours"))
    equal = agreement(contest, peer, figures_of(ours))
    print(f"{contest.name}: {equal} figures agree over {documents} documents", flush=True)
    return documents, equal


def timed(bench: Bench, documents: dict[str, int], rounds: int) -> Iterable[Row]:
    """In each round every peer, and erebench after each of them; few documents first, then all."""
    output = WORK / "timed.json"
    for number in range(1, rounds + 1):
        print(f"round {number} of {rounds}", flush=True)
        for contest in CONTESTS:
            for size in (START_DOCUMENTS, documents[contest.name]):
                for side in ("peer", "ours"):
                    measurement = measure(bench.command(contest, side, size), output)
                    yield Row(number, contest.name, side, size, *measurement)


def quotient(peer: float, ours: float) -> str:
    if ours <= 0:
        return "-"
    value = peer / ours
    return f"{value:.1f}" if value < 100 else f"{value:.0f}"


def table(rows: list[Row], documents: dict[str, int], equal: dict[str, int]) -> str:
    def values(contest: Contest, side: str, size: int, name: str) -> list[float]:
        wanted = (contest.name, side, size)
        return [getattr(row, name) for row in rows if (row.peer, row.side, row.documents) == wanted]

    def cpu_seconds(contest: Contest, side: str, size: int) -> float:
        """User and system time together: of a process so short the kernel guesses which is which."""
        names = ("user_seconds", "system_seconds")
        return statistics.median(map(sum, zip(*(values(contest, side, size, name) for name in names))))

    head = (
        "peer", "documents", "figures equal", "user s", "ours", "ratio", "range of ratios", "start, CPU s", "ours",
        "CPU ratio without start", "wall s", "ours", "ratio", "peak MB", "ours", "ratio",
    )
    lines = [head, ("---",) + ("---:",) * (len(head) - 1)]
    for contest in CONTESTS:
        size = documents[contest.name]
        medians = {
            (side, name): statistics.median(values(contest, side, size, name))
            for side in ("peer", "ours")
            for name in ("user_seconds", "wall_seconds", "peak_bytes")
        }
        user, wall, peak = (
            (medians["peer", name], medians["ours", name]) for name in ("user_seconds", "wall_seconds", "peak_bytes")
        )
        start, whole = (
            [cpu_seconds(contest, side, count) for side in ("peer", "ours")]
            for count in (START_DOCUMENTS, size)
        )
        each = zip(*(values(contest, side, size, "user_seconds") for side in ("peer", "ours")))
        ratios = sorted((pair for pair in each if pair[1] > 0), key=lambda pair: pair[0] / pair[1])
        lines.append((
            f"{contest.name} ({importlib.metadata.version(contest.package)})",
            f"{size:,}", str(equal[contest.name]),
            *(f"{seconds:.3f}" for seconds in user), quotient(*user),
            f"{quotient(*ratios[0])} to {quotient(*ratios[-1])}" if ratios else "-",
            *(f"{seconds:.3f}" for seconds in start),
            quotient(*(both - first for both, first in zip(whole, start))),
            *(f"{seconds:.3f}" for seconds in wall), quotient(*wall),
            *(f"{size / 1e6:.1f}" for size in peak), quotient(*peak),
        ))
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def processor() -> str:
    """The name of the processor, as the system gives it."""
    information = Path("/proc/cpuinfo")
    if information.exists():
        name = re.search(r"^model name\s*:\s*(.+)$", information.read_text(encoding="utf-8"), re.MULTILINE)
        if name:
            return name[1].strip()
    return platform.processor() or platform.machine()


def git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], capture_output=True, text=True, check=True).stdout.strip()


def machine(bench: Bench, documents: int, rounds: int, floor: int) -> dict[str, Any]:
    return {
        "date": date.today().isoformat(),
        "cpu": processor(),
        "cores": os.cpu_count(),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "kernel": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "packages": {name: importlib.metadata.version(name) for name in PACKAGES},
        "erebench": {
            "version": bench.ours("--version").strip(),
            "sha256": hashlib.sha256(Path(bench.erebench).read_bytes()).hexdigest(),
            "commit": git("rev-parse", "HEAD"),
            "uncommitted_changes": bool(git("status", "--porcelain")),
        },
        "command": f"scripts/peers/run --documents {documents} --rounds {rounds}",
        "peak_bytes_floor": floor,
        "contests": [
            {
                "peer": contest.name,
                "peer_command": " ".join(("python", f"{HERE}/{contest.peer[0]}", *contest.peer[1:])),
                "ours_command": " ".join(("erebench", *contest.ours)),
            }
            for contest in CONTESTS
        ],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--erebench", type=Path, required=True, help="the binary")
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--output", type=Path, help="a folder [default: results/peers/DATE-CPU]")
    arguments = parser.parse_args()
    if arguments.documents < START_DOCUMENTS:
        parser.error(f"--documents: at least {START_DOCUMENTS}")
    if arguments.rounds < 1:
        parser.error("--rounds: at least 1")

    slug = re.sub(r"[^a-z0-9]+", "-", processor().lower()).strip("-")
    output = arguments.output or Path("results/peers") / f"{date.today().isoformat()}-{slug}"
    bench = Bench(arguments.erebench, arguments.documents)
    checked = {contest.name: check(bench, contest, arguments.documents) for contest in CONTESTS}
    documents = {name: size for name, (size, _) in checked.items()}
    equal = {name: count for name, (_, count) in checked.items()}
    bench.corpus(START_DOCUMENTS)
    floor = measure([shutil.which("true") or "/bin/true"], WORK / "floor").peak_bytes
    rows = list(timed(bench, documents, arguments.rounds))

    output.mkdir(parents=True, exist_ok=True)
    with (output / "rows.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Row._fields)
        writer.writerows(
            [f"{value:.6f}" if isinstance(value, float) else value for value in row] for row in rows
        )
    text = table(rows, documents, equal)
    (output / "table.md").write_text(text, encoding="utf-8")
    facts = machine(bench, arguments.documents, arguments.rounds, floor)
    (output / "machine.json").write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    print(f"\n{text}\n{output}")


if __name__ == "__main__":
    main()
