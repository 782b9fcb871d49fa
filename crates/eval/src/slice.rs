//! Rows of a score table: a view, and a slice of its items.

use ere_dataset::{Form, Label, Vocabulary, ZoneKind};

use crate::view::View;

/// Which items of a view a row counts.
///
/// A gold item is in the slice that gold says, a predicted item in the one that the prediction says:
/// recall is over gold's items, precision over predicted ones. Where the two sides of a hit are not
/// in the same slice, each counts in its own. A predicted item of which the prediction does not say
/// what the slice asks (a mention without a form, a relation without evidence) is in no slice of
/// that kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slice {
    /// All items that enter the view's score.
    All,
    /// Items of one type. Types that the primary score leaves out have their row all the same.
    Type(String),
    /// Items of one family of relation types.
    Family(String),
    /// Items in zones of one kind. A relation is where its first piece of evidence is.
    Zone(ZoneKind),
    /// Mentions of one form.
    Form(Form),
    /// Mentions of so many words.
    Length(Length),
    /// Relations whose ends are so many sentences apart, where they are nearest to each other.
    Distance(Distance),
    /// Mentions whose text is, or is not, the text of a mention in training data
    /// ([`Rules::with_seen`](crate::Rules::with_seen)).
    Seen(bool),
    /// Items of documents of one register (`meta.register`).
    Register(String),
    /// Items of documents with a tag (in `meta.tags`).
    Tag(String),
    /// Relations that follow from others and are not written down in gold. A prediction comes into
    /// this row by hitting one of them: there are no false positives.
    Implied,
    /// Relations that are true and may be left out. There are no false positives either.
    Optional,
    /// Items of one outcome, in views that have more than right and wrong.
    Outcome(Outcome),
}

/// What became of an item in a reference scorer that says more than right and wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// A prediction and the gold item that it is right about.
    Correct,
    /// A prediction and the gold item that it takes without credit.
    Incorrect,
    /// A prediction and the gold item that it is worth half of.
    Partial,
    /// A gold item that no prediction takes.
    Missed,
    /// A prediction that takes no gold item.
    Spurious,
    /// An item that the scorer does not see. It is in no other row.
    LeftOut,
}

impl Outcome {
    /// All outcomes.
    pub const ALL: [Outcome; 6] = [
        Outcome::Correct,
        Outcome::Incorrect,
        Outcome::Partial,
        Outcome::Missed,
        Outcome::Spurious,
        Outcome::LeftOut,
    ];

    /// The name in files.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Correct => "correct",
            Outcome::Incorrect => "incorrect",
            Outcome::Partial => "partial",
            Outcome::Missed => "missed",
            Outcome::Spurious => "spurious",
            Outcome::LeftOut => "left-out",
        }
    }
}

/// Words of a mention: what white space separates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Length {
    /// One.
    One,
    /// Two.
    Two,
    /// Three or four.
    Few,
    /// Five or more.
    Many,
}

/// Sentences between the ends of a relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Distance {
    /// Some mentions of both are in one sentence.
    Zero,
    /// They are in sentences that follow each other.
    One,
    /// There is one sentence between.
    Two,
    /// There are more.
    Far,
    /// The same as zero: intra-sentence.
    Intra,
    /// All but zero: inter-sentence.
    Inter,
}

/// The kinds of slices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SliceKind {
    /// By type.
    Type,
    /// By family of relation types.
    Family,
    /// By zone.
    Zone,
    /// By form of mention.
    Form,
    /// By words of a mention.
    Length,
    /// By sentences between the ends of a relation.
    Distance,
    /// By whether the text was met in training data.
    Seen,
    /// By register of the document.
    Register,
    /// By tags of the document.
    Tag,
    /// Relations that are implied or optional.
    Apart,
}

/// A row of a score table: a view and a slice of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowKey {
    /// What is counted, and when it is right.
    pub view: View,
    /// Which of the items.
    pub slice: Slice,
}

impl Slice {
    /// The name in files: empty for all items, else `type:PER`, `family:trade`, `zone:headline`,
    /// `form:name`, `length:3-4`, `distance:inter`, `seen:yes`, `register:news`, `tag:war`,
    /// `implied`, `optional`.
    pub fn name(&self) -> String {
        match self {
            Slice::All => String::new(),
            Slice::Type(name) => format!("type:{name}"),
            Slice::Family(name) => format!("family:{name}"),
            Slice::Zone(zone) => format!("zone:{}", zone.name()),
            Slice::Form(form) => format!("form:{}", form_name(*form)),
            Slice::Length(length) => format!("length:{}", length.name()),
            Slice::Distance(distance) => format!("distance:{}", distance.name()),
            Slice::Seen(true) => "seen:yes".to_owned(),
            Slice::Seen(false) => "seen:no".to_owned(),
            Slice::Register(name) => format!("register:{name}"),
            Slice::Tag(name) => format!("tag:{name}"),
            Slice::Implied => "implied".to_owned(),
            Slice::Optional => "optional".to_owned(),
            Slice::Outcome(outcome) => format!("outcome:{}", outcome.name()),
        }
    }

