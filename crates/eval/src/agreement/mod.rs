//! How well two annotations of the same texts agree.
//!
//! F1 is that of scoring, with each annotation as gold in turn, and the mean of both: anchored scoring
//! and optional items make the two differ. Beside it stand chance-corrected measures (Cohen's kappa for
//! types, Krippendorff's alpha for spans), the attributes of relations that both have, and an estimate
//! of how complete the annotations are. All measures are functions of sums over documents, so each has
//! an interval over documents.
//!
//! ```
//! use ere_dataset::{Layers, Vocabulary, jsonl};
//! use ere_eval::{Rules, agreement::{Pair, agreement}};
//! let vocabulary = Vocabulary::default();
//! let read = |line| jsonl::gold_from_str(line, &vocabulary);
//! let a = read(r#"{"id":"a","text":"Anna met Bo.","mentions":[
//!     {"start":0,"end":4,"type":"PER"},{"start":9,"end":11,"type":"PER"}]}"#)?;
//! let b = read(r#"{"id":"a","text":"Anna met Bo.","mentions":[
//!     {"start":0,"end":4,"type":"PER"}]}"#)?;
//! let pairs = [Pair { a: &a, b: &b, given: None }];
//! let result = agreement(&pairs, &Rules::open(&vocabulary), &Layers::default(), None);
//! let strict = result.measures.iter().find(|measure| measure.name == "mention.strict").unwrap();
//! assert_eq!(strict.value, Some(2.0 / 3.0));
//! assert_eq!(result.disagreements[0].kind.name(), "mention missing");
//! # Ok::<(), ere_dataset::Error>(())
//! ```

mod disagreements;
mod unitising;

use std::collections::{BTreeMap, BTreeSet};

use ere_dataset::{
    Document, EntityIdx, Evidence, Label, Layers, Polarity, Prediction, Span, Spans,
};
use serde::Serialize;

use crate::alignment::Alignment;
use crate::document::tally;
use crate::place::Places;
use crate::protocol::Protocol;
use crate::rules::Rules;
use crate::slice::{RowKey, Slice};
use crate::statistics::{Interval, Matrix, Resampling, bca};
use crate::tally::Tally;
use crate::view::View;

pub use disagreements::{Disagreement, Kind};

/// Two annotations of one text, and a third one that settles what they differ on, if there is one.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'a> {
    /// One annotation.
    pub a: &'a Document,
    /// The other.
    pub b: &'a Document,
    /// The entities over which relations are compared apart from mentions and coreference.
    pub given: Option<&'a Document>,
}

/// What two annotations agree on.
#[derive(Clone, Debug, Serialize)]
pub struct Agreement {
    /// Pairs of documents.
    pub documents: usize,
    /// The measures, in the order in which they are shown.
    pub measures: Vec<Measure>,
    /// Agreement for each type of mention (strict) and relation (anchored), types by name.
    pub types: Vec<TypeAgreement>,
    /// How complete the annotations are.
    pub completeness: Vec<Completeness>,
    /// What they differ on, by document and place.
    pub disagreements: Vec<Disagreement>,
}

/// One measure of agreement.
#[derive(Clone, Debug, Serialize)]
pub struct Measure {
    /// Its name.
    pub name: &'static str,
    /// What it means, in one sentence.
    pub definition: &'static str,
    /// The value; undefined where there is nothing to agree on.
    pub value: Option<f64>,
    /// 95 % interval over documents.
    pub interval: Option<Interval>,
    /// What it was taken over: the mean number of items of the two annotations, or the pairs of
    /// items for a kappa. None for an alpha, which is about characters.
    pub support: Option<f64>,
}

/// Agreement on one type.
#[derive(Clone, Debug, Serialize)]
pub struct TypeAgreement {
    /// `mention.strict` or `relation.anchored`.
    pub view: &'static str,
    /// The type.
    pub name: String,
    /// Mean F1 of both directions.
    pub f1: Option<f64>,
    /// Items of the first annotation that count.
    pub a: f64,
    /// Items of the second one that count.
    pub b: f64,
}

