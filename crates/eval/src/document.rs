//! Tallies of one document: every row of every view.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use ere_dataset::prediction::Malformed;
use ere_dataset::{
    Document, Entity, EntityIdx, Given, Layer, Layers, Prediction, Scope, Vocabulary,
};

use crate::alignment::Alignment;
use crate::coreference::{Contingency, Singletons, b_cubed, blanc, ceaf, lea, muc};
use crate::entity;
use crate::link::{self, Links};
use crate::mention::{self, Types};
use crate::overlap;
use crate::place::Places;
use crate::policy::Policies;
use crate::protocol::Protocol;
use crate::reference::{Measure, Rows, Scorers};
use crate::relation::between_mentions::{self, MentionFacts};
use crate::relation::{self, GoldFacts, Modalities, Said, Ties};
use crate::relation::{any_mention, detail};
use crate::rules::Rules;
use crate::sink::{Row, Sink, Table};
use crate::slice::{RowKey, Slice, SliceId, slice_of};
use crate::slicing::{Kinds, MentionSlices, RelationSlices, of_document};
use crate::tally::Tally;
use crate::view::{View, ViewSet};

/// What one document adds to every row.
///
/// Rows are kept with small numbers for the names of slices; documents tallied with the same
/// [`Rules`] share the numbers.
#[derive(Clone, Debug)]
pub struct DocumentTallies {
    /// The document.
    pub id: Box<str>,
    /// What was noticed on the way.
    pub notes: Notes,
    counts: Vec<Row>,
    /// Rows with fractions of credit.
    fractions: Vec<(View, SliceId, Tally)>,
    names: Vocabulary,
}

/// What happened to predicted items apart from being right or wrong, and what gold holds that cannot
/// be found. Counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notes {
    /// Mentions that repeat another one's place and type; collapsed.
    pub duplicate_mentions: u64,
    /// Relations that repeat another one; collapsed.
    pub duplicate_relations: u64,
    /// Relations that gold neither asks for nor refuses; not counted.
    pub neutral_relations: u64,
    /// Relations predicted as denied; not in the views that count statements.
    pub negative: u64,
    /// Items that could not be understood; false positives in the views they would have entered.
    pub malformed: u64,
    /// Mentions and relations of types that the ontology does not have; they match nothing where
    /// types count.
    pub alien: u64,
    /// Gold relations of the primary score that no extractor can find, because an end has no mention
    /// in the text. Recall cannot be higher than what is left of 1 without them.
    #[serde(default)]
    pub unreachable_relations: u64,
    /// Predicted strings without offsets that were looked up in the text.
    #[serde(default)]
    pub strings: u64,
}

impl std::ops::AddAssign for Notes {
    fn add_assign(&mut self, other: Notes) {
        self.duplicate_mentions += other.duplicate_mentions;
        self.duplicate_relations += other.duplicate_relations;
        self.neutral_relations += other.neutral_relations;
        self.negative += other.negative;
        self.malformed += other.malformed;
        self.alien += other.alien;
        self.unreachable_relations += other.unreachable_relations;
        self.strings += other.strings;
    }
}

impl DocumentTallies {
    /// The tallies of a document from its rows.
    pub fn new(
        id: Box<str>,
        notes: Notes,
        rows: impl IntoIterator<Item = (RowKey, Tally)>,
    ) -> DocumentTallies {
        DocumentTallies::with_names(id, notes, rows, &Vocabulary::default())
    }

    /// The same, the names of slices numbered in a vocabulary that documents share: they then take less
    /// memory together.
    pub fn with_names(
        id: Box<str>,
        notes: Notes,
        rows: impl IntoIterator<Item = (RowKey, Tally)>,
        names: &Vocabulary,
    ) -> DocumentTallies {
        let (counts, fractions, names_of_rows) = (Vec::new(), Vec::new(), names.clone());
        let mut tallies = DocumentTallies { id, notes, counts, fractions, names: names_of_rows };
        for (RowKey { view, slice }, tally) in rows {
            tallies.push(view, names.intern(&slice.name()), tally);
        }
        tallies
    }

    fn push(&mut self, view: View, slice: SliceId, tally: Tally) {
        match tally.whole() {
            Some(counts) => self.counts.push(Row { view, slice, counts }),
            None => self.fractions.push((view, slice, tally)),
        }
    }

