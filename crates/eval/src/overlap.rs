//! Mention views that pair mentions which overlap: one-to-one, for the greatest credit.
//!
//! What is worth what differs by view; the pairing is always the best there is, so that no result
//! depends on the order of a list. Mentions overlap where they cover a byte in common; what lies in
//! the gap of a discontinuous mention is not covered.

use ere_dataset::{Document, Label, Layer, Prediction, Span, Spans};

use crate::matching::{Edge, assign};
use crate::place::{Entry, Places, Side, for_each_overlap};
use crate::sink::{Item, Sink};
use crate::slicing::MentionSlices;
use crate::tally::Tally;

/// Partial boundaries, types ignored (SemEval-2013 task 9.1, Segura-Bedmar et al. 2013): a mention
/// with the spans of a gold mention is worth 1, one that overlaps it a half. Precision is credit over
/// predicted places, recall over gold ones. Places that gold calls optional are neutral, and so is
/// what is paired with them.
pub(crate) fn partial(places: &Places, gold: &Document, pred: &Prediction) -> Tally {
    let gold_items = Items::of(gold, &places.gold, |a, b| a.place == b.place);
    let pred_items = Items::of(&pred.document, &places.pred, |a, b| a.place == b.place);
    let worth = |gold: &Mention<'_>, pred: &Mention<'_>| match gold.place == pred.place {
        true => EXACT,
        false => PARTIAL,
    };
    let pairs = pair(&gold_items, &pred_items, worth);
    let mut tally = Tally { recall_denominator: gold_items.required(), ..Tally::default() };
    let malformed = pred.malformed.iter().filter(|item| item.layer == Layer::Mentions).count();
    tally.precision_denominator = malformed as f64;
    for (mention, pair) in pred_items.0.iter().zip(pairs) {
        let paired = pair.map(|at| &gold_items.0[at as usize]);
        if paired.is_some_and(|gold| gold.optional) {
            continue;
        }
        let credit = paired.map_or(0.0, |gold| if gold.place == mention.place { 1.0 } else { 0.5 });
        tally.precision_numerator += credit;
        tally.recall_numerator += credit;
        tally.precision_denominator += 1.0;
    }
    tally
}

/// Some overlap and the same type (SemEval-2013 task 9.1, the scheme `type`).
pub(crate) fn with_type(
    places: &Places,
    gold: &Document,
    pred: &Prediction,
    slices: &MentionSlices<'_>,
    sink: &mut Sink<'_>,
) {
    let worth = |gold: &Mention<'_>, pred: &Mention<'_>| {
        if gold.label == pred.label { PARTIAL } else { 0 }
    };
    count(places, gold, pred, worth, slices, sink);
}

/// The same head and the same type, where gold has heads.
///
/// A predicted mention that has a head must have gold's. One without must cover gold's head and stay
/// within the gold mention: between MIN and the whole, as in MUC-7 (Hirschman and Chinchor 1997). A
/// gold mention without a head must be met exactly.
pub(crate) fn with_head(
    places: &Places,
    gold: &Document,
    pred: &Prediction,
    slices: &MentionSlices<'_>,
    sink: &mut Sink<'_>,
) {
    let worth = |gold: &Mention<'_>, pred: &Mention<'_>| {
        let is_right = gold.label == pred.label
            && match (gold.head, pred.head) {
                (Some(expected), Some(head)) => expected == head,
                (Some(expected), None) => {
                    gold.hull().contains(pred.hull())
                        && pred.spans.as_slice().iter().any(|span| span.contains(expected))
                }
                (None, _) => gold.place == pred.place,
            };
        if is_right { PARTIAL } else { 0 }
    };
    count(places, gold, pred, worth, slices, sink);
}