/// Capture and recapture (Chapman 1951): two independent annotators of whom one found a items, the
/// other b, and both m, suggest (a + 1)(b + 1) / (m + 1) − 1 items in all. Annotators who miss the same
/// hard items make the estimate too low: it is a lower bound of what there is.
#[derive(Clone, Debug, Serialize)]
pub struct Completeness {
    /// `mentions` or `relations`. Optional ones are counted.
    pub layer: &'static str,
    /// Items of the first annotation.
    pub a: f64,
    /// Items of the second.
    pub b: f64,
    /// Items of both.
    pub both: f64,
    /// The estimated number of items.
    pub estimate: f64,
    /// The share of the estimate that either annotation has.
    pub union_share: f64,
}

/// The agreement of pairs of documents. Work as for scoring each pair twice.
///
/// `layers` is what the data set annotates. Intervals are left out without a `resampling`.
pub fn agreement(
    pairs: &[Pair<'_>],
    rules: &Rules,
    layers: &Layers,
    resampling: Option<Resampling>,
) -> Agreement {
    let labels = entity_labels(pairs);
    let has_given = pairs.iter().any(|pair| pair.given.is_some());
    let columns = Columns { labels: &labels };
    let mut cells = Vec::with_capacity(columns.width() * pairs.len());
    let mut disagreements = Vec::new();
    let mut types: BTreeMap<(View, String), [Tally; 2]> = BTreeMap::new();
    for pair in pairs {
        cells.extend(columns.of(pair, rules, layers, &mut types));
        disagreements.extend(disagreements::of(pair, rules));
    }
    let matrix = Matrix::from_rows(&cells, columns.width());
    let total = matrix.total();
    let names: Vec<&Named> =
        MEASURES.iter().filter(|named| has_given || named.value != Value::Given).collect();
    let evaluate = |sums: &[f64], slots: &mut [Option<f64>]| {
        for (named, slot) in names.iter().zip(slots) {
            *slot = columns.value(named.value, sums);
        }
    };
    let intervals = match resampling {
        Some(resampling) => bca(&matrix, names.len(), evaluate, resampling),
        None => vec![None; names.len()],
    };
    let measure = |(named, interval): (&&Named, Option<Interval>)| Measure {
        name: named.name,
        definition: named.definition,
        value: columns.value(named.value, &total),
        interval,
        support: columns.support(named.value, &total),
    };
    Agreement {
        documents: pairs.len(),
        measures: names.iter().zip(intervals).map(measure).collect(),
        types: types.into_iter().map(type_agreement).collect(),
        completeness: vec![
            completeness("mentions", three(&total, columns.captured())),
            completeness("relations", three(&total, columns.captured() + 3)),
        ],
        disagreements,
    }
}

/// A document as the prediction that it is when the other annotation is gold.
fn as_prediction(document: &Document) -> Prediction {
    Prediction { document: document.clone(), ..Prediction::default() }
}

fn without_options(document: &Document) -> Document {
    let mut document = document.clone();
    document.relations.iter_mut().for_each(|relation| relation.optional = false);
    document
}

fn entity_labels(pairs: &[Pair<'_>]) -> Vec<Label> {
    let documents = pairs.iter().flat_map(|pair| [pair.a, pair.b]);
    let labels = documents.flat_map(|document| document.mentions.iter().map(|m| m.label));
    labels.collect::<BTreeSet<_>>().into_iter().collect()
}

fn type_agreement(((view, name), [ab, ba]): ((View, String), [Tally; 2])) -> TypeAgreement {
    let (f1, a, b) = (mean_f1(&ab, &ba), ab.recall_denominator, ba.recall_denominator);
    TypeAgreement { view: view.name(), name, f1, a, b }
}

fn mean_f1(ab: &Tally, ba: &Tally) -> Option<f64> {
    match (ab.f1(), ba.f1()) {
        (Some(ab), Some(ba)) => Some((ab + ba) / 2.0),
        (one, other) => one.or(other),
    }
}

fn three(sums: &[f64], at: usize) -> [f64; 3] {
    [sums[at], sums[at + 1], sums[at + 2]]
}

fn completeness(layer: &'static str, [a, b, both]: [f64; 3]) -> Completeness {
    let estimate = (a + 1.0) * (b + 1.0) / (both + 1.0) - 1.0;
    let union = a + b - both;
    let union_share = if estimate > 0.0 { (union / estimate).min(1.0) } else { 1.0 };
    Completeness { layer, a, b, both, estimate, union_share }
}

/// What is computed from column sums.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Value {
    /// The mean F1 of both directions of a view of [`VIEWS`].
    View(usize),
    /// The mean F1 of MUC, B-cubed and CEAF over entities.
    Conll,
    /// Anchored relations where optional ones count like others.
    WithOptions,
    /// Relations over given entities.
    Given,
    /// F1 over attributes of common relations.
    Attributes,
    /// F1 over evidence sentences of common relations.
    Evidence,
    /// Cohen's kappa of types on equal spans.
    Kappa,
    /// Krippendorff's alpha of spans, types apart.
    Alpha,
    /// Krippendorff's alpha of spans, types ignored.
    AlphaOfSpans,
}

struct Named {
    name: &'static str,
    definition: &'static str,
    value: Value,
}

const VIEWS: [View; 7] = [
    View::MentionStrict,
    View::MentionBoundaries,
    View::CoreferenceMuc,
    View::CoreferenceB3,
    View::CoreferenceCeafe,
    View::RelationAnchored,
    View::RelationAnchoredStrict,
];

const MEASURES: [Named; 14] = [
    Named {
        name: "mention.strict",
        definition: "F1 of mentions with equal spans and types",
        value: Value::View(0),
    },
    Named {
        name: "mention.boundaries",
        definition: "F1 of mentions with equal spans",
        value: Value::View(1),
    },
    Named {
        name: "type.kappa",
        definition: "Cohen's kappa of the types of mentions with equal spans",
        value: Value::Kappa,
    },
    Named {
        name: "span.alpha",
        definition: "Krippendorff's alpha for unitising in characters, outermost mentions of each type",
        value: Value::Alpha,
    },
    Named {
        name: "span.alpha.untyped",
        definition: "the same of outermost mentions, types ignored",
        value: Value::AlphaOfSpans,
    },
    Named {
        name: "coreference.conll",
        definition: "mean F1 of MUC, B-cubed and CEAF over entities",
        value: Value::Conll,
    },
    Named { name: "coreference.muc", definition: "MUC F1", value: Value::View(2) },
    Named { name: "coreference.b3", definition: "B-cubed F1", value: Value::View(3) },
    Named {
        name: "relation.anchored",
        definition: "F1 of anchored relations, end to end",
        value: Value::View(5),
    },
    Named {
        name: "relation.anchored.strict",
        definition: "the same with right types at both ends",
        value: Value::View(6),
    },
    Named {
        name: "relation.anchored.all",
        definition: "relation.anchored where optional relations count like others",
        value: Value::WithOptions,
    },
    Named {
        name: "relation.given",
        definition: "F1 of relations over the entities of the third annotation; a relation that only \
                     one has and flags as optional is not counted",
        value: Value::Given,
    },
    Named {
        name: "relation.attributes",
        definition: "F1 of the attributes of relations that both have",
        value: Value::Attributes,
    },
    Named {
        name: "relation.evidence",
        definition: "F1 of the evidence sentences of relations that both have",
        value: Value::Evidence,
    },
];

/// The columns of a document: tallies of both directions, triples of counts (first, second, both),
/// disagreements of units, and the confusion of types.
struct Columns<'a> {
    labels: &'a [Label],
}

