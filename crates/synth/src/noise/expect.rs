//! What a scorer should find in a noisy prediction, on average.

use ere_dataset::{Document, Evidence, Form, Label, Ontology, Polarity, Relation, Spans};
use rustc_hash::{FxHashMap, FxHashSet};

use super::spec::{NoiseSpec, Rate};
use super::tie::{self, Tie, Truth};

/// Expected values of the two fractions whose quotients are precision and recall, summed over
/// documents: one row for each view.
///
/// Not the mean of precision and recall, but what they tend to over many documents.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expected {
    /// Whether a document was added: before that, rows are not yet known to have a closed form.
    has_documents: bool,
    rows: [Row; VIEWS],
}

const VIEWS: usize = 11;

/// The expectation of one view.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Row {
    /// `None` where the expectation has no closed form.
    pub precision: Option<Fraction>,
    /// `None` where the expectation has no closed form.
    pub recall: Option<Fraction>,
}

/// Expected numerator and denominator. In views that count sets, the numerator counts what is right,
/// and the denominator what is predicted (precision) or in gold (recall).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Fraction {
    /// Above.
    pub numerator: f64,
    /// Below.
    pub denominator: f64,
}

impl Fraction {
    /// The quotient; `None` where the denominator is 0.
    pub fn quotient(self) -> Option<f64> {
        (self.denominator > 0.0).then(|| self.numerator / self.denominator)
    }
}

impl Row {
    /// The harmonic mean of precision and recall; `None` where one of them has no value.
    pub fn f1(&self) -> Option<f64> {
        let (precision, recall) = (self.precision?.quotient()?, self.recall?.quotient()?);
        let sum = precision + recall;
        Some(if sum > 0.0 { 2.0 * precision * recall / sum } else { 0.0 })
    }
}

impl Expected {
    /// The views, by the names that scorers know them by.
    pub const VIEWS: [&'static str; VIEWS] = [
        "mention.strict",
        "mention.boundaries",
        "relation.anchored",
        "relation.anchored.strict",
        "relation.mention.strict",
        "relation.mention.boundaries",
        "coreference.muc",
        "coreference.b3",
        "coreference.ceafe",
        "coreference.ceafm",
        "coreference.lea",
    ];

    /// The views with their rows.
    pub fn rows(&self) -> impl Iterator<Item = (&'static str, Row)> {
        Expected::VIEWS.into_iter().zip(self.rows)
    }

    /// The row of a view; `None` for a view of another name.
    pub fn row(&self, view: &str) -> Option<Row> {
        self.rows().find(|(name, _)| *name == view).map(|(_, row)| row)
    }
}

impl std::ops::AddAssign for Expected {
    fn add_assign(&mut self, other: Expected) {
        if !self.has_documents {
            *self = other;
            return;
        }
        if !other.has_documents {
            return;
        }
        for (sum, row) in self.rows.iter_mut().zip(other.rows) {
            sum.precision = add(sum.precision, row.precision);
            sum.recall = add(sum.recall, row.recall);
        }
    }
}

/// A sum has a closed form where all its parts have.
fn add(sum: Option<Fraction>, part: Option<Fraction>) -> Option<Fraction> {
    let (sum, part) = (sum?, part?);
    Some(Fraction {
        numerator: sum.numerator + part.numerator,
        denominator: sum.denominator + part.denominator,
    })
}

