//! Relations between mentions as labels of given pairs, for the scorers of labels
//! ([`tacred`](super::tacred), [`semeval2010`](super::semeval2010)).
//!
//! A pair is two places. The pairs that were asked are those that the gold document lists
//! ([`Document::pairs`]); where it lists none, all pairs that gold or prediction relates, which is the
//! same to scorers that do not count pairs without a relation. A pair has one label: of several, the
//! one of highest confidence, then the one whose name comes first. The others, and predictions for
//! pairs that were not asked, are left out and counted. "No relation" is the absence of one.

use std::collections::{BTreeMap, BTreeSet};

use ere_dataset::{Document, Label, MentionIdx, MentionRelation, Spans, Vocabulary};

use super::semeval2010::Direction;

/// Whether the order of a pair's ends belongs to the pair or to its label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Head and tail are given with the pair: all labels are forward.
    HeadThenTail,
    /// The end that stands first in the text is the first one. A relation from it is forward.
    AsInText,
}

/// A label of a pair and its direction.
pub type Answer = (Label, Direction);

/// What gold and prediction say of each pair.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// Of pairs of which one of them says something: gold's answer, the predicted one.
    pub answers: Vec<(Option<Answer>, Option<Answer>)>,
    /// Relations, of gold and prediction, that are no answer; copies not counted.
    pub left_out: u64,
}

/// The answers of one document.
///
/// ```
/// use ere_dataset::{Vocabulary, jsonl};
/// use ere_eval::reference::pairs::{Order, answers};
/// use ere_eval::reference::semeval2010::Direction;
/// let vocabulary = Vocabulary::default();
/// let read = |head: u32, tail: u32| {
///     let line = format!(
///         r#"{{"id":"a","text":"Ann met Bo","mentions":[{{"start":0,"end":3,"type":"PER"}},
///             {{"start":8,"end":10,"type":"PER"}}],
///             "mention_relations":[{{"head":{head},"tail":{tail},"type":"met"}}]}}"#
///     );
///     jsonl::gold_from_str(&line, &vocabulary).unwrap()
/// };
/// let met = vocabulary.intern("met");
/// let (gold, pred) = (read(0, 1), read(1, 0));
/// assert_eq!(
///     answers(&gold, &pred, Order::AsInText, &vocabulary).answers,
///     [(Some((met, Direction::Forward)), Some((met, Direction::Backward)))],
/// );
/// assert_eq!(answers(&gold, &pred, Order::HeadThenTail, &vocabulary).answers.len(), 2);
/// ```
pub fn answers(gold: &Document, pred: &Document, order: Order, vocabulary: &Vocabulary) -> Answers {
    let asked: Option<BTreeSet<Pair<'_>>> = gold.pairs.as_ref().map(|pairs| {
        let pairs = pairs.iter();
        pairs.map(|pair| pair_of(gold, pair.head, pair.tail, order).0).collect()
    });
    let (gold, mut left_out) = labels(gold, asked.as_ref(), order, vocabulary);
    let (pred, more) = labels(pred, asked.as_ref(), order, vocabulary);
    left_out += more;
    let pairs: BTreeSet<&Pair<'_>> = gold.keys().chain(pred.keys()).collect();
    let answer = |pair| (gold.get(pair).copied(), pred.get(pair).copied());
    Answers { answers: pairs.into_iter().map(answer).collect(), left_out }
}

type Pair<'a> = (&'a Spans, &'a Spans);

fn pair_of(
    document: &Document,
    head: MentionIdx,
    tail: MentionIdx,
    order: Order,
) -> (Pair<'_>, Direction) {
    let place = |mention: MentionIdx| &document.mentions[mention.index()].spans;
    let (head, tail) = (place(head), place(tail));
    match order {
        Order::AsInText if tail < head => ((tail, head), Direction::Backward),
        _ => ((head, tail), Direction::Forward),
    }
}

/// One answer a pair, and how many relations are none.
fn labels<'a>(
    document: &'a Document,
    asked: Option<&BTreeSet<Pair<'_>>>,
    order: Order,
    vocabulary: &Vocabulary,
) -> (BTreeMap<Pair<'a>, Answer>, u64) {
    let candidate = |relation: &MentionRelation| {
        let (pair, direction) = pair_of(document, relation.head, relation.tail, order);
        let confidence = relation.confidence.unwrap_or(f64::NEG_INFINITY);
        (pair, confidence, (relation.label, direction))
    };
    let mut candidates: Vec<_> = document.mention_relations.iter().map(candidate).collect();
    let name = |answer: &Answer| (vocabulary.name(answer.0), answer.1);
    candidates.sort_by(|a, b| {
        a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)).then_with(|| name(&a.2).cmp(&name(&b.2)))
    });
    let mut answers: BTreeMap<Pair<'a>, Answer> = BTreeMap::new();
    let mut others = BTreeSet::new();
    for (pair, _, answer) in candidates {
        let is_asked = asked.is_none_or(|asked| asked.contains(&pair));
        if !is_asked || *answers.entry(pair).or_insert(answer) != answer {
            others.insert((pair, answer));
        }
    }
    (answers, others.len() as u64)
}

#[cfg(test)]
mod tests {
    use ere_dataset::{Mention, Pair, Span};

    use super::*;

    /// Mentions at 0, 10 and 20; head, tail, label, confidence.
    fn document(vocabulary: &Vocabulary, relations: &[(u32, u32, &str, Option<f64>)]) -> Document {
        let label = vocabulary.intern("PER");
        let mention = |start| Mention::new(Span::new(start, start + 2).unwrap(), label);
        let relation = |&(head, tail, label, confidence): &(u32, u32, &str, _)| MentionRelation {
            head: MentionIdx(head),
            tail: MentionIdx(tail),
            label: vocabulary.intern(label),
            confidence,
            id: None,
        };
        Document {
            mentions: [0, 10, 20].map(mention).to_vec(),
            mention_relations: relations.iter().map(relation).collect(),
            ..Document::default()
        }
    }

    #[test]
    fn a_pair_has_one_label_and_only_pairs_that_were_asked_have_any() {
        let vocabulary = Vocabulary::default();
        let mut gold =
            document(&vocabulary, &[(0, 1, "b", None), (0, 1, "a", None), (0, 1, "a", None)]);
        gold.pairs = Some(vec![Pair { head: MentionIdx(0), tail: MentionIdx(1) }]);
        let pred = [(0, 1, "a", Some(0.2)), (0, 1, "b", Some(0.7)), (1, 2, "a", None)];
        let found = answers(&gold, &document(&vocabulary, &pred), Order::HeadThenTail, &vocabulary);
        let [a, b] = ["a", "b"].map(|name| (vocabulary.intern(name), Direction::Forward));
        assert_eq!(found.answers, [(Some(a), Some(b))]);
        // Gold's b, the less sure a, and the pair that was not asked.
        assert_eq!(found.left_out, 3);
    }
}