    /// The slice of that name.
    ///
    /// ```
    /// use ere_eval::Slice;
    /// let slice = Slice::from_name("distance:3+").unwrap();
    /// assert_eq!(slice.name(), "distance:3+");
    /// assert_eq!(Slice::from_name("form:adverb"), None);
    /// ```
    pub fn from_name(name: &str) -> Option<Slice> {
        let Some((kind, rest)) = name.split_once(':') else {
            return match name {
                "" => Some(Slice::All),
                "implied" => Some(Slice::Implied),
                "optional" => Some(Slice::Optional),
                _ => None,
            };
        };
        match kind {
            "type" => Some(Slice::Type(rest.to_owned())),
            "family" => Some(Slice::Family(rest.to_owned())),
            "register" => Some(Slice::Register(rest.to_owned())),
            "tag" => Some(Slice::Tag(rest.to_owned())),
            "zone" => ZoneKind::from_name(rest).map(Slice::Zone),
            "form" => FORMS.into_iter().find(|form| form_name(*form) == rest).map(Slice::Form),
            "length" => Length::ALL.into_iter().find(|l| l.name() == rest).map(Slice::Length),
            "distance" => Distance::ALL.into_iter().find(|d| d.name() == rest).map(Slice::Distance),
            "outcome" => Outcome::ALL.into_iter().find(|o| o.name() == rest).map(Slice::Outcome),
            "seen" if rest == "yes" => Some(Slice::Seen(true)),
            "seen" if rest == "no" => Some(Slice::Seen(false)),
            _ => None,
        }
    }
}

const FORMS: [Form; 3] = [Form::Name, Form::Nominal, Form::Pronoun];

fn form_name(form: Form) -> &'static str {
    match form {
        Form::Name => "name",
        Form::Nominal => "nominal",
        Form::Pronoun => "pronoun",
    }
}

impl Length {
    const ALL: [Length; 4] = [Length::One, Length::Two, Length::Few, Length::Many];

    fn name(self) -> &'static str {
        match self {
            Length::One => "1",
            Length::Two => "2",
            Length::Few => "3-4",
            Length::Many => "5+",
        }
    }

    /// The length of a mention of so many words.
    pub(crate) fn of(words: usize) -> Length {
        match words {
            0 | 1 => Length::One,
            2 => Length::Two,
            3 | 4 => Length::Few,
            _ => Length::Many,
        }
    }
}

impl Distance {
    const ALL: [Distance; 6] = [
        Distance::Zero,
        Distance::One,
        Distance::Two,
        Distance::Far,
        Distance::Intra,
        Distance::Inter,
    ];

    fn name(self) -> &'static str {
        match self {
            Distance::Zero => "0",
            Distance::One => "1",
            Distance::Two => "2",
            Distance::Far => "3+",
            Distance::Intra => "intra",
            Distance::Inter => "inter",
        }
    }

    /// The two slices of a relation whose ends are so many sentences apart.
    pub(crate) fn of(sentences: u32) -> [Distance; 2] {
        match sentences {
            0 => [Distance::Zero, Distance::Intra],
            1 => [Distance::One, Distance::Inter],
            2 => [Distance::Two, Distance::Inter],
            _ => [Distance::Far, Distance::Inter],
        }
    }
}

impl SliceKind {
    /// All kinds.
    pub const ALL: [SliceKind; 10] = [
        SliceKind::Type,
        SliceKind::Family,
        SliceKind::Zone,
        SliceKind::Form,
        SliceKind::Length,
        SliceKind::Distance,
        SliceKind::Seen,
        SliceKind::Register,
        SliceKind::Tag,
        SliceKind::Apart,
    ];

    /// Its name: what stands before the colon in the names of its slices; `apart` for relations
    /// that are implied or optional.
    pub fn name(self) -> &'static str {
        match self {
            SliceKind::Type => "type",
            SliceKind::Family => "family",
            SliceKind::Zone => "zone",
            SliceKind::Form => "form",
            SliceKind::Length => "length",
            SliceKind::Distance => "distance",
            SliceKind::Seen => "seen",
            SliceKind::Register => "register",
            SliceKind::Tag => "tag",
            SliceKind::Apart => "apart",
        }
    }
}

