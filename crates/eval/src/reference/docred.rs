//! DocRED's `evaluation.py` (Yao et al. 2019; thunlp/DocRED, `code/evaluation.py`, commit 64622e6),
//! which Re-DocRED uses as well.
//!
//! Entities are given: heads and tails of predicted relations are gold entities. A relation is right
//! by document, head, tail and type. Predictions are a set, of copies the first one's evidence stays.
//! Predictions for documents that gold does not have stay in precision's denominator, their evidence
//! does not.
//!
//! **Ign F1** removes the right predictions that a train set knows by names from precision's numerator
//! and denominator; wrong ones and recall are untouched. **Evidence F1** counts the sentences of right
//! relations against all predicted and all gold evidence.
//!
//! Gold that states one relation twice counts once, its evidence twice, and is compared with the last
//! one's evidence only: the original's own inconsistency.
//!
//! The original crashes where nothing is predicted, where gold has no relation or no evidence, and
//! where every prediction is right and known from a train set. Here the ratio in question is undefined.

use std::ops::AddAssign;

use ere_dataset::{Document, EntityIdx, Label, Relation, SentenceIdx};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::tally::Tally;

/// The facts of a train set: name of a head mention, name of a tail mention, type.
pub type Facts = FxHashSet<(Box<str>, Box<str>, Label)>;

/// Adds the facts of a document of a train set: each relation under every name of its head with every
/// name of its tail.
///
/// ```
/// use ere_dataset::{Vocabulary, jsonl};
/// use ere_eval::reference::docred;
/// let vocabulary = Vocabulary::default();
/// let line = r#"{"id":"a","text":"Ann Lee runs Acme. Ann is it.",
///     "mentions":[{"start":0,"end":7,"type":"PER"},{"start":13,"end":17,"type":"ORG"},
///         {"start":19,"end":22,"type":"PER"}],
///     "entities":[{"mentions":[0,2]},{"mentions":[1]}],
///     "relations":[{"head":0,"tail":1,"type":"runs"}]}"#;
/// let mut facts = docred::Facts::default();
/// docred::learn(&mut facts, &jsonl::gold_from_str(line, &vocabulary)?);
/// let runs = vocabulary.intern("runs");
/// assert_eq!(facts.len(), 2);
/// assert!(facts.contains(&("Ann".into(), "Acme".into(), runs)));
/// # Ok::<(), ere_dataset::Error>(())
/// ```
pub fn learn(facts: &mut Facts, document: &Document) {
    let names = Names::of(document);
    for relation in &document.relations {
        let of = |entity: EntityIdx| names.sorted(entity);
        for head in of(relation.head) {
            for tail in of(relation.tail) {
                facts.insert((head.into(), tail.into(), relation.label));
            }
        }
    }
}

/// What was there to be learnt by heart.
#[derive(Clone, Debug, Default)]
pub struct TrainFacts {
    /// Of the annotated train set: what published Ign F1 means.
    pub annotated: Facts,
    /// Of the distantly supervised train set.
    pub distant: Facts,
}

/// The script's variables. They add up over documents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Predictions, copies included (`len(tmp)`).
    pub submitted: u64,
    /// Predictions without copies (`len(submission_answer)`).
    pub predicted: u64,
    /// Gold relations (`tot_relations`).
    pub gold: u64,
    /// Right predictions (`correct_re`).
    pub correct: u64,
    /// Right predictions that the annotated train set knows.
    pub correct_in_train_annotated: u64,
    /// Right predictions that the distant train set knows.
    pub correct_in_train_distant: u64,
    /// Predicted evidence sentences, in documents that gold has (`pred_evi`).
    pub predicted_evidence: u64,
    /// Gold evidence sentences (`tot_evidences`).
    pub gold_evidence: u64,
    /// Evidence sentences of right predictions that gold has too (`correct_evidence`).
    pub correct_evidence: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Counts) {
        self.submitted += other.submitted;
        self.predicted += other.predicted;
        self.gold += other.gold;
        self.correct += other.correct;
        self.correct_in_train_annotated += other.correct_in_train_annotated;
        self.correct_in_train_distant += other.correct_in_train_distant;
        self.predicted_evidence += other.predicted_evidence;
        self.gold_evidence += other.gold_evidence;
        self.correct_evidence += other.correct_evidence;
    }
}

