//! Protocols: named lists of views, and policies. Data, which print and parse back.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use ere_dataset::text::sha256_hex;
use serde::{Deserialize, Serialize};

use crate::policy::{Conflict, Policies};
use crate::score::Average;
use crate::slice::SliceKind;
use crate::slicing::Kinds;
use crate::view::{UnknownView, View, ViewSet};

/// A named list of views and policies.
///
/// ```
/// use ere_eval::{Protocol, View};
/// let protocol = Protocol::from_toml(
///     r#"
///     name = "mine"
///     primary = "relation.anchored"
///     views = ["relation.anchored", "coreference.lea", "spert.ner"]
///     [policies]
///     singletons = "dropped"
///     "#,
/// )?;
/// assert_eq!(protocol.views[0], View::RelationAnchored);
/// assert_eq!(Protocol::from_toml(&protocol.to_toml())?, protocol);
/// assert_eq!(Protocol::built_in("default"), Some(Protocol::default()));
/// # Ok::<(), ere_eval::ProtocolError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protocol {
    /// Its name: small letters, digits, `-` and `.`.
    pub name: String,
    /// What it is, in a sentence.
    pub about: String,
    /// The view that ranks a leaderboard.
    pub primary: View,
    /// What is scored, in order.
    pub views: Vec<View>,
    /// The averages that are shown, in views with types.
    pub averages: Vec<Average>,
    /// The slices that have rows, and in which views; each kind once. Means over types need slices by
    /// type, those over families need slices by family.
    pub slices: Vec<(SliceKind, ViewSet)>,
    /// What is decided where views leave a choice.
    pub policies: Policies,
    /// Where it comes from.
    pub source: Source,
}

/// Where a protocol comes from, for people. Nothing follows from it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The scorer and its version.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub scorer: String,
    /// The paper.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub paper: String,
    /// How a document becomes the scorer's input.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub input: String,
    /// What is not as in the original.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub differs: String,
}

/// Why a text is no protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProtocolError {
    /// It is no TOML, or has keys or values that a protocol does not have. The message says where.
    Toml(String),
    /// The name is empty or has other characters than small letters, digits, `-` and `.`.
    Name(String),
    /// It has the name of a built-in protocol, and is another.
    BuiltIn(String),
    /// It has no views.
    NoViews,
    /// There is no such view.
    View {
        /// The key that names it.
        key: &'static str,
        /// What is wrong.
        unknown: UnknownView,
    },
    /// A view is named twice.
    Duplicate(View),
    /// An average is named twice, or cannot be asked for.
    Average(Average),
    /// There is no such kind of slices.
    Slice(String),
    /// The primary view is not among the views.
    Primary(View),
    /// A policy that a view cannot follow.
    Policy {
        /// The policy.
        key: &'static str,
        /// What the protocol says.
        said: &'static str,
        /// The view.
        view: View,
        /// What the view can do; empty where no view of the protocol has the choice.
        admitted: Vec<&'static str>,
    },
}

const BUILT_IN: [&str; 17] = [
    include_str!("../protocols/default.toml"),
    include_str!("../protocols/semeval13.toml"),
    include_str!("../protocols/conll03.toml"),
    include_str!("../protocols/seqeval.toml"),
    include_str!("../protocols/spacy.toml"),
    include_str!("../protocols/spert.toml"),
    include_str!("../protocols/pure.toml"),
    include_str!("../protocols/docred.toml"),
    include_str!("../protocols/dwie.toml"),
    include_str!("../protocols/casrel.toml"),
    include_str!("../protocols/tplinker.toml"),
    include_str!("../protocols/tacred.toml"),
    include_str!("../protocols/semeval2010-8.toml"),
    include_str!("../protocols/conll-coref.toml"),
    include_str!("../protocols/corefud.toml"),
    include_str!("../protocols/neleval.toml"),
    include_str!("../protocols/nervaluate-1.2.toml"),
];

static PARSED: LazyLock<Vec<Protocol>> = LazyLock::new(|| {
    let parse = |text: &str| parse(text).unwrap_or_else(|error| panic!("{error}:\n{text}"));
    BUILT_IN.into_iter().map(parse).collect()
});

impl Default for Protocol {
    /// The protocol `default`: what stands beside the primary score, [`View::RelationAnchored`], on
    /// every leaderboard.
    fn default() -> Protocol {
        PARSED[0].clone()
    }
}

