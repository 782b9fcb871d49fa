//! The model holds what other formats hold: tiny documents in the shape of five of them, and whole
//! corpora in a neutral format, are built as documents, written as native JSON, read again, and
//! turned back into what they came from.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use ere_dataset::prediction::RawPrediction;
use ere_dataset::text::Offsets;
use ere_dataset::wire::TextPolicy;
use ere_dataset::{
    Document, Entity, EntityIdx, Evidence, Given, Mention, MentionIdx, MentionRelation, Pair,
    Relation, SentenceIdx, Span, Spans, Text, Vocabulary, Zone, ZoneKind, check, jsonl,
};
use serde_json::{Value, json};

/// Writes a document as native JSON and reads it again; both must be equal.
fn through_native(document: &Document, vocabulary: &Vocabulary) -> Document {
    check::check_gold(document, vocabulary, None).unwrap();
    let mut line = Vec::new();
    jsonl::write(&mut line, document, vocabulary, TextPolicy::Inline).unwrap();
    let read = jsonl::gold_from_str(std::str::from_utf8(&line).unwrap(), vocabulary).unwrap();
    assert_eq!(read, *document);
    read
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

fn number(value: &Value) -> u32 {
    value.as_u64().unwrap().try_into().unwrap()
}

/// A document over tokens that are joined by single spaces.
fn over_tokens(id: &str, tokens: &[Value]) -> Document {
    let words: Vec<&str> = tokens.iter().map(|token| token.as_str().unwrap()).collect();
    let mut end = 0;
    let spans = words.iter().map(|word| {
        let start = end;
        end += word.len() as u32 + 1;
        Span::new(start, start + word.len() as u32).unwrap()
    });
    let tokens: Vec<Span> = spans.collect();
    let text = Text::new(words.join(" "));
    let sentences = vec![Span::new(0, text.len() as u32).unwrap()];
    Document { id: id.into(), text, sentences, tokens: Some(tokens), ..Document::default() }
}

/// The span of tokens `start..end`.
fn token_span(document: &Document, start: u32, end: u32) -> Span {
    let tokens = document.tokens.as_ref().unwrap();
    Span::new(tokens[start as usize].start(), tokens[end as usize - 1].end()).unwrap()
}

/// The tokens under a span: start, end (exclusive).
fn tokens_of(document: &Document, span: Span) -> (u32, u32) {
    let tokens = document.tokens.as_ref().unwrap();
    let start = tokens.iter().position(|token| token.start() == span.start()).unwrap();
    let end = tokens.iter().position(|token| token.end() == span.end()).unwrap() + 1;
    (start as u32, end as u32)
}

fn words(document: &Document, from: u32, to: u32) -> Vec<&str> {
    let tokens = &document.tokens.as_ref().unwrap()[from as usize..to as usize];
    tokens.iter().map(|token| token.slice(document.text.as_str()).unwrap()).collect()
}

fn mention_relation(head: u32, tail: u32, label: ere_dataset::Label) -> MentionRelation {
    let (head, tail) = (MentionIdx(head), MentionIdx(tail));
    MentionRelation { head, tail, label, confidence: None, id: None }
}

fn relation(head: u32, tail: u32, label: ere_dataset::Label, evidence: Vec<Evidence>) -> Relation {
    let (head, tail) = (EntityIdx(head), EntityIdx(tail));
    Relation { head, tail, label, evidence, optional: false, confidence: None, id: None }
}

#[test]
fn docred() {
    let source = json!({
        "title": "Kvalvik",
        "sents": [["Kvalvik", "is", "a", "port", "in", "Norland", "."], ["It", "has", "Åse", "Dahl", "'s", "yard", "."]],
        "vertexSet": [
            [{"name": "Kvalvik", "sent_id": 0, "pos": [0, 1], "type": "LOC"},
             {"name": "It", "sent_id": 1, "pos": [0, 1], "type": "LOC"}],
            [{"name": "Norland", "sent_id": 0, "pos": [5, 6], "type": "LOC"}],
            [{"name": "Åse Dahl", "sent_id": 1, "pos": [2, 4], "type": "PER"}]
        ],
        "labels": [
            {"h": 0, "t": 1, "r": "P131", "evidence": [0]},
            {"h": 2, "t": 0, "r": "P551", "evidence": [0, 1]},
            {"h": 2, "t": 1, "r": "P27", "evidence": []}
        ]
    });
    let vocabulary = Vocabulary::default();
    let sentences = list(&source["sents"]);
    let tokens: Vec<Value> = sentences.iter().flat_map(|s| list(s).clone()).collect();
    let mut document = over_tokens(source["title"].as_str().unwrap(), &tokens);
    let mut first = 0;
    let mut starts = Vec::new();
    document.sentences.clear();
    for sentence in sentences {
        let next = first + list(sentence).len() as u32;
        document.sentences.push(token_span(&document, first, next));
        starts.push(first);
        first = next;
    }
    for (entity, vertices) in list(&source["vertexSet"]).iter().enumerate() {
        let kind = vocabulary.intern(vertices[0]["type"].as_str().unwrap());
        document
            .entities
            .push(Entity { labels: [kind].into_iter().collect(), ..Entity::default() });
        for vertex in list(vertices) {
            let offset = starts[number(&vertex["sent_id"]) as usize];
            let position = &vertex["pos"];
            let span =
                token_span(&document, offset + number(&position[0]), offset + number(&position[1]));
            let mention = Mention::new(span, vocabulary.intern(vertex["type"].as_str().unwrap()));
            document.mentions.push(mention.of(EntityIdx(entity as u32)));
        }
    }
    for label in list(&source["labels"]) {
        let sentences = list(&label["evidence"]).iter().map(|s| SentenceIdx(number(s))).collect();
        let evidence = Evidence { sentences, ..Evidence::default() };
        let evidence = if evidence.sentences.is_empty() { vec![] } else { vec![evidence] };
        let kind = vocabulary.intern(label["r"].as_str().unwrap());
        document.relations.push(relation(number(&label["h"]), number(&label["t"]), kind, evidence));
    }

    let document = through_native(&document, &vocabulary);

    let name = |label| vocabulary.name(label).to_string();
    let vertex = |at: &MentionIdx| {
        let mention = &document.mentions[at.index()];
        let span = mention.spans.first();
        let sentence = document.sentence_of(span).unwrap();
        let (start, end) = tokens_of(&document, span);
        let offset = tokens_of(&document, document.sentences[sentence.index()]).0;
        json!({"name": span.slice(document.text.as_str()).unwrap(), "sent_id": sentence.0,
               "pos": [start - offset, end - offset], "type": name(mention.label)})
    };
    let back = json!({
        "title": document.id,
        "sents": document.sentences.iter().map(|s| {
            let (start, end) = tokens_of(&document, *s);
            words(&document, start, end)
        }).collect::<Vec<_>>(),
        "vertexSet": document.mentions_by_entity().iter()
            .map(|mentions| mentions.iter().map(vertex).collect::<Vec<_>>()).collect::<Vec<_>>(),
        "labels": document.relations.iter().map(|r| json!({
            "h": r.head, "t": r.tail, "r": name(r.label),
            "evidence": r.evidence.iter().flat_map(|e| e.sentences.iter()).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    });
    assert_eq!(back, source);
}

#[test]
fn spert() {
    let source = json!({
        "tokens": ["Ines", "Falk", "of", "Port", "Aske", "met", "Ines", "Falk"],
        "entities": [
            {"type": "Peop", "start": 0, "end": 2}, {"type": "Loc", "start": 3, "end": 5},
            {"type": "Peop", "start": 6, "end": 8}, {"type": "Peop", "start": 0, "end": 2}
        ],
        "relations": [{"type": "Live_In", "head": 0, "tail": 1}, {"type": "Same", "head": 2, "tail": 0}],
        "orig_id": 17
    });
    let vocabulary = Vocabulary::default();
    let mut document = over_tokens("17", list(&source["tokens"]));
    for entity in list(&source["entities"]) {
        let span = token_span(&document, number(&entity["start"]), number(&entity["end"]));
        let label = vocabulary.intern(entity["type"].as_str().unwrap());
        document.mentions.push(Mention::new(span, label));
    }
    for relation in list(&source["relations"]) {
        let label = vocabulary.intern(relation["type"].as_str().unwrap());
        let ends = (number(&relation["head"]), number(&relation["tail"]));
        document.mention_relations.push(mention_relation(ends.0, ends.1, label));
    }

    let document = through_native(&document, &vocabulary);

    let name = |label| vocabulary.name(label).to_string();
    let back = json!({
        "tokens": words(&document, 0, 8),
        "entities": document.mentions.iter().map(|m| {
            let (start, end) = tokens_of(&document, m.spans.first());
            json!({"type": name(m.label), "start": start, "end": end})
        }).collect::<Vec<_>>(),
        "relations": document.mention_relations.iter()
            .map(|r| json!({"type": name(r.label), "head": r.head, "tail": r.tail}))
            .collect::<Vec<_>>(),
        "orig_id": document.id.parse::<u32>().unwrap(),
    });
    assert_eq!(back, source);
}

#[test]
fn brat_with_a_discontinuous_and_a_nested_mention() {
    let text = "Østby, Kald firms sue the mayor of Østby 😀 today";
    let source = "T1\tORG 0 5;12 17\tØstby firms\n\
                  T2\tORG 7 17\tKald firms\n\
                  T3\tPER 26 40\tmayor of Østby\n\
                  T4\tGPE 35 40\tØstby\n\
                  T5\tMISC 41 42\t😀\n\
                  R1\tlitigates_against Arg1:T1 Arg2:T3\n\
                  R7\tlitigates_against Arg1:T2 Arg2:T3\n\
                  N1\tReference T4 Wiki:Q9\tØstby\n";
    let vocabulary = Vocabulary::default();
    let offsets = Offsets::of(text);
    let mut document = Document { id: "b".into(), text: Text::new(text), ..Document::default() };
    let at = |document: &Document, id: &str| {
        document.mentions.iter().position(|m| m.id.as_deref() == Some(id)).unwrap() as u32
    };
    for line in source.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let (kind, rest) = fields[1].split_once(' ').unwrap();
        let label = vocabulary.intern(kind);
        match &fields[0][..1] {
            "T" => {
                let span = |part: &str| {
                    let (start, end) = part.split_once(' ').unwrap();
                    offsets.span(start.parse().unwrap(), end.parse().unwrap()).unwrap()
                };
                let spans = Spans::new(rest.split(';').map(span)).unwrap();
                let id = Some(fields[0].into());
                document.mentions.push(Mention { id, ..Mention::new(spans, label) });
            }
            "R" => {
                let ends: Vec<u32> = rest.split(' ').map(|a| at(&document, &a[5..])).collect();
                let id = Some(fields[0].into());
                let relation = mention_relation(ends[0], ends[1], label);
                document.mention_relations.push(MentionRelation { id, ..relation });
            }
            _ => {
                let (mention, link) = rest.split_once(' ').unwrap();
                let mention = at(&document, mention) as usize;
                document.mentions[mention].link = Some(link.into());
            }
        }
    }

    let document = through_native(&document, &vocabulary);

    let mut back = String::new();
    let id = |at: MentionIdx| document.mentions[at.index()].id.clone().unwrap();
    let surface = |mention: &Mention| {
        let parts = mention.spans.as_slice().iter().map(|s| s.slice(text).unwrap());
        parts.collect::<Vec<_>>().join(" ")
    };
    for (position, mention) in document.mentions.iter().enumerate() {
        let span = |span: &Span| {
            let (start, end) = offsets.code_points(*span);
            format!("{start} {end}")
        };
        let spans: Vec<String> = mention.spans.as_slice().iter().map(span).collect();
        let label = vocabulary.name(mention.label);
        let id = id(MentionIdx(position as u32));
        back += &format!("{id}\t{label} {}\t{}\n", spans.join(";"), surface(mention));
    }
    for relation in &document.mention_relations {
        back += &format!(
            "{}\t{} Arg1:{} Arg2:{}\n",
            relation.id.as_ref().unwrap(),
            vocabulary.name(relation.label),
            id(relation.head),
            id(relation.tail)
        );
    }
    let linked = document.mentions.iter().filter(|mention| mention.link.is_some());
    for (position, mention) in linked.enumerate() {
        let (id, link) = (mention.id.as_ref().unwrap(), mention.link.as_ref().unwrap());
        back += &format!("N{}\tReference {id} {link}\t{}\n", position + 1, surface(mention));
    }
    assert_eq!(back, source);
}

#[test]
fn dwie_with_entities_links_and_zones() {
    let source = json!({
        "id": "DW_1",
        "content": "Zürs snow\nMayor speaks\nThe Zürs mayor, Ola Wirth, is an Austrian.",
        "title_end": 9, "teaser_end": 22,
        "mentions": [
            {"begin": 0, "end": 4, "text": "Zürs", "concept": 0, "link": "Zurs_(town)"},
            {"begin": 27, "end": 31, "text": "Zürs", "concept": 0, "link": null},
            {"begin": 39, "end": 48, "text": "Ola Wirth", "concept": 1, "link": null}
        ],
        "concepts": [
            {"concept": 0, "text": "Zürs", "link": "Zurs_(town)", "tags": ["ENTITY", "LOCATION", "gpe2"]},
            {"concept": 1, "text": "Ola Wirth", "link": null, "tags": ["ENTITY", "PERSON"]},
            {"concept": 2, "text": "Austria", "link": "Austria", "tags": ["gpe0"]},
            {"concept": 3, "text": "nothing", "link": null, "tags": []}
        ],
        "relations": [{"s": 1, "p": "head_of", "o": 0}, {"s": 1, "p": "citizen_of", "o": 2}]
    });
    let vocabulary = Vocabulary::default();
    let content = source["content"].as_str().unwrap();
    let offsets = Offsets::of(content);
    let mut document =
        Document { id: "DW_1".into(), text: Text::new(content), ..Document::default() };
    let (title, teaser) = (number(&source["title_end"]), number(&source["teaser_end"]));
    let zones = [
        (0, title, ZoneKind::Headline),
        (title + 1, teaser, ZoneKind::Dek),
        (teaser + 1, offsets.len(), ZoneKind::Body),
    ];
    let zone = |(start, end, kind)| Zone { span: offsets.span(start, end).unwrap(), kind };
    document.zones = zones.map(zone).to_vec();
    let text_of = |value: &Value| value.as_str().map(Box::from);
    for mention in list(&source["mentions"]) {
        let span = offsets.span(number(&mention["begin"]), number(&mention["end"])).unwrap();
        let link = text_of(&mention["link"]);
        // DWIE types concepts, not mentions.
        let mention = Mention::new(span, vocabulary.intern("mention"))
            .of(EntityIdx(number(&mention["concept"])));
        document.mentions.push(Mention { link, ..mention });
    }
    for concept in list(&source["concepts"]) {
        document.entities.push(Entity {
            labels: list(&concept["tags"])
                .iter()
                .map(|tag| vocabulary.intern(tag.as_str().unwrap()))
                .collect(),
            links: text_of(&concept["link"]).into_iter().collect(),
            id: text_of(&concept["text"]),
            confidence: None,
        });
    }
    for fact in list(&source["relations"]) {
        let label = vocabulary.intern(fact["p"].as_str().unwrap());
        document.relations.push(relation(number(&fact["s"]), number(&fact["o"]), label, vec![]));
    }

    let document = through_native(&document, &vocabulary);

    let name = |label| vocabulary.name(label).to_string();
    let end = |zone: &Zone| offsets.code_points(zone.span).1;
    let back = json!({
        "id": document.id,
        "content": document.text.as_str(),
        "title_end": end(&document.zones[0]), "teaser_end": end(&document.zones[1]),
        "mentions": document.mentions.iter().map(|m| {
            let (begin, end) = offsets.code_points(m.spans.first());
            json!({"begin": begin, "end": end, "text": m.spans.first().slice(content),
                   "concept": m.entity, "link": m.link})
        }).collect::<Vec<_>>(),
        "concepts": document.entities.iter().enumerate().map(|(position, e)| json!({
            "concept": position, "text": e.id, "link": e.links.first(),
            "tags": e.labels.iter().map(|label| name(*label)).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "relations": document.relations.iter()
            .map(|r| json!({"s": r.head, "p": name(r.label), "o": r.tail})).collect::<Vec<_>>(),
    });
    assert_eq!(back, source);
}

#[test]
fn tacred() {
    let asked = |relation: &str| {
        json!({
            "id": "t1", "relation": relation, "token": ["Ola", "Wirth", "runs", "Zürs", "Bank", "."],
            "subj_start": 3, "subj_end": 4, "obj_start": 0, "obj_end": 1,
            "subj_type": "ORGANIZATION", "obj_type": "PERSON"
        })
    };
    for source in [asked("org:top_members/employees"), asked("no_relation")] {
        let vocabulary = Vocabulary::default();
        let mut document = over_tokens("t1", list(&source["token"]));
        for argument in ["subj", "obj"] {
            let part = |part: &str| &source[format!("{argument}_{part}")];
            let span = token_span(&document, number(part("start")), number(part("end")) + 1);
            let label = vocabulary.intern(part("type").as_str().unwrap());
            document.mentions.push(Mention::new(span, label));
        }
        document.pairs = Some(vec![Pair { head: MentionIdx(0), tail: MentionIdx(1) }]);
        // There is no label for "no relation": a pair that was asked and has none.
        if source["relation"] != "no_relation" {
            let label = vocabulary.intern(source["relation"].as_str().unwrap());
            document.mention_relations.push(mention_relation(0, 1, label));
        }

        let document = through_native(&document, &vocabulary);

        let pair = document.pairs.as_ref().unwrap()[0];
        let found =
            document.mention_relations.iter().find(|r| (r.head, r.tail) == (pair.head, pair.tail));
        let relation =
            found.map_or("no_relation".to_owned(), |r| vocabulary.name(r.label).to_string());
        let (subject, object) =
            (&document.mentions[pair.head.index()], &document.mentions[pair.tail.index()]);
        let (subject_tokens, object_tokens) = (
            tokens_of(&document, subject.spans.first()),
            tokens_of(&document, object.spans.first()),
        );
        let back = json!({
            "id": document.id, "relation": relation, "token": words(&document, 0, 6),
            "subj_start": subject_tokens.0, "subj_end": subject_tokens.1 - 1,
            "obj_start": object_tokens.0, "obj_end": object_tokens.1 - 1,
            "subj_type": *vocabulary.name(subject.label), "obj_type": *vocabulary.name(object.label),
        });
        assert_eq!(back, source);
    }
}

// ------------------------------------------------------------------------------------------------
// Corpora in a neutral format: mentions, mention relations, clusters and facts side by side
// ------------------------------------------------------------------------------------------------

/// One layer of a neutral document as native JSON: clusters become entities, facts relations.
fn native(neutral: &Value, text: Option<&Value>, facts: bool) -> Value {
    let mention = |m: &Value| {
        let mut mention = json!({"start": m["start"], "end": m["end"], "type": m["type"]});
        if !m["kb"].is_null() {
            mention["link"] = m["kb"].clone();
        }
        mention
    };
    let mut line = json!({
        "id": neutral["id"],
        "mentions": list(&neutral["mentions"]).iter().map(mention).collect::<Vec<_>>(),
        "entities": list(&neutral["clusters"]).iter()
            .map(|members| json!({"mentions": members})).collect::<Vec<_>>(),
        "mention_relations": neutral["relations"],
    });
    if let Some(text) = text {
        line["text"] = text.clone();
        let tokens = list(&neutral["tokens"]);
        line["tokens"] = neutral["tokens"].clone();
        let sentence = |s: &Value| {
            let (start, end) = (number(&s[0]) as usize, number(&s[1]) as usize);
            json!([tokens[start][0], tokens[end - 1][1]])
        };
        line["sentences"] = list(&neutral["sentences"]).iter().map(sentence).collect();
    }
    if facts {
        let fact = |fact: &Value| {
            let mut relation =
                json!({"head": fact["head"], "tail": fact["tail"], "type": fact["type"]});
            if !list(&fact["evidence"]).is_empty() {
                relation["evidence"] = json!([{"sentences": fact["evidence"]}]);
            }
            relation
        };
        line["relations"] = list(&neutral["facts"]).iter().map(fact).collect();
    }
    line
}

/// The layers that a neutral prediction holds, from a document.
fn neutral(document: &Document, vocabulary: &Vocabulary) -> Value {
    let offsets = Offsets::of(document.text.as_str());
    let name = |label| vocabulary.name(label).to_string();
    let mention = |m: &Mention| {
        let (start, end) = offsets.code_points(m.spans.first());
        json!({"start": start, "end": end, "type": name(m.label), "kb": m.link})
    };
    let fact = |r: &Relation| {
        let evidence: Vec<_> = r.evidence.iter().flat_map(|e| e.sentences.iter()).collect();
        json!({"head": r.head, "tail": r.tail, "type": name(r.label), "evidence": evidence})
    };
    json!({
        "id": document.id,
        "mentions": document.mentions.iter().map(mention).collect::<Vec<_>>(),
        "relations": document.mention_relations.iter()
            .map(|r| json!({"head": r.head, "tail": r.tail, "type": name(r.label)}))
            .collect::<Vec<_>>(),
        "clusters": document.mentions_by_entity(),
        "facts": document.relations.iter().map(fact).collect::<Vec<_>>(),
    })
}

/// Mentions of a cluster in the order of their positions: a cluster is a set.
fn with_sorted_clusters(mut neutral: Value) -> Value {
    for cluster in neutral["clusters"].as_array_mut().unwrap() {
        cluster.as_array_mut().unwrap().sort_by_key(|member| member.as_u64());
    }
    neutral
}

/// The parts of a neutral document that [`neutral`] gives back.
fn layers(neutral: &Value) -> Value {
    let parts = ["id", "mentions", "relations", "clusters", "facts"];
    let layers = parts.into_iter().map(|part| (part.to_owned(), neutral[part].clone()));
    with_sorted_clusters(Value::Object(layers.collect()))
}

#[test]
fn neutral_corpora_come_back_without_loss() {
    let corpora = [
        ("tiny_noisy_5", 5),
        ("hand_nested", 1),
        ("hand_unicode", 1),
        ("hand_multi_label_pair", 1),
        ("hand_dup_exact", 1),
        ("hand_empty_pred", 1),
    ];
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/oracle");
    for (corpus, documents) in corpora {
        let read = |kind: &str| -> Vec<Value> {
            let text =
                std::fs::read_to_string(folder.join(format!("{corpus}.{kind}.jsonl"))).unwrap();
            let lines = text.lines().filter(|line| !line.trim().is_empty());
            lines.map(|line| serde_json::from_str(line).unwrap()).collect()
        };
        let (gold, pred) = (read("gold"), read("pred"));
        assert_eq!((gold.len(), pred.len()), (documents, documents), "{corpus}");
        for gold_source in &gold {
            let vocabulary = Vocabulary::default();
            let line = native(gold_source, Some(&gold_source["text"]), true).to_string();
            let document = jsonl::gold_from_str(&line, &vocabulary).unwrap();
            let document = through_native(&document, &vocabulary);
            assert_eq!(neutral(&document, &vocabulary), layers(gold_source), "{corpus}");
            let tokens: Vec<Value> = {
                let offsets = Offsets::of(document.text.as_str());
                let tokens = document.tokens.as_ref().unwrap().iter();
                tokens.map(|token| json!(offsets.code_points(*token))).collect()
            };
            assert_eq!(Value::from(tokens), gold_source["tokens"], "{corpus}");

            let Some(source) = pred.iter().find(|p| p["id"] == gold_source["id"]) else { continue };
            let expected = layers(source);
            // A prediction's own entities, and its facts between gold entities, are two tracks.
            let own = RawPrediction::parse(&native(source, None, false).to_string()).unwrap();
            let own = own.attach(&document, &vocabulary);
            let mut facts = json!({"id": source["id"], "given": "entities"});
            facts["relations"] = native(source, None, true)["relations"].clone();
            let given = RawPrediction::parse(&facts.to_string()).unwrap();
            let given = given.attach(&document, &vocabulary);
            assert_eq!((&own.malformed, &given.malformed), (&vec![], &vec![]), "{corpus}");
            assert_eq!(given.document.given, Given::Entities);
            let mut back = neutral(&own.document, &vocabulary);
            back["facts"] = neutral(&given.document, &vocabulary)["facts"].clone();
            assert_eq!(back, expected, "{corpus}");
        }
    }
}

#[test]
fn tags_are_words_or_a_list() {
    let vocabulary = Vocabulary::default();
    for (meta, expected) in [
        (r#"{"tags":"clean nested"}"#, &["clean", "nested"][..]),
        (r#"{"tags":["clean","nested"]}"#, &["clean", "nested"]),
        (r#"{"tags":7}"#, &[]),
        ("{}", &[]),
    ] {
        let line = format!(r#"{{"id":"a","text":"x","meta":{meta}}}"#);
        let document = jsonl::gold_from_str(&line, &vocabulary).unwrap();
        assert_eq!(document.tags().collect::<Vec<_>>(), expected, "{meta}");
    }
}