impl Counts {
    /// Relation F1.
    pub fn relations(&self) -> Tally {
        self.ignoring(0)
    }

    /// Ign F1 with the annotated train set.
    pub fn relations_ignoring_annotated(&self) -> Tally {
        self.ignoring(self.correct_in_train_annotated)
    }

    /// Ign F1 with the distant train set.
    pub fn relations_ignoring_distant(&self) -> Tally {
        self.ignoring(self.correct_in_train_distant)
    }

    /// Evidence F1. The script's precision is 0 where no evidence is predicted.
    pub fn evidence(&self) -> Tally {
        Tally {
            precision_numerator: self.correct_evidence as f64,
            precision_denominator: self.predicted_evidence as f64,
            recall_numerator: self.correct_evidence as f64,
            recall_denominator: self.gold_evidence as f64,
        }
    }

    fn ignoring(&self, known: u64) -> Tally {
        Tally {
            precision_numerator: (self.correct - known) as f64,
            precision_denominator: (self.predicted - known) as f64,
            recall_numerator: self.correct as f64,
            recall_denominator: self.gold as f64,
        }
    }
}

/// Counts one document; `gold` is `None` where gold does not have it. A document that was not
/// predicted is an empty prediction.
///
/// ```
/// use ere_dataset::{Vocabulary, jsonl};
/// use ere_eval::reference::docred;
/// let vocabulary = Vocabulary::default();
/// let line = r#"{"id":"a","text":"Ann runs Acme.","sentences":[[0,14]],
///     "mentions":[{"start":0,"end":3,"type":"PER"},{"start":9,"end":13,"type":"ORG"}],
///     "entities":[{"mentions":[0]},{"mentions":[1]}],
///     "relations":[{"head":0,"tail":1,"type":"runs","evidence":[{"sentences":[0]}]}]}"#;
/// let gold = jsonl::gold_from_str(line, &vocabulary)?;
/// let mut train = docred::TrainFacts::default();
/// train.annotated.insert(("Ann".into(), "Acme".into(), vocabulary.intern("runs")));
/// let counts = docred::count(Some(&gold), &gold, &train);
/// assert_eq!(counts.relations().f1(), Some(1.0));
/// assert_eq!(counts.evidence().f1(), Some(1.0));
/// assert_eq!(counts.relations_ignoring_annotated().precision(), None);
/// # Ok::<(), ere_dataset::Error>(())
/// ```
pub fn count(gold: Option<&Document>, pred: &Document, train: &TrainFacts) -> Counts {
    let mut seen = FxHashSet::default();
    let firsts: Vec<&Relation> =
        pred.relations.iter().filter(|relation| seen.insert(key(relation))).collect();
    let mut counts = Counts {
        submitted: pred.relations.len() as u64,
        predicted: firsts.len() as u64,
        ..Counts::default()
    };
    let Some(gold) = gold else { return counts };
    let mut last: FxHashMap<Key, &Relation> = FxHashMap::default();
    for relation in &gold.relations {
        last.insert(key(relation), relation);
        counts.gold_evidence += sentences(relation).count() as u64;
    }
    counts.gold = last.len() as u64;
    let names = Names::of(gold);
    for relation in firsts {
        let evidence: FxHashSet<SentenceIdx> = sentences(relation).collect();
        counts.predicted_evidence += evidence.len() as u64;
        let Some(found) = last.get(&key(relation)) else { continue };
        let gold_evidence: FxHashSet<SentenceIdx> = sentences(found).collect();
        counts.correct += 1;
        counts.correct_evidence += evidence.intersection(&gold_evidence).count() as u64;
        counts.correct_in_train_annotated += u64::from(names.know(found, &train.annotated));
        counts.correct_in_train_distant += u64::from(names.know(found, &train.distant));
    }
    counts
}

type Key = (EntityIdx, EntityIdx, Label);

