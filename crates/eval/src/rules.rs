//! What the ontology says about each label, as tables that scoring can index.

use std::sync::Arc;

use ere_dataset::{Label, Ontology, Vocabulary};
use rustc_hash::FxHashSet;

use crate::reference::docred::TrainFacts;
use crate::slice::{Slice, SliceId, SliceNames};
use crate::view::View;

/// The ontology, prepared for scoring: one slot a label, no names.
#[derive(Clone, Debug)]
pub struct Rules {
    vocabulary: Vocabulary,
    relations: Vec<RelationRule>,
    families: Vec<String>,
    entities: Vec<bool>,
    has_ontology: bool,
    slices: SliceNames,
    /// The slices of each label: of its type, and of its family.
    slices_of: Vec<(SliceId, Option<SliceId>)>,
    /// Texts of mentions in training data, if the caller has any.
    seen: Option<FxHashSet<Box<str>>>,
    symmetric: Vec<Label>,
    train: Option<Arc<Train>>,
}

/// What a train set states, for measures that ask what could be learnt by heart (DocRED's Ign F1).
#[derive(Clone, Debug, Default)]
pub struct Train {
    /// Its facts.
    pub facts: TrainFacts,
    /// SHA-256 of the train set.
    pub sha256: String,
}

#[derive(Clone, Debug, Default)]
struct RelationRule {
    symmetric: bool,
    inverse_of: Option<Label>,
    /// Every relation that follows, directly or through others, with the types its signature asks
    /// for.
    implied: Vec<Implied>,
    is_neutral_in_primary: bool,
    family: Option<u32>,
}

#[derive(Clone, Debug)]
struct Implied {
    label: Label,
    signatures: Vec<(Vec<Label>, Vec<Label>)>,
}

impl Rules {
    /// No ontology: every label stands for itself, directed, in no family.
    pub fn open(vocabulary: &Vocabulary) -> Rules {
        Rules {
            vocabulary: vocabulary.clone(),
            relations: Vec::new(),
            families: Vec::new(),
            entities: Vec::new(),
            has_ontology: false,
            slices: SliceNames::new(),
            slices_of: Vec::new(),
            seen: None,
            symmetric: Vec::new(),
            train: None,
        }
        .with_slices()
    }

    /// The rules of an ontology.
    pub fn of(ontology: &Ontology, vocabulary: &Vocabulary) -> Rules {
        let mut rules = Rules::open(vocabulary);
        rules.has_ontology = true;
        rules.families = ontology.families().into_iter().map(str::to_owned).collect();
        rules.entities = vec![false; vocabulary.len()];
        for entity in &ontology.entities {
            rules.entities[entity.label.index()] = true;
        }
        rules.relations = vec![RelationRule::default(); vocabulary.len()];
        let symmetric = ontology.relations.iter().filter(|relation| relation.symmetric);
        rules.symmetric = symmetric.map(|relation| relation.label).collect();
        for relation in &ontology.relations {
            let family = rules.families.iter().position(|family| *family == relation.family);
            rules.relations[relation.label.index()] = RelationRule {
                symmetric: relation.symmetric,
                inverse_of: relation.inverse_of,
                implied: implied(ontology, relation.label),
                is_neutral_in_primary: !relation.is_primary,
                family: family.map(|family| family as u32),
            };
        }
        rules.with_slices()
    }

    /// The same rules with what a train set states.
    #[must_use]
    pub fn with_train(mut self, train: Arc<Train>) -> Rules {
        self.train = Some(train);
        self
    }

    /// What the train set states, where there is one.
    pub fn train(&self) -> Option<&Train> {
        self.train.as_deref()
    }

    /// The symmetric relation types of the ontology.
    pub fn symmetric(&self) -> &[Label] {
        &self.symmetric
    }

    /// The same rules, and the texts of the mentions of training data. Without them, slices by
    /// whether a text was seen have no rows.
    #[must_use]
    pub fn with_seen<S: Into<Box<str>>>(mut self, texts: impl IntoIterator<Item = S>) -> Rules {
        self.seen = Some(texts.into_iter().map(Into::into).collect());
        self
    }

    /// Whether a mention of this text was seen in training data; `None` where that is not known.
    pub fn is_seen(&self, text: &str) -> Option<bool> {
        self.seen.as_ref().map(|seen| seen.contains(text))
    }

    /// Numbers the slices of the labels that there are.
    fn with_slices(mut self) -> Rules {
        let family = |label: Label| {
            let family = self.family(label)?;
            Some(self.slices.intern(&Slice::Family(self.families[family as usize].clone())))
        };
        let slices = |label: Label| (self.intern_type(label), family(label));
        self.slices_of = self.vocabulary.labels().map(slices).collect();
        self
    }

