//! Tallies of one document: every row of every view.

use ere_dataset::{Document, Label, Layer, Layers, Prediction, Scope};
use rustc_hash::FxHashMap;

use crate::alignment::Alignment;
use crate::coreference::{Contingency, b_cubed, blanc, ceaf, lea, muc};
use crate::mention::{self, Types};
use crate::protocol::Protocol;
use crate::relation::{self, Context, GoldFacts};
use crate::rules::Rules;
use crate::tally::Tally;
use crate::view::View;

/// Which items of a view a row counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slice {
    /// All items that enter the view's score.
    All,
    /// Items of one type. Types that the primary score leaves out have their row all the same.
    Type(String),
    /// Items of one family of relation types.
    Family(String),
}

impl Slice {
    /// The name in files: empty, `type:PER`, `family:trade`.
    pub fn name(&self) -> String {
        match self {
            Slice::All => String::new(),
            Slice::Type(name) => format!("type:{name}"),
            Slice::Family(name) => format!("family:{name}"),
        }
    }

    /// The slice of that name.
    pub fn from_name(name: &str) -> Option<Slice> {
        match name.split_once(':') {
            None => name.is_empty().then_some(Slice::All),
            Some(("type", rest)) => Some(Slice::Type(rest.to_owned())),
            Some(("family", rest)) => Some(Slice::Family(rest.to_owned())),
            Some(_) => None,
        }
    }
}

/// A row of a score table: a view and a slice of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowKey {
    /// What is counted, and when it is right.
    pub view: View,
    /// Which of the items.
    pub slice: Slice,
}

/// What one document adds to every row.
#[derive(Clone, Debug, PartialEq)]
pub struct DocumentTallies {
    /// The document.
    pub id: Box<str>,
    /// Non-zero tallies, rows in order. Each view of the protocol that applies to the document has
    /// its [`Slice::All`] row, zero or not.
    pub rows: Vec<(RowKey, Tally)>,
    /// What was noticed on the way.
    pub notes: Notes,
}

impl DocumentTallies {
    /// All items of a view, by its name; nothing where it has no row.
    pub(crate) fn of_view(&self, view: &str) -> Tally {
        let is_it = |key: &RowKey| key.slice == Slice::All && key.view.name() == view;
        self.rows.iter().find(|(key, _)| is_it(key)).map_or(Tally::default(), |(_, tally)| *tally)
    }
}

/// What happened to predicted items apart from being right or wrong. Counts.
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
}

impl std::ops::AddAssign for Notes {
    fn add_assign(&mut self, other: Notes) {
        self.duplicate_mentions += other.duplicate_mentions;
        self.duplicate_relations += other.duplicate_relations;
        self.neutral_relations += other.neutral_relations;
        self.negative += other.negative;
        self.malformed += other.malformed;
        self.alien += other.alien;
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
    let layers = gold.layers.as_ref().unwrap_or(layers);
    let notes = Notes::default();
    let mut job = Job { gold, pred, rules, layers, anchors: None, contingency: None, notes };
    let mut rows = Vec::new();
    for view in with_parts(&protocol.views) {
        rows.extend(job.view(view));
    }
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    let mut notes = job.notes;
    notes.malformed = pred.malformed.len() as u64;
    notes.duplicate_mentions = mention::duplicates(&pred.document);
    notes.alien = alien(&pred.document, rules);
    DocumentTallies { id: gold.id.clone(), rows, notes }
}

/// The views, and those that a mean among them is made of, each once.
fn with_parts(views: &[View]) -> Vec<View> {
    let mut all = views.to_vec();
    for part in views.iter().flat_map(|view| view.parts()) {
        if !all.contains(part) {
            all.push(*part);
        }
    }
    all
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
    /// Shared by the anchored views.
    anchors: Option<(GoldFacts, Alignment)>,
    /// Shared by the coreference views.
    contingency: Option<Contingency>,
    notes: Notes,
}

impl Job<'_> {
    fn view(&mut self, view: View) -> Vec<(RowKey, Tally)> {
        let Job { gold, pred, rules, layers, .. } = *self;
        let mut sink = Sink::new(view, rules);
        match view {
            View::MentionStrict if layers.mentions => {
                mention::tally(gold, pred, Types::Asked, &mut sink);
            }
            View::MentionBoundaries if layers.mentions => {
                mention::tally(gold, pred, Types::Ignored, &mut sink);
            }
            View::RelationMentionStrict if layers.mention_relations => {
                relation::between_mentions(gold, pred, Types::Asked, rules, &mut sink);
            }
            View::RelationMentionBoundaries if layers.mention_relations => {
                relation::between_mentions(gold, pred, Types::Ignored, rules, &mut sink);
            }
            View::RelationAnchored if layers.relations != Scope::None => {
                self.anchored(Types::Ignored, &mut sink);
            }
            View::RelationAnchoredStrict if layers.relations != Scope::None => {
                self.anchored(Types::Asked, &mut sink);
            }
            View::CoreferenceMuc
            | View::CoreferenceB3
            | View::CoreferenceCeafe
            | View::CoreferenceCeafm
            | View::CoreferenceLea
            | View::CoreferenceBlanc
            | View::CoreferenceConll
                if layers.coreference =>
            {
                return self.coreference(view);
            }
            _ => return Vec::new(),
        }
        sink.rows()
    }

