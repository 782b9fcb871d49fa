"""spaCy's Scorer over documents made from words and tags, one after the other."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from spacy.scorer import Scorer
from spacy.tokens import Doc
from spacy.training import Example
from spacy.vocab import Vocab


def examples(path: Path) -> Iterator[Example]:
    vocabulary = Vocab()
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            document = json.loads(line)
            predicted, gold = (
                Doc(vocabulary, words=document["words"], ents=document[side]) for side in ("predicted", "gold")
            )
            yield Example(predicted, gold)


def main() -> None:
    scores = Scorer.score_spans(examples(Path(sys.argv[1]) / "spacy.jsonl"), "ents")
    rows = {"all": {name: scores[f"ents_{name}"] for name in "prf"}}
    rows |= {f"type:{kind}": row for kind, row in scores["ents_per_type"].items()}
    figures = {
        f"spacy.labelled/{place}/micro/{ours}": row[name]
        for place, row in rows.items()
        for name, ours in (("p", "precision"), ("r", "recall"), ("f", "f1"))
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
