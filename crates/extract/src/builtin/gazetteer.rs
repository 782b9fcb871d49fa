//! `gazetteer`: finds again what the train split named, and guesses relations from types alone.
//!
//! **Names.** Every name of the train split that is annotated at least half of the times it occurs
//! there, with its most frequent type. Longest match on token boundaries; the same name is the same
//! entity.
//!
//! **Relations.** Two entities in one sentence are a pair: the types of the earlier and the later
//! one, and how far apart they are. For each kind of pair the train split says how often each
//! relation holds, in which direction. The most frequent one is predicted where its share is high
//! enough. How finely to look at the distance and how high the share must be is chosen from
//! [`RULES`] by cross-validation within the train split: five folds, the rule with the highest
//! micro F1 of relations, the earlier (stricter) one of equals.

use rustc_hash::{FxHashMap, FxHashSet};

use ere_dataset::text::sha256_hex;
use ere_dataset::{
    Document, Entity, EntityIdx, Evidence, Form, Given, Label, Mention, Ontology, Prediction,
    Relation, SentenceIdx, Span, Vocabulary,
};

use super::Training;
use crate::extractor::{Description, Direct, Extractor, Failure, Session};
use crate::input::{Input, Material};
use crate::lexicon::{Lexicon, Word};
use crate::tokens::{self, Token};

pub(super) struct Gazetteer {
    description: Description,
    model: Model,
}

struct Model {
    names: Names,
    pairs: Pairs,
    rule: Rule,
}

/// When to predict the most frequent relation of a kind of pair.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Rule {
    /// Whether near and far pairs are counted apart.
    by_distance: bool,
    /// The smallest share of pairs for which the relation must hold.
    share_min: f64,
}

/// The rules to choose from, the strictest first.
const RULES: [Rule; 10] = [
    Rule { by_distance: false, share_min: 0.5 },
    Rule { by_distance: false, share_min: 0.3 },
    Rule { by_distance: false, share_min: 0.2 },
    Rule { by_distance: false, share_min: 0.1 },
    Rule { by_distance: true, share_min: 0.7 },
    Rule { by_distance: true, share_min: 0.5 },
    Rule { by_distance: true, share_min: 0.4 },
    Rule { by_distance: true, share_min: 0.3 },
    Rule { by_distance: true, share_min: 0.2 },
    Rule { by_distance: true, share_min: 0.1 },
];

/// A relation that was seen once says nothing about the kind of pair.
const COUNT_MIN: u32 = 2;
const FOLDS: usize = 5;
/// A mention makes pairs with this many mentions behind it, so that a sentence of a million names
/// costs a million steps and not their square.
const NEIGHBOURS: usize = 16;

impl Gazetteer {
    pub(super) fn train(training: &Training<'_>) -> Gazetteer {
        let documents: Vec<&Document> = training.documents.iter().collect();
        let rule = choose_rule(&documents, training);
        let model = Model::train(&documents, training, rule);
        let digest = sha256_hex(model.fingerprint(training.vocabulary).as_bytes());
        let description = Description {
            name: "gazetteer".to_owned(),
            version: "1".to_owned(),
            digest,
            tracks: vec![Given::Text, Given::Mentions, Given::Entities],
            resolves_coreference: true,
            characters_max: None,
        };
        Gazetteer { description, model }
    }
}

impl Extractor for Gazetteer {
    fn description(&self) -> &Description {
        &self.description
    }