impl Protocol {
    /// The built-in protocols, `default` first.
    pub fn all_built_in() -> &'static [Protocol] {
        &PARSED
    }

    /// The built-in protocol of that name.
    pub fn built_in(name: &str) -> Option<Protocol> {
        PARSED.iter().find(|protocol| protocol.name == name).cloned()
    }

    /// Parses a protocol. `about`, `averages`, `policies` and `source` may be left out.
    ///
    /// # Errors
    /// The text is no TOML, has unknown keys, names views that do not exist, asks for policies that its
    /// views cannot follow, or takes the name of a built-in protocol for another one.
    pub fn from_toml(text: &str) -> Result<Protocol, ProtocolError> {
        let protocol = parse(text)?;
        match PARSED.iter().find(|built_in| built_in.name == protocol.name) {
            Some(built_in) if *built_in != protocol => Err(ProtocolError::BuiltIn(protocol.name)),
            _ => Ok(protocol),
        }
    }

    /// The canonical text: equal protocols are equal texts.
    pub fn to_toml(&self) -> String {
        toml::to_string_pretty(&Wire::of(self)).expect("strings and lists of strings are TOML")
    }

    /// Whether it is one of [`Protocol::all_built_in`].
    pub fn is_built_in(&self) -> bool {
        PARSED.iter().any(|built_in| built_in == self)
    }

    /// The name, and for a protocol that is not built in the beginning of the SHA-256 of its canonical
    /// text: what signatures and records call it.
    pub fn identity(&self) -> String {
        match self.is_built_in() {
            true => self.name.clone(),
            false => format!("{}#{}", self.name, &sha256_hex(self.to_toml().as_bytes())[..8]),
        }
    }

    /// The kinds of slices that a view has.
    pub(crate) fn kinds_of(&self, view: View) -> Kinds {
        let of_view = self.slices.iter().filter(|(_, views)| views.contains(view));
        of_view.map(|(kind, _)| *kind).collect()
    }

    /// Whether a view of it needs the facts of a train set ([`Rules::with_train`]).
    ///
    /// [`Rules::with_train`]: crate::Rules::with_train
    pub fn needs_train(&self) -> bool {
        self.views.iter().any(|view| view.needs_train())
    }
}

/// The keys of the file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    about: String,
    primary: String,
    views: Vec<String>,
    #[serde(default = "default_averages")]
    averages: Vec<Average>,
    #[serde(default = "default_slices", skip_serializing_if = "are_default_slices")]
    slices: BTreeMap<String, SliceViews>,
    #[serde(default)]
    policies: Policies,
    #[serde(default, skip_serializing_if = "Source::is_empty")]
    source: Source,
}

/// The views in which a kind of slices has rows.
#[derive(PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum SliceViews {
    All(All),
    Some(Vec<String>),
}

#[derive(PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum All {
    All,
}

/// Types and families, in every view that has them.
fn default_slices() -> BTreeMap<String, SliceViews> {
    [SliceKind::Type, SliceKind::Family]
        .map(|kind| (kind.name().to_owned(), SliceViews::All(All::All)))
        .into()
}

fn are_default_slices(slices: &BTreeMap<String, SliceViews>) -> bool {
    *slices == default_slices()
}

impl SliceViews {
    fn of(views: ViewSet) -> SliceViews {
        match views == ViewSet::all() {
            true => SliceViews::All(All::All),
            false => SliceViews::Some(views.iter().map(|view| view.name().to_owned()).collect()),
        }
    }
}

fn default_averages() -> Vec<Average> {
    vec![Average::Micro, Average::Macro, Average::MacroFamily]
}

impl Source {
    fn is_empty(&self) -> bool {
        *self == Source::default()
    }
}

impl Wire {
    fn of(protocol: &Protocol) -> Wire {
        Wire {
            name: protocol.name.clone(),
            about: protocol.about.clone(),
            primary: protocol.primary.name().to_owned(),
            views: protocol.views.iter().map(|view| view.name().to_owned()).collect(),
            averages: protocol.averages.clone(),
            slices: protocol
                .slices
                .iter()
                .map(|(kind, views)| (kind.name().to_owned(), SliceViews::of(*views)))
                .collect(),
            policies: protocol.policies.clone(),
            source: protocol.source.clone(),
        }
    }
}