impl Columns<'_> {
    /// Four numbers a view and direction, the last view being that with options.
    const TALLIES: usize = 8 * (VIEWS.len() + 1);
    const GIVEN: usize = Self::TALLIES;
    const ATTRIBUTES: usize = Self::GIVEN + 3;
    const EVIDENCE: usize = Self::ATTRIBUTES + 3;
    const CAPTURED: usize = Self::EVIDENCE + 3;
    const ALPHA: usize = Self::CAPTURED + 6;
    const CONFUSION: usize = Self::ALPHA + 4;

    fn width(&self) -> usize {
        Self::CONFUSION + self.labels.len() * self.labels.len()
    }

    fn captured(&self) -> usize {
        Self::CAPTURED
    }

    fn of(
        &self,
        pair: &Pair<'_>,
        rules: &Rules,
        layers: &Layers,
        types: &mut BTreeMap<(View, String), [Tally; 2]>,
    ) -> Vec<f64> {
        let Pair { a, b, given } = *pair;
        let mut cells = Vec::with_capacity(self.width());
        let protocol = Protocol { views: VIEWS.to_vec(), ..Protocol::default() };
        let directions = [(a, b), (b, a)]
            .map(|(gold, pred)| tally(gold, &as_prediction(pred), &protocol, rules, layers));
        for (direction, document) in directions.iter().enumerate() {
            for (key, tally) in &document.rows() {
                if let Slice::Type(name) = &key.slice
                    && matches!(key.view, View::MentionStrict | View::RelationAnchored)
                {
                    types.entry((key.view, name.clone())).or_default()[direction] += *tally;
                }
            }
        }
        for view in VIEWS {
            for document in &directions {
                let key = RowKey { view, slice: Slice::All };
                push(&mut cells, document.get(&key).unwrap_or_default());
            }
        }
        let anchored = Protocol { views: vec![View::RelationAnchored], ..Protocol::default() };
        let (full_a, full_b) = (without_options(a), without_options(b));
        for (gold, pred) in [(&full_a, &full_b), (&full_b, &full_a)] {
            let document = tally(gold, &as_prediction(pred), &anchored, rules, layers);
            let key = RowKey { view: View::RelationAnchored, slice: Slice::All };
            push(&mut cells, document.get(&key).unwrap_or_default());
        }
        cells.extend(given.map_or([0.0; 3], |given| over_given(pair, given, rules)));
        let common = Common::of(a, b, rules);
        cells.extend(common.attributes);
        cells.extend(common.evidence);
        cells.extend(captured_mentions(a, b));
        cells.extend(common.relations);
        let alpha = self.alpha(a, b);
        cells.extend([alpha.0.observed, alpha.0.expected, alpha.1.observed, alpha.1.expected]);
        cells.extend(self.confusion(a, b));
        cells
    }

    /// Disagreement with types apart, and with types ignored. Weighted by the length of the text, so
    /// that a long document counts for more.
    fn alpha(
        &self,
        a: &Document,
        b: &Document,
    ) -> (unitising::Disagreement, unitising::Disagreement) {
        let length = a.text.as_str().len() as u32;
        let mut typed = unitising::Disagreement::default();
        let add = |sum: &mut unitising::Disagreement, label: Option<Label>| {
            let one = unitising::disagreement(&units(a, label), &units(b, label), length);
            sum.observed += one.observed * f64::from(length);
            sum.expected += one.expected * f64::from(length);
        };
        for label in self.labels {
            add(&mut typed, Some(*label));
        }
        let mut untyped = unitising::Disagreement::default();
        add(&mut untyped, None);
        (typed, untyped)
    }

    /// How often a mention of one type in the first is one of another type in the second, where their
    /// spans are equal.
    fn confusion(&self, a: &Document, b: &Document) -> Vec<f64> {
        let count = self.labels.len();
        let mut cells = vec![0.0; count * count];
        let place = |label: Label| {
            self.labels.binary_search(&label).expect("the labels are those of the documents")
        };
        let (left, right) = (by_spans(a), by_spans(b));
        for (spans, labels) in left {
            let Some(others) = right.get(spans) else { continue };
            for (one, other) in pair_types(&labels, others) {
                cells[place(one) * count + place(other)] += 1.0;
            }
        }
        cells
    }

    fn value(&self, value: Value, sums: &[f64]) -> Option<f64> {
        let view = |at: usize| {
            let [ab, ba] = [8 * at, 8 * at + 4].map(|at| read(&sums[at..at + 4]));
            mean_f1(&ab, &ba)
        };
        let ratio = |at: usize| {
            let [a, b, both] = three(sums, at);
            (a + b > 0.0).then(|| 2.0 * both / (a + b))
        };
        let alpha = |at: usize| (sums[at + 1] > 0.0).then(|| 1.0 - sums[at] / sums[at + 1]);
        match value {
            Value::View(at) => view(at),
            Value::WithOptions => view(VIEWS.len()),
            Value::Conll => Some((view(2)? + view(3)? + view(4)?) / 3.0),
            Value::Given => ratio(Self::GIVEN),
            Value::Attributes => ratio(Self::ATTRIBUTES),
            Value::Evidence => ratio(Self::EVIDENCE),
            Value::Alpha => alpha(Self::ALPHA),
            Value::AlphaOfSpans => alpha(Self::ALPHA + 2),
            Value::Kappa => kappa(&sums[Self::CONFUSION..], self.labels.len()),
        }
    }

    fn support(&self, value: Value, sums: &[f64]) -> Option<f64> {
        let view = |at: usize| (sums[8 * at + 3] + sums[8 * at + 7]) / 2.0;
        let mean = |at: usize| (sums[at] + sums[at + 1]) / 2.0;
        match value {
            Value::View(at) => Some(view(at)),
            Value::WithOptions => Some(view(VIEWS.len())),
            Value::Conll => Some(view(3)),
            Value::Given => Some(mean(Self::GIVEN)),
            Value::Attributes => Some(mean(Self::ATTRIBUTES)),
            Value::Evidence => Some(mean(Self::EVIDENCE)),
            Value::Kappa => Some(sums[Self::CONFUSION..].iter().sum()),
            Value::Alpha | Value::AlphaOfSpans => None,
        }
    }
}