    fn start(&self) -> Result<Box<dyn Session + Send + '_>, Failure> {
        Ok(Box::new(Direct(|input: &Input<'_>| Ok(self.model.predict(input)))))
    }
}

impl Model {
    fn train(documents: &[&Document], training: &Training<'_>, rule: Rule) -> Model {
        let names = Names::train(documents, training);
        let pairs = Pairs::train(documents, training);
        Model { names, pairs, rule }
    }

    fn predict(&self, input: &Input<'_>) -> Prediction {
        let mut prediction = input.empty_prediction();
        let tokens = tokens::tokens(input.text.as_str());
        let places = match &input.given {
            Material::Text => self.find_names(input, &tokens, &mut prediction.document),
            Material::Mentions(_) => join_same_names(&mut prediction.document),
            Material::Entities { mentions, entities } => {
                let label = |entity: EntityIdx| entities[entity.index()].labels.first().copied();
                places(mentions, |mention| {
                    let entity = mention.entity?;
                    Some((entity, label(entity)?))
                })
            }
        };
        let sentences = match input.sentences {
            Some(sentences) => sentences.to_vec(),
            None => split(input.text.as_str(), &tokens),
        };
        let given = input.sentences.is_some();
        let mut relations: FxHashMap<(EntityIdx, EntityIdx, Label), usize> = FxHashMap::default();
        let predicted = &mut prediction.document.relations;
        for_each_pair(&places, &sentences, |sentence, pair| {
            let Some(best) = self.pairs.best(pair, self.rule) else { return };
            let (head, tail) = best.ends(pair);
            let at = *relations.entry((head, tail, best.label)).or_insert_with(|| {
                predicted.push(relation(head, tail, best));
                predicted.len() - 1
            });
            if given {
                predicted[at].evidence.push(Evidence {
                    sentences: [SentenceIdx(sentence as u32)].into_iter().collect(),
                    ..Evidence::default()
                });
            }
        });
        prediction
    }

    fn find_names(
        &self,
        input: &Input<'_>,
        tokens: &[Token],
        document: &mut Document,
    ) -> Vec<Place> {
        let words = self.names.lexicon.words(input.text.as_str(), tokens);
        let mut entity_of = vec![None; self.names.labels.len()];
        let mut places = Vec::new();
        for_each_name(&self.names.lexicon, &words, tokens, |span, name| {
            let label = self.names.labels[name as usize];
            let entity = *entity_of[name as usize].get_or_insert_with(|| {
                document.entities.push(entity_of_type(label));
                EntityIdx(document.entities.len() as u32 - 1)
            });
            let mention = Mention { form: Some(Form::Name), ..Mention::new(span, label) };
            document.mentions.push(mention.of(entity));
            places.push(Place { span, entity, label });
        });
        places
    }

    /// All that determines the answers, in an order that does not depend on hashing.
    fn fingerprint(&self, vocabulary: &Vocabulary) -> String {
        let mut lines = vec![format!("gazetteer 1 {:?}", self.rule)];
        for (name, label) in &self.names.sorted {
            lines.push(format!("{name:?} {}", vocabulary.name(*label)));
        }
        let mut kinds: Vec<String> = Vec::new();
        for by_distance in [false, true] {
            let table = &self.pairs.tables[usize::from(by_distance)];
            #[expect(clippy::iter_over_hash_type, reason = "sorted below")]
            for (kind, best) in table {
                let [first, second, label] =
                    [kind.first, kind.second, best.label].map(|label| vocabulary.name(label));
                let Best { forward, count, total, .. } = best;
                let near = kind.distance;
                kinds.push(format!(
                    "{by_distance} {first} {second} {near} {label} {forward} {count} {total}"
                ));
            }
        }
        kinds.sort_unstable();
        lines.extend(kinds);
        lines.join("\n")
    }
}

fn entity_of_type(label: Label) -> Entity {
    Entity { labels: [label].into_iter().collect(), ..Entity::default() }
}

fn relation(head: EntityIdx, tail: EntityIdx, best: &Best) -> Relation {
    Relation {
        head,
        tail,
        label: best.label,
        evidence: Vec::new(),
        optional: false,
        confidence: Some(best.share()),
        id: None,
    }
}

// ------------------------------------------------------------------------------------------------
// Names
// ------------------------------------------------------------------------------------------------

struct Names {
    lexicon: Lexicon<u32>,
    /// The type of each name.
    labels: Vec<Label>,
    /// The same, to be printed.
    sorted: Vec<(String, Label)>,
}

impl Names {
    fn train(documents: &[&Document], training: &Training<'_>) -> Names {
        let candidates = candidates(documents, training);
        let all = Names::of(candidates);
        let mut found = vec![(0_u32, 0_u32); all.labels.len()];
        for document in documents {
            let annotated: FxHashSet<Span> =
                names_of(document).map(|mention| mention.spans.first()).collect();
            let tokens = tokens::tokens(document.text.as_str());
            let words = all.lexicon.words(document.text.as_str(), &tokens);
            for_each_name(&all.lexicon, &words, &tokens, |span, name| {
                let (hits, total) = &mut found[name as usize];
                *hits += u32::from(annotated.contains(&span));
                *total += 1;
            });
        }
        let keep = |(hits, total): &(u32, u32)| *hits > 0 && hits * 2 >= *total;
        let kept = all.sorted.into_iter().zip(&found).filter(|(_, found)| keep(found));
        Names::of(kept.map(|(name, _)| name).collect())
    }

    fn of(sorted: Vec<(String, Label)>) -> Names {
        let mut lexicon = Lexicon::new();
        for (position, (name, _)) in sorted.iter().enumerate() {
            *lexicon.entry(name).expect("names have tokens") = Some(position as u32);
        }
        let labels = sorted.iter().map(|(_, label)| *label).collect();
        Names { lexicon, labels, sorted }
    }
}

/// Every name of the documents that begins and ends with a token, with its most frequent type,
/// sorted. Two names of the same tokens are the same name.
fn candidates(documents: &[&Document], training: &Training<'_>) -> Vec<(String, Label)> {
    let mut counts: FxHashMap<String, FxHashMap<Label, u32>> = FxHashMap::default();
    for document in documents {
        let text = document.text.as_str();
        for mention in names_of(document) {
            let known = training.ontology.entity(mention.label).is_some();
            let Some(name) = mention.spans.first().slice(text).filter(|_| known) else { continue };
            let words: Vec<&str> = tokens::tokens(name).iter().map(|t| t.slice(name)).collect();
            if words.is_empty() || name.contains(['\n', '\r']) {
                continue;
            }
            *counts.entry(words.join(" ")).or_default().entry(mention.label).or_default() += 1;
        }
    }
    let best = |counts: FxHashMap<Label, u32>| {
        let name = |label: &Label| std::cmp::Reverse(training.vocabulary.name(*label));
        let best = counts.into_iter().max_by_key(|(label, count)| (*count, name(label)));
        best.expect("every name was counted").0
    };
    let mut names: Vec<(String, Label)> =
        counts.into_iter().map(|(name, counts)| (name, best(counts))).collect();
    names.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    names
}

/// Mentions that may be names. A data set without forms is taken to annotate names.
fn names_of(document: &Document) -> impl Iterator<Item = &Mention> {
    document.mentions.iter().filter(|mention| is_name(mention))
}

fn is_name(mention: &Mention) -> bool {
    matches!(mention.form, None | Some(Form::Name)) && !mention.spans.is_discontinuous()
}

fn for_each_name(
    lexicon: &Lexicon<u32>,
    words: &[Word],
    tokens: &[Token],
    mut found: impl FnMut(Span, u32),
) {
    let mut at = 0;
    while at < words.len() {
        match lexicon.longest(words, at) {
            Some((length, name)) => {
                let span = Span::new(tokens[at].start, tokens[at + length - 1].end);
                found(span.expect("an entry has tokens"), name);
                at += length;
            }
            None => at += 1,
        }
    }
}

/// On the track that gives mentions: names of the same text and type become one entity.
fn join_same_names(document: &mut Document) -> Vec<Place> {
    let text = document.text.clone();
    let mut entity_of: FxHashMap<(&str, Label), EntityIdx> = FxHashMap::default();
    let entities = &mut document.entities;
    for mention in document.mentions.iter_mut().filter(|mention| is_name(mention)) {
        let Some(name) = mention.spans.first().slice(text.as_str()) else { continue };
        let entity = *entity_of.entry((name, mention.label)).or_insert_with(|| {
            entities.push(entity_of_type(mention.label));
            EntityIdx(entities.len() as u32 - 1)
        });
        mention.entity = Some(entity);
    }
    places(&document.mentions, |mention| Some((mention.entity?, mention.label)))
}

// ------------------------------------------------------------------------------------------------
// Pairs
// ------------------------------------------------------------------------------------------------

/// Where an entity is mentioned.
#[derive(Clone, Copy)]
struct Place {
    span: Span,
    entity: EntityIdx,
    label: Label,
}

/// Two entities in one sentence, the one that is mentioned earlier first.
#[derive(Clone, Copy)]
struct Pair {
    first: Place,
    second: Place,
}

/// What is counted together.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Kind {
    first: Label,
    second: Label,
    distance: u8,
}

/// The most frequent relation of a kind of pair.
#[derive(Clone, Copy)]
struct Best {
    label: Label,
    /// Whether the earlier one is the head.
    forward: bool,
    count: u32,
    total: u32,
}

/// What the train split says about kinds of pairs: without, and with distance.
struct Pairs {
    tables: [FxHashMap<Kind, Best>; 2],
}

impl Pair {
    fn kind(self, by_distance: bool) -> Kind {
        let gap = self.second.span.start().saturating_sub(self.first.span.end());
        let distance = match gap {
            _ if !by_distance => 0,
            0..=4 => 1,
            5..=24 => 2,
            25..=80 => 3,
            _ => 4,
        };
        Kind { first: self.first.label, second: self.second.label, distance }
    }
}

impl Best {
    fn share(&self) -> f64 {
        f64::from(self.count) / f64::from(self.total)
    }

