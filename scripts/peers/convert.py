"""Writes what each peer reads, and what erebench reads, from one pair of gold and predictions.

Tags cannot say that one mention lies in another, so of mentions that overlap the first and longest stays, on
both sides and for everybody, erebench included; what pointed to the others goes with them.

Tokens are words and single other characters, cut again wherever a mention of gold or prediction begins or ends.
"""

import argparse
import json
import re
from collections.abc import Iterator
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

Document = dict[str, Any]
Token = tuple[int, int]

WORD = re.compile(r"\w+|[^\w\s]")


def positions(items: list[Any]) -> dict[int, int]:
    """New positions of the items that stay, by their old ones; `None` does not stay."""
    kept = (old for old, item in enumerate(items) if item is not None)
    return {old: new for new, old in enumerate(kept)}


def present(items: list[Any]) -> list[Any]:
    return [item for item in items if item is not None]


def moved(references: list[int], places: dict[int, int]) -> list[int]:
    return [places[reference] for reference in references if reference in places]


def between(relation: Document, places: dict[int, int]) -> Document | None:
    """The relation with both ends moved, unless one of them is gone."""
    if relation["head"] not in places or relation["tail"] not in places:
        return None
    return relation | {end: places[relation[end]] for end in ("head", "tail")}


def moved_evidence(evidence: Document, entities: dict[int, int], supports: dict[int, int]) -> Document:
    result = {key: value for key, value in evidence.items() if key not in ("time", "amount", "item")}
    for key in ("time", "amount", "item"):
        if evidence.get(key) in entities:
            result[key] = entities[evidence[key]]
    for key, places in (("support", supports), ("asserted_by", entities)):
        if key in evidence:
            result[key] = moved(evidence[key], places)
    return result


def flatten(document: Document) -> Document:
    """The document without mentions that overlap an earlier or longer one, the others in order of place."""
    mentions: list[Document | None] = [None] * len(document["mentions"])
    end = 0
    order = sorted(enumerate(document["mentions"]), key=lambda item: (item[1]["start"], -item[1]["end"]))
    chosen: list[int] = []
    for position, mention in order:
        if mention["start"] >= end:
            mentions[position] = mention
            chosen.append(position)
            end = mention["end"]
    mention_places = {old: new for new, old in enumerate(chosen)}

    entities = [
        entity | {"mentions": members} if (members := moved(entity["mentions"], mention_places)) else None
        for entity in document["entities"]
    ]
    entity_places = positions(entities)
    supports = [between(relation, mention_places) for relation in document["mention_relations"]]
    support_places = positions(supports)
    relations = [between(relation, entity_places) for relation in document["relations"]]
    for relation in present(relations):
        if "evidence" in relation:
            relation["evidence"] = [
                moved_evidence(evidence, entity_places, support_places) for evidence in relation["evidence"]
            ]
    return document | {
        "mentions": [mentions[position] for position in chosen],
        "entities": present(entities),
        "mention_relations": present(supports),
        "relations": present(relations),
    }


def tokenise(text: str, mentions: list[Document]) -> list[Token]:
    bounds = {bound for mention in mentions for bound in (mention["start"], mention["end"])}
    cuts = sorted(bounds | {0, len(text)})
    return [match.span() for start, end in pairwise(cuts) for match in WORD.finditer(text, start, end)]


def tags(tokens: list[Token], mentions: list[Document], identity: str) -> list[str]:
    """IOB2 tags; refuses mentions that do not begin and end with tokens."""
    first = {start: position for position, (start, _) in enumerate(tokens)}
    last = {end: position for position, (_, end) in enumerate(tokens)}
    result = ["O"] * len(tokens)
    for mention in mentions:
        if mention["start"] not in first or mention["end"] not in last:
            raise SystemExit(f"{identity}: a mention begins or ends with a space: {mention}")
        begin, end = first[mention["start"]], last[mention["end"]]
        result[begin : end + 1] = [f"B-{mention['type']}"] + [f"I-{mention['type']}"] * (end - begin)
    return result


def pairs(gold: Path, predictions: Path, limit: int) -> Iterator[tuple[Document, Document]]:
    with gold.open(encoding="utf-8") as gold_lines, predictions.open(encoding="utf-8") as predicted_lines:
        for gold_line, predicted_line in islice(zip(gold_lines, predicted_lines), limit):
            document, prediction = json.loads(gold_line), json.loads(predicted_line)
            if document["id"] != prediction["id"]:
                raise SystemExit(f"{document['id']} stands beside {prediction['id']}")
            yield flatten(document), flatten(prediction)


def as_spans(mentions: list[Document]) -> list[Document]:
    """nervaluate's dictionaries, whose ends are inclusive."""
    return [{"label": m["type"], "start": m["start"], "end": m["end"] - 1} for m in mentions]


def as_rows(identity: str, mentions: list[Document]) -> Iterator[str]:
    """neleval's rows, whose ends are inclusive: document, start, end, link, score, type."""
    for m in mentions:
        yield f"{identity}\t{m['start']}\t{m['end'] - 1}\tNIL\t1.0\t{m['type']}\n"


def line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gold", type=Path)
    parser.add_argument("predictions", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--documents", type=int, required=True, help="take the first N documents")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)

    sides = ("gold", "predicted")
    ours: dict[str, list[str]] = {side: [] for side in sides}
    tagged: dict[str, list[list[str]]] = {side: [] for side in sides}
    spans: dict[str, list[list[Document]]] = {side: [] for side in sides}
    rows: dict[str, list[str]] = {side: [] for side in sides}
    counts: dict[str, list[int]] = {"correct": [], **{side: [] for side in sides}}
    words: list[list[str]] = []
    for gold, predicted in pairs(arguments.gold, arguments.predictions, arguments.documents):
        identity, text = gold["id"], gold["text"]
        tokens = tokenise(text, gold["mentions"] + predicted["mentions"])
        words.append([text[start:end] for start, end in tokens])
        gold["tokens"] = tokens
        keys: list[set[tuple[int, int, str]]] = []
        for side, document in zip(sides, (gold, predicted)):
            mentions = document["mentions"]
            ours[side].append(line(document))
            tagged[side].append(tags(tokens, mentions, identity))
            spans[side].append(as_spans(mentions))
            rows[side].extend(as_rows(identity, mentions))
            keys.append({(m["start"], m["end"], m["type"]) for m in mentions})
            counts[side].append(len(keys[-1]))
        counts["correct"].append(len(keys[0] & keys[1]))

    if len(words) < arguments.documents:
        raise SystemExit(f"only {len(words)} documents")
    types = sorted({span["label"] for side in sides for document in spans[side] for span in document})
    spacy_lines = (
        line({"words": of_words, "gold": of_gold, "predicted": of_predicted})
        for of_words, of_gold, of_predicted in zip(words, tagged["gold"], tagged["predicted"])
    )
    files: dict[str, str] = {
        "gold.jsonl": "".join(ours["gold"]),
        "predictions.jsonl": "".join(ours["predicted"]),
        "nervaluate.json": line({"types": types, **spans}),
        "seqeval.json": line(tagged),
        "spacy.jsonl": "".join(spacy_lines),
        "neleval-gold.tsv": "".join(rows["gold"]),
        "neleval-predicted.tsv": "".join(rows["predicted"]),
        "counts.json": line(counts),
    }
    for name, content in files.items():
        (arguments.output / name).write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