    /// Forgets the rows of some views.
    pub fn forget(&mut self, views: &[View]) {
        self.counts.retain(|row| !views.contains(&row.view));
        self.fractions.retain(|(view, _, _)| !views.contains(view));
    }

    /// Whether it has rows of a view.
    pub fn has(&self, view: View) -> bool {
        self.numbered().any(|(other, _, _)| other == view)
    }

    /// All items of a view, by its name; nothing where it has no row.
    pub(crate) fn of_view(&self, view: &str) -> Tally {
        let view = View::from_name(view).expect("it is the name of a view");
        self.get(&RowKey { view, slice: Slice::All }).unwrap_or_default()
    }

    /// The rows in order: tallies that are not zero, and for each view that applies to the document
    /// its [`Slice::All`](crate::Slice::All) row, zero or not.
    pub fn rows(&self) -> Vec<(RowKey, Tally)> {
        let named =
            |(view, slice, tally)| (RowKey { view, slice: slice_of(slice, &self.names) }, tally);
        let mut rows: Vec<(RowKey, Tally)> = self.numbered().map(named).collect();
        rows.sort_by(|a, b| a.0.cmp(&b.0));
        rows
    }

    /// The tally of a row; `None` where the document has no such row.
    pub fn get(&self, key: &RowKey) -> Option<Tally> {
        let slice = self.names.get(&key.slice.name())?;
        let mut rows = self.numbered();
        rows.find(|row| (row.0, row.1) == (key.view, slice)).map(|(_, _, tally)| tally)
    }

    /// The rows in no order that means anything.
    pub(crate) fn numbered(&self) -> impl Iterator<Item = (View, SliceId, Tally)> {
        let counts = self.counts.iter().map(|row| (row.view, row.slice, row.tally()));
        counts.chain(self.fractions.iter().copied())
    }

    /// What the numbers of slices stand for.
    pub(crate) fn names(&self) -> &Vocabulary {
        &self.names
    }

    /// The same tallies with the numbers of another vocabulary.
    pub(crate) fn renumbered(self, names: &Vocabulary) -> DocumentTallies {
        match self.names.is_same(names) {
            true => self,
            false => {
                let rows = self.rows();
                DocumentTallies::with_names(self.id, self.notes, rows, names)
            }
        }
    }
}

impl PartialEq for DocumentTallies {
    fn eq(&self, other: &DocumentTallies) -> bool {
        (&self.id, self.notes) == (&other.id, other.notes) && self.rows() == other.rows()
    }
}

/// Tallies one document. `layers` is what the data set annotates exhaustively; the document's own
/// statement goes before it. Views of layers that are not annotated have no row.
///
/// The result depends on no order of any list.
pub fn tally(
    gold: &Document,
    pred: &Prediction,
    protocol: &Protocol,
    rules: &Rules,
    layers: &Layers,
) -> DocumentTallies {
    tally_one(gold, true, pred, protocol, rules, layers)
}

/// Tallies the prediction for a document that gold does not have: everything in it is wrong. For
/// protocols that count such documents ([`Unknown::Count`](crate::Unknown::Count)).
///
/// ```
/// use ere_dataset::{Prediction, Vocabulary, jsonl};
/// use ere_eval::{Protocol, Rules, Tallies, tally_unknown};
/// let vocabulary = Vocabulary::default();
/// let line = r#"{"id":"x","text":"Ann","mentions":[{"start":0,"end":3,"type":"PER"}]}"#;
/// let document = jsonl::gold_from_str(line, &vocabulary)?;
/// let pred = Prediction { document, ..Prediction::default() };
/// let protocol = Protocol::built_in("neleval").expect("it is built in");
/// let tallies: Tallies =
///     [tally_unknown(&pred, &protocol, &Rules::open(&vocabulary))].into_iter().collect();
/// assert_eq!(tallies.micro("neleval.strong_mention_match").unwrap().fp(), 1.0);
/// # Ok::<(), ere_dataset::Error>(())
/// ```
pub fn tally_unknown(pred: &Prediction, protocol: &Protocol, rules: &Rules) -> DocumentTallies {
    let (gold, pred) = stand_in(pred.clone());
    let layers = Layers { mention_relations: true, ..Layers::default() };
    tally_one(&gold, false, &pred, protocol, rules, &layers)
}