/// What the views should find in a prediction that [`super::predict`] makes, averaged over seeds.
///
/// Let p = 1 − miss be the chance that a mention is kept, q = p (1 − boundary) that it is kept in
/// its place, and t = (1 − type) (1 − alien) that a type is right.
///
/// - *Mentions*: a gold mention is found with q, in the strict view with q t.
/// - *Relations between mentions*: found if both ends are (q² or (q t)²), and the relation is neither
///   missed nor has another type nor, unless it is symmetric, is turned round.
/// - *Anchored relations*: found if, besides, both entities keep a name (a mention, where they have
///   no name); in the strict view each end has t too. Closed without boundary errors, splits and
///   merges only.
/// - *Coreference*: an entity of n mentions keeps a binomial number of them. Closed without splits
///   and merges only, and where no mention is optional.
///
/// The precision of relation views is closed only without false relations (`relation-spurious`),
/// whose types depend on what else is kept.
///
/// Taken for granted: gold relations and the places of gold mentions differ (copies of one mention
/// are allowed for in the mention views), gold mentions do not overlap by more than half, the text
/// has a free word for each false mention and another place for each boundary error, and no two
/// mistakes coincide. Linear, but for wrong relation types, which are tried one by one.
pub fn expected(gold: &Document, spec: &NoiseSpec, ontology: &Ontology) -> Expected {
    let chances = Chances::of(spec);
    let mut rows = [Row::default(); VIEWS];
    (rows[0], rows[1]) = mentions(gold, spec, &chances);
    let is_whole = spec.split == Rate::ZERO && spec.merge == Rate::ZERO;
    if is_whole && spec.boundary == Rate::ZERO {
        (rows[2], rows[3]) = anchored(gold, spec, ontology, &chances);
    }
    (rows[4], rows[5]) = between_mentions(gold, spec, ontology, &chances);
    if is_whole && !gold.mentions.iter().any(|mention| mention.optional) {
        rows[6..].copy_from_slice(&coreference(gold, spec, &chances));
    }
    Expected { has_documents: true, rows }
}

/// Probabilities that the rates make.
struct Chances {
    /// A mention is kept.
    kept: f64,
    /// A mention is kept in its place.
    placed: f64,
    /// A type is right.
    typed: f64,
}

impl Chances {
    fn of(spec: &NoiseSpec) -> Chances {
        let kept = not(spec.miss);
        let typed = not(spec.type_) * not(spec.alien);
        Chances { kept, placed: kept * not(spec.boundary), typed }
    }
}

fn not(rate: Rate) -> f64 {
    1.0 - rate.get()
}

// -------------------------------------------------------------------------------------------------
// Mentions
// -------------------------------------------------------------------------------------------------

/// The strict view and that of boundaries. Where mentions share spans, one of several has to be
/// right; false positives of the strict view are then an upper bound, since two wrong types on one
/// place may be the same. What is predicted on the spans of an optional mention is neutral.
fn mentions(gold: &Document, spec: &NoiseSpec, chances: &Chances) -> (Row, Row) {
    let mut by_spans: FxHashMap<&Spans, Copies> = FxHashMap::default();
    let mut by_type: FxHashMap<(&Spans, Label), Copies> = FxHashMap::default();
    let optional: FxHashSet<&Spans> =
        gold.mentions.iter().filter(|mention| mention.optional).map(|m| &m.spans).collect();
    for mention in &gold.mentions {
        by_spans.entry(&mention.spans).or_default().add(mention.optional);
        by_type.entry((&mention.spans, mention.label)).or_default().add(mention.optional);
    }
    let count = gold.mentions.len() as f64;
    let firm = gold.mentions.iter().filter(|m| !optional.contains(&m.spans)).count() as f64;
    let elsewhere = count * (chances.kept * spec.boundary.get() + spec.spurious.get());
    let right = chances.placed * chances.typed;
    let mistyped = firm * (chances.placed - right);
    let row = |copies: Vec<Copies>, right: f64, wrong: f64| {
        let required = || copies.iter().filter(|copies| copies.required > 0);
        let found = required().map(|copies| 1.0 - (1.0 - right).powi(copies.all)).sum();
        let recall = Fraction { numerator: found, denominator: required().count() as f64 };
        let precision = Fraction { numerator: found, denominator: found + wrong };
        Row { precision: Some(precision), recall: Some(recall) }
    };
    (
        row(sorted(by_type), right, elsewhere + mistyped),
        row(sorted(by_spans), chances.placed, elsewhere),
    )
}

