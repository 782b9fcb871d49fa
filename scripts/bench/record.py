"""Runs the benches and keeps what criterion measured: rows.csv, machine.json, and a README.md made from them."""

import argparse
import csv
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

HERE = Path("scripts/bench")
FIELDS = ("bench", "seconds", "seconds_low", "seconds_high", "throughput", "unit")


def criterion_folder() -> Path:
    return Path(os.environ.get("CRITERION_HOME", Path(os.environ.get("CARGO_TARGET_DIR", "target")) / "criterion"))


def rows_since(begin: float) -> list[dict[str, Any]]:
    """The medians of all benches that ran since a time, with what one iteration worked through."""
    rows = []
    for path in sorted(criterion_folder().glob("**/new/benchmark.json")):
        estimates = path.with_name("estimates.json")
        if estimates.stat().st_mtime < begin:
            continue
        bench = json.loads(path.read_text(encoding="utf-8"))
        estimate = json.loads(estimates.read_text(encoding="utf-8"))["median"]
        seconds = estimate["point_estimate"] / 1e9
        interval = estimate["confidence_interval"]
        [(unit, amount)] = (bench["throughput"] or {"": None}).items()
        rate = {"Bytes": 1e6, "Elements": 1.0}.get(unit)
        rows.append({
            "bench": bench["full_id"],
            "seconds": f"{seconds:.9g}",
            "seconds_low": f"{interval['lower_bound'] / 1e9:.9g}",
            "seconds_high": f"{interval['upper_bound'] / 1e9:.9g}",
            "throughput": f"{amount / rate / seconds:.6g}" if rate and amount else "",
            "unit": {"Bytes": "MB/s", "Elements": "items/s"}.get(unit, ""),
        })
    return rows


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if Path("/proc/cpuinfo").exists() else []:
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def output_of(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def machine(command: str, seconds: float) -> dict[str, Any]:
    return {
        "date": date.today().isoformat(),
        "cpu": processor(),
        "cores": os.cpu_count(),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "kernel": f"{platform.system()} {platform.release()}",
        "rustc": output_of("rustc", "--version"),
        "commit": output_of("git", "rev-parse", "HEAD"),
        "uncommitted_changes": bool(output_of("git", "status", "--porcelain", "--untracked-files=no")),
        "command": command,
        "wall_seconds": round(seconds),
    }


def readable(seconds: float) -> str:
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= scale:
            return f"{seconds / scale:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def amount(row: dict[str, Any]) -> str:
    if not row["throughput"]:
        return ""
    value = float(row["throughput"])
    return f"{value:,.0f} {row['unit']}" if value >= 100 else f"{value:.3g} {row['unit']}"


def readme(facts: dict[str, Any], rows: list[dict[str, Any]], instructions: list[dict[str, str]]) -> str:
    lines = [
        f"# Benches on {facts['cpu']}, {facts['date']}",
        "",
        "Made by `scripts/bench/run` from `rows.csv`, `instructions.csv` and `machine.json` in this folder.",
        "",
        f"- command: `{facts['command']}`, {facts['wall_seconds']} s after compilation",
        f"- commit {facts['commit'][:12]}{' with changes' if facts['uncommitted_changes'] else ''}, {facts['rustc']}",
        f"- {facts['cores']} cores, {facts['memory_bytes'] / 2**30:.0f} GiB, {facts['kernel']}",
        "",
        "Times are medians of criterion's samples for one iteration. What an iteration works through, and the answer",
        "that it must give, stand in `benches/`.",
        "",
        "| bench | time | throughput |",
        "| --- | ---: | ---: |",
    ]
    lines += [f"| {row['bench']} | {readable(float(row['seconds']))} | {amount(row)} |" for row in rows]
    if instructions:
        lines += [
            "",
            "Instructions of whole commands on one thread, for each document of the bench preset, start-up taken",
            "away (`scripts/bench/instructions.py`):",
            "",
            "| path | instructions a document | a byte |",
            "| --- | ---: | ---: |",
        ]
        for row in instructions:
            count, size = int(row["instructions_per_document"]), int(row["bytes_per_document"])
            lines.append(f"| {row['path']} | {count:,} | {count / size:.1f} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--erebench", required=True, help="the binary")
    parser.add_argument("--quick", action="store_true", help="criterion's quick mode")
    parser.add_argument("--output", type=Path, help="a folder [default: results/bench/DATE-CPU]")
    arguments = parser.parse_args()
    command = ["cargo", "bench", "--locked"] + (["--", "--quick"] if arguments.quick else [])
    subprocess.run(["cargo", "bench", "--locked", "--no-run", "--quiet"], check=True)
    begin = time.time()
    subprocess.run(command, check=True)
    facts = machine(" ".join(command), time.time() - begin)
    rows = rows_since(begin)
    if not rows:
        raise SystemExit(f"no bench left a measurement in {criterion_folder()}")
    instructions = ""
    if shutil.which("valgrind"):
        count = [sys.executable, str(HERE / "instructions.py"), "--erebench", arguments.erebench]
        instructions = subprocess.run(count, capture_output=True, text=True, check=True).stdout
        facts["valgrind"] = output_of("valgrind", "--version")

    slug = re.sub(r"[^a-z0-9]+", "-", processor().lower()).strip("-")
    output = arguments.output or Path("results/bench") / f"{facts['date']}-{slug}"
    output.mkdir(parents=True, exist_ok=True)
    with (output / "rows.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    if instructions:
        (output / "instructions.csv").write_text(instructions, encoding="utf-8")
    (output / "machine.json").write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    counted = list(csv.DictReader(instructions.splitlines()))
    (output / "README.md").write_text(readme(facts, rows, counted), encoding="utf-8")
    print(output)


if __name__ == "__main__":
    main()
