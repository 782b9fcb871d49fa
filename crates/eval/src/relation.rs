//! Relation views: anchored in gold entities, and between mentions.

use ere_dataset::{
    Document, EntityIdx, Evidence, Given, Label, Layer, Layers, MentionIdx, MentionRelation,
    Polarity, Prediction, Relation, Scope, Spans,
};
use rustc_hash::FxHashSet;

use crate::alignment::Alignment;
use crate::document::{Notes, Sink};
use crate::mention::Types;
use crate::rules::Rules;
use crate::tally::Tally;

/// A relation in the one form that all ways of saying it share.
pub(crate) type Fact = (Label, EntityIdx, EntityIdx);

/// What gold asks for, and what it neither asks for nor counts as wrong. What it denies is in neither:
/// to predict that is wrong.
pub(crate) struct GoldFacts {
    /// Sorted. Types that the primary score leaves out are here too: they have rows of their own.
    pub(crate) required: Vec<Fact>,
    pub(crate) required_set: FxHashSet<Fact>,
    pub(crate) neutral: FxHashSet<Fact>,
}

impl GoldFacts {
    pub(crate) fn of(gold: &Document, rules: &Rules, layers: &Layers) -> GoldFacts {
        let mut required = Vec::new();
        let mut neutral = FxHashSet::default();
        for relation in &gold.relations {
            if !relation.evidence.is_empty() && relation.evidence.iter().all(is_denied) {
                continue;
            }
            let fact = rules.canonical(relation.label, relation.head, relation.tail);
            let counts = !relation.optional
                && in_scope(layers, relation.label, rules)
                && is_stated_in_content(gold, relation);
            if counts {
                required.push(fact);
            } else {
                neutral.insert(fact);
            }
            for implied in closure(gold, fact, rules) {
                neutral.insert(implied);
            }
        }
        required.sort_unstable();
        required.dedup();
        let required_set: FxHashSet<Fact> = required.iter().copied().collect();
        GoldFacts { required, required_set, neutral }
    }
}

pub(crate) fn is_denied(evidence: &Evidence) -> bool {
    evidence.polarity == Polarity::Negative
}

fn in_scope(layers: &Layers, label: Label, rules: &Rules) -> bool {
    match &layers.relations {
        Scope::All => true,
        Scope::None => false,
        Scope::Only(names) => names.iter().any(|name| rules.vocabulary().get(name) == Some(label)),
    }
}

/// Whether some positive evidence stands in the article itself. Gold that does not say where it
/// stands is taken to.
fn is_stated_in_content(gold: &Document, relation: &Relation) -> bool {
    let in_content = |evidence: &Evidence| {
        evidence.sentences.is_empty()
            || evidence.sentences.iter().any(|sentence| {
                let span = gold.sentences[sentence.index()];
                gold.zone_of(span).is_none_or(|zone| zone.is_content())
            })
    };
    relation.evidence.is_empty()
        || relation.evidence.iter().any(|evidence| !is_denied(evidence) && in_content(evidence))
}

/// Everything that follows from a fact, in canonical form.
pub(crate) fn closure<'a>(
    gold: &'a Document,
    (label, head, tail): Fact,
    rules: &'a Rules,
) -> impl Iterator<Item = Fact> + 'a {
    let types = |entity: EntityIdx| &gold.entities[entity.index()].labels;
    rules
        .implied(label, types(head), types(tail))
        .map(move |implied| rules.canonical(implied, head, tail))
}

/// Steps 3 to 5 of anchored scoring (the primary score), and the same with types.
pub(crate) fn anchored(
    gold: &Document,
    pred: &Prediction,
    facts: &GoldFacts,
    alignment: &Alignment,
    context: Context<'_>,
    sink: &mut Sink<'_>,
    notes: &mut Notes,
) {
    let rules = context.rules;
    let mut hit: FxHashSet<Fact> = FxHashSet::default();
    let mut seen: FxHashSet<Fact> = FxHashSet::default();
    for relation in &pred.document.relations {
        if !relation.evidence.is_empty() && relation.evidence.iter().all(is_denied) {
            notes.negative += 1;
            continue;
        }
        let said = rules.canonical(relation.label, relation.head, relation.tail);
        if !seen.insert(said) {
            notes.duplicate_relations += 1;
            continue;
        }
        match judge(gold, pred, facts, alignment, said, context) {
            Verdict::Hit(fact) if hit.insert(fact) => {
                sink.add(Some(said.0), Tally::counts(1, 0, 0));
            }
            Verdict::Hit(_) | Verdict::Wrong => sink.add(Some(said.0), Tally::counts(0, 1, 0)),
            Verdict::Neutral => notes.neutral_relations += 1,
        }
    }
    for fact in &facts.required {
        if !hit.contains(fact) {
            sink.add(Some(fact.0), Tally::counts(0, 0, 1));
        }
    }
    sink.add_malformed(pred, Layer::Relations);
}

