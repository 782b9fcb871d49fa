"""Counts the instructions of erebench's hot paths with callgrind, for each document.

    python3 scripts/bench/instructions.py --erebench target/release/erebench > instructions.csv
    python3 scripts/bench/instructions.py --erebench target/release/erebench --compare results/bench/.../instructions.csv

Each path is a command over synthetic documents on one thread. It runs over few and over many of them, and what
the second costs more is divided by the documents that it has more: what starting costs falls out. Instructions
repeat where times do not. `--compare` prints old and new side by side and ends with 1 where one grew by over
`--tolerance` percent.
"""

import argparse
import csv
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FEW, MANY = 20, 120
FIELDS = ("path", "instructions_per_document", "bytes_per_document", "command")
# Names in braces are files of so many documents; `bytes` says which file a path works through.
PATHS = {
    "synth": (("synth", "--preset", "bench", "--docs", "{documents}", "--seed", "1", "-o", "{out}", "-j", "1"), "gold"),
    "noise": (("noise", "{gold}", "-o", "{out}", "-j", "1"), "gold"),
    "parse gold": (("stats", "{gold}", "--json"), "gold"),
    "score, default": (("score", "{gold}", "{pred}", "--replicates", "0", "-j", "1", "--json"), "both"),
    "score, mentions": (
        ("score", "{gold}", "{pred}", "--protocol", "{mentions}", "--replicates", "0", "-j", "1", "--json"), "both",
    ),
    "score, partial": (("score", "{gold}", "{pred}", "--partial", "{out}", "-j", "1"), "both"),
    "score, 1,000 replicates": (("score", "{gold}", "{pred}", "--replicates", "1000", "-j", "1", "--json"), "both"),
}


def erebench_has(erebench: str, command: str, flag: str) -> bool:
    text = subprocess.run([erebench, command, "--help"], capture_output=True, text=True, check=True).stdout
    return flag in text


def collected(erebench: str, arguments: list[str]) -> int:
    """Instructions of one process."""
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", erebench, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not found:
        raise SystemExit(f"erebench {' '.join(arguments)} failed:\n{done.stderr}")
    return int(found.group(1))


def files(erebench: str, folder: Path, documents: int) -> dict[str, str]:
    names = {name: str(folder / f"{name}-{documents}.jsonl") for name in ("gold", "pred", "out")}
    subprocess.run(
        [erebench, "synth", "--preset", "bench", "--docs", str(documents), "--seed", "1", "-o", names["gold"]],
        check=True, capture_output=True,
    )
    subprocess.run([erebench, "noise", names["gold"], "-o", names["pred"]], check=True, capture_output=True)
    return names | {"documents": str(documents), "mentions": str(Path("scripts/peers/mentions.toml"))}


def measure(erebench: str) -> list[dict[str, str]]:
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        few, many = (files(erebench, Path(folder), documents) for documents in (FEW, MANY))
        for path, (arguments, subject) in PATHS.items():
            if "-j" in arguments and not erebench_has(erebench, arguments[0], "--threads"):
                arguments = tuple(a for a in arguments if a not in ("-j", "1"))
            counts = []
            for names in (few, many):
                Path(names["out"]).unlink(missing_ok=True)
                counts.append(collected(erebench, [argument.format(**names) for argument in arguments]))
            sides = ("gold", "pred") if subject == "both" else (subject,)
            size = sum(Path(many[side]).stat().st_size - Path(few[side]).stat().st_size for side in sides)
            plain = " ".join(arguments).replace("{", "").replace("}", "")
            extra = MANY - FEW
            rows.append(dict(zip(FIELDS, (path, str((counts[1] - counts[0]) // extra), str(size // extra), plain))))
    return rows


def compare(rows: list[dict[str, str]], path: Path, tolerance: float) -> bool:
    """Prints old and new; whether nothing grew."""
    with path.open(newline="", encoding="utf-8") as file:
        old = {row["path"]: int(row["instructions_per_document"]) for row in csv.DictReader(file)}
    is_fine = True
    for row in rows:
        new = int(row["instructions_per_document"])
        before = old.get(row["path"])
        change = 100 * (new / before - 1) if before else 0.0
        grew = change > tolerance
        is_fine &= not grew
        print(f"{row['path']:28} {before or 'new':>12} {new:>12} {change:+7.2f} %{'  grew' if grew else ''}")
    return is_fine


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--erebench", required=True, help="the binary")
    parser.add_argument("--compare", type=Path, help="instructions.csv of an earlier record")
    parser.add_argument("--tolerance", type=float, default=2.0, help="percent that a path may grow by")
    arguments = parser.parse_args()
    if shutil.which("valgrind") is None:
        raise SystemExit("valgrind is not installed")
    rows = measure(arguments.erebench)
    if arguments.compare:
        sys.exit(0 if compare(rows, arguments.compare, arguments.tolerance) else 1)
    writer = csv.DictWriter(sys.stdout, FIELDS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


if __name__ == "__main__":
    main()