fn parse(text: &str) -> Result<Protocol, ProtocolError> {
    let wire: Wire = toml::from_str(text)
        .map_err(|error| ProtocolError::Toml(error.to_string().trim_end().to_owned()))?;
    let Wire { name, about, primary, views, averages, slices, policies, source } = wire;
    let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    if name.is_empty() || !name.chars().all(is_word) {
        return Err(ProtocolError::Name(name));
    }
    let view = |key, name: &str| {
        name.parse::<View>().map_err(|unknown| ProtocolError::View { key, unknown })
    };
    let views: Vec<View> =
        views.iter().map(|name| view("views", name)).collect::<Result<_, _>>()?;
    if views.is_empty() {
        return Err(ProtocolError::NoViews);
    }
    if let Some(view) = repeated(&views) {
        return Err(ProtocolError::Duplicate(view));
    }
    let primary = view("primary", &primary)?;
    if !views.contains(&primary) {
        return Err(ProtocolError::Primary(primary));
    }
    let own = averages.iter().find(|average| **average == Average::Views).copied();
    if let Some(average) = own.or_else(|| repeated(&averages)) {
        return Err(ProtocolError::Average(average));
    }
    let slices = slices
        .into_iter()
        .map(|(kind, views)| {
            let found = SliceKind::ALL.into_iter().find(|known| known.name() == kind);
            let kind = found.ok_or(ProtocolError::Slice(kind))?;
            let views = match views {
                SliceViews::All(All::All) => ViewSet::all(),
                SliceViews::Some(names) => {
                    names.iter().map(|name| view("slices", name)).collect::<Result<_, _>>()?
                }
            };
            Ok((kind, views))
        })
        .collect::<Result<_, ProtocolError>>()?;
    if let Some(Conflict { key, said, view, admitted }) = policies.conflict(&views) {
        return Err(ProtocolError::Policy { key, said, view, admitted });
    }
    Ok(Protocol { name, about, primary, views, averages, slices, policies, source })
}

fn repeated<T: Copy + PartialEq>(list: &[T]) -> Option<T> {
    let mut items = list.iter().enumerate();
    items.find(|(at, item)| list[..*at].contains(item)).map(|(_, item)| *item)
}

impl fmt::Display for ProtocolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProtocolError::Toml(message) => f.write_str(message),
            ProtocolError::Name(name) => write!(
                f,
                "`name` is {name:?}; expected small letters, digits, `-` and `.`, such as my-protocol"
            ),
            ProtocolError::BuiltIn(name) => {
                write!(f, "`name` is {name:?}, a built-in protocol that is another; choose a name of its own")
            }
            ProtocolError::NoViews => {
                f.write_str("`views` is empty; name at least one view, such as relation.anchored")
            }
            ProtocolError::View { key, unknown } => write!(f, "`{key}`: {unknown}"),
            ProtocolError::Duplicate(view) => write!(f, "`views` names {view} twice; once is enough"),
            ProtocolError::Average(Average::Views) => f.write_str(
                "`averages` names views, which is the mean of a view's own parts and is always shown; \
                 leave it out",
            ),
            ProtocolError::Average(average) => {
                write!(f, "`averages` names {} twice; once is enough", average.name())
            }
            ProtocolError::Slice(kind) => {
                let known = SliceKind::ALL.map(SliceKind::name).join(", ");
                write!(f, "`slices` names {kind:?}; there are {known}")
            }
            ProtocolError::Primary(view) => {
                write!(f, "`primary` is {view}, which is not among `views`; add it there")
            }
            ProtocolError::Policy { key, said, admitted, .. } if admitted.is_empty() => write!(
                f,
                "`policies.{key}` is {said:?}, but no view of the protocol has that choice; leave it out"
            ),
            ProtocolError::Policy { key, said, view, admitted } => write!(
                f,
                "`policies.{key}` is {said:?}, but {view} knows {} only; change it, or leave out the \
                 policy or the view",
                admitted.join(" and ")
            ),
        }
    }
}

