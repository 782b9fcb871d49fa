"""nervaluate over lists of spans: all four schemes, and each type by itself."""

import json
import sys
from pathlib import Path

from nervaluate import Evaluator

VIEWS = {"strict": "strict", "exact": "exact", "partial": "partial", "ent_type": "type"}


def main() -> None:
    corpus = json.loads((Path(sys.argv[1]) / "nervaluate.json").read_text(encoding="utf-8"))
    evaluator = Evaluator(corpus["gold"], corpus["predicted"], tags=corpus["types"], loader="dict")
    results = evaluator.evaluate()
    rows = {"all": results["overall"]}
    rows |= {f"type:{kind}": row for kind, row in results["entities"].items()}
    figures = {
        f"nervaluate-1.2.{view}/{place}/micro/{name}": getattr(row[scheme], name)
        for place, row in rows.items()
        for scheme, view in VIEWS.items()
        for name in ("precision", "recall", "f1")
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
