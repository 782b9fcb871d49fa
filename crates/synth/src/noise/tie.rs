//! What happens to relations, of mentions and of entities alike.

use ere_dataset::{Label, Ontology, RelationType};
use rustc_hash::FxHashSet;

use super::spec::NoiseSpec;
use crate::random::{Random, scale};

/// A relation between two positions of one list.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Tie {
    pub(super) head: u32,
    pub(super) tail: u32,
    pub(super) label: Label,
}

impl Tie {
    pub(super) fn exchanged(self) -> Tie {
        Tie { head: self.tail, tail: self.head, ..self }
    }
}

/// All right answers of a document: gold, and what it implies.
pub(super) struct Truth<'a> {
    ontology: &'a Ontology,
    right: FxHashSet<Tie>,
}

impl<'a> Truth<'a> {
    pub(super) fn new(gold: impl Iterator<Item = Tie>, ontology: &'a Ontology) -> Truth<'a> {
        let mut truth = Truth { ontology, right: FxHashSet::default() };
        for tie in gold {
            truth.add(tie);
        }
        truth
    }

    fn add(&mut self, tie: Tie) {
        let tie = self.canonical(tie);
        if !self.right.insert(tie) {
            return;
        }
        let Some(kind) = self.ontology.relation(tie.label) else { return };
        for &label in &kind.implies {
            self.add(Tie { label, ..tie });
            if kind.symmetric {
                self.add(Tie { label, ..tie.exchanged() });
            }
        }
    }

    pub(super) fn is_right(&self, tie: Tie) -> bool {
        self.right.contains(&self.canonical(tie))
    }

    /// Inverse relations turned, ends of symmetric ones in order: equal for equal statements.
    pub(super) fn canonical(&self, tie: Tie) -> Tie {
        let Some(kind) = self.ontology.relation(tie.label) else { return tie };
        match kind.inverse_of {
            Some(label) => Tie { label, ..tie.exchanged() },
            None if kind.symmetric && tie.tail < tie.head => tie.exchanged(),
            None => tie,
        }
    }
}

enum Draw {
    Miss,
    Label,
    LabelChoice,
    Flip,
    Spurious,
    SpuriousEnds,
    SpuriousLabel,
    Coins,
}

/// How many pairs of ends are tried for a false relation.
const ATTEMPTS: u64 = 8;

/// The error model of one layer of relations. Positions and ends are gold's.
pub(super) struct TieNoise<'a, F> {
    pub(super) spec: &'a NoiseSpec,
    pub(super) random: Random,
    pub(super) truth: &'a Truth<'a>,
    /// The types of an end.
    pub(super) types_of: F,
}

impl<'a, F: Fn(u32) -> &'a [Label]> TieNoise<'a, F> {
    /// A gold relation as it is predicted, if it is.
    pub(super) fn keep(&self, position: usize, gold: Tie) -> Option<Tie> {
        let happens =
            |rate: super::Rate, draw| self.draw(draw).happens(rate.get(), position as u64);
        if happens(self.spec.relation_miss, Draw::Miss) {
            return None;
        }
        let mut tie = gold;
        if happens(self.spec.relation_label, Draw::Label) {
            tie.label =
                self.false_label(tie, self.draw(Draw::LabelChoice).bits(position as u64))?;
        }
        if happens(self.spec.relation_flip, Draw::Flip) {
            tie = tie.exchanged();
        }
        let is_same = self.truth.canonical(tie) == self.truth.canonical(gold);
        (is_same || !self.truth.is_right(tie)).then_some(tie)
    }

    /// The false relation of a gold position, if there is one: its ends are among `ends`.
    pub(super) fn invent(&self, position: usize, ends: &[u32]) -> Option<Tie> {
        let rate = self.spec.relation_spurious.get();
        if ends.len() < 2 || !self.draw(Draw::Spurious).happens(rate, position as u64) {
            return None;
        }
        (0..ATTEMPTS).find_map(|attempt| {
            let counter = position as u64 * ATTEMPTS + attempt;
            let random = self.draw(Draw::SpuriousEnds);
            let head = random.below(ends.len(), 2 * counter);
            let other = random.below(ends.len() - 1, 2 * counter + 1);
            // Skips the head, so that the ends differ.
            let tail = other + usize::from(other >= head);
            let bits = self.draw(Draw::SpuriousLabel).bits(counter);
            let kinds = self.allowed(ends[head], ends[tail]);
            self.choose(bits, ends[head], ends[tail], kinds)
        })
    }

    /// Random bits for decisions about a position that are made elsewhere.
    pub(super) fn coins(&self, position: usize) -> u64 {
        self.draw(Draw::Coins).bits(position as u64)
    }

    fn draw(&self, draw: Draw) -> Random {
        self.random.child(draw as u64)
    }

    /// A type that makes the tie false: one that may stand between its ends, else any.
    fn false_label(&self, tie: Tie, bits: u64) -> Option<Label> {
        let types = [(self.types_of)(tie.head), (self.types_of)(tie.tail)];
        let labels = false_labels(tie, types, self.truth, self.truth.ontology);
        labels.get(scale(bits, labels.len())).copied()
    }

    /// One of the types that make a false relation between these ends.
    fn choose<'k>(
        &self,
        bits: u64,
        head: u32,
        tail: u32,
        kinds: impl Iterator<Item = &'k RelationType> + Clone,
    ) -> Option<Tie> {
        let ties = || {
            let ties = kinds.clone().map(|kind| Tie { head, tail, label: kind.label });
            ties.filter(|tie| !self.truth.is_right(*tie))
        };
        ties().nth(scale(bits, ties().count()))
    }

    fn allowed(&self, head: u32, tail: u32) -> impl Iterator<Item = &'a RelationType> + Clone {
        let (head, tail) = ((self.types_of)(head), (self.types_of)(tail));
        self.kinds().filter(move |kind| kind.allows(head, tail))
    }

    /// The relation types that are annotated: an inverse is not.
    fn kinds(&self) -> impl Iterator<Item = &'a RelationType> + Clone + use<'a, F> {
        self.truth.ontology.relations.iter().filter(|kind| kind.inverse_of.is_none())
    }
}

/// The types that make a tie false: those that may stand between ends of such types, else all.
pub(super) fn false_labels(
    tie: Tie,
    [head, tail]: [&[Label]; 2],
    truth: &Truth<'_>,
    ontology: &Ontology,
) -> Vec<Label> {
    let labels = |allowed: &dyn Fn(&RelationType) -> bool| -> Vec<Label> {
        let kinds = ontology.relations.iter().filter(|kind| kind.inverse_of.is_none());
        let labels = kinds.filter(|kind| allowed(kind)).map(|kind| kind.label);
        labels.filter(|label| !truth.is_right(Tie { label: *label, ..tie })).collect()
    };
    let fitting = labels(&|kind| kind.allows(head, tail));
    if fitting.is_empty() { labels(&|_| true) } else { fitting }
}
