//! The scorer of SemEval-2010 Task 8, version 1.2 (`semeval2010_task8_scorer-v1.2.pl`): one of nine
//! directed relations, or Other, for each sentence. The official score is the macro F1 of the
//! [`Scoring::Official`] table.
//!
//! Three scorings: directed relations as 18 classes; nine classes without direction; nine classes
//! where a prediction with the right relation and the wrong direction belongs to no class, but still
//! counts in the denominator of the precision of its relation.
//!
//! Macro averages are means over the classes of the **key**, without Other; macro F1 is the mean of
//! the classes' F1. A predicted class that the key does not have costs nothing in precision. A
//! sentence without an answer is not found by its class. Ratios without a denominator are 0.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use ere_dataset::Label;

use crate::reference::{Ratios, pairs};
use crate::tally::Tally;

/// One of the nine relations and its direction, or Other.
///
/// ```
/// use ere_eval::reference::semeval2010::{Answer, Direction, Relation};
/// let answer: Answer = "Cause-Effect(e2,e1)".parse().unwrap();
/// assert_eq!(answer, Answer::Relation(Relation::CauseEffect, Direction::Backward));
/// assert_eq!(answer.to_string(), "Cause-Effect(e2,e1)");
/// assert!("Cause-Effect".parse::<Answer>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// A directed relation.
    Relation(Relation, Direction),
    /// None of the nine.
    Other,
}

/// The relations of the task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say all that there is to say")]
pub enum Relation {
    CauseEffect,
    ComponentWhole,
    ContentContainer,
    EntityDestination,
    EntityOrigin,
    InstrumentAgency,
    MemberCollection,
    MessageTopic,
    ProductProducer,
}

/// Which of the two marked entities is the first argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// `(e1,e2)`
    Forward,
    /// `(e2,e1)`
    Backward,
}

/// What a class is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scoring {
    /// A relation with its direction: 18 classes and Other.
    Directed,
    /// A relation: nine classes and Other.
    Undirected,
    /// A relation, right only with the right direction: nine classes and Other.
    Official,
}

/// A class of a scoring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// A relation with its direction.
    Directed(Relation, Direction),
    /// A relation.
    Undirected(Relation),
    /// None of the nine.
    Other,
}

/// One table of the scorer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The classes of the key.
    pub rows: BTreeMap<Class, Row>,
    /// Sentences of the key.
    pub sentences: u64,
    /// Sentences with an answer.
    pub answered: u64,
}

/// Counts of one class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Right answers.
    pub correct: u64,
    /// Answers of this class, without those of the wrong direction in [`Scoring::Official`].
    pub predicted: u64,
    /// Answers with the right relation and the wrong direction, in [`Scoring::Official`].
    pub wrong_direction: u64,
    /// Sentences of this class.
    pub gold: u64,
    /// Sentences of this class without an answer.
    pub skipped: u64,
}

/// Counts sentences: the key, and the answer if there is one.
///
/// ```
/// use ere_eval::reference::semeval2010::{Answer, Scoring, table};
/// let answer = |text: &str| text.parse::<Answer>().unwrap();
/// let sentences = [
///     (answer("Cause-Effect(e1,e2)"), Some(answer("Cause-Effect(e1,e2)"))),
///     (answer("Cause-Effect(e1,e2)"), Some(answer("Cause-Effect(e2,e1)"))),
///     (answer("Other"), None),
/// ];
/// assert_eq!(table(&sentences, Scoring::Undirected).macro_average().unwrap().f1, 1.0);
/// assert_eq!(table(&sentences, Scoring::Official).macro_average().unwrap().f1, 0.5);
/// ```
pub fn table(sentences: &[(Answer, Option<Answer>)], scoring: Scoring) -> Table {
    let mut rows: BTreeMap<Class, Row> = BTreeMap::new();
    for (key, _) in sentences {
        rows.entry(scoring.class(*key)).or_default().gold += 1;
    }
    for (key, answer) in sentences {
        let class = scoring.class(*key);
        let row = rows.get_mut(&class).expect("every class of the key has a row");
        let Some(answer) = answer else {
            row.skipped += 1;
            continue;
        };
        let answer_class = scoring.class(*answer);
        if class == answer_class && key != answer && scoring == Scoring::Official {
            row.wrong_direction += 1;
            continue;
        }
        row.correct += u64::from(class == answer_class);
        if let Some(row) = rows.get_mut(&answer_class) {
            row.predicted += 1;
        }
    }
    let answered = sentences.iter().filter(|(_, answer)| answer.is_some()).count();
    Table { rows, sentences: sentences.len() as u64, answered: answered as u64 }
}

