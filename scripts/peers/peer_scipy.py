"""scipy's bootstrap of a micro F1 over documents, from counts of each document: `BCa` or `percentile`."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import bootstrap

REPLICATES = 1000
# Replicates at a time: without a limit BCa holds a matrix of documents by documents.
BATCH = 100


def f1(correct: np.ndarray, predicted: np.ndarray, gold: np.ndarray, axis: int = -1) -> Any:
    return 2 * correct.sum(axis) / (predicted.sum(axis) + gold.sum(axis))


def main() -> None:
    columns = json.loads((Path(sys.argv[1]) / "counts.json").read_text(encoding="utf-8"))
    correct, predicted, gold = (np.array(columns[name]) for name in ("correct", "predicted", "gold"))
    interval = bootstrap(
        (correct, predicted, gold), f1, paired=True, vectorized=True,
        n_resamples=REPLICATES, batch=BATCH, method=sys.argv[2], rng=0,
    ).confidence_interval
    place = "mention.strict/all/micro"
    print(json.dumps({
        f"{place}/f1": float(f1(correct, predicted, gold)),
        f"{place}/f1.low": float(interval.low),
        f"{place}/f1.high": float(interval.high),
    }))


if __name__ == "__main__":
    main()