/// A slice as a small number: a label of the vocabulary of slice names.
pub(crate) type SliceId = Label;

/// The names of slices as small numbers, so that counting never touches a string.
///
/// Those that the ontology and this crate know are numbered at the start; registers, tags and types
/// of other worlds as they are met.
#[derive(Clone, Debug)]
pub(crate) struct SliceNames {
    vocabulary: Vocabulary,
    zones: [SliceId; ZoneKind::ALL.len()],
    forms: [SliceId; FORMS.len()],
    lengths: [SliceId; Length::ALL.len()],
    distances: [SliceId; Distance::ALL.len()],
    /// No, yes.
    seen: [SliceId; 2],
    pub(crate) all: SliceId,
    pub(crate) implied: SliceId,
    pub(crate) optional: SliceId,
}

impl SliceNames {
    pub(crate) fn new() -> SliceNames {
        let vocabulary = Vocabulary::default();
        let id = |slice: Slice| vocabulary.intern(&slice.name());
        SliceNames {
            all: id(Slice::All),
            implied: id(Slice::Implied),
            optional: id(Slice::Optional),
            zones: ZoneKind::ALL.map(|zone| id(Slice::Zone(zone))),
            forms: FORMS.map(|form| id(Slice::Form(form))),
            lengths: Length::ALL.map(|length| id(Slice::Length(length))),
            distances: Distance::ALL.map(|distance| id(Slice::Distance(distance))),
            seen: [false, true].map(|seen| id(Slice::Seen(seen))),
            vocabulary,
        }
    }

    /// The names by number.
    pub(crate) fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    pub(crate) fn intern(&self, slice: &Slice) -> SliceId {
        self.vocabulary.intern(&slice.name())
    }

    pub(crate) fn zone(&self, zone: ZoneKind) -> SliceId {
        self.zones[zone as usize]
    }

    pub(crate) fn form(&self, form: Form) -> SliceId {
        self.forms[form as usize]
    }

    pub(crate) fn length(&self, length: Length) -> SliceId {
        self.lengths[length as usize]
    }

    pub(crate) fn distances(&self, sentences: u32) -> [SliceId; 2] {
        Distance::of(sentences).map(|distance| self.distances[distance as usize])
    }

    pub(crate) fn seen(&self, seen: bool) -> SliceId {
        self.seen[usize::from(seen)]
    }
}

/// The slice behind a number.
pub(crate) fn slice_of(id: SliceId, names: &Vocabulary) -> Slice {
    Slice::from_name(&names.name(id)).expect("only names of slices are numbered")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slice_has_a_name_that_leads_back() {
        let names = [
            "",
            "type:PER",
            "type:a:b",
            "type:",
            "family:trade",
            "zone:headline",
            "form:pronoun",
            "length:1",
            "length:2",
            "length:3-4",
            "length:5+",
            "distance:0",
            "distance:1",
            "distance:2",
            "distance:3+",
            "distance:intra",
            "distance:inter",
            "seen:yes",
            "seen:no",
            "register:news",
            "tag:war",
            "outcome:left-out",
            "implied",
            "optional",
        ];
        for name in names {
            assert_eq!(Slice::from_name(name).unwrap().name(), name);
        }
        for name in ["types", "zone:attic", "form:", "length:3", "distance:3", "seen:maybe", "x:y"]
        {
            assert_eq!(Slice::from_name(name), None, "{name:?}");
        }
    }

    #[test]
    fn numbers_lead_back_to_slices() {
        let names = SliceNames::new();
        let back = |id| slice_of(id, names.vocabulary());
        assert_eq!(back(names.zone(ZoneKind::Boilerplate)), Slice::Zone(ZoneKind::Boilerplate));
        assert_eq!(back(names.form(Form::Pronoun)), Slice::Form(Form::Pronoun));
        assert_eq!(back(names.length(Length::Many)), Slice::Length(Length::Many));
        assert_eq!(
            names.distances(7).map(back),
            [Slice::Distance(Distance::Far), Slice::Distance(Distance::Inter)]
        );
        assert_eq!(back(names.seen(true)), Slice::Seen(true));
        assert_eq!(back(names.intern(&Slice::Tag("x".into()))), Slice::Tag("x".into()));
        assert_eq!(back(names.all), Slice::All);
    }
}
