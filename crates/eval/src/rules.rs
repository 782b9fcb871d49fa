//! What the ontology says about each label, as tables that scoring can index.

use std::sync::Arc;

use ere_dataset::{Label, Ontology, Vocabulary};

use crate::reference::docred::TrainFacts;

/// The ontology, prepared for scoring: one slot a label, no names.
#[derive(Clone, Debug)]
pub struct Rules {
    vocabulary: Vocabulary,
    relations: Vec<RelationRule>,
    families: Vec<String>,
    entities: Vec<Label>,
    symmetric: Vec<Label>,
    has_ontology: bool,
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
            symmetric: Vec::new(),
            has_ontology: false,
            train: None,
        }
    }

    /// The same rules with what a train set states.
    #[must_use]
    pub fn with_train(mut self, train: Arc<Train>) -> Rules {
        self.train = Some(train);
        self
    }

    /// The rules of an ontology.
    pub fn of(ontology: &Ontology, vocabulary: &Vocabulary) -> Rules {
        let mut rules = Rules::open(vocabulary);
        rules.has_ontology = true;
        rules.families = ontology.families().into_iter().map(str::to_owned).collect();
        rules.entities = ontology.entities.iter().map(|entity| entity.label).collect();
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
        rules
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
        !self.has_ontology || self.entities.contains(&label)
    }

    /// Whether `label` is a relation type of the ontology (without one, every label is).
    pub fn knows_relation(&self, label: Label) -> bool {
        !self.has_ontology || self.rule(label).is_some_and(|rule| rule.family.is_some())
    }

    /// The symmetric relation types of the ontology.
    pub fn symmetric(&self) -> &[Label] {
        &self.symmetric
    }

    /// What the train set states, where there is one.
    pub fn train(&self) -> Option<&Train> {
        self.train.as_deref()
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