/// Counts answers by class, for any relations, not the nine alone: a label, with its direction in
/// [`Scoring::Directed`]. The tallies add up, and every class that gold or prediction has has a row:
/// what the scorer calls the classes of the key are the rows with gold.
///
/// ```
/// use ere_eval::Tally;
/// use ere_eval::reference::semeval2010::{Direction::{Backward, Forward}, Scoring, classes};
/// let label = ere_dataset::Vocabulary::default().intern("Cause-Effect");
/// let answers = [(Some((label, Forward)), Some((label, Backward)))];
/// assert_eq!(classes(&answers, Scoring::Undirected)[&(label, None)], Tally::counts(1, 0, 0));
/// assert_eq!(classes(&answers, Scoring::Official)[&(label, None)], Tally::counts(0, 1, 1));
/// assert_eq!(classes(&answers, Scoring::Directed).len(), 2);
/// ```
pub fn classes(
    answers: &[(Option<pairs::Answer>, Option<pairs::Answer>)],
    scoring: Scoring,
) -> BTreeMap<(Label, Option<Direction>), Tally> {
    let class = |(label, direction): pairs::Answer| {
        (label, (scoring == Scoring::Directed).then_some(direction))
    };
    let mut rows: BTreeMap<_, Tally> = BTreeMap::new();
    for (gold, pred) in answers {
        let is_right = match scoring {
            Scoring::Undirected => gold.map(|answer| answer.0) == pred.map(|answer| answer.0),
            Scoring::Directed | Scoring::Official => gold == pred,
        };
        let credit = f64::from(u8::from(is_right));
        if let Some(answer) = gold {
            let row = rows.entry(class(*answer)).or_default();
            row.recall_denominator += 1.0;
            row.recall_numerator += credit;
        }
        if let Some(answer) = pred {
            let row = rows.entry(class(*answer)).or_default();
            row.precision_denominator += 1.0;
            row.precision_numerator += credit;
        }
    }
    rows
}

impl Table {
    /// Counts over the classes of the key without Other.
    pub fn micro(&self) -> Tally {
        self.relations().map(Row::tally).sum()
    }

    /// The mean over the classes of the key without Other; `None` where there are none.
    pub fn macro_average(&self) -> Option<Ratios> {
        let rows: Vec<Ratios> = self.relations().map(|row| Ratios::or_zero(&row.tally())).collect();
        Ratios::mean(&rows)
    }

    /// Right answers, Other included.
    pub fn correct(&self) -> u64 {
        self.rows.values().map(|row| row.correct).sum()
    }

    /// Right answers if every sentence without an answer were answered with Other.
    pub fn correct_with_skipped_as_other(&self) -> u64 {
        self.correct() + self.rows.get(&Class::Other).map_or(0, |row| row.skipped)
    }

    fn relations(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|(class, _)| **class != Class::Other).map(|(_, row)| row)
    }
}

impl Row {
    /// The same as a tally; wrong directions are false positives.
    pub fn tally(&self) -> Tally {
        let wrong = self.predicted + self.wrong_direction - self.correct;
        Tally::counts(self.correct, wrong, self.gold - self.correct)
    }
}

impl Scoring {
    /// The class of an answer.
    pub fn class(self, answer: Answer) -> Class {
        match (answer, self) {
            (Answer::Other, _) => Class::Other,
            (Answer::Relation(relation, direction), Scoring::Directed) => {
                Class::Directed(relation, direction)
            }
            (Answer::Relation(relation, _), _) => Class::Undirected(relation),
        }
    }
}

impl Relation {
    /// All relations, in the order of their names.
    pub const ALL: [Relation; 9] = [
        Relation::CauseEffect,
        Relation::ComponentWhole,
        Relation::ContentContainer,
        Relation::EntityDestination,
        Relation::EntityOrigin,
        Relation::InstrumentAgency,
        Relation::MemberCollection,
        Relation::MessageTopic,
        Relation::ProductProducer,
    ];