    pub(crate) fn slices(&self) -> &SliceNames {
        &self.slices
    }

    /// The slices of a label's type and family; `None` for a label that is newer than the rules.
    pub(crate) fn slices_of(&self, label: Label) -> Option<(SliceId, Option<SliceId>)> {
        self.slices_of.get(label.index()).copied()
    }

    /// The slice of a type.
    pub(crate) fn intern_type(&self, label: Label) -> SliceId {
        self.slices.intern(&Slice::Type(self.vocabulary.name(label).to_string()))
    }

    /// Names of labels.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// Whether there is an ontology at all.
    pub fn has_ontology(&self) -> bool {
        self.has_ontology
    }

    /// Names of the families of relations.
    pub fn families(&self) -> &[String] {
        &self.families
    }

    /// Whether `label` is an entity type of the ontology (without one, every label is).
    pub fn knows_entity(&self, label: Label) -> bool {
        !self.has_ontology || self.entities.get(label.index()).is_some_and(|known| *known)
    }

    /// Whether `label` is a relation type of the ontology (without one, every label is).
    pub fn knows_relation(&self, label: Label) -> bool {
        !self.has_ontology || self.rule(label).is_some_and(|rule| rule.family.is_some())
    }

    /// Whether a label is a type of the ontology that the items of a view can have.
    pub(crate) fn declares(&self, view: View, label: Label) -> bool {
        match view.counts_relations() {
            true => self.rule(label).is_some_and(RelationRule::is_canonical),
            false => self.has_ontology && self.knows_entity(label),
        }
    }

    /// How many types of the ontology the score of a view is over; `None` without an ontology.
    pub(crate) fn count_declared(&self, view: View) -> Option<usize> {
        let relations = || {
            let primary = self.relations.iter().filter(|rule| rule.is_canonical());
            primary.filter(|rule| !rule.is_neutral_in_primary).count()
        };
        let entities = || self.entities.iter().filter(|known| **known).count();
        self.has_ontology.then(|| if view.counts_relations() { relations() } else { entities() })
    }

    /// The family of a relation type, as an index into [`Rules::families`].
    pub fn family(&self, label: Label) -> Option<u32> {
        self.rule(label)?.family
    }

    /// Whether the primary view leaves this relation type out.
    pub fn is_neutral_in_primary(&self, label: Label) -> bool {
        self.rule(label).is_some_and(|rule| rule.is_neutral_in_primary)
    }

    /// One form for relations that say the same: an inverse is turned, the ends of a symmetric one
    /// are in order.
    pub fn canonical<E: Ord + Copy>(&self, label: Label, head: E, tail: E) -> (Label, E, E) {
        let Some(rule) = self.rule(label) else { return (label, head, tail) };
        match rule.inverse_of {
            Some(base) => (base, tail, head),
            None if rule.symmetric => (label, head.min(tail), head.max(tail)),
            None => (label, head, tail),
        }
    }

    /// The relations that follow from one between ends of these types.
    pub fn implied<'a>(
        &'a self,
        label: Label,
        head: &'a [Label],
        tail: &'a [Label],
    ) -> impl Iterator<Item = Label> + 'a {
        let rules = self.rule(label).map_or(&[] as &[Implied], |rule| &rule.implied);
        rules.iter().filter(|implied| implied.allows(head, tail)).map(|implied| implied.label)
    }

    fn rule(&self, label: Label) -> Option<&RelationRule> {
        self.relations.get(label.index())
    }
}

impl RelationRule {
    /// Whether it is a type of the ontology that relations have after they are turned.
    fn is_canonical(&self) -> bool {
        self.family.is_some() && self.inverse_of.is_none()
    }
}

impl Implied {
    fn allows(&self, head: &[Label], tail: &[Label]) -> bool {
        let among = |types: &[Label], allowed: &[Label]| types.iter().any(|t| allowed.contains(t));
        self.signatures.is_empty()
            || self.signatures.iter().any(|(h, t)| among(head, h) && among(tail, t))
    }
}

fn implied(ontology: &Ontology, label: Label) -> Vec<Implied> {
    let mut found: Vec<Label> = Vec::new();
    let mut open = vec![label];
    while let Some(label) = open.pop() {
        let Some(relation) = ontology.relation(label) else { continue };
        for &next in &relation.implies {
            if next != label && !found.contains(&next) {
                found.push(next);
                open.push(next);
            }
        }
    }
    found.retain(|&next| next != label);
    let with_signatures = |label: Label| {
        let relation = ontology.relation(label)?;
        let signatures = relation.signatures.iter();
        let signatures = signatures.map(|s| (s.head.clone(), s.tail.clone())).collect();
        Some(Implied { label, signatures })
    };
    found.into_iter().filter_map(with_signatures).collect()
}
