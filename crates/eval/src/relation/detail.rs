//! What is said of relations: where, and with which attributes.

use ere_dataset::{EntityIdx, Evidence, Layer, Polarity, SentenceIdx};

use crate::mention::Types;
use crate::relation::fact::{canonical, is_content, is_denied};
use crate::relation::{Fact, Standing, Ties, Verdict};
use crate::sink::{Item, Sink};

/// Sentences of evidence, as (relation, sentence): the evidence F1 of DocRED (Yao et al. 2019, section
/// 5) over anchored relations.
///
/// As there, every sentence of every predicted relation counts, right only where the relation is a
/// hit, and every sentence of every required gold relation is asked for. Sentences of predicted
/// relations that are the same gold relation are one set. Sentences of furniture are neutral.
pub(crate) fn evidence(ties: Ties<'_>, sink: &mut Sink<'_>) {
    let mut asked: Vec<(usize, SentenceIdx)> = Vec::new();
    for (at, evidence) in of_gold(ties) {
        asked.extend(stated(evidence).map(|sentence| (at, sentence)));
    }
    let mut right: Vec<(usize, SentenceIdx)> = Vec::new();
    let mut wrong: Vec<(Fact, SentenceIdx)> = Vec::new();
    for (fact, verdict, evidence) in of_pred(ties) {
        let sentences = stated(evidence).filter(|sentence| !is_furniture(ties, *sentence));
        match verdict {
            Verdict::Hit(at) => right.extend(sentences.map(|sentence| (at, sentence))),
            Verdict::Wrong => wrong.extend(sentences.map(|sentence| (fact, sentence))),
            Verdict::Neutral(_) => {}
        }
    }
    asked.retain(|(_, sentence)| !is_furniture(ties, *sentence));
    compare(ties, asked, once(right), sink);
    for (fact, _) in once(wrong) {
        sink.wrong(Item::of(fact.label));
    }
    sink.malformed(ties.pred, Layer::Relations);
}

/// Attributes of relations that are hits, as (relation, attribute, value). Values that need not be
/// written (positive, actual, current) are no items. An entity is the gold entity that it resolves
/// to; one that resolves to nothing, or to a value that was given already, is wrong.
pub(crate) fn attributes(ties: Ties<'_>, sink: &mut Sink<'_>) {
    let mut given: Vec<(usize, Attribute)> = Vec::new();
    let mut is_hit = vec![false; ties.facts.facts.len()];
    for (_, verdict, evidence) in of_pred(ties) {
        if let Verdict::Hit(at) = verdict {
            is_hit[at] = true;
            given.extend(evidence.iter().flat_map(attributes_of).map(|item| (at, item)));
        }
    }
    let resolve = |(at, attribute): (usize, Attribute)| (at, ties.resolve(attribute));
    let mut given: Vec<(usize, Attribute)> = once(given).into_iter().map(resolve).collect();
    given.sort_unstable();
    let mut asked: Vec<(usize, Attribute)> = Vec::new();
    for (at, evidence) in of_gold(ties).filter(|(at, _)| is_hit[*at]) {
        asked.extend(evidence.iter().flat_map(attributes_of).map(|item| (at, item)));
    }
    compare(ties, asked, given, sink);
}

/// The required facts that gold relations state, and the evidence of these relations.
fn of_gold<'a>(ties: Ties<'a>) -> impl Iterator<Item = (usize, &'a [Evidence])> {
    let relations = ties.gold.relations.iter().filter(|relation| !is_denied(relation));
    relations.filter_map(move |relation| {
        let at = ties.facts.find(canonical(relation, None, ties.rules))?;
        let is_required = ties.facts.facts[at].standing == Standing::Required;
        is_required.then_some((at, &relation.evidence[..]))
    })
}

/// What predicted relations say, what becomes of it, and their evidence.
fn of_pred<'a>(ties: Ties<'a>) -> impl Iterator<Item = (Fact, Verdict, &'a [Evidence])> {
    let relations = ties.pred.document.relations.iter().filter(|relation| !is_denied(relation));
    relations.map(move |relation| {
        let fact = canonical(relation, None, ties.rules);
        (fact, ties.judge(fact, Types::Ignored), &relation.evidence[..])
    })
}

/// The sentences that state a relation.
fn stated(evidence: &[Evidence]) -> impl Iterator<Item = SentenceIdx> {
    let positive = evidence.iter().filter(|evidence| evidence.polarity == Polarity::Positive);
    positive.flat_map(|evidence| evidence.sentences.iter().copied())
}

fn is_furniture(ties: Ties<'_>, sentence: SentenceIdx) -> bool {
    !is_content(ties.gold, sentence)
}

fn once<T: Ord>(mut items: Vec<T>) -> Vec<T> {
    items.sort_unstable();
    items.dedup();
    items
}

/// Counts sorted items of facts: what is given once more than it is asked for is wrong.
fn compare<T: Ord + Copy>(
    ties: Ties<'_>,
    asked: Vec<(usize, T)>,
    given: Vec<(usize, T)>,
    sink: &mut Sink<'_>,
) {
    let item = |(at, _): (usize, T)| Item::of(ties.facts.facts[at].fact.label);
    let mut given = given.into_iter().peekable();
    for asked in once(asked) {
        while let Some(wrong) = given.next_if(|given| *given < asked) {
            sink.wrong(item(wrong));
        }
        match given.next_if(|given| *given == asked) {
            Some(_) => sink.hit(item(asked), item(asked)),
            None => sink.missed(item(asked)),
        }
    }
    given.for_each(|wrong| sink.wrong(item(wrong)));
}

/// An attribute of a piece of evidence, and its value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Attribute {
    AssertedBy(Value),
    Denied,
    Actuality(ere_dataset::Actuality),
    Former,
    Time(Value),
    Amount(Value),
    Item(Value),
}

/// An entity of the document that the attribute is of, or what it stands for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Value {
    Entity(EntityIdx),
    Unresolved,
}

fn attributes_of(evidence: &Evidence) -> impl Iterator<Item = Attribute> {
    let Evidence { asserted_by, polarity, actuality, status, time, amount, item, .. } = evidence;
    let asserted = asserted_by.iter().map(|by| Attribute::AssertedBy(Value::Entity(*by)));
    let others = [
        (!polarity.is_default()).then_some(Attribute::Denied),
        (!actuality.is_default()).then_some(Attribute::Actuality(*actuality)),
        (!status.is_default()).then_some(Attribute::Former),
        time.map(|time| Attribute::Time(Value::Entity(time))),
        amount.map(|amount| Attribute::Amount(Value::Entity(amount))),
        item.map(|item| Attribute::Item(Value::Entity(item))),
    ];
    asserted.chain(others.into_iter().flatten())
}

impl Ties<'_> {
    /// A predicted attribute with the gold entity that its value stands for.
    fn resolve(&self, attribute: Attribute) -> Attribute {
        let value = |value: Value| match value {
            Value::Entity(entity) => {
                self.resolved[entity.index()].map_or(Value::Unresolved, Value::Entity)
            }
            Value::Unresolved => Value::Unresolved,
        };
        match attribute {
            Attribute::AssertedBy(by) => Attribute::AssertedBy(value(by)),
            Attribute::Time(time) => Attribute::Time(value(time)),
            Attribute::Amount(amount) => Attribute::Amount(value(amount)),
            Attribute::Item(item) => Attribute::Item(value(item)),
            other => other,
        }
    }
}