fn key(relation: &Relation) -> Key {
    (relation.head, relation.tail, relation.label)
}

fn sentences(relation: &Relation) -> impl Iterator<Item = SentenceIdx> + '_ {
    relation.evidence.iter().flat_map(|evidence| evidence.sentences.iter().copied())
}

/// The distinct names of each entity.
struct Names {
    of_entity: Vec<FxHashSet<Box<str>>>,
}

impl Names {
    fn of(document: &Document) -> Names {
        let mut of_entity = vec![FxHashSet::default(); document.entities.len()];
        for mention in &document.mentions {
            if let Some(entity) = mention.entity {
                let name = super::surface(document, &mention.spans);
                of_entity[entity.index()].insert(name.into());
            }
        }
        Names { of_entity }
    }

    fn sorted(&self, entity: EntityIdx) -> Vec<&str> {
        let mut names: Vec<&str> = self.of_entity[entity.index()].iter().map(|n| &**n).collect();
        names.sort_unstable();
        names
    }

    /// Whether some name of the head with some name of the tail is among the facts.
    #[expect(clippy::iter_over_hash_type, reason = "any() does not depend on the order")]
    fn know(&self, relation: &Relation, facts: &Facts) -> bool {
        if facts.is_empty() {
            return false;
        }
        let names = |entity: EntityIdx| &self.of_entity[entity.index()];
        for head in names(relation.head) {
            for tail in names(relation.tail) {
                if facts.contains(&(head.clone(), tail.clone(), relation.label)) {
                    return true;
                }
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::testing::Builder;

    fn two_entities() -> Builder {
        let mentions = Builder::default().mention(0, 7, "PER").mention(24, 28, "ORG");
        mentions.entity(&[0]).entity(&[1])
    }

    #[test]
    fn the_first_copy_of_a_prediction_keeps_its_evidence() {
        let gold = two_entities().fact(0, 1, "runs", &[3]).build();
        let pred = two_entities().fact(0, 1, "runs", &[2]).fact(0, 1, "runs", &[3]).build();
        let counts = count(Some(&gold), &pred, &TrainFacts::default());
        assert_eq!((counts.submitted, counts.predicted, counts.correct), (2, 1, 1));
        assert_eq!((counts.predicted_evidence, counts.correct_evidence), (1, 0));
    }

    #[test]
    fn gold_stated_twice_counts_its_evidence_twice_and_is_compared_with_the_last() {
        let gold = two_entities().fact(0, 1, "runs", &[2]).fact(0, 1, "runs", &[3, 4]).build();
        let pred = two_entities().fact(0, 1, "runs", &[2, 3]).build();
        let counts = count(Some(&gold), &pred, &TrainFacts::default());
        assert_eq!((counts.gold, counts.gold_evidence, counts.correct_evidence), (1, 3, 1));
    }

    #[test]
    fn an_unknown_document_costs_precision_but_its_evidence_is_not_counted() {
        let pred = two_entities().fact(0, 1, "runs", &[2]).build();
        let counts = count(None, &pred, &TrainFacts::default());
        assert_eq!((counts.predicted, counts.correct, counts.predicted_evidence), (1, 0, 0));
        assert_eq!(counts.relations().precision(), Some(0.0));
    }

    #[test]
    fn ignoring_the_train_set_removes_right_predictions_from_precision_alone() {
        let gold = two_entities().fact(0, 1, "runs", &[]).fact(0, 1, "knows", &[]).build();
        let pred = two_entities().fact(0, 1, "runs", &[]).fact(1, 0, "runs", &[]).build();
        let label = gold.relations[0].label;
        let mut train = TrainFacts::default();
        train.annotated.insert(("Ann Lee".into(), "Acme".into(), label));
        train.annotated.insert(("Acme".into(), "Ann Lee".into(), label));
        let counts = count(Some(&gold), &pred, &train);
        assert_eq!(counts.relations().precision(), Some(0.5));
        let ignoring = counts.relations_ignoring_annotated();
        assert_eq!((ignoring.precision(), ignoring.recall()), (Some(0.0), Some(0.5)));
    }
}