fn push(cells: &mut Vec<f64>, tally: Tally) {
    cells.extend([
        tally.precision_numerator,
        tally.precision_denominator,
        tally.recall_numerator,
        tally.recall_denominator,
    ]);
}

fn read(cells: &[f64]) -> Tally {
    Tally {
        precision_numerator: cells[0],
        precision_denominator: cells[1],
        recall_numerator: cells[2],
        recall_denominator: cells[3],
    }
}

/// Cohen 1960. Undefined where both use one and the same type throughout.
fn kappa(confusion: &[f64], count: usize) -> Option<f64> {
    let total: f64 = confusion.iter().sum();
    let row = |at: usize| confusion[at * count..(at + 1) * count].iter().sum::<f64>();
    let column = |at: usize| (0..count).map(|row| confusion[row * count + at]).sum::<f64>();
    let observed: f64 = (0..count).map(|at| confusion[at * count + at]).sum::<f64>() / total;
    let expected: f64 = (0..count).map(|at| row(at) * column(at)).sum::<f64>() / (total * total);
    (total > 0.0 && expected < 1.0).then(|| (observed - expected) / (1.0 - expected))
}

/// The outermost mentions, of one type or of all, as stretches of text in bytes. A discontinuous
/// mention counts from its beginning to its end. Of two that cross, the first one stays.
fn units(document: &Document, label: Option<Label>) -> Vec<(u32, u32)> {
    let mentions = document.mentions.iter();
    let mut hulls: Vec<Span> = mentions
        .filter(|mention| label.is_none_or(|label| mention.label == label))
        .map(|mention| mention.spans.hull())
        .collect();
    hulls.sort_unstable_by_key(|span| (span.start(), u32::MAX - span.end()));
    let mut units: Vec<(u32, u32)> = Vec::with_capacity(hulls.len());
    let mut end = 0;
    for span in hulls {
        if span.start() >= end {
            units.push((span.start(), span.len()));
            end = span.end();
        }
    }
    units
}

