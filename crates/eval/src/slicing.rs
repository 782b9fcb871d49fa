//! Which slices the items of a document are in.

use ere_dataset::{
    Document, EntityIdx, Form, Given, Mention, MentionIdx, SentenceIdx, Span, ZoneKind,
};

use crate::place::Entry;
use crate::relation::{Fact, GoldFact, SaidFact};
use crate::rules::Rules;
use crate::sink::SliceSet;
use crate::slice::{Length, Slice, SliceId, SliceKind};

/// Which kinds of slices a view has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kinds(u16);

impl Kinds {
    pub(crate) fn has(self, kind: SliceKind) -> bool {
        self.0 & (1 << kind as u16) != 0
    }

    fn has_any(self, kinds: &[SliceKind]) -> bool {
        kinds.iter().any(|kind| self.has(*kind))
    }
}

impl FromIterator<SliceKind> for Kinds {
    fn from_iter<I: IntoIterator<Item = SliceKind>>(kinds: I) -> Kinds {
        Kinds(kinds.into_iter().fold(0, |bits, kind| bits | 1 << kind as u16))
    }
}

/// The slices of whole documents: register and tags.
pub(crate) fn of_document(gold: &Document, kinds: Kinds, rules: &Rules) -> Vec<SliceId> {
    let mut slices = Vec::new();
    if kinds.has(SliceKind::Register)
        && let Some(register) = gold.meta_str("register")
    {
        slices.push(rules.slices().intern(&Slice::Register(register.to_owned())));
    }
    if kinds.has(SliceKind::Tag) {
        let intern = |tag: &str| rules.slices().intern(&Slice::Tag(tag.to_owned()));
        slices.extend(gold.tags().map(intern));
    }
    slices.sort_unstable();
    slices.dedup();
    slices
}

/// The slices of mentions of one side. Zones are gold's on both sides.
pub(crate) struct MentionSlices<'a> {
    pub(crate) kinds: Kinds,
    pub(crate) gold: &'a Document,
    pub(crate) rules: &'a Rules,
}

impl MentionSlices<'_> {
    /// Of mentions of `document` at one place that count as one item.
    pub(crate) fn of(&self, document: &Document, same: &[Entry]) -> SliceSet {
        use SliceKind::{Form, Length, Seen, Zone};
        if !self.kinds.has_any(&[Zone, Form, Length, Seen]) {
            return SliceSet::default();
        }
        let asks = |kind, slice: &dyn Fn() -> Option<SliceId>| {
            if self.kinds.has(kind) { slice() } else { None }
        };
        let (names, mention) = (self.rules.slices(), same[0].mention);
        let zone = || self.zone(document, mention).map(|zone| names.zone(zone));
        let form = || form(document, same).map(|form| names.form(form));
        let length = || Some(names.length(self.length(document, mention)));
        let seen = || self.is_seen(document, mention).map(|seen| names.seen(seen));
        [asks(Zone, &zone), asks(Form, &form), asks(Length, &length), asks(Seen, &seen)]
    }

    fn zone(&self, document: &Document, mention: MentionIdx) -> Option<ZoneKind> {
        self.gold.zone_of(document.mentions[mention.index()].spans.first())
    }

    fn length(&self, document: &Document, mention: MentionIdx) -> Length {
        let words = |part: &str| part.split_whitespace().count();
        Length::of(self.parts(document, mention).map(words).sum())
    }

    fn is_seen(&self, document: &Document, mention: MentionIdx) -> Option<bool> {
        let mut parts = self.parts(document, mention);
        let first = parts.next()?;
        let rest: Vec<&str> = parts.collect();
        match rest.is_empty() {
            true => self.rules.is_seen(first),
            false => self.rules.is_seen(&format!("{first} {}", rest.join(" "))),
        }
    }

    fn parts<'d>(
        &'d self,
        document: &'d Document,
        mention: MentionIdx,
    ) -> impl Iterator<Item = &'d str> {
        let spans = document.mentions[mention.index()].spans.as_slice();
        spans.iter().filter_map(|span| span.slice(self.gold.text.as_str()))
    }
}

/// The form of mentions that count as one.
fn form(document: &Document, same: &[Entry]) -> Option<Form> {
    same.iter().filter_map(|entry| document.mentions[entry.mention.index()].form).min()
}

/// The slices of relations.
pub(crate) struct RelationSlices<'a> {
    pub(crate) kinds: Kinds,
    pub(crate) gold: &'a Document,
    pub(crate) rules: &'a Rules,
    /// Sentences of the mentions of gold entities and of those that predicted relations tie.
    sentences: Option<(Sentences, Sentences)>,
    /// The document that ends of predicted relations point into.
    ends: &'a Document,
}

