//! Causes of mistakes: every rule on the smallest document that shows it, and what holds for all
//! documents.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ere_dataset::{
    Document, Layer, Layers, Malformed, Ontology, Prediction, Vocabulary, authoring,
};
use ere_eval::errors::{self, Cause, Kind, Rung, Summary, VIEWS};
use ere_eval::{Protocol, RowKey, Rules, Slice, Tallies, Tally, View, tally};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Table {
    case: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    gold: String,
    pred: String,
    #[serde(default)]
    malformed: Vec<String>,
    expect: BTreeMap<String, Vec<String>>,
}

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata")
}

fn world() -> (Vocabulary, Rules) {
    let vocabulary = Vocabulary::default();
    let ontology = Ontology::read(&testdata().join("ontology.toml"), &vocabulary).unwrap();
    let rules = Rules::of(&ontology, &vocabulary);
    (vocabulary, rules)
}

fn document(article: &str, vocabulary: &Vocabulary) -> Document {
    authoring::parse(&format!("id: case\n---\n{}", article.trim_start()), vocabulary).unwrap()
}

fn malformed_item(layer: &str) -> Malformed {
    let layer = match layer {
        "mentions" => Layer::Mentions,
        "relations" => Layer::Relations,
        other => panic!("no layer {other:?}"),
    };
    Malformed { layer, raw: "{}".to_owned(), reason: "made so".to_owned() }
}