fn by_spans(document: &Document) -> BTreeMap<&Spans, Vec<Label>> {
    let mut places: BTreeMap<&Spans, Vec<Label>> = BTreeMap::new();
    for mention in &document.mentions {
        places.entry(&mention.spans).or_default().push(mention.label);
    }
    for labels in places.values_mut() {
        labels.sort_unstable();
        labels.dedup();
    }
    places
}

/// Equal types are paired first; what is left, in the order of types.
fn pair_types(a: &[Label], b: &[Label]) -> Vec<(Label, Label)> {
    let common = a.iter().filter(|label| b.contains(label)).map(|label| (*label, *label));
    let rest_a = a.iter().filter(|label| !b.contains(label));
    let rest_b = b.iter().filter(|label| !a.contains(label));
    let rest = rest_a.zip(rest_b).map(|(a, b)| (*a, *b));
    common.chain(rest).collect()
}

fn captured_mentions(a: &Document, b: &Document) -> [f64; 3] {
    let set = |document| -> BTreeSet<(&Spans, Label)> {
        let document: &Document = document;
        document.mentions.iter().map(|mention| (&mention.spans, mention.label)).collect()
    };
    let (a, b) = (set(a), set(b));
    [a.len() as f64, b.len() as f64, a.intersection(&b).count() as f64]
}

type Fact = (Label, EntityIdx, EntityIdx);

fn is_denied(evidence: &Evidence) -> bool {
    evidence.polarity == Polarity::Negative
}