/// What anchored scoring needs besides the two documents.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) rules: &'a Rules,
    pub(crate) layers: &'a Layers,
    pub(crate) types: Types,
}

pub(crate) enum Verdict {
    Hit(Fact),
    Neutral,
    Wrong,
}

pub(crate) fn judge(
    gold: &Document,
    pred: &Prediction,
    facts: &GoldFacts,
    alignment: &Alignment,
    (label, head, tail): Fact,
    context: Context<'_>,
) -> Verdict {
    let Context { rules, layers, types } = context;
    if !in_scope(layers, label, rules) {
        return Verdict::Neutral;
    }
    if head == tail {
        return Verdict::Wrong;
    }
    let (Some(gold_head), Some(gold_tail)) = (alignment.resolve(head), alignment.resolve(tail))
    else {
        return if layers.mentions { Verdict::Wrong } else { Verdict::Neutral };
    };
    if gold_head == gold_tail {
        return Verdict::Wrong;
    }
    let fact = rules.canonical(label, gold_head, gold_tail);
    if facts.required_set.contains(&fact) {
        let right = types == Types::Ignored
            || (has_type_of(gold, pred, head, gold_head)
                && has_type_of(gold, pred, tail, gold_tail));
        return if right { Verdict::Hit(fact) } else { Verdict::Wrong };
    }
    if facts.neutral.contains(&fact) { Verdict::Neutral } else { Verdict::Wrong }
}

/// Whether a predicted entity has a type of the gold entity that it stands for.
fn has_type_of(gold: &Document, pred: &Prediction, entity: EntityIdx, of: EntityIdx) -> bool {
    let expected = &gold.entities[of.index()].labels;
    pred.document.given == Given::Entities
        || expected.is_empty()
        || pred.document.entities[entity.index()]
            .labels
            .iter()
            .any(|label| expected.contains(label))
}

/// Relations between mentions, as a set of (place, place, label), with argument types or without.
pub(crate) fn between_mentions(
    gold: &Document,
    pred: &Prediction,
    types: Types,
    rules: &Rules,
    sink: &mut Sink<'_>,
) {
    let gold_items = items(gold, gold, types, rules);
    let given = pred.document.given == Given::Mentions;
    let ends = if given { gold } else { &pred.document };
    let pred_items = items(&pred.document, ends, types, rules);
    let mut gold_rest = gold_items.iter().peekable();
    for item in &pred_items {
        while let Some(missed) = gold_rest.next_if(|next| *next < item) {
            sink.add(Some(missed.label), Tally::counts(0, 0, 1));
        }
        let right = gold_rest.next_if(|next| *next == item).is_some();
        sink.add(Some(item.label), Tally::counts(u64::from(right), u64::from(!right), 0));
    }
    for missed in gold_rest {
        sink.add(Some(missed.label), Tally::counts(0, 0, 1));
    }
    sink.add_malformed(pred, Layer::MentionRelations);
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Item<'a> {
    head: End<'a>,
    tail: End<'a>,
    label: Label,
}

type End<'a> = (&'a Spans, Option<Label>);

fn items<'a>(
    document: &'a Document,
    ends: &'a Document,
    types: Types,
    rules: &Rules,
) -> Vec<Item<'a>> {
    let end = |at: MentionIdx| {
        let mention = &ends.mentions[at.index()];
        (&mention.spans, (types == Types::Asked).then_some(mention.label))
    };
    let item = |relation: &MentionRelation| {
        let (head, tail) = (end(relation.head), end(relation.tail));
        let (label, head, tail) = rules.canonical(relation.label, head, tail);
        Item { head, tail, label }
    };
    let mut items: Vec<Item<'a>> = document.mention_relations.iter().map(item).collect();
    items.sort_unstable();
    items.dedup();
    items
}
