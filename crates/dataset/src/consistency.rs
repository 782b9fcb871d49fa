//! Places in gold where like things are annotated differently: each is a question, not an error.
//!
//! Three questions are asked of a set of documents. A string that is a mention in one place: is it none
//! in another, or of another type? Two entities in a sentence with the words between them that mostly
//! go with a relation: why not here? A relation between types that no other relation of its type has: is
//! it meant?

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::document::{Document, Form, Mention};
use crate::label::{Label, Vocabulary};
use crate::ontology::Ontology;
use crate::span::Span;

/// One question.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Question {
    /// Which of the three.
    pub kind: Kind,
    /// What it is about: a string, words with a relation, or a signature.
    pub subject: String,
    /// What the rest of the set does.
    pub usual: String,
    /// What is different here.
    pub here: String,
    /// The document.
    pub document: String,
    /// The sentence (or the line) around it, the place marked by « ».
    pub context: String,
}

/// Which question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The string is a mention elsewhere, and in no mention here.
    Unmarked,
    /// The string has another type elsewhere.
    Type,
    /// Words that mostly go with a relation stand between two entities that have none.
    Trigger,
    /// A relation whose end types are found once.
    Signature,
}

impl Kind {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Unmarked => "unmarked",
            Kind::Type => "type",
            Kind::Trigger => "trigger",
            Kind::Signature => "signature",
        }
    }
}

/// A string has to be marked in so many places before an unmarked one is asked about.
const LEAST_MARKED: usize = 2;
/// And in this share of its places.
const MARKED_SHARE: f64 = 0.6;
/// A trigger has to go with its relation so often.
const LEAST_TRIGGERS: usize = 4;
/// And in this share of its places.
const TRIGGER_SHARE: f64 = 0.75;
/// Two mentions are close if so many words at most are between them.
const WORDS_BETWEEN: usize = 4;

/// All questions, by kind, subject and document. Linear in text and mentions, but for pairs of
/// mentions in one sentence.
pub fn questions(
    documents: &[Document],
    vocabulary: &Vocabulary,
    ontology: Option<&Ontology>,
) -> Vec<Question> {
    let mut questions = Vec::new();
    strings(documents, vocabulary, &mut questions);
    triggers(documents, vocabulary, &mut questions);
    signatures(documents, vocabulary, ontology, &mut questions);
    questions.sort();
    questions.dedup();
    questions
}

/// Where a string of words is a mention, and of what types.
#[derive(Default)]
struct Marked<'a> {
    types: BTreeMap<Label, Vec<(&'a Document, Span)>>,
}

fn strings(documents: &[Document], vocabulary: &Vocabulary, questions: &mut Vec<Question>) {
    let mut marked: BTreeMap<&str, Marked<'_>> = BTreeMap::new();
    let mut longest = 0;
    for document in documents {
        for mention in document.mentions.iter().filter(|mention| is_plain(mention)) {
            let span = mention.spans.first();
            let Some(text) = span.slice(document.text.as_str()) else { continue };
            longest = longest.max(words(text).count());
            let places = marked.entry(text).or_default().types.entry(mention.label).or_default();
            places.push((document, span));
        }
    }
    let mut unmarked: BTreeMap<&str, Vec<(&Document, Span)>> = BTreeMap::new();
    for document in documents {
        for span in runs_of_words(document, longest) {
            let Some(text) = span.slice(document.text.as_str()) else { continue };
            if marked.contains_key(text) && !is_in_a_mention(document, span) {
                unmarked.entry(text).or_default().push((document, span));
            }
        }
    }
    for (text, Marked { types }) in &marked {
        let count: usize = types.values().map(Vec::len).sum();
        let places = unmarked.get(text).map(Vec::as_slice).unwrap_or_default();
        let share = count as f64 / (count + places.len()) as f64;
        if count >= LEAST_MARKED && share >= MARKED_SHARE {
            let usual = format!("a mention in {count} places");
            for (document, span) in places {
                let here = "in no mention".to_owned();
                questions.push(question(Kind::Unmarked, text, &usual, here, document, *span));
            }
        }
        types_of(text, types, vocabulary, questions);
    }
}