/// The facts of a document over the entities of another one, with whether they are optional.
fn facts(
    document: &Document,
    alignment: Option<&Alignment>,
    rules: &Rules,
) -> BTreeMap<Fact, usize> {
    let resolve = |entity| alignment.map_or(Some(entity), |to| to.resolve(entity));
    let mut facts = BTreeMap::new();
    for (at, relation) in document.relations.iter().enumerate() {
        if !relation.evidence.is_empty() && relation.evidence.iter().all(is_denied) {
            continue;
        }
        if let (Some(head), Some(tail)) = (resolve(relation.head), resolve(relation.tail))
            && head != tail
        {
            facts.entry(rules.canonical(relation.label, head, tail)).or_insert(at);
        }
    }
    facts
}

fn over_given(pair: &Pair<'_>, given: &Document, rules: &Rules) -> [f64; 3] {
    let of = |document: &Document| {
        let alignment =
            Alignment::of(given, document, &Places::of(given, document), rules.vocabulary());
        facts(document, Some(&alignment), rules)
    };
    let (a, b) = (of(pair.a), of(pair.b));
    let both = a.keys().filter(|fact| b.contains_key(*fact)).count();
    let counted = |facts: &BTreeMap<Fact, usize>, others: &BTreeMap<Fact, usize>, of: &Document| {
        let counts = |(fact, at): &(&Fact, &usize)| {
            others.contains_key(*fact) || !of.relations[**at].optional
        };
        facts.iter().filter(counts).count() as f64
    };
    [counted(&a, &b, pair.a), counted(&b, &a, pair.b), both as f64]
}

/// What is compared of relations that both annotations have.
struct Common {
    attributes: [f64; 3],
    evidence: [f64; 3],
    /// Relations of the first, of the second, of both.
    relations: [f64; 3],
}

impl Common {
    fn of(a: &Document, b: &Document, rules: &Rules) -> Common {
        let alignment = Alignment::of(a, b, &Places::of(a, b), rules.vocabulary());
        let (left, right) = (facts(a, None, rules), facts(b, Some(&alignment), rules));
        let mut common = Common {
            attributes: [0.0; 3],
            evidence: [0.0; 3],
            relations: [left.len() as f64, right.len() as f64, 0.0],
        };
        for (fact, at) in &left {
            let Some(other) = right.get(fact) else { continue };
            common.relations[2] += 1.0;
            let (one, other) = (&a.relations[*at].evidence, &b.relations[*other].evidence);
            compare(
                &mut common.attributes,
                &attributes(one, None),
                &attributes(other, Some(&alignment)),
            );
            compare(&mut common.evidence, &sentences(one), &sentences(other));
        }
        common
    }
}

fn compare<T: Ord>(counts: &mut [f64; 3], a: &BTreeSet<T>, b: &BTreeSet<T>) {
    counts[0] += a.len() as f64;
    counts[1] += b.len() as f64;
    counts[2] += a.intersection(b).count() as f64;
}

fn sentences(evidence: &[Evidence]) -> BTreeSet<u32> {
    evidence.iter().flat_map(|piece| piece.sentences.iter().map(|sentence| sentence.0)).collect()
}

/// The attributes that say more than nothing: what is denied, planned, possible, ended, asserted by
/// somebody, dated, or has an amount or an item. An entity that the other does not have stays itself.
fn attributes(
    evidence: &[Evidence],
    alignment: Option<&Alignment>,
) -> BTreeSet<(&'static str, i64)> {
    let entity = |entity: EntityIdx| match alignment {
        None => i64::from(entity.0),
        Some(to) => {
            to.resolve(entity).map_or(-1 - i64::from(entity.0), |entity| i64::from(entity.0))
        }
    };
    let mut found = BTreeSet::new();
    for piece in evidence {
        found.extend(piece.asserted_by.iter().map(|by| ("by", entity(*by))));
        found.extend(piece.time.map(|time| ("time", entity(time))));
        found.extend(piece.amount.map(|amount| ("amount", entity(amount))));
        found.extend(piece.item.map(|item| ("item", entity(item))));
        let words = [
            ("polarity", piece.polarity as i64, piece.polarity.is_default()),
            ("actuality", piece.actuality as i64, piece.actuality.is_default()),
            ("status", piece.status as i64, piece.status.is_default()),
        ];
        let said = words.into_iter().filter(|(_, _, is_default)| !is_default);
        found.extend(said.map(|(name, value, _)| (name, value)));
    }
    found
}