fn count(
    places: &Places,
    gold: &Document,
    pred: &Prediction,
    worth: impl Fn(&Mention<'_>, &Mention<'_>) -> i64,
    slices: &MentionSlices<'_>,
    sink: &mut Sink<'_>,
) {
    let gold_items = Items::of(gold, &places.gold, is_same);
    let pred_items = Items::of(&pred.document, &places.pred, is_same);
    let item = |document: &Document, mention: &Mention<'_>| Item {
        label: Some(mention.label),
        slices: slices.of(document, mention.same),
    };
    let mut is_found = vec![false; gold_items.0.len()];
    let pairs = pair(&gold_items, &pred_items, worth);
    for (mention, pair) in pred_items.0.iter().zip(pairs) {
        match pair.map(|at| (&gold_items.0[at as usize], &mut is_found[at as usize])) {
            Some((found, _)) if found.optional => {}
            Some((found, is_found)) => {
                *is_found = true;
                sink.hit(item(gold, found), item(&pred.document, mention));
            }
            None => sink.wrong(item(&pred.document, mention)),
        }
    }
    for (mention, is_found) in gold_items.0.iter().zip(is_found) {
        if !is_found && !mention.optional {
            sink.missed(item(gold, mention));
        }
    }
    sink.malformed(pred, Layer::Mentions);
}

/// What pairs are worth. All that is required comes before anything that is optional, which excuses
/// a prediction and earns nothing.
const OPTIONAL: i64 = 1;
const PARTIAL: i64 = 1 << 20;
const EXACT: i64 = 2 * PARTIAL;

/// For each predicted item, the gold item it is paired with, for the greatest worth. Pairs that are
/// worth nothing, and items that do not overlap, are not paired. Whatever overlaps an optional gold
/// mention may be paired with it.
fn pair(
    gold: &Items<'_>,
    pred: &Items<'_>,
    worth: impl Fn(&Mention<'_>, &Mention<'_>) -> i64,
) -> Vec<Option<u32>> {
    let mut edges = Vec::with_capacity(pred.0.len());
    let hulls = |items: &Items<'_>| items.0.iter().map(Mention::hull).collect::<Vec<Span>>();
    for_each_overlap(&hulls(gold), &hulls(pred), |column, row| {
        let (gold, pred) = (&gold.0[column], &pred.0[row]);
        if gold.place != pred.place && gold.spans.intersection(pred.spans) == 0 {
            return;
        }
        let weight = if gold.optional { OPTIONAL } else { worth(gold, pred) };
        if weight > 0 {
            edges.push(Edge { row: row as u32, column: column as u32, weight });
        }
    });
    assign(pred.0.len(), gold.0.len(), &edges)
}

/// The items of one side, in text order.
struct Items<'a>(Vec<Mention<'a>>);

/// Mentions that count as one.
struct Mention<'a> {
    same: &'a [Entry],
    place: u32,
    label: Label,
    spans: &'a Spans,
    head: Option<Span>,
    /// Whether all of them are optional.
    optional: bool,
}

fn is_same(a: &Entry, b: &Entry) -> bool {
    (a.place, a.label) == (b.place, b.label)
}

impl<'a> Items<'a> {
    fn of(
        document: &'a Document,
        side: &'a Side,
        is_same: fn(&Entry, &Entry) -> bool,
    ) -> Items<'a> {
        let mention = |same: &'a [Entry]| {
            let mentions = || same.iter().map(|entry| &document.mentions[entry.mention.index()]);
            Mention {
                same,
                place: same[0].place,
                label: same[0].label,
                spans: &document.mentions[same[0].mention.index()].spans,
                head: mentions().filter_map(|mention| mention.head).min(),
                optional: same.iter().all(|entry| entry.optional),
            }
        };
        Items(side.entries.chunk_by(is_same).map(mention).collect())
    }

    fn required(&self) -> f64 {
        self.0.iter().filter(|mention| !mention.optional).count() as f64
    }
}

impl Mention<'_> {
    fn hull(&self) -> Span {
        self.spans.hull()
    }
}