/// Types other than the most frequent one. A string that has two types on one span (a role and the
/// person who has it) is not asked about.
fn types_of(
    text: &str,
    types: &BTreeMap<Label, Vec<(&Document, Span)>>,
    vocabulary: &Vocabulary,
    questions: &mut Vec<Question>,
) {
    let usual =
        types.iter().max_by_key(|(label, places)| (places.len(), std::cmp::Reverse(*label)));
    let Some((usual, most)) = usual.filter(|_| types.len() > 1) else { return };
    for (label, places) in types.iter().filter(|(label, _)| *label != usual) {
        for (document, span) in places {
            let both = document.mentions.iter().any(|mention| {
                mention.label != *label && is_plain(mention) && mention.spans.first() == *span
            });
            if !both {
                let said = format!("{} in {} places", vocabulary.name(*usual), most.len());
                let here = vocabulary.name(*label).to_string();
                questions.push(question(Kind::Type, text, &said, here, document, *span));
            }
        }
    }
}

/// Pronouns are left out: "it" is a mention or not for reasons of its own.
fn is_plain(mention: &Mention) -> bool {
    !mention.spans.is_discontinuous() && mention.form != Some(Form::Pronoun)
}

fn is_in_a_mention(document: &Document, span: Span) -> bool {
    document.mentions.iter().any(|mention| {
        let hull = mention.spans.hull();
        hull.start() < span.end() && span.start() < hull.end()
    })
}

fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '’')
        .filter(|word| !word.is_empty())
        .map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
}

/// Every run of one to `longest` words of a document.
fn runs_of_words(document: &Document, longest: usize) -> Vec<Span> {
    let text = document.text.as_str();
    let bounds: Vec<(u32, u32)> =
        words(text).map(|(at, word)| (at as u32, (at + word.len()) as u32)).collect();
    let run = |start: usize, count: usize| {
        let end = bounds.get(start + count - 1)?.1;
        Span::new(bounds[start].0, end)
    };
    let starts = 0..bounds.len();
    starts.flat_map(|start| (1..=longest).filter_map(move |count| run(start, count))).collect()
}

/// A pair of mentions of two entities in one sentence with few words between them.
struct Near<'a> {
    document: &'a Document,
    left: &'a Mention,
    right: &'a Mention,
    between: String,
}

fn near(document: &Document) -> Vec<Near<'_>> {
    let text = document.text.as_str();
    let mut mentions: Vec<&Mention> =
        document.mentions.iter().filter(|mention| !mention.spans.is_discontinuous()).collect();
    mentions.sort_by_key(|mention| mention.spans.first().start());
    let mut pairs = Vec::new();
    for (at, left) in mentions.iter().enumerate() {
        let end = left.spans.first().end();
        let after = mentions[at + 1..].iter().filter(|right| right.spans.first().start() >= end);
        for right in after {
            let between = &text[end as usize..right.spans.first().start() as usize];
            let count = words(between).count();
            if count > WORDS_BETWEEN || between.contains('\n') {
                break;
            }
            let same_sentence = document.sentence_of(left.spans.first())
                == document.sentence_of(right.spans.first());
            if count > 0 && same_sentence && left.entity != right.entity {
                let between: Vec<String> =
                    words(between).map(|(_, word)| word.to_lowercase()).collect();
                let between = between.join(" ");
                pairs.push(Near { document, left, right, between });
            }
        }
    }
    pairs
}

/// What stands beside the same words.
#[derive(Default)]
struct Trigger<'a> {
    count: usize,
    relations: BTreeMap<String, usize>,
    without: Vec<Near<'a>>,
}