/// A gold document without annotation for a prediction to be wrong about. What the prediction says of
/// gold mentions that were given is about nothing; gold entities that were given are as many as it
/// speaks of.
fn stand_in(mut pred: Prediction) -> (Document, Prediction) {
    let document = &mut pred.document;
    let mut gold = Document {
        id: document.id.clone(),
        text: document.text.clone(),
        tokens: document.tokens.clone(),
        ..Document::default()
    };
    match document.given {
        Given::Text => {}
        Given::Mentions => {
            let dangling = |_| Malformed {
                layer: Layer::MentionRelations,
                raw: String::new(),
                reason: "its ends are mentions of a document that gold does not have".to_owned(),
            };
            pred.malformed.extend(document.mention_relations.drain(..).map(dangling));
        }
        Given::Entities => {
            let mut numbers: BTreeMap<EntityIdx, EntityIdx> = BTreeMap::new();
            for relation in &mut document.relations {
                for end in [&mut relation.head, &mut relation.tail] {
                    let next = EntityIdx(numbers.len() as u32);
                    *end = *numbers.entry(*end).or_insert(next);
                }
            }
            gold.entities = vec![Entity::default(); numbers.len()];
        }
    }
    (gold, pred)
}

fn tally_one(
    gold: &Document,
    is_known: bool,
    pred: &Prediction,
    protocol: &Protocol,
    rules: &Rules,
    layers: &Layers,
) -> DocumentTallies {
    let layers = gold.layers.as_ref().unwrap_or(layers);
    let job = Job {
        gold,
        pred,
        rules,
        layers,
        policies: &protocol.policies,
        scorers: Scorers::new(gold, is_known, pred, rules, layers),
        places: Places::of(gold, &pred.document),
        alignment: OnceCell::new(),
        facts: OnceCell::new(),
        mention_facts: OnceCell::new(),
        contingency: OnceCell::new(),
    };
    let mut tallies = DocumentTallies {
        id: gold.id.clone(),
        notes: Notes {
            duplicate_mentions: mention::duplicates(&job.places.pred),
            malformed: pred.malformed.len() as u64,
            strings: pred.strings,
            alien: alien(&pred.document, rules),
            ..Notes::default()
        },
        counts: Vec::new(),
        fractions: Vec::new(),
        names: rules.slices().vocabulary().clone(),
    };
    let mut table = Table::new(rules);
    for view in with_parts(&protocol.views).iter() {
        match view {
            View::Reference(measure) => job.reference(measure, &mut tallies),
            view if job.applies(view) => {
                job.view(view, protocol.kinds_of(view), &mut table, &mut tallies);
            }
            _ => {}
        }
    }
    tallies
}

/// The views, and those that a mean among them is made of.
fn with_parts(views: &[View]) -> ViewSet {
    views.iter().flat_map(|view| view.parts()).chain(views).copied().collect()
}

fn alien(pred: &Document, rules: &Rules) -> u64 {
    if !rules.has_ontology() {
        return 0;
    }
    let mentions = pred.mentions.iter().filter(|mention| !rules.knows_entity(mention.label));
    let relations = pred.relations.iter().filter(|r| !rules.knows_relation(r.label));
    (mentions.count() + relations.count()) as u64
}

struct Job<'a> {
    gold: &'a Document,
    pred: &'a Prediction,
    rules: &'a Rules,
    layers: &'a Layers,
    policies: &'a Policies,
    /// Shared by the views of reference scorers.
    scorers: Scorers<'a>,
    places: Places,
    // Shared by views, made when the first of them asks.
    alignment: OnceCell<Alignment>,
    facts: OnceCell<(GoldFacts, Said)>,
    mention_facts: OnceCell<MentionFacts>,
    contingency: OnceCell<Contingency>,
}