/// How many mentions are one item.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Copies {
    all: i32,
    required: i32,
}

impl Copies {
    fn add(&mut self, is_optional: bool) {
        self.all += 1;
        self.required += i32::from(!is_optional);
    }
}

/// In order: sums must not depend on a map's order.
fn sorted<K>(map: FxHashMap<K, Copies>) -> Vec<Copies> {
    let mut copies: Vec<Copies> = map.into_values().collect();
    copies.sort_unstable();
    copies
}

// -------------------------------------------------------------------------------------------------
// Relations
// -------------------------------------------------------------------------------------------------

/// What becomes of a relation whose ends are kept, without what becomes of its ends.
#[derive(Clone, Copy, Default)]
struct Fate {
    /// It is what gold says.
    right: f64,
    /// It is predicted and wrong in a way that primary scores count.
    wrong: f64,
}

/// The fates of gold relations, one after the other.
fn fate(
    tie: Tie,
    types: [&[Label]; 2],
    spec: &NoiseSpec,
    truth: &Truth<'_>,
    ontology: &Ontology,
) -> Fate {
    let is_primary =
        |label| f64::from(u8::from(ontology.relation(label).is_none_or(|r| r.is_primary)));
    let alien = spec.alien.get();
    let flip = spec.relation_flip.get();
    // An invented type always counts.
    let counted = |label| alien + (1.0 - alien) * is_primary(label);
    // Turned round it is left out where that makes another right answer.
    let turned = tie.exchanged();
    let is_symmetric = truth.canonical(turned) == truth.canonical(tie);
    let stays = 1.0 - if is_symmetric { 0.0 } else { flip };
    let right = stays * (1.0 - alien) * is_primary(tie.label);
    let turned_wrong = if is_symmetric || truth.is_right(turned) { 0.0 } else { flip };
    let wrong = stays * alien + turned_wrong * counted(tie.label);
    let mut mislabelled = 0.0;
    if spec.relation_label > Rate::ZERO {
        let labels = tie::false_labels(tie, types, truth, ontology);
        let count = labels.len() as f64;
        for label in labels {
            let turned = Tie { label, ..tie }.exchanged();
            let left_out = if truth.is_right(turned) { flip } else { 0.0 };
            mislabelled += counted(label) * (1.0 - left_out) / count;
        }
    }
    let kept = not(spec.relation_miss);
    let label = spec.relation_label.get();
    Fate {
        right: kept * (1.0 - label) * right,
        wrong: kept * ((1.0 - label) * wrong + label * mislabelled),
    }
}

/// Views of relations between mentions: strict, boundaries.
fn between_mentions(
    gold: &Document,
    spec: &NoiseSpec,
    ontology: &Ontology,
    chances: &Chances,
) -> (Row, Row) {
    let ties = gold.mention_relations.iter().map(|relation| Tie {
        head: relation.head.0,
        tail: relation.tail.0,
        label: relation.label,
    });
    let truth = Truth::new(ties.clone(), ontology);
    let (mut asked, mut predicted, mut right) = (0.0, 0.0, 0.0);
    for tie in ties {
        let types = [tie.head, tie.tail]
            .map(|end| std::slice::from_ref(&gold.mentions[end as usize].label));
        let fate = fate(tie, types, spec, &truth, ontology);
        asked += f64::from(u8::from(ontology.relation(tie.label).is_none_or(|r| r.is_primary)));
        right += fate.right;
        predicted += (fate.right + fate.wrong) * chances.kept.powi(2);
    }
    let row = |end: f64| {
        let numerator = right * end.powi(2);
        let has_precision = spec.relation_spurious == Rate::ZERO;
        let precision = Fraction { numerator, denominator: predicted };
        Row {
            precision: has_precision.then_some(precision),
            recall: Some(Fraction { numerator, denominator: asked }),
        }
    };
    (row(chances.placed * chances.typed), row(chances.placed))
}