fn triggers(documents: &[Document], vocabulary: &Vocabulary, questions: &mut Vec<Question>) {
    let mut seen: BTreeMap<(Label, String, Label), Trigger<'_>> = BTreeMap::new();
    for pair in documents.iter().flat_map(near) {
        let key = (pair.left.label, pair.between.clone(), pair.right.label);
        let trigger = seen.entry(key).or_default();
        trigger.count += 1;
        match relation_of(&pair, vocabulary) {
            Some(relation) => *trigger.relations.entry(relation).or_default() += 1,
            None => trigger.without.push(pair),
        }
    }
    for ((left, between, right), Trigger { count, relations, without }) in seen {
        let Some((relation, times)) = relations.iter().max_by_key(|(_, times)| **times) else {
            continue;
        };
        if *times < LEAST_TRIGGERS || (*times as f64) < TRIGGER_SHARE * count as f64 {
            continue;
        }
        let (left, right) = (vocabulary.name(left), vocabulary.name(right));
        let subject = format!("{left} {between} {right}");
        let usual = format!("{relation} in {times} of {count} places");
        for pair in without {
            let text = pair.document.text.as_str();
            let slice = |mention: &Mention| mention.spans.first().slice(text).unwrap_or_default();
            let here = format!("none between “{}” and “{}”", slice(pair.left), slice(pair.right));
            let span = pair.left.spans.first();
            questions.push(question(Kind::Trigger, &subject, &usual, here, pair.document, span));
        }
    }
}

/// The relation between the entities of a pair, with its direction.
fn relation_of(pair: &Near<'_>, vocabulary: &Vocabulary) -> Option<String> {
    let (left, right) = (pair.left.entity?, pair.right.entity?);
    pair.document.relations.iter().find_map(|relation| {
        let name = vocabulary.name(relation.label);
        match (
            relation.head == left && relation.tail == right,
            relation.head == right && relation.tail == left,
        ) {
            (true, _) => Some(format!("{name} (left to right)")),
            (_, true) => Some(format!("{name} (right to left)")),
            _ => None,
        }
    })
}

fn signatures(
    documents: &[Document],
    vocabulary: &Vocabulary,
    ontology: Option<&Ontology>,
    questions: &mut Vec<Question>,
) {
    type Key = (Label, Label, Label);
    let mut seen: BTreeMap<Key, Vec<(&Document, usize)>> = BTreeMap::new();
    let mut totals: BTreeMap<Label, usize> = BTreeMap::new();
    for document in documents {
        for (at, relation) in document.relations.iter().enumerate() {
            let label = |entity: crate::EntityIdx| {
                document.entities[entity.index()].labels.first().copied()
            };
            let (Some(head), Some(tail)) = (label(relation.head), label(relation.tail)) else {
                continue;
            };
            let symmetric = ontology
                .and_then(|ontology| ontology.relation(relation.label))
                .is_some_and(|relation| relation.symmetric);
            let ends = if symmetric { (head.min(tail), head.max(tail)) } else { (head, tail) };
            seen.entry((relation.label, ends.0, ends.1)).or_default().push((document, at));
            *totals.entry(relation.label).or_default() += 1;
        }
    }
    for ((label, head, tail), places) in seen {
        let total = totals[&label];
        let [(document, at)] = places.as_slice() else { continue };
        if total < LEAST_TRIGGERS {
            continue;
        }
        let [label, head, tail] = [label, head, tail].map(|label| vocabulary.name(label));
        let subject = format!("{label}: {head} -> {tail}");
        let usual = format!("{total} relations of this type, one with these ends");
        let relation = &document.relations[*at];
        let span = document
            .mentions
            .iter()
            .find(|mention| mention.entity == Some(relation.head))
            .map(|mention| mention.spans.first());
        let Some(span) = span else { continue };
        questions.push(question(Kind::Signature, &subject, &usual, String::new(), document, span));
    }
}