    fn ends(&self, pair: Pair) -> (EntityIdx, EntityIdx) {
        let (first, second) = (pair.first.entity, pair.second.entity);
        if self.forward { (first, second) } else { (second, first) }
    }
}

impl Pairs {
    fn train(documents: &[&Document], training: &Training<'_>) -> Pairs {
        let mut counters = [Counter::default(), Counter::default()];
        for document in documents {
            let relations = relations_by_ends(document, training.ontology);
            for_each_gold_pair(document, |pair| {
                let outcomes = relations.get(&(pair.first.entity, pair.second.entity));
                for (by_distance, counter) in [false, true].into_iter().zip(&mut counters) {
                    counter.add(pair.kind(by_distance), outcomes.map_or(&[], Vec::as_slice));
                }
            });
        }
        Pairs { tables: counters.map(|counter| counter.best(training.vocabulary)) }
    }

    fn best(&self, pair: Pair, rule: Rule) -> Option<&Best> {
        let best = self.tables[usize::from(rule.by_distance)].get(&pair.kind(rule.by_distance))?;
        (best.share() >= rule.share_min).then_some(best)
    }
}

#[derive(Default)]
struct Counter {
    totals: FxHashMap<Kind, u32>,
    counts: FxHashMap<Kind, FxHashMap<(Label, bool), u32>>,
}

impl Counter {
    fn add(&mut self, kind: Kind, outcomes: &[(Label, bool)]) {
        *self.totals.entry(kind).or_default() += 1;
        for outcome in outcomes {
            *self.counts.entry(kind).or_default().entry(*outcome).or_default() += 1;
        }
    }

