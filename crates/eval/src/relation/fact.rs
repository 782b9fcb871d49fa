//! What gold and a prediction say, each statement once.

use ere_dataset::{
    Actuality, Document, EntityIdx, Evidence, Label, Layers, Polarity, Relation, Scope, SentenceIdx,
};

use crate::rules::Rules;

/// A relation in the one form that all ways of saying it share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fact {
    pub(crate) label: Label,
    pub(crate) head: EntityIdx,
    pub(crate) tail: EntityIdx,
    /// How it is said, where that is asked.
    pub(crate) modality: Option<Modality>,
}

impl Fact {
    /// One number in the order of facts: comparing facts is most of the work of finding one.
    fn key(&self) -> u128 {
        let modality = match self.modality {
            None => 0,
            Some((polarity, actuality)) => 1 + 4 * polarity as u128 + actuality as u128,
        };
        (self.label.index() as u128) << 72
            | u128::from(self.head.0) << 40
            | u128::from(self.tail.0) << 8
            | modality
    }
}

/// Stated or denied; fact, plan or possibility.
pub(crate) type Modality = (Polarity, Actuality);

/// Whether the views ask how a relation is said.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Modalities {
    /// A relation is one fact; one that is only denied is none.
    Ignored,
    /// Each way in which a relation is said is a fact of its own.
    Asked,
}

/// What gold asks for, and what it neither asks for nor counts as wrong. What it denies is in
/// neither: to predict that is wrong.
pub(crate) struct GoldFacts {
    /// Each fact once, in order.
    pub(crate) facts: Vec<GoldFact>,
    scope: Option<Vec<Label>>,
}

/// A fact of gold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct GoldFact {
    pub(crate) fact: Fact,
    pub(crate) standing: Standing,
    /// The first sentence that says so, if gold names one.
    pub(crate) sentence: Option<SentenceIdx>,
}

/// What is asked of a prediction. Where gold gives a fact several standings, the first one counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    /// To find it. Types that the primary score leaves out are required too: they have rows of their
    /// own.
    Required,
    /// Nothing: a careful annotator may leave it out.
    Optional,
    /// Nothing: it follows from what is required.
    Implied,
    /// Nothing: it stands only in furniture, is out of scope, or follows from what is not required.
    Neutral,
}

impl GoldFacts {
    pub(crate) fn of(
        gold: &Document,
        modalities: Modalities,
        rules: &Rules,
        layers: &Layers,
    ) -> GoldFacts {
        let scope = scope(layers, rules);
        let is_in_scope = |label| scope.as_ref().is_none_or(|scope| scope.contains(&label));
        let mut facts = Vec::with_capacity(2 * gold.relations.len());
        for relation in &gold.relations {
            said(relation, modalities, |modality| {
                let fact = canonical(relation, modality, rules);
                let place = place(gold, relation, modality);
                let standing = match relation.optional {
                    _ if !is_in_scope(relation.label) || !place.is_content => Standing::Neutral,
                    true => Standing::Optional,
                    false => Standing::Required,
                };
                facts.push(GoldFact { fact, standing, sentence: place.sentence });
                // What is denied implies no other denial.
                if modality.is_none_or(|(polarity, _)| polarity == Polarity::Positive) {
                    let follows = match standing {
                        Standing::Required => Standing::Implied,
                        _ => Standing::Neutral,
                    };
                    for fact in closure(gold, fact, rules) {
                        facts.push(GoldFact { fact, standing: follows, sentence: place.sentence });
                    }
                }
            });
        }
        facts.sort_unstable_by_key(|gold| (gold.fact.key(), gold.standing, gold.sentence));
        facts.dedup_by_key(|gold| gold.fact);
        GoldFacts { facts, scope }
    }

    /// Where a fact is in the list.
    pub(crate) fn find(&self, fact: Fact) -> Option<usize> {
        self.facts.binary_search_by_key(&fact.key(), |gold| gold.fact.key()).ok()
    }

    pub(crate) fn is_in_scope(&self, label: Label) -> bool {
        self.scope.as_ref().is_none_or(|scope| scope.contains(&label))
    }
}

/// Whether gold has all relations of a type.
pub(crate) fn in_scope(layers: &Layers, label: Label, rules: &Rules) -> bool {
    scope(layers, rules).is_none_or(|scope| scope.contains(&label))
}

/// The types that are annotated exhaustively; `None` for all.
fn scope(layers: &Layers, rules: &Rules) -> Option<Vec<Label>> {
    match &layers.relations {
        Scope::All => None,
        Scope::None => Some(Vec::new()),
        Scope::Only(names) => {
            Some(names.iter().filter_map(|name| rules.vocabulary().get(name)).collect())
        }
    }
}