impl Job<'_> {
    /// Whether the document has what a view asks for.
    fn applies(&self, view: View) -> bool {
        use View::*;
        let Layers { mentions, coreference, mention_relations, relations } = self.layers;
        if view.is_given(self.pred.document.given) {
            return false;
        }
        match view {
            MentionStrict | MentionBoundaries | MentionPartial | MentionTypeOverlap => *mentions,
            MentionHead => *mentions && self.gold.mentions.iter().any(|m| m.head.is_some()),
            EntityTyped => *coreference,
            RelationAnchored
            | RelationAnchoredStrict
            | RelationOneToOne
            | RelationExactClusters
            | RelationAnyMention
            | RelationFactual
            | RelationAttributes
            | RelationEvidence => *relations != Scope::None,
            RelationMentionStrict | RelationMentionBoundaries => *mention_relations,
            CoreferenceMuc | CoreferenceB3 | CoreferenceCeafe | CoreferenceCeafm
            | CoreferenceLea | CoreferenceBlanc | CoreferenceConll => *coreference,
            // Reference scorers say so themselves.
            Reference(_) => false,
            LinkStrong | LinkStrongTyped | LinkNil | LinkNilTyped | LinkAll | LinkAllTyped
            | LinkEntityMatch | LinkEntityMatchTyped => *mentions && link::has_links(self.gold),
        }
    }

    fn view(&self, view: View, kinds: Kinds, table: &mut Table, tallies: &mut DocumentTallies) {
        let Job { gold, pred, rules, .. } = *self;
        let of_document = of_document(gold, kinds, rules);
        let mut counted = Sink::new(view, rules, table, kinds, &of_document);
        let sink = &mut counted;
        use {Types::Asked, Types::Ignored};
        match view {
            View::MentionStrict => self.mentions(Asked, kinds, sink),
            View::MentionBoundaries => self.mentions(Ignored, kinds, sink),
            View::MentionPartial => sink.whole(overlap::partial(&self.places, gold, pred)),
            View::MentionTypeOverlap => {
                overlap::with_type(&self.places, gold, pred, &self.mention_slices(kinds), sink);
            }
            View::MentionHead => {
                overlap::with_head(&self.places, gold, pred, &self.mention_slices(kinds), sink);
            }
            View::EntityTyped => {
                let (places, alignment) = (&self.places, self.alignment());
                entity::typed(gold, pred, places, alignment, self.layers, sink);
            }
            View::RelationAnchored | View::RelationAnchoredStrict => {
                let types = if view == View::RelationAnchored { Ignored } else { Asked };
                self.anchored(types, kinds, sink, &mut tallies.notes);
            }
            View::RelationOneToOne => {
                let resolve =
                    || entity::one_to_one(gold, &pred.document, &self.places, self.alignment());
                self.resolved_by(resolve, kinds, sink);
            }
            View::RelationExactClusters => {
                let resolve = || entity::exact(gold, &pred.document, &self.places);
                self.resolved_by(resolve, kinds, sink);
            }
            View::RelationAnyMention => {
                let (ties, slices) = (self.ties(&[]), self.relation_slices(kinds));
                any_mention::tally(ties, &self.alignment().pairs, &slices, sink);
            }
            View::RelationFactual => {
                let (facts, said) = &self.facts(Modalities::Asked);
                let ties = Ties { facts, said, ..self.ties(&self.alignment().resolved) };
                relation::tally(ties, Ignored, &self.relation_slices(kinds), sink);
            }
            View::RelationAttributes => {
                detail::attributes(self.ties(&self.alignment().resolved), sink);
            }
            View::RelationEvidence => {
                detail::evidence(self.ties(&self.alignment().resolved), sink);
            }
            View::RelationMentionStrict => self.mention_relations(Asked, kinds, sink),
            View::RelationMentionBoundaries => self.mention_relations(Ignored, kinds, sink),
            View::CoreferenceMuc => sink.whole(muc::tally(self.contingency())),
            View::CoreferenceB3 => sink.whole(b_cubed::tally(self.contingency())),
            View::CoreferenceCeafe => sink.whole(ceaf::entities(self.contingency())),
            View::CoreferenceCeafm => sink.whole(ceaf::mentions(self.contingency())),
            View::CoreferenceLea => sink.whole(lea::tally(self.contingency())),
            View::CoreferenceBlanc => {
                let links = blanc::tally(self.contingency());
                sink.whole(links.coreferent + links.separate);
                sink.part("coreferent", links.coreferent);
                sink.part("separate", links.separate);
            }
            // A mean has no counts of its own.
            View::CoreferenceConll | View::Reference(_) => {}
            View::LinkStrong => self.links(Links::Strong, Ignored, sink),
            View::LinkStrongTyped => self.links(Links::Strong, Asked, sink),
            View::LinkNil => self.links(Links::Nil, Ignored, sink),
            View::LinkNilTyped => self.links(Links::Nil, Asked, sink),
            View::LinkAll => self.links(Links::All, Ignored, sink),
            View::LinkAllTyped => self.links(Links::All, Asked, sink),
            View::LinkEntityMatch => self.links(Links::OfDocument, Ignored, sink),
            View::LinkEntityMatchTyped => self.links(Links::OfDocument, Asked, sink),
        }
        counted.finish(&mut tallies.counts, &mut tallies.fractions);
    }

    /// A view of a reference scorer, if its layer is annotated and it has an answer.
    fn reference(&self, measure: Measure, tallies: &mut DocumentTallies) {
        let view = View::Reference(measure);
        let is_annotated = match measure.layer() {
            Layer::Mentions => self.layers.mentions,
            Layer::Entities => self.layers.coreference,
            Layer::MentionRelations => self.layers.mention_relations,
            Layer::Relations => self.layers.relations != Scope::None,
            Layer::Other => true,
        };
        let rows = is_annotated.then(|| self.scorers.rows(measure, &self.policies.of(view)));
        let Some(Some(Rows { all, slices })) = rows else { return };
        let mut rows: BTreeMap<Slice, Tally> = BTreeMap::new();
        for (slice, tally) in [(Slice::All, all)].into_iter().chain(slices) {
            *rows.entry(slice).or_default() += tally;
        }
        for (slice, tally) in rows {
            tallies.push(view, self.rules.slices().intern(&slice), tally);
        }
    }

    fn mentions(&self, types: Types, kinds: Kinds, sink: &mut Sink<'_>) {
        let slices = self.mention_slices(kinds);
        mention::tally(&self.places, self.gold, self.pred, types, &slices, sink);
    }

    fn links(&self, links: Links, types: Types, sink: &mut Sink<'_>) {
        link::tally(&self.places, self.gold, self.pred, links, types, sink);
    }

    fn anchored(&self, types: Types, kinds: Kinds, sink: &mut Sink<'_>, notes: &mut Notes) {
        let ties = self.ties(&self.alignment().resolved);
        // Both anchored views note the same things.
        notes.neutral_relations = relation::tally(ties, types, &self.relation_slices(kinds), sink);
        notes.duplicate_relations = ties.said.duplicates;
        notes.negative = ties.said.denied;
        notes.unreachable_relations = ties.unreachable();
    }

    /// Relations whose ends are resolved in some other way.
    fn resolved_by(
        &self,
        resolve: impl FnOnce() -> Vec<Option<EntityIdx>>,
        kinds: Kinds,
        sink: &mut Sink<'_>,
    ) {
        let slices = self.relation_slices(kinds);
        // Entities that were given are resolved.
        if self.pred.document.given == Given::Entities {
            let ties = self.ties(&self.alignment().resolved);
            relation::tally(ties, Types::Ignored, &slices, sink);
        } else {
            relation::tally(self.ties(&resolve()), Types::Ignored, &slices, sink);
        }
    }

    fn mention_relations(&self, types: Types, kinds: Kinds, sink: &mut Sink<'_>) {
        let Job { gold, pred, rules, .. } = *self;
        let facts = self
            .mention_facts
            .get_or_init(|| MentionFacts::of(gold, &pred.document, &self.places, rules));
        between_mentions::tally(facts, pred, types, &self.relation_slices(kinds), sink);
    }

    fn mention_slices(&self, kinds: Kinds) -> MentionSlices<'_> {
        MentionSlices { kinds, gold: self.gold, rules: self.rules }
    }

    fn relation_slices(&self, kinds: Kinds) -> RelationSlices<'_> {
        RelationSlices::new(kinds, self.gold, &self.pred.document, self.rules)
    }

    fn ties<'b>(&'b self, resolved: &'b [Option<EntityIdx>]) -> Ties<'b> {
        let Job { gold, pred, rules, layers, .. } = *self;
        let (facts, said) = self.facts.get_or_init(|| self.facts(Modalities::Ignored));
        Ties { gold, pred, facts, said, resolved, rules, layers }
    }

    fn facts(&self, modalities: Modalities) -> (GoldFacts, Said) {
        let Job { gold, pred, rules, layers, .. } = *self;
        let facts = GoldFacts::of(gold, modalities, rules, layers);
        (facts, Said::of(&pred.document, modalities, rules))
    }

    fn alignment(&self) -> &Alignment {
        let Job { gold, pred, rules, .. } = *self;
        let vocabulary = rules.vocabulary();
        self.alignment.get_or_init(|| Alignment::of(gold, &pred.document, &self.places, vocabulary))
    }

    fn contingency(&self) -> &Contingency {
        let singletons = self.policies.of(View::CoreferenceB3).singletons;
        let singletons = singletons.unwrap_or(Singletons::Kept);
        self.contingency
            .get_or_init(|| Contingency::of(self.gold, self.pred, &self.places, singletons))
    }
}