fn question(
    kind: Kind,
    subject: &str,
    usual: &str,
    here: String,
    document: &Document,
    span: Span,
) -> Question {
    let text = document.text.as_str();
    let (start, end) = (span.start() as usize, span.end() as usize);
    let (line_start, line_end) = match document.sentence_of(span) {
        Some(sentence) => {
            let sentence = document.sentences[sentence.index()];
            (sentence.start() as usize, sentence.end() as usize)
        }
        None => (
            text[..start].rfind('\n').map_or(0, |at| at + 1),
            text[end..].find('\n').map_or(text.len(), |at| end + at),
        ),
    };
    let (line_start, line_end) = (line_start.min(start), line_end.max(end));
    let context =
        format!("{}«{}»{}", &text[line_start..start], &text[start..end], &text[end..line_end]);
    Question {
        kind,
        subject: subject.to_owned(),
        usual: usual.to_owned(),
        here,
        document: document.id.to_string(),
        context,
    }
}

/// How many questions there are of each kind.
pub fn counts(questions: &[Question]) -> BTreeMap<&'static str, usize> {
    let kinds: BTreeSet<Kind> = questions.iter().map(|question| question.kind).collect();
    let count = |kind| questions.iter().filter(|question| question.kind == kind).count();
    kinds.into_iter().map(|kind| (kind.name(), count(kind))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authoring;

    fn ask(articles: &[&str]) -> Vec<(Kind, String, String)> {
        let vocabulary = Vocabulary::default();
        let parse = |text: &&str| authoring::parse(text, &vocabulary).expect("well-formed");
        let documents: Vec<Document> = articles.iter().map(parse).collect();
        let questions = questions(&documents, &vocabulary, None);
        questions.into_iter().map(|q| (q.kind, q.subject, q.document)).collect()
    }

    #[test]
    fn a_string_that_is_marked_elsewhere_is_asked_about() {
        let marked = "id: a\n---\ns0 [Oslo](GPE oslo) saw rain.\ns1 In [Oslo](GPE oslo) it fell.\n";
        let other =
            "id: b\n---\ns0 Oslo was dry.\ns1 The [mayor of Oslo](PER mayor nominal) spoke.\n";
        // Inside a mention it is not asked about.
        assert_eq!(ask(&[marked, other]), [(Kind::Unmarked, "Oslo".to_owned(), "b".to_owned())]);
    }

    #[test]
    fn another_type_is_asked_about_unless_both_stand_there() {
        let one = "id: a\n---\ns0 [Acme](ORG acme) grew.\ns1 [Acme](ORG acme) fell.\n";
        let other = "id: b\n---\ns0 [Acme](GPE acme) is a town.\n";
        assert_eq!(ask(&[one, other]), [(Kind::Type, "Acme".to_owned(), "b".to_owned())]);
        let both = "id: b\n---\ns0 [[Acme](GPE town)](ORG acme nominal) grew.\n";
        assert_eq!(ask(&[one, both]), []);
    }

    #[test]
    fn words_that_go_with_a_relation_are_asked_about() {
        let article = |id: &str, with: bool| {
            let relation = if with { "owns anna acme : s0\n" } else { "" };
            format!("id: {id}\n---\ns0 [Anna](PER anna) owns [Acme](ORG acme).\n---\n{relation}")
        };
        let articles: Vec<String> =
            ["a", "b", "c", "d", "e"].iter().map(|id| article(id, *id != "e")).collect();
        let articles: Vec<&str> = articles.iter().map(String::as_str).collect();
        assert_eq!(ask(&articles), [(Kind::Trigger, "PER owns ORG".to_owned(), "e".to_owned())]);
    }

    #[test]
    fn ends_that_are_found_once_are_asked_about() {
        let of = |id: &str, kind: &str| {
            format!(
                "id: {id}\n---\ns0 [Anna](PER anna) has, she said of it, [It {id}]({kind} it).\n---\nowns anna it : s0\n"
            )
        };
        let articles = [of("a", "ORG"), of("b", "ORG"), of("c", "ORG"), of("d", "FAC")];
        let articles: Vec<&str> = articles.iter().map(String::as_str).collect();
        assert_eq!(
            ask(&articles),
            [(Kind::Signature, "owns: PER -> FAC".to_owned(), "d".to_owned())]
        );
    }
}