impl<'a> RelationSlices<'a> {
    pub(crate) fn new(
        kinds: Kinds,
        gold: &'a Document,
        pred: &'a Document,
        rules: &'a Rules,
    ) -> RelationSlices<'a> {
        let ends = if pred.given == Given::Text { pred } else { gold };
        let of_entities = || {
            let ends = if pred.given == Given::Entities { gold } else { pred };
            (Sentences::of(gold, gold), Sentences::of(ends, gold))
        };
        let sentences = kinds.has(SliceKind::Distance).then(of_entities);
        RelationSlices { kinds, gold, rules, sentences, ends }
    }

    pub(crate) fn asks_apart(&self) -> bool {
        self.kinds.has(SliceKind::Apart)
    }

    pub(crate) fn of_gold(&self, gold: &GoldFact) -> SliceSet {
        let sentences = self.sentences.as_ref().map(|(sentences, _)| sentences);
        self.of(gold.fact, gold.sentence, sentences)
    }

    pub(crate) fn of_said(&self, said: &SaidFact) -> SliceSet {
        let sentences = self.sentences.as_ref().map(|(_, sentences)| sentences);
        self.of(said.fact, said.sentence, sentences)
    }

    fn of(
        &self,
        fact: Fact,
        sentence: Option<SentenceIdx>,
        sentences: Option<&Sentences>,
    ) -> SliceSet {
        let zone = sentence.filter(|_| self.kinds.has(SliceKind::Zone)).and_then(|sentence| {
            let zone = self.gold.zone_of(*self.gold.sentences.get(sentence.index())?)?;
            Some(self.rules.slices().zone(zone))
        });
        let distance = sentences.and_then(|sentences| sentences.between(fact.head, fact.tail));
        self.set(zone, distance)
    }

    pub(crate) fn of_gold_mentions(&self, ends: (MentionIdx, MentionIdx)) -> SliceSet {
        self.of_mentions(self.gold, ends)
    }

    pub(crate) fn of_pred_mentions(&self, ends: (MentionIdx, MentionIdx)) -> SliceSet {
        self.of_mentions(self.ends, ends)
    }

    /// A mention relation stands where its head does.
    fn of_mentions(&self, document: &Document, ends: (MentionIdx, MentionIdx)) -> SliceSet {
        if !self.kinds.has_any(&[SliceKind::Zone, SliceKind::Distance]) {
            return SliceSet::default();
        }
        let place = |mention: MentionIdx| document.mentions[mention.index()].spans.first();
        let zone = self.gold.zone_of(place(ends.0)).filter(|_| self.kinds.has(SliceKind::Zone));
        let zone = zone.map(|zone| self.rules.slices().zone(zone));
        let sentence = |mention| sentence_of(self.gold, place(mention));
        let distance = match self.kinds.has(SliceKind::Distance) {
            true => sentence(ends.0).zip(sentence(ends.1)).map(|(a, b)| a.abs_diff(b)),
            false => None,
        };
        self.set(zone, distance)
    }

    fn set(&self, zone: Option<SliceId>, distance: Option<u32>) -> SliceSet {
        let distances = distance.map(|sentences| self.rules.slices().distances(sentences));
        let distances = distances.map_or([None; 2], |distances| distances.map(Some));
        [zone, distances[0], distances[1], None]
    }
}

/// The sentences that the mentions of each entity begin in.
struct Sentences(Vec<(EntityIdx, u32)>);

impl Sentences {
    /// Sentences are gold's on both sides.
    fn of(document: &Document, gold: &Document) -> Sentences {
        let place =
            |mention: &Mention| Some((mention.entity?, sentence_of(gold, mention.spans.first())?));
        let mut places: Vec<_> = document.mentions.iter().filter_map(place).collect();
        places.sort_unstable();
        Sentences(places)
    }

    fn of_entity(&self, entity: EntityIdx) -> &[(EntityIdx, u32)] {
        let start = self.0.partition_point(|(other, _)| *other < entity);
        let rest = &self.0[start..];
        &rest[..rest.iter().take_while(|(other, _)| *other == entity).count()]
    }

    /// How far the nearest mentions of two entities are apart.
    fn between(&self, a: EntityIdx, b: EntityIdx) -> Option<u32> {
        let (mut a, mut b) = (self.of_entity(a), self.of_entity(b));
        let mut nearest = None;
        while let ([(_, first), after_a @ ..], [(_, second), after_b @ ..]) = (a, b) {
            let distance = first.abs_diff(*second);
            nearest = Some(nearest.map_or(distance, |nearest: u32| nearest.min(distance)));
            if first <= second {
                a = after_a;
            } else {
                b = after_b;
            }
        }
        nearest
    }
}

/// The number of the sentence that holds a span's first byte. Sentences are in text order.
fn sentence_of(gold: &Document, span: Span) -> Option<u32> {
    let after = gold.sentences.partition_point(|sentence| sentence.start() <= span.start());
    let at = after.checked_sub(1)?;
    (span.start() < gold.sentences[at].end()).then_some(at as u32)
}