/// What gold says of a relation to anchored scoring.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Asked for.
    Required,
    /// Neither right nor wrong.
    Neutral,
    /// Only denied: a prediction of it is denied too, and passed over.
    Denied,
}

/// Anchored views: types ignored, types asked.
fn anchored(
    gold: &Document,
    spec: &NoiseSpec,
    ontology: &Ontology,
    chances: &Chances,
) -> (Row, Row) {
    let ends = entity_chances(gold, spec);
    let ties = gold.relations.iter().map(|relation| Tie {
        head: relation.head.0,
        tail: relation.tail.0,
        label: relation.label,
    });
    let truth = Truth::new(ties.clone(), ontology);
    let (mut asked, mut found) = (0.0, 0.0);
    let (mut predicted, mut neutral) = (0.0, 0.0);
    for (tie, relation) in ties.zip(&gold.relations) {
        let standing = standing(gold, relation);
        let is_primary = ontology.relation(tie.label).is_none_or(|r| r.is_primary);
        if standing == Standing::Required && is_primary {
            asked += 1.0;
        }
        if standing == Standing::Denied {
            continue;
        }
        let labels = [tie.head, tie.tail].map(|end| gold.entities[end as usize].labels.as_slice());
        let fate = fate(tie, labels, spec, &truth, ontology);
        let (head, tail) = (ends[tie.head as usize], ends[tie.tail as usize]);
        predicted += (fate.right + fate.wrong) * head.kept * tail.kept;
        let resolved = fate.right * head.resolved * tail.resolved;
        match standing {
            Standing::Required => found += resolved,
            _ => neutral += resolved,
        }
    }
    let row = |typed: f64| {
        let numerator = found * typed;
        let has_precision = spec.relation_spurious == Rate::ZERO;
        let precision = Fraction { numerator, denominator: predicted - neutral };
        Row {
            precision: has_precision.then_some(precision),
            recall: Some(Fraction { numerator, denominator: asked }),
        }
    };
    (row(1.0), row(chances.typed.powi(2)))
}

/// What becomes of an entity.
#[derive(Clone, Copy, Default)]
struct EntityChances {
    /// It is in the prediction.
    kept: f64,
    /// A scorer knows which one it is.
    resolved: f64,
}

fn entity_chances(gold: &Document, spec: &NoiseSpec) -> Vec<EntityChances> {
    let mut counts = vec![(0, 0); gold.entities.len()];
    for mention in &gold.mentions {
        if let Some(entity) = mention.entity {
            let (names, all) = &mut counts[entity.index()];
            *names += i32::from(mention.form == Some(Form::Name));
            *all += 1;
        }
    }
    let some_kept = |count: i32| 1.0 - spec.miss.get().powi(count);
    let chances = |(names, all): (i32, i32)| EntityChances {
        kept: if all == 0 { 1.0 } else { some_kept(all) },
        resolved: if names == 0 { some_kept(all) } else { some_kept(names) },
    };
    counts.into_iter().map(chances).collect()
}

fn standing(gold: &Document, relation: &Relation) -> Standing {
    let is_denied = |e: &Evidence| e.polarity == Polarity::Negative;
    let in_content = |e: &Evidence| {
        e.sentences.is_empty()
            || e.sentences.iter().any(|sentence| {
                let zone = gold.zone_of(gold.sentences[sentence.index()]);
                zone.is_none_or(|zone| zone.is_content())
            })
    };
    let evidence = &relation.evidence;
    let is_stated = evidence.is_empty() || evidence.iter().any(|e| !is_denied(e) && in_content(e));
    if !evidence.is_empty() && evidence.iter().all(is_denied) {
        Standing::Denied
    } else if relation.optional || !is_stated {
        Standing::Neutral
    } else {
        Standing::Required
    }
}

