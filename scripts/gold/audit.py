"""Draws mentions and relations for an audit, and turns a reader's verdicts into errors per 100.

    erebench convert datasets/newswire --split test -o - | python audit.py draw 200 7 > sheet.jsonl
    python audit.py count sheet.jsonl

`draw N SEED` draws N mentions and N relations from gold on standard input, each with the sentences it stands
in. A reader sets `verdict` of each line: "right", or "wrong: why". `count` prints errors per 100 with a 95 %
interval (Wilson 1927) for mentions and for relations.
"""

import json
import math
import random
import sys


def surface(text, mention):
    spans = mention.get("spans") or [[mention["start"], mention["end"]]]
    return " … ".join(text[start:end] for start, end in spans)


def first(mention):
    return mention["spans"][0][0] if "spans" in mention else mention["start"]


def sentence_at(document, offset):
    for number, (start, end) in enumerate(document.get("sentences", [])):
        if start <= offset < end:
            return number
    return None


def sentence(document, number):
    start, end = document["sentences"][number]
    return document["text"][start:end]


def name(document, entity):
    mentions = [document["mentions"][at] for at in document["entities"][entity].get("mentions", [])]
    names = [m for m in mentions if m.get("form", "name") == "name"] or mentions
    return max((surface(document["text"], m) for m in names), key=len, default="?")


def draw(count, seed):
    documents = [json.loads(line) for line in sys.stdin]
    chance = random.Random(seed)
    mentions = [(d, at) for d in documents for at in range(len(d["mentions"]))]
    relations = [(d, at) for d in documents for at in range(len(d.get("relations", [])))]
    for document, at in chance.sample(mentions, min(count, len(mentions))):
        mention = document["mentions"][at]
        entity = next(
            (e for e, item in enumerate(document["entities"]) if at in item.get("mentions", [])), None
        )
        number = sentence_at(document, first(mention))
        show({
            "layer": "mention", "document": document["id"], "type": mention["type"],
            "text": surface(document["text"], mention), "form": mention.get("form", "name"),
            "optional": mention.get("optional", False),
            "entity": None if entity is None else name(document, entity),
            "sentence": None if number is None else f"s{number} {sentence(document, number)}",
        })
    for document, at in chance.sample(relations, min(count, len(relations))):
        relation = document["relations"][at]
        evidence = relation.get("evidence", [])
        numbers = sorted({number for piece in evidence for number in piece.get("sentences", [])})
        plain = [{k: v for k, v in piece.items() if k != "sentences"} for piece in evidence]
        for piece in plain:
            for key in ("asserted_by", "time", "amount", "item"):
                if isinstance(piece.get(key), list):
                    piece[key] = [name(document, entity) for entity in piece[key]]
                elif key in piece:
                    piece[key] = name(document, piece[key])
        show({
            "layer": "relation", "document": document["id"], "type": relation["type"],
            "head": name(document, relation["head"]), "tail": name(document, relation["tail"]),
            "optional": relation.get("optional", False), "evidence": plain,
            "sentences": [f"s{number} {sentence(document, number)}" for number in numbers],
        })


def show(item):
    print(json.dumps({**item, "verdict": None}, ensure_ascii=False))


def count(path):
    with open(path, encoding="utf-8") as file:
        items = [json.loads(line) for line in file]
    for layer in ("mention", "relation"):
        verdicts = [item["verdict"] for item in items if item["layer"] == layer]
        if any(not isinstance(verdict, str) for verdict in verdicts):
            sys.exit(f"{path}: a {layer} has no verdict yet")
        wrong = sum(verdict != "right" for verdict in verdicts)
        low, high = wilson(wrong, len(verdicts))
        print(
            f"{layer}s: {wrong} of {len(verdicts)} wrong, {100 * wrong / len(verdicts):.1f} per 100 "
            f"[{100 * low:.1f}, {100 * high:.1f}]"
        )


def wilson(wrong, total, z=1.959964):
    share = wrong / total
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z / (1 + z * z / total) * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return max(0.0, middle - half), min(1.0, middle + half)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["draw", number, seed]:
            draw(int(number), int(seed))
        case ["count", path]:
            count(path)
        case _:
            sys.exit(__doc__)
