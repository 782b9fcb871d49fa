"""neleval over its rows: all measures of mentions and links, without those of clusters."""

import collections
import collections.abc
import json
import sys
from pathlib import Path

# neleval 3.1.1 imports this name from where Python 3.10 has removed it.
collections.Sequence = collections.abc.Sequence  # type: ignore[attr-defined]

from neleval.evaluate import Evaluate  # noqa: E402

NAMES = {"precision": "precision", "recall": "recall", "fscore": "f1"}


def main() -> None:
    gold, predicted = (str(Path(sys.argv[1]) / f"neleval-{side}.tsv") for side in ("gold", "predicted"))
    results = Evaluate(predicted, gold=gold, measures=["all-tagging"])()
    figures = {
        f"neleval.{measure}/all/micro/{ours}": row[name]
        for measure, row in results.items()
        for name, ours in NAMES.items()
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