/// What a prediction says.
pub(crate) struct Said {
    /// Each fact once, in order; ends are predicted entities.
    pub(crate) facts: Vec<SaidFact>,
    /// Facts that were said before.
    pub(crate) duplicates: u64,
    /// Relations that are only denied, where modalities are ignored.
    pub(crate) denied: u64,
}

/// A fact of a prediction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SaidFact {
    pub(crate) fact: Fact,
    /// The first sentence that says so, if the prediction names one.
    pub(crate) sentence: Option<SentenceIdx>,
}

impl Said {
    pub(crate) fn of(pred: &Document, modalities: Modalities, rules: &Rules) -> Said {
        let mut facts = Vec::with_capacity(pred.relations.len());
        let mut denied = 0;
        for relation in &pred.relations {
            if modalities == Modalities::Ignored && is_denied(relation) {
                denied += 1;
                continue;
            }
            said(relation, modalities, |modality| {
                let fact = canonical(relation, modality, rules);
                facts.push(SaidFact { fact, sentence: first_sentence(relation, modality) });
            });
        }
        let count = facts.len();
        facts.sort_unstable_by_key(|said| (said.fact.key(), said.sentence));
        facts.dedup_by_key(|said| said.fact);
        Said { duplicates: (count - facts.len()) as u64, facts, denied }
    }
}

pub(crate) fn canonical(relation: &Relation, modality: Option<Modality>, rules: &Rules) -> Fact {
    let (label, head, tail) = rules.canonical(relation.label, relation.head, relation.tail);
    Fact { label, head, tail, modality }
}

/// Whether there is evidence and all of it denies.
pub(crate) fn is_denied(relation: &Relation) -> bool {
    let evidence = &relation.evidence;
    !evidence.is_empty() && evidence.iter().all(|e| e.polarity == Polarity::Negative)
}

/// Calls `each` with every way in which a relation is said. Without evidence it is stated as a fact.
fn said(relation: &Relation, modalities: Modalities, mut each: impl FnMut(Option<Modality>)) {
    if modalities == Modalities::Ignored {
        if !is_denied(relation) {
            each(None);
        }
        return;
    }
    let mut ways: Vec<Modality> = relation.evidence.iter().map(modality_of).collect();
    if ways.is_empty() {
        ways.push(Modality::default());
    }
    ways.sort_unstable();
    ways.dedup();
    ways.into_iter().for_each(|way| each(Some(way)));
}

fn modality_of(evidence: &Evidence) -> Modality {
    (evidence.polarity, evidence.actuality)
}

/// Whether a piece of evidence says a relation in this way; where the way is not asked, whether it
/// states it at all.
fn says(evidence: &Evidence, modality: Option<Modality>) -> bool {
    match modality {
        Some(modality) => modality_of(evidence) == modality,
        None => evidence.polarity == Polarity::Positive,
    }
}

struct Stated {
    /// Whether some of it stands in the article itself. Gold that does not say where it stands is
    /// taken to.
    is_content: bool,
    sentence: Option<SentenceIdx>,
}

fn place(gold: &Document, relation: &Relation, modality: Option<Modality>) -> Stated {
    let mut stated = Stated { is_content: relation.evidence.is_empty(), sentence: None };
    for evidence in relation.evidence.iter().filter(|evidence| says(evidence, modality)) {
        stated.is_content |= evidence.sentences.is_empty();
        for sentence in &evidence.sentences {
            if is_content(gold, *sentence) {
                stated.is_content = true;
                stated.sentence = Some(stated.sentence.map_or(*sentence, |s| s.min(*sentence)));
            }
        }
    }
    stated
}

/// Whether a sentence of gold is part of the article itself.
pub(crate) fn is_content(gold: &Document, sentence: SentenceIdx) -> bool {
    let zone = gold.sentences.get(sentence.index()).and_then(|span| gold.zone_of(*span));
    zone.is_none_or(|zone| zone.is_content())
}

fn first_sentence(relation: &Relation, modality: Option<Modality>) -> Option<SentenceIdx> {
    let evidence = relation.evidence.iter().filter(|evidence| says(evidence, modality));
    evidence.flat_map(|evidence| evidence.sentences.iter().copied()).min()
}

/// Everything that follows from a fact, in canonical form.
pub(crate) fn closure<'a>(
    gold: &'a Document,
    fact: Fact,
    rules: &'a Rules,
) -> impl Iterator<Item = Fact> + 'a {
    let types = |entity: EntityIdx| &gold.entities[entity.index()].labels;
    let Fact { label, head, tail, modality } = fact;
    rules.implied(label, types(head), types(tail)).map(move |implied| {
        let (label, head, tail) = rules.canonical(implied, head, tail);
        Fact { label, head, tail, modality }
    })
}
