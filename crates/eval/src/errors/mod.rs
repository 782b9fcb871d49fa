//! Why a score is not 1: each false positive and false negative with its first cause.
//!
//! [`analyse`] looks at one document and returns its [`Mistake`]s in the three views of [`VIEWS`],
//! each with one [`Cause`]. They are exactly the false positives and false negatives that
//! [`tally`](crate::tally()) counts. A [`Summary`] adds documents up: the loss 1 − F1 of a view is
//! the sum of its causes' shares ([`ViewSummary::share`]); types are confused in a [`Confusion`];
//! [`ViewSummary::ladder`] says what the score could at most be if the mistakes of the earlier
//! causes were not made. [`write()`] puts mistakes on disk, one JSON object a line.
//!
//! `docs/errors.md` has the exact rules and an example. Nothing depends on the order of any list.
//!
//! ```
//! use ere_dataset::{Layers, Vocabulary, jsonl, prediction::RawPrediction};
//! use ere_eval::errors::{self, Cause, Summary};
//! use ere_eval::{Rules, View};
//! let vocabulary = Vocabulary::default();
//! let gold = jsonl::gold_from_str(
//!     r#"{"id":"a","text":"Anna met Bo.","mentions":[
//!         {"start":0,"end":4,"type":"PER"},{"start":9,"end":11,"type":"PER"}]}"#,
//!     &vocabulary,
//! )?;
//! let pred = RawPrediction::parse(
//!     r#"{"id":"a","mentions":[{"start":0,"end":4,"type":"ORG"},{"start":5,"end":8,"type":"PER"}]}"#,
//! )?
//! .attach(&gold, &vocabulary);
//! let mistakes = errors::analyse(&gold, &pred, &Rules::open(&vocabulary), &Layers::default());
//! let mut summary = Summary::default();
//! summary.add(&mistakes);
//! let strict = summary.view(View::MentionStrict);
//! // Anna's type costs a false positive and a false negative, "met" one and Bo one.
//! assert_eq!(strict.share(Cause::Type), Some(0.5));
//! assert_eq!(strict.share(Cause::Spurious), Some(0.25));
//! assert_eq!(strict.share(Cause::Missed), Some(0.25));
//! assert_eq!(strict.tally().f1(), Some(0.0));
//! # Ok::<(), ere_dataset::Error>(())
//! ```

mod cause;
mod confusion;
mod json;
mod mention;
mod order;
mod relation;
mod summary;

use ere_dataset::{
    Document, EntityIdx, Label, Layer, Layers, Prediction, Scope, SentenceIdx, Spans,
};

pub use cause::{Cause, Rung};
pub use confusion::{Cells, Confusion};
pub use json::write;
pub use summary::{Summary, ViewSummary};

use crate::mention::Types;
use crate::rules::Rules;
use crate::view::View;

/// The views whose mistakes have causes.
pub const VIEWS: [View; 3] =
    [View::MentionStrict, View::RelationAnchored, View::RelationAnchoredStrict];

/// A false positive or a false negative, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Mistake {
    /// The view that counts it.
    pub view: View,
    /// Which of the two it is.
    pub kind: Kind,
    /// Why.
    pub cause: Cause,
    /// What gold has. Always there for a false negative; for a false positive, what the predicted
    /// item was taken for, if anything.
    pub gold: Option<Item>,
    /// What was predicted. Always there for a false positive; for a false negative, what was
    /// predicted in its place, if anything.
    pub pred: Option<Item>,
}

/// Whether something was predicted that is wrong, or not predicted that is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A gold item without a prediction.
    FalseNegative,
    /// A predicted item without gold.
    FalsePositive,
}

impl Kind {
    /// The name in files.
    pub fn name(self) -> &'static str {
        match self {
            Kind::FalseNegative => "fn",
            Kind::FalsePositive => "fp",
        }
    }
}

/// What a mistake is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A mention.
    Mention {
        /// Where it is.
        spans: Spans,
        /// Its type.
        label: Label,
    },
    /// A relation in canonical form: an inverse is turned, and the ends of a symmetric one are in
    /// the order of their first mentions.
    Relation {
        /// Its type.
        label: Label,
        /// From: an entity of gold, or of the prediction (of gold, where gold entities were given).
        head: EntityIdx,
        /// To.
        tail: EntityIdx,
        /// The sentences of its evidence, in text order.
        sentences: Vec<SentenceIdx>,
    },
    /// An item that could not be understood: a position in [`Prediction::malformed`].
    Malformed(usize),
}

/// The mistakes of one document.
#[derive(Clone, Debug, PartialEq)]
pub struct DocumentMistakes {
    /// The document.
    pub id: Box<str>,
    /// By view, then false negatives before false positives, then by place.
    pub mistakes: Vec<Mistake>,
    /// The true positives of each view that applies to the document.
    pub right: Vec<(View, u64)>,
    /// Types of mentions as gold and as predicted. See [`Summary::mention_types`].
    pub mention_types: Vec<TypePair>,
    /// Types of relations as gold and as predicted. See [`Summary::relation_types`].
    pub relation_types: Vec<TypePair>,
}

/// The type in gold and the type predicted; `None` where there is no such item.
pub type TypePair = (Option<Label>, Option<Label>);

/// The mistakes of a document in the views that apply to it, by the same rules as
/// [`tally`](crate::tally()).
///
/// Relations of types that the primary score leaves out are left out here too.
pub fn analyse(
    gold: &Document,
    pred: &Prediction,
    rules: &Rules,
    layers: &Layers,
) -> DocumentMistakes {
    let layers = gold.layers.as_ref().unwrap_or(layers);
    let mut found = DocumentMistakes {
        id: gold.id.clone(),
        mistakes: Vec::new(),
        right: Vec::new(),
        mention_types: Vec::new(),
        relation_types: Vec::new(),
    };
    if layers.mentions && !View::MentionStrict.is_given(pred.document.given) {
        mention::analyse(gold, pred, rules.vocabulary(), &mut found);
    }
    if layers.relations != Scope::None {
        let case = relation::Case::new(gold, pred, rules, layers);
        case.analyse(View::RelationAnchored, Types::Ignored, &mut found);
        case.analyse(View::RelationAnchoredStrict, Types::Asked, &mut found);
    }
    found
}

/// The malformed items of a layer, in the order of their text.
fn malformed(view: View, layer: Layer, pred: &Prediction) -> impl Iterator<Item = Mistake> {
    let items = pred.malformed.iter().enumerate().filter(|(_, item)| item.layer == layer);
    let mut items: Vec<(&str, &str, usize)> =
        items.map(|(at, item)| (item.raw.as_str(), item.reason.as_str(), at)).collect();
    items.sort_unstable();
    items.into_iter().map(move |(_, _, at)| Mistake {
        view,
        kind: Kind::FalsePositive,
        cause: Cause::Malformed,
        gold: None,
        pred: Some(Item::Malformed(at)),
    })
}