    fn coreference(&mut self, view: View) -> Vec<(RowKey, Tally)> {
        let Job { gold, pred, .. } = *self;
        let table = self.contingency.get_or_insert_with(|| Contingency::of(gold, pred));
        let row = |slice, tally| (RowKey { view, slice }, tally);
        let all = match view {
            View::CoreferenceMuc => muc::tally(table),
            View::CoreferenceB3 => b_cubed::tally(table),
            View::CoreferenceCeafe => ceaf::entities(table),
            View::CoreferenceCeafm => ceaf::mentions(table),
            View::CoreferenceLea => lea::tally(table),
            View::CoreferenceBlanc => {
                let links = blanc::tally(table);
                let kinds = [("coreferent", links.coreferent), ("separate", links.separate)];
                let kinds = kinds.into_iter().filter(|(_, tally)| !tally.is_zero());
                let mut rows = vec![row(Slice::All, links.coreferent + links.separate)];
                rows.extend(kinds.map(|(kind, tally)| row(Slice::Type(kind.to_owned()), tally)));
                return rows;
            }
            // A mean has no counts of its own.
            _ => Tally::default(),
        };
        vec![row(Slice::All, all)]
    }

    fn anchored(&mut self, types: Types, sink: &mut Sink<'_>) {
        let Job { gold, pred, rules, layers, .. } = *self;
        let (facts, alignment) = self.anchors.get_or_insert_with(|| {
            let alignment = Alignment::of(gold, &pred.document, rules.vocabulary());
            (GoldFacts::of(gold, rules, layers), alignment)
        });
        let context = Context { rules, layers, types };
        // Both anchored views note the same things; what is kept is one of them.
        let mut notes = Notes::default();
        relation::anchored(gold, pred, facts, alignment, context, sink, &mut notes);
        self.notes = notes;
    }
}

/// Where a view puts its tallies.
pub(crate) struct Sink<'a> {
    view: View,
    rules: &'a Rules,
    pub(crate) all: Tally,
    by_label: FxHashMap<Label, Tally>,
}

impl<'a> Sink<'a> {
    fn new(view: View, rules: &'a Rules) -> Sink<'a> {
        Sink { view, rules, all: Tally::default(), by_label: FxHashMap::default() }
    }

    /// Counts an item, of a type if the view has types.
    pub(crate) fn add(&mut self, label: Option<Label>, tally: Tally) {
        if tally.is_zero() {
            return;
        }
        let Some(label) = label else {
            self.all += tally;
            return;
        };
        if !self.rules.is_neutral_in_primary(label) {
            self.all += tally;
        }
        *self.by_label.entry(label).or_default() += tally;
    }

    /// Counts a false positive for each malformed item of a layer.
    pub(crate) fn add_malformed(&mut self, pred: &Prediction, layer: Layer) {
        let count = pred.malformed.iter().filter(|item| item.layer == layer).count();
        self.add(None, Tally::counts(0, count as u64, 0));
    }

    fn rows(self) -> Vec<(RowKey, Tally)> {
        let Sink { view, rules, all, by_label } = self;
        let row = |slice| RowKey { view, slice };
        let mut rows = vec![(row(Slice::All), all)];
        let mut labels: Vec<(Label, Tally)> = by_label.into_iter().collect();
        labels.sort_unstable_by_key(|(label, _)| *label);
        let mut families: Vec<Tally> = vec![Tally::default(); rules.families().len()];
        for (label, tally) in labels {
            let name = rules.vocabulary().name(label).to_string();
            rows.push((row(Slice::Type(name)), tally));
            if let Some(family) = rules.family(label)
                && !rules.is_neutral_in_primary(label)
            {
                families[family as usize] += tally;
            }
        }
        for (family, tally) in rules.families().iter().zip(families) {
            if !tally.is_zero() {
                rows.push((row(Slice::Family(family.clone())), tally));
            }
        }
        rows
    }
}