    /// The name in files.
    pub fn name(self) -> &'static str {
        match self {
            Relation::CauseEffect => "Cause-Effect",
            Relation::ComponentWhole => "Component-Whole",
            Relation::ContentContainer => "Content-Container",
            Relation::EntityDestination => "Entity-Destination",
            Relation::EntityOrigin => "Entity-Origin",
            Relation::InstrumentAgency => "Instrument-Agency",
            Relation::MemberCollection => "Member-Collection",
            Relation::MessageTopic => "Message-Topic",
            Relation::ProductProducer => "Product-Producer",
        }
    }
}

impl Direction {
    /// What follows the relation in files.
    pub fn name(self) -> &'static str {
        match self {
            Direction::Forward => "(e1,e2)",
            Direction::Backward => "(e2,e1)",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Class::Directed(relation, direction) => {
                write!(f, "{}{}", relation.name(), direction.name())
            }
            Class::Undirected(relation) => f.write_str(relation.name()),
            Class::Other => f.write_str("Other"),
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Scoring::Directed.class(*self).fmt(f)
    }
}

/// A text that is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownAnswer(Box<str>);

impl FromStr for Answer {
    type Err = UnknownAnswer;

    fn from_str(text: &str) -> Result<Answer, UnknownAnswer> {
        let find = || {
            let (name, direction) = [Direction::Forward, Direction::Backward]
                .into_iter()
                .find_map(|d| Some((text.strip_suffix(d.name())?, d)))?;
            let relation = Relation::ALL.into_iter().find(|relation| relation.name() == name)?;
            Some(Answer::Relation(relation, direction))
        };
        let other = || (text == "Other").then_some(Answer::Other);
        find().or_else(other).ok_or_else(|| UnknownAnswer(text.into()))
    }
}

impl fmt::Display for UnknownAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is no answer; right are Other and the nine relations with a direction, such as \
             Cause-Effect(e1,e2)",
            self.0
        )
    }
}

impl std::error::Error for UnknownAnswer {}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentences(pairs: &[(&str, &str)]) -> Vec<(Answer, Option<Answer>)> {
        pairs.iter().map(|(key, answer)| (key.parse().unwrap(), answer.parse().ok())).collect()
    }

    #[test]
    fn a_wrong_direction_lowers_precision_of_its_relation() {
        let sentences = sentences(&[
            ("Message-Topic(e1,e2)", "Message-Topic(e2,e1)"),
            ("Message-Topic(e1,e2)", "Message-Topic(e1,e2)"),
            ("Other", "Other"),
        ]);
        let row = |scoring| table(&sentences, scoring).rows.into_values().next().unwrap();
        let official = row(Scoring::Official);
        assert_eq!((official.predicted, official.wrong_direction), (1, 1));
        assert_eq!(official.tally(), Tally::counts(1, 1, 1));
        assert_eq!(row(Scoring::Undirected).tally(), Tally::counts(2, 0, 0));
        // The class of the wrong direction is not in the key: the answer costs no precision.
        assert_eq!(row(Scoring::Directed).tally(), Tally::counts(1, 0, 1));
    }

    #[test]
    fn a_class_that_the_key_lacks_costs_no_precision() {
        let table = table(&sentences(&[("Other", "Cause-Effect(e1,e2)")]), Scoring::Official);
        assert_eq!(table.micro(), Tally::default());
        assert_eq!(table.macro_average(), None);
    }

    #[test]
    fn skipped_sentences_are_other() {
        let sentences = sentences(&[("Other", "-"), ("Entity-Origin(e1,e2)", "-")]);
        let table = table(&sentences, Scoring::Official);
        assert_eq!((table.sentences, table.answered), (2, 0));
        assert_eq!((table.correct(), table.correct_with_skipped_as_other()), (0, 1));
    }

    #[test]
    fn an_unknown_answer_says_what_would_be_right() {
        let message = "Likes(e1,e2)".parse::<Answer>().unwrap_err().to_string();
        assert!(message.starts_with("\"Likes(e1,e2)\" is no answer; right are Other"), "{message}");
    }
}