/// Mentions by the four schemes of SemEval-2013 task 9.1.
///
/// ```
/// use ere_dataset::{Vocabulary, jsonl, prediction::RawPrediction};
/// use ere_eval::{Outcomes, semeval13};
/// let vocabulary = Vocabulary::default();
/// let gold = r#"{"id":"a","text":"Anna Berg met Bo.","mentions":[
///     {"start":0,"end":9,"type":"PER"},{"start":14,"end":16,"type":"PER"}]}"#;
/// let gold = jsonl::gold_from_str(gold, &vocabulary)?;
/// let pred = r#"{"id":"a","mentions":[
///     {"start":5,"end":9,"type":"PER"},{"start":14,"end":16,"type":"ORG"}]}"#;
/// let pred = RawPrediction::parse(pred)?.attach(&gold, &vocabulary);
/// let schemes = semeval13(&gold, &pred);
/// let one_of_each = Outcomes { correct: 1, incorrect: 1, ..Outcomes::default() };
/// assert_eq!(schemes.strict, Outcomes { incorrect: 2, ..Outcomes::default() });
/// assert_eq!(schemes.exact, one_of_each);
/// assert_eq!(schemes.partial, Outcomes { correct: 1, partial: 1, ..Outcomes::default() });
/// assert_eq!(schemes.type_, one_of_each);
/// assert_eq!(schemes.partial.tally().f1(), Some(0.75));
/// # Ok::<(), ere_dataset::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Semeval13 {
    /// Spans and types must be equal.
    pub strict: Outcomes,
    /// Spans must be equal.
    pub exact: Outcomes,
    /// Some overlap earns a half, equal spans earn 1; types are ignored.
    pub partial: Outcomes,
    /// Types must be equal; some overlap will do.
    pub type_: Outcomes,
}

/// What became of the mentions of both sides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// Pairs that are right.
    pub correct: u64,
    /// Pairs that overlap and are wrong.
    pub incorrect: u64,
    /// Pairs that are half right.
    pub partial: u64,
    /// Gold mentions without a pair.
    pub missed: u64,
    /// Predicted mentions without a pair.
    pub spurious: u64,
}

impl Outcomes {
    /// Credit over predicted mentions and over gold mentions; a half for what is partial.
    pub fn tally(&self) -> Tally {
        let Outcomes { correct, incorrect, partial, missed, spurious } = *self;
        let credit = correct as f64 + 0.5 * partial as f64;
        let pairs = correct + incorrect + partial;
        Tally {
            precision_numerator: credit,
            precision_denominator: (pairs + spurious) as f64,
            recall_numerator: credit,
            recall_denominator: (pairs + missed) as f64,
        }
    }
}

/// Counts one document by the four schemes. Each scheme pairs mentions one-to-one for its own
/// greatest credit, and of such pairings takes one with the most pairs. Mentions with equal spans and
/// types collapse; malformed ones are spurious; optional gold ones, and what is paired with them, do
/// not count.
pub fn semeval13(gold: &Document, pred: &Prediction) -> Semeval13 {
    use Outcome::{Correct, Incorrect, Partial};
    let places = Places::of(gold, &pred.document);
    let gold_items = Items::of(gold, &places.gold, is_same);
    let pred_items = Items::of(&pred.document, &places.pred, is_same);
    let malformed = pred.malformed.iter().filter(|item| item.layer == Layer::Mentions).count();
    let scheme = |judge: fn(bool, bool) -> Outcome| {
        let judge = |gold: &Mention<'_>, pred: &Mention<'_>| {
            judge(gold.place == pred.place, gold.label == pred.label)
        };
        let pairs = pair(&gold_items, &pred_items, |gold, pred| judge(gold, pred).worth());
        let mut outcomes = Outcomes { spurious: malformed as u64, ..Outcomes::default() };
        let mut found = 0;
        for (pred, pair) in pred_items.0.iter().zip(pairs) {
            match pair.map(|at| &gold_items.0[at as usize]) {
                None => outcomes.spurious += 1,
                Some(gold) if gold.optional => {}
                Some(gold) => {
                    found += 1;
                    match judge(gold, pred) {
                        Correct => outcomes.correct += 1,
                        Partial => outcomes.partial += 1,
                        Incorrect => outcomes.incorrect += 1,
                    }
                }
            }
        }
        outcomes.missed = gold_items.required() as u64 - found;
        outcomes
    };
    Semeval13 {
        strict: scheme(|exact, same_type| if exact && same_type { Correct } else { Incorrect }),
        exact: scheme(|exact, _| if exact { Correct } else { Incorrect }),
        partial: scheme(|exact, _| if exact { Correct } else { Partial }),
        type_: scheme(|_, same_type| if same_type { Correct } else { Incorrect }),
    }
}

enum Outcome {
    Correct,
    Partial,
    Incorrect,
}

impl Outcome {
    /// Credit first; then more that is correct; then more pairs.
    fn worth(&self) -> i64 {
        match self {
            Outcome::Correct => 2 * PARTIAL * PARTIAL + PARTIAL,
            Outcome::Partial => PARTIAL * PARTIAL,
            Outcome::Incorrect => PARTIAL,
        }
    }
}