impl std::error::Error for ProtocolError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Zero;
    use crate::reference::Measure;

    #[test]
    fn built_in_files_are_canonical_and_named_as_their_protocols() {
        assert_eq!(PARSED.len(), BUILT_IN.len());
        for (protocol, text) in PARSED.iter().zip(BUILT_IN) {
            assert_eq!(protocol.to_toml(), text, "{}", protocol.name);
            assert_eq!(Protocol::from_toml(text).as_ref(), Ok(protocol));
            assert_eq!(protocol.identity(), protocol.name);
            assert!(!protocol.about.is_empty(), "{}", protocol.name);
        }
        let mut names: Vec<&str> = PARSED.iter().map(|protocol| protocol.name.as_str()).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn built_in_protocols_say_what_their_views_do_anyway() {
        for protocol in PARSED.iter() {
            let silent = Policies { unknown: protocol.policies.unknown, ..Policies::default() };
            for view in &protocol.views {
                assert_eq!(protocol.policies.of(*view), silent.of(*view), "{view}");
            }
        }
    }

    #[test]
    fn every_measure_of_a_scorer_is_in_a_protocol() {
        let views: Vec<View> = PARSED.iter().flat_map(|protocol| protocol.views.clone()).collect();
        for measure in Measure::ALL {
            assert!(views.contains(&View::Reference(*measure)), "{}", measure.name());
        }
    }

    const MINE: &str = r#"
        name = "mine"
        primary = "spert.ner"
        views = ["spert.ner", "pure.ner", "coreference.lea"]
    "#;

    #[test]
    fn views_with_other_rules_stand_side_by_side() {
        let protocol = Protocol::from_toml(MINE).unwrap();
        let duplicates = |view: &View| protocol.policies.of(*view).duplicates.name();
        let found: Vec<&str> = protocol.views.iter().map(duplicates).collect();
        assert_eq!(found, ["collapse", "each", "collapse"]);
        assert_eq!(protocol.policies.of(View::CoreferenceLea).zero, Zero::Undefined);
        assert_eq!(protocol.averages, default_averages());
        let identity = protocol.identity();
        assert!(identity.starts_with("mine#") && identity.len() == 13, "{identity}");
        let other = Protocol { averages: vec![Average::Micro], ..protocol };
        assert_ne!(other.identity(), identity);
        assert_eq!(Protocol::from_toml(&other.to_toml()), Ok(other));
    }

    #[test]
    fn errors_name_the_key_and_what_would_be_right() {
        let message = |text: &str| Protocol::from_toml(text).unwrap_err().to_string();
        let with = |more: &str| message(&format!("{MINE}{more}"));
        let rows = [
            (message("name = 1"), "invalid type: integer `1`, expected a string"),
            (message("name = 'x'"), "missing field `primary`"),
            (with("view = []"), "unknown field `view`, expected one of `name`, `about`, `primary`"),
            (
                with("[policies]\nzero = 'nought'"),
                "unknown variant `nought`, expected one of `undefined`",
            ),
            (
                with("[policies]\nzeros = 'zero'"),
                "unknown field `zeros`, expected one of `duplicates`",
            ),
            (
                with("[policies]\nduplicates = 'each'"),
                "`policies.duplicates` is \"each\", but spert.ner knows collapse only; change it, or \
                 leave out the policy or the view",
            ),
            (
                with("[policies]\naliens = 'drop'"),
                "`policies.aliens` is \"drop\", but no view of the protocol has that choice; leave it out",
            ),
            (
                message(&MINE.replace("mine", "My own")),
                "`name` is \"My own\"; expected small letters, digits, `-` and `.`, such as my-protocol",
            ),
            (
                message(&MINE.replace("mine", "spert")),
                "`name` is \"spert\", a built-in protocol that is another; choose a name of its own",
            ),
            (
                message(&MINE.replace("\"pure.ner\"", "\"pure.nre\"")),
                "`views`: no view \"pure.nre\"; there are pure.ner, pure.relation, pure.relation.plus",
            ),
            (
                message(&MINE.replace("\"pure.ner\"", "\"x\"")),
                "`views`: no view \"x\"; there are mention.…",
            ),
            (
                message(&MINE.replace("primary = \"spert.ner\"", "primary = \"mention.strict\"")),
                "`primary` is mention.strict, which is not among `views`; add it there",
            ),
            (
                message(&MINE.replace("\"pure.ner\"", "\"spert.ner\"")),
                "`views` names spert.ner twice; once is enough",
            ),
            (
                message("name = 'x'\nprimary = 'spert.ner'\nviews = []"),
                "`views` is empty; name at least one view, such as relation.anchored",
            ),
            (with("averages = ['micro', 'micro']"), "`averages` names micro twice; once is enough"),
            (
                with("averages = ['views']"),
                "`averages` names views, which is the mean of a view's own parts",
            ),
        ];
        for (found, expected) in rows {
            assert!(found.contains(expected), "{found}\nexpected: {expected}");
        }
    }
}