    fn best(self, vocabulary: &Vocabulary) -> FxHashMap<Kind, Best> {
        let Counter { totals, counts } = self;
        let best = |(kind, counts): (Kind, FxHashMap<(Label, bool), u32>)| {
            let order = |((label, forward), count): &((Label, bool), u32)| {
                (*count, std::cmp::Reverse(vocabulary.name(*label)), *forward)
            };
            let ((label, forward), count) = counts.into_iter().max_by_key(order)?;
            let total = totals[&kind];
            (count >= COUNT_MIN).then_some((kind, Best { label, forward, count, total }))
        };
        counts.into_iter().filter_map(best).collect()
    }
}

/// For each ordered pair of entities, which relations hold, and whether the first is their head.
/// Inverse, implied and symmetric relations are taken as they are annotated.
fn relations_by_ends(
    document: &Document,
    ontology: &Ontology,
) -> FxHashMap<(EntityIdx, EntityIdx), Vec<(Label, bool)>> {
    let mut relations: FxHashMap<_, Vec<(Label, bool)>> = FxHashMap::default();
    for relation in &document.relations {
        let Some(kind) = ontology.relation(relation.label) else { continue };
        let (head, tail) = (relation.head, relation.tail);
        relations.entry((head, tail)).or_default().push((relation.label, true));
        relations.entry((tail, head)).or_default().push((relation.label, kind.symmetric));
    }
    relations
}

fn for_each_gold_pair(document: &Document, mut each: impl FnMut(Pair)) {
    let places = places(&document.mentions, |mention| {
        is_name(mention).then_some((mention.entity?, mention.label))
    });
    let text = document.text.as_str();
    let sentences = match document.sentences.is_empty() {
        true => split(text, &tokens::tokens(text)),
        false => document.sentences.clone(),
    };
    for_each_pair(&places, &sentences, |_, pair| each(pair));
}

/// The places of mentions that belong to an entity, in text order.
fn places(
    mentions: &[Mention],
    entity_and_label: impl Fn(&Mention) -> Option<(EntityIdx, Label)>,
) -> Vec<Place> {
    let place = |mention: &Mention| {
        let (entity, label) = entity_and_label(mention)?;
        Some(Place { span: mention.spans.first(), entity, label })
    };
    let mut places: Vec<Place> = mentions.iter().filter_map(place).collect();
    places.sort_by_key(|place| place.span);
    places
}

/// Each pair of different entities in a sentence once, by their nearest mentions.
fn for_each_pair(places: &[Place], sentences: &[Span], mut each: impl FnMut(usize, Pair)) {
    let mut nearest: FxHashMap<(EntityIdx, EntityIdx), usize> = FxHashMap::default();
    let mut pairs: Vec<Pair> = Vec::new();
    for (position, sentence) in sentences.iter().enumerate() {
        let from = places.partition_point(|place| place.span.start() < sentence.start());
        let to = places.partition_point(|place| place.span.start() < sentence.end());
        let inside = places.get(from..to).unwrap_or_default();
        nearest.clear();
        pairs.clear();
        for (offset, &first) in inside.iter().enumerate() {
            for &second in inside[offset + 1..].iter().take(NEIGHBOURS) {
                if first.entity == second.entity {
                    continue;
                }
                let pair = Pair { first, second };
                let (a, b) = (first.entity, second.entity);
                let at = *nearest.entry((a.min(b), a.max(b))).or_insert(pairs.len());
                match pairs.get_mut(at) {
                    None => pairs.push(pair),
                    Some(known) if gap(pair) < gap(*known) => *known = pair,
                    Some(_) => {}
                }
            }
        }
        pairs.iter().for_each(|pair| each(position, *pair));
    }
}

fn gap(pair: Pair) -> u32 {
    pair.second.span.start().saturating_sub(pair.first.span.end())
}

/// Sentences by our own splitter, as spans.
fn split(text: &str, tokens: &[Token]) -> Vec<Span> {
    let span = |range: &std::ops::Range<usize>| {
        Span::new(tokens[range.start].start, tokens[range.end - 1].end)
            .expect("a sentence has tokens")
    };
    tokens::sentences(text, tokens).iter().map(span).collect()
}

// ------------------------------------------------------------------------------------------------
// Choosing the rule
// ------------------------------------------------------------------------------------------------

fn choose_rule(documents: &[&Document], training: &Training<'_>) -> Rule {
    let folds = FOLDS.min(documents.len());
    if folds < 2 {
        return RULES[0];
    }
    let mut counts = [Counts::default(); RULES.len()];
    for fold in 0..folds {
        let held = |position: usize| position % folds == fold;
        let pick = |wanted: bool| -> Vec<&Document> {
            let chosen = documents.iter().enumerate().filter(|(at, _)| held(*at) == wanted);
            chosen.map(|(_, document)| *document).collect()
        };
        let mut model = Model::train(&pick(false), training, RULES[0]);
        for document in pick(true) {
            for (rule, counts) in RULES.into_iter().zip(&mut counts) {
                model.rule = rule;
                counts.add(&model.predict(&Input::of(document, Given::Text)).document, document);
            }
        }
    }
    let better =
        |best: usize, next: usize| if counts[next].f1() > counts[best].f1() { next } else { best };
    RULES[(1..RULES.len()).fold(0, better)]
}

/// Relations right, predicted, and in gold.
#[derive(Clone, Copy, Default)]
struct Counts {
    hits: u32,
    predicted: u32,
    gold: u32,
}

impl Counts {
    fn f1(self) -> f64 {
        f64::from(2 * self.hits) / f64::from((self.predicted + self.gold).max(1))
    }

    /// A predicted entity is the gold entity of its first mention that gold has too.
    fn add(&mut self, predicted: &Document, gold: &Document) {
        let by_span: FxHashMap<Span, EntityIdx> = gold
            .mentions
            .iter()
            .filter_map(|mention| Some((mention.spans.first(), mention.entity?)))
            .collect();
        let mut gold_of: Vec<Option<EntityIdx>> = vec![None; predicted.entities.len()];
        for mention in &predicted.mentions {
            if let Some(entity) = mention.entity {
                let of = &mut gold_of[entity.index()];
                *of = of.or_else(|| by_span.get(&mention.spans.first()).copied());
            }
        }
        let wanted: FxHashSet<(EntityIdx, EntityIdx, Label)> =
            gold.relations.iter().map(|r| (r.head, r.tail, r.label)).collect();
        let hit = |relation: &&Relation| {
            let (head, tail) = (gold_of[relation.head.index()], gold_of[relation.tail.index()]);
            head.zip(tail).is_some_and(|(h, t)| wanted.contains(&(h, t, relation.label)))
        };
        self.hits += predicted.relations.iter().filter(hit).count() as u32;
        self.predicted += predicted.relations.len() as u32;
        self.gold += gold.relations.len() as u32;
    }
}