fn lines(gold: &Document, pred: &Prediction, rules: &Rules) -> Vec<Value> {
    let found = errors::analyse(gold, pred, rules, &Layers::default());
    let mut lines = Vec::new();
    errors::write(&mut lines, &found, gold, pred, rules.vocabulary()).unwrap();
    let lines = String::from_utf8(lines).unwrap();
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A mistake as the table writes it.
fn described(line: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("?").to_owned();
    let item = |item: &Value| {
        if item.is_null() {
            "-".to_owned()
        } else if let Some(raw) = item.get("malformed") {
            text(raw)
        } else if let Some(head) = item.get("head") {
            let (head, tail) = (text(&head["name"]), text(&item["tail"]["name"]));
            format!("{}({head}, {tail})", text(&item["type"]))
        } else {
            format!("{} {}", text(&item["type"]), text(&item["text"]))
        }
    };
    let (kind, cause) = (text(&line["kind"]), text(&line["cause"]));
    format!("{kind} {cause}: {} / {}", item(&line["gold"]), item(&line["pred"]))
}

#[test]
fn found_by_hand() {
    let table = std::fs::read_to_string(testdata().join("errors.toml")).unwrap();
    let table: Table = toml::from_str(&table).unwrap();
    let mut causes: Vec<String> = Vec::new();
    for case in table.case {
        let (vocabulary, rules) = world();
        let gold = document(&case.gold, &vocabulary);
        let pred = document(&case.pred, &vocabulary);
        assert_eq!(gold.text, pred.text, "{}", case.name);
        let malformed = case.malformed.iter().map(|layer| malformed_item(layer)).collect();
        let pred = Prediction { document: pred, malformed, ..Prediction::default() };
        let lines = lines(&gold, &pred, &rules);
        for (view, expected) in &case.expect {
            let found = lines.iter().filter(|line| line["view"] == view.as_str());
            let found: Vec<String> = found.map(described).collect();
            assert_eq!(&found, expected, "{}: {view}", case.name);
        }
        causes.extend(lines.iter().map(|line| line["cause"].as_str().unwrap().to_owned()));
    }
    let unseen = Cause::ALL.into_iter().filter(|cause| !causes.contains(&cause.name().to_owned()));
    assert_eq!(unseen.collect::<Vec<_>>(), [], "causes without a case");
}

const TYPES: [&str; 3] = ["PER", "ORG", "ROLE"];
const RELATIONS: [&str; 7] =
    ["head_of", "employee_of", "has_role", "supplies", "buys_from", "trades_with", "alien"];
const ENTITIES: usize = 5;
const WORDS: usize = 10;

/// Gold or a prediction in the authoring form, as random lines of it.
#[derive(Clone, Debug)]
struct Sketch {
    /// First word, words, type, entity (5 is none), form, optional.
    mentions: Vec<(usize, usize, usize, usize, usize, bool)>,
    types: Vec<usize>,
    /// Type, head, tail, sentence (2 is none), denied, optional.
    relations: Vec<(usize, usize, usize, usize, bool, bool)>,
    malformed: usize,
}

fn sketch() -> impl Strategy<Value = Sketch> {
    let rarely = || proptest::bool::weighted(0.15);
    let mention = (0..WORDS, 1..4usize, 0..TYPES.len(), 0..ENTITIES + 1, 0..4usize, rarely());
    let relation = (0..RELATIONS.len(), 0..ENTITIES, 0..ENTITIES, 0..3usize, rarely(), rarely());
    (
        proptest::collection::vec(mention, 0..10),
        proptest::collection::vec(0..TYPES.len() + 1, ENTITIES),
        proptest::collection::vec(relation, 0..9),
        0..2usize,
    )
        .prop_map(|(mentions, types, relations, malformed)| Sketch {
            mentions,
            types,
            relations,
            malformed,
        })
}

/// The document of a sketch, its lists turned by some positions.
fn built(sketch: &Sketch, turn: usize, vocabulary: &Vocabulary) -> Document {
    use ere_dataset::{
        Entity, EntityIdx, Evidence, Form, Mention, Polarity, Relation, SentenceIdx, Span, Text,
    };
    let at = |entity: usize| EntityIdx(((entity + turn) % ENTITIES) as u32);
    let start = |word: usize| (word * 4) as u32;
    let forms = [Some(Form::Name), Some(Form::Nominal), Some(Form::Pronoun), None];
    let mut document = Document {
        id: "d".into(),
        // Words of two characters and three bytes.
        text: Text::new("éx ".repeat(WORDS).trim_end()),
        sentences: [(0, 5), (5, WORDS)]
            .map(|(from, to)| Span::new(start(from), start(to) - 1).unwrap())
            .to_vec(),
        entities: vec![Entity::default(); ENTITIES],
        ..Document::default()
    };
    for (entity, kind) in sketch.types.iter().enumerate() {
        let labels = TYPES.get(*kind).map(|name| vocabulary.intern(name));
        document.entities[at(entity).index()].labels = labels.into_iter().collect();
    }
    for &(first, count, kind, entity, form, optional) in &sketch.mentions {
        let span = Span::new(start(first), start((first + count).min(WORDS)) - 1).unwrap();
        let mention = Mention::new(span, vocabulary.intern(TYPES[kind]));
        let entity = (entity < ENTITIES).then(|| at(entity));
        document.mentions.push(Mention { entity, form: forms[form], optional, ..mention });
    }
    for &(kind, head, tail, sentence, denied, optional) in &sketch.relations {
        let polarity = if denied { Polarity::Negative } else { Polarity::Positive };
        let sentences = (sentence < 2).then_some(SentenceIdx(sentence as u32));
        let sentences = sentences.into_iter().collect();
        document.relations.push(Relation {
            head: at(head),
            tail: at(tail),
            label: vocabulary.intern(RELATIONS[kind]),
            evidence: vec![Evidence { sentences, polarity, ..Evidence::default() }],
            optional,
            confidence: None,
            id: None,
        });
    }
    let (mentions, relations) = (document.mentions.len(), document.relations.len());
    document.mentions.rotate_left(turn % mentions.max(1));
    document.relations.rotate_left(turn % relations.max(1));
    document
}

/// As gold may be: no self relations, none written twice in any form.
fn gold(sketch: &Sketch, turn: usize, rules: &Rules) -> Document {
    let mut sketch = sketch.clone();
    let mut seen = Vec::new();
    sketch.relations.retain(|&(kind, head, tail, ..)| {
        let label = rules.vocabulary().intern(RELATIONS[kind]);
        let fact = rules.canonical(label, head, tail);
        let new = !seen.contains(&fact);
        seen.push(fact);
        new && head != tail
    });
    built(&sketch, turn, rules.vocabulary())
}

fn pred(sketch: &Sketch, turn: usize, rules: &Rules) -> Prediction {
    let malformed = ["mentions", "relations"][..2 * sketch.malformed].iter();
    Prediction {
        document: built(sketch, turn, rules.vocabulary()),
        malformed: malformed.map(|layer| malformed_item(layer)).collect(),
        ..Prediction::default()
    }
}

/// The same, each entity with a mention that tells it from the others.
fn told_apart(mut sketch: Sketch, shift: usize) -> Sketch {
    let mentions =
        (0..ENTITIES).map(|entity| (2 * entity + shift, 1, entity % 3, entity, 0, false));
    sketch.mentions.extend(mentions);
    sketch
}

/// Two entities with the same mentions cannot be told apart.
fn has_twins(document: &Document) -> bool {
    let mut places: Vec<Vec<_>> = document
        .mentions_by_entity()
        .iter()
        .map(|list| {
            let mut places: Vec<_> =
                list.iter().map(|at| document.mentions[at.index()].spans.clone()).collect();
            places.sort_unstable();
            places
        })
        .collect();
    places.sort_unstable();
    places.windows(2).any(|pair| pair[0] == pair[1])
}

fn layers(mentions: bool) -> Layers {
    Layers { mentions, ..Layers::default() }
}

fn total(tallies: &Tallies, view: View) -> Tally {
    tallies.total(&RowKey { view, slice: Slice::All })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn mistakes_are_those_that_the_tally_counts(
        g in sketch(), p in sketch(), is_exhaustive in proptest::bool::ANY, given in proptest::bool::ANY
    ) {
        let (_, rules) = world();
        let (gold, mut pred) = (gold(&g, 0, &rules), pred(&p, 0, &rules));
        if given {
            pred.document.given = ere_dataset::Given::Entities;
        }
        let layers = layers(is_exhaustive);
        let protocol = Protocol { views: VIEWS.to_vec(), ..Protocol::default() };
        let tallies: Tallies = [tally(&gold, &pred, &protocol, &rules, &layers)].into_iter().collect();
        let found = errors::analyse(&gold, &pred, &rules, &layers);
        let mut summary = Summary::default();
        summary.add(&found);
        for view in VIEWS {
            let counted = summary.view(view);
            prop_assert_eq!(counted.tally(), total(&tallies, view), "{}", view);
            // The loss is the sum of the shares of its causes.
            let shares: Option<f64> = Cause::ALL.into_iter().map(|cause| counted.share(cause)).sum();
            let loss = total(&tallies, view).f1().map(|f1| 1.0 - f1);
            prop_assert_eq!(shares.is_some(), loss.is_some());
            if let (Some(shares), Some(loss)) = (shares, loss) {
                prop_assert!((shares - loss).abs() < 1e-12, "{}: {} {}", view, shares, loss);
            }
            let ladder = counted.ladder();
            prop_assert_eq!(ladder[0], (Rung::Predicted, counted.tally().f1()));
            prop_assert_eq!(ladder[6].1, loss.map(|_| 1.0));
            prop_assert!(ladder.windows(2).all(|pair| pair[0].1 <= pair[1].1), "{:?}", ladder);
        }
        for mistake in &found.mistakes {
            let own = match mistake.kind {
                Kind::FalseNegative => &mistake.gold,
                Kind::FalsePositive => &mistake.pred,
            };
            prop_assert!(own.is_some());
        }
        confusions_add_up(&summary, &rules);
    }

    #[test]
    fn the_order_of_lists_changes_nothing(
        g in sketch(), p in sketch(), turn in 1..5usize, shift in 0..2usize
    ) {
        let (_, rules) = world();
        let (g, p) = (told_apart(g, 0), told_apart(p, shift));
        let (one, two) = (gold(&g, 0, &rules), gold(&g, turn, &rules));
        let (said, turned) = (pred(&p, 0, &rules), pred(&p, turn + 1, &rules));
        prop_assume!(!has_twins(&one) && !has_twins(&said.document));
        prop_assert_eq!(lines(&one, &said, &rules), lines(&two, &turned, &rules));
    }

    #[test]
    fn snippets_hold_what_they_mark(g in sketch(), p in sketch()) {
        let (_, rules) = world();
        let (gold, pred) = (gold(&g, 0, &rules), pred(&p, 0, &rules));
        let characters: Vec<char> = gold.text.as_str().chars().collect();
        let number = |value: &Value| value.as_u64().unwrap() as usize;
        let words = |start: usize, end: usize| characters[start..end].iter().collect::<String>();
        for line in lines(&gold, &pred, &rules) {
            for item in [&line["gold"], &line["pred"]] {
                if let Some(text) = item["text"].as_str() {
                    let span = &item["spans"][0];
                    prop_assert_eq!(text, words(number(&span[0]), number(&span[1])));
                }
            }
            let snippet = &line["snippet"];
            let Some(text) = snippet["text"].as_str() else { continue };
            let (start, length) = (number(&snippet["start"]), text.chars().count());
            prop_assert_eq!(text, words(start, start + length));
            for mark in snippet["marks"].as_array().unwrap() {
                prop_assert!(number(&mark["start"]) < number(&mark["end"]));
                prop_assert!(number(&mark["end"]) <= length);
            }
        }
    }
}

/// Rows add up to gold, columns to predictions; of relations also those neutral ones that stand for
/// a missed one.
fn confusions_add_up(summary: &Summary, rules: &Rules) {
    for (view, confusion) in [
        (View::MentionStrict, &summary.mention_types),
        (View::RelationAnchored, &summary.relation_types),
    ] {
        let counted = summary.view(view);
        let cells = confusion.by_type(rules);
        let rows = cells.iter().filter(|((gold, _), _)| gold.is_some());
        let columns = cells.iter().filter(|((_, pred), _)| pred.is_some());
        let (rows, columns): (u64, u64) = (rows.map(|c| c.1).sum(), columns.map(|c| c.1).sum());
        let tally = counted.tally();
        assert_eq!(rows as f64, tally.recall_denominator, "{view}");
        let malformed = counted.count(Cause::Malformed, Kind::FalsePositive);
        // A missed relation whose label is too general goes with a neutral prediction.
        let neutral = counted.count(Cause::Label, Kind::FalseNegative)
            - counted.count(Cause::Label, Kind::FalsePositive);
        let expected = tally.precision_denominator + neutral as f64 - malformed as f64;
        assert_eq!(columns as f64, expected, "{view}");
        assert_eq!(confusion.by_family(rules).values().sum::<u64>(), cells.values().sum::<u64>());
    }
}

#[test]
fn summaries_of_parts_add_up() {
    let table = std::fs::read_to_string(testdata().join("errors.toml")).unwrap();
    let table: Table = toml::from_str(&table).unwrap();
    let (vocabulary, rules) = world();
    let (mut whole, mut parts) = (Summary::default(), [Summary::default(), Summary::default()]);
    for (number, case) in table.case.iter().enumerate() {
        let pred =
            Prediction { document: document(&case.pred, &vocabulary), ..Prediction::default() };
        let gold = document(&case.gold, &vocabulary);
        let found = errors::analyse(&gold, &pred, &rules, &Layers::default());
        whole.add(&found);
        parts[number % 2].add(&found);
    }
    let [mut one, other] = parts;
    one += &other;
    assert_eq!(one, whole);
}
