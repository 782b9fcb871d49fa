"""seqeval over lists of tags: the report of all types (`report`), or the micro F1 alone (`f1`)."""

import json
import sys
from pathlib import Path

from seqeval.metrics import classification_report, f1_score

AVERAGES = {"micro avg": "all/micro", "macro avg": "all/macro.seen", "weighted avg": "all/weighted"}
NAMES = {"precision": "precision", "recall": "recall", "f1-score": "f1"}


def main() -> None:
    corpus = json.loads((Path(sys.argv[1]) / "seqeval.json").read_text(encoding="utf-8"))
    if sys.argv[2] == "f1":
        figures = {"seqeval.default/all/micro/f1": float(f1_score(corpus["gold"], corpus["predicted"]))}
    else:
        report = classification_report(
            corpus["gold"], corpus["predicted"], output_dict=True, zero_division=0
        )
        figures = {
            f"seqeval.default/{AVERAGES.get(row, f'type:{row}/micro')}/{ours}": float(values[name])
            for row, values in report.items()
            for name, ours in NAMES.items()
        }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