// -------------------------------------------------------------------------------------------------
// Coreference
// -------------------------------------------------------------------------------------------------

/// MUC, B-cubed, CEAF over entities, CEAF over mentions, LEA.
///
/// An entity of n mentions is predicted with c ~ B(n, p) of them, and k ~ B(c, 1 − boundary) of those
/// are in their place: the part that both sides share. False mentions are singletons.
fn coreference(gold: &Document, spec: &NoiseSpec, chances: &Chances) -> [Row; 5] {
    let mut sizes = vec![0i32; gold.entities.len()];
    for entity in gold.mentions.iter().filter_map(|mention| mention.entity) {
        sizes[entity.index()] += 1;
    }
    sizes.retain(|size| *size > 0);
    sizes.sort_unstable();
    let false_mentions = match gold.entities.is_empty() {
        true => 0.0,
        false => gold.mentions.len() as f64 * spec.spurious.get(),
    };
    let mut rows = Sums::default();
    for same in sizes.chunk_by(PartialEq::eq) {
        rows.add(same[0], same.len() as f64, spec, chances);
    }
    let [muc, b3, ceafe, ceafm, lea] = rows.0;
    let with_false = |[pn, pd, rn, rd]: [f64; 4]| row([pn, pd + false_mentions, rn, rd]);
    [row(muc), with_false(b3), with_false(ceafe), with_false(ceafm), with_false(lea)]
}

fn row([above, below, recall_above, recall_below]: [f64; 4]) -> Row {
    Row {
        precision: Some(Fraction { numerator: above, denominator: below }),
        recall: Some(Fraction { numerator: recall_above, denominator: recall_below }),
    }
}

/// For each metric, numerator and denominator of precision, then of recall.
#[derive(Default)]
struct Sums([[f64; 4]; 5]);

impl Sums {
    /// Adds what `count` entities of `size` mentions are expected to give.
    fn add(&mut self, size: i32, count: f64, spec: &NoiseSpec, chances: &Chances) {
        let n = f64::from(size);
        let (p, q, stays) = (chances.kept, chances.placed, not(spec.boundary));
        let (lost, misplaced) = ((1.0 - p).powi(size), (1.0 - q).powi(size));
        // Links that hold k together: k − 1, or none.
        let links = n * q - (1.0 - misplaced);
        let muc = [links, n * p - (1.0 - lost), links, n - 1.0];
        // E[k²] / n, and E[k² / c].
        let squares = n * q * (1.0 - q) + (n * q).powi(2);
        let per_kept = (1.0 - lost) * stays * (1.0 - stays) + n * p * stays * stays;
        let b3 = [per_kept, n * p, squares / n, n];
        let similar = similarity(size, p) * stays;
        let ceafe = [similar, 1.0 - lost, similar, 1.0];
        let ceafm = [n * q, n * p, n * q, n];
        let lea = if size == 1 {
            [q, p, q, 1.0]
        } else {
            // c (k (k − 1)) / (c (c − 1)) where c is over 1.
            let alone = n * p * (1.0 - p).powi(size - 1);
            [stays * stays * (n * p - alone), n * p, n * q * q, n]
        };
        for (sums, one) in self.0.iter_mut().zip([muc, b3, ceafe, ceafm, lea]) {
            for (sum, value) in sums.iter_mut().zip(one) {
                *sum += count * value;
            }
        }
    }
}

/// E[2c / (n + c)] for c ~ B(n, p).
fn similarity(size: i32, p: f64) -> f64 {
    if p >= 1.0 {
        return 1.0;
    }
    let n = f64::from(size);
    // The chance of c, from that of c − 1.
    let mut chance = (1.0 - p).powi(size);
    let mut sum = 0.0;
    for c in 1..=size {
        let c = f64::from(c);
        chance *= (n - c + 1.0) / c * p / (1.0 - p);
        sum += chance * 2.0 * c / (n + c);
    }
    sum
}
