//! Figures of the scorers of labels.

use std::collections::BTreeMap;

use ere_dataset::{Document, Mention, MentionIdx, MentionRelation, Pair, Span, Text, Vocabulary};
use ere_eval::Average;
use ere_eval::reference::Ratios;
use ere_eval::reference::semeval2010::{self, Answer, Direction, Scoring, Table};
use serde_json::Value;

use crate::corpus::{Corpus, Entry, Labelled};
use crate::figures::Figures;
use crate::scored::{NAMES, Pairs, Scored, built_in, ratios, set_ratios};

/// Half of the last of two printed decimals, and what binary fractions add.
const TWO_DECIMALS: f64 = 0.005 + 1e-9;

pub(crate) fn figures(corpus: &Corpus, entry: &Entry) -> Option<Figures> {
    let compute: fn(&Corpus, &Entry) -> Figures = match entry.scorer.as_str() {
        "TACRED utils/scorer.py" => of_tacred,
        "semeval2010_task8_scorer-v1.2.pl" => |corpus, _| of_semeval2010(corpus),
        _ => return None,
    };
    Some(match entry.figures {
        Some(_) => compute(corpus, entry),
        None => Figures::defined_instead_of_a_crash(),
    })
}

/// Labels of gold with those of the prediction of the same id.
fn pairs(corpus: &Corpus) -> Vec<(&str, Option<&str>)> {
    let key = |id: &Value| id.to_string();
    let pred: BTreeMap<String, &str> =
        corpus.pred_labels.iter().map(|pred| (key(&pred.id), pred.label.as_str())).collect();
    let pair = |gold: &Labelled| pred.get(&key(&gold.id)).copied();
    corpus.gold_labels.iter().map(|gold| (gold.label.as_str(), pair(gold))).collect()
}

/// Each row as a document: two mentions, the pair of them, and a relation unless there is none.
/// `relation` gives a label and whether its head is the first mention.
fn documents(corpus: &Corpus, relation: impl Fn(&str) -> Option<(String, bool)>) -> Pairs {
    let vocabulary = Vocabulary::default();
    let document = |row: usize, label: Option<&str>| {
        let mention = |start| {
            let span = Span::new(start, start + 1).expect("not empty");
            Mention::new(span, vocabulary.intern("entity"))
        };
        let relation = label.and_then(&relation).map(|(label, is_forward)| MentionRelation {
            head: MentionIdx(u32::from(!is_forward)),
            tail: MentionIdx(u32::from(is_forward)),
            label: vocabulary.intern(&label),
            confidence: None,
            id: None,
        });
        Document {
            id: format!("{row:06}").into(),
            text: Text::new("1 2"),
            mentions: vec![mention(0), mention(2)],
            mention_relations: relation.into_iter().collect(),
            pairs: Some(vec![Pair { head: MentionIdx(0), tail: MentionIdx(1) }]),
            ..Document::default()
        }
    };
    let rows = pairs(corpus).into_iter().enumerate();
    let known = rows.map(|(row, (gold, pred))| (document(row, Some(gold)), document(row, pred)));
    Pairs { known: known.collect(), unknown: Vec::new(), vocabulary }
}

fn of_tacred(corpus: &Corpus, entry: &Entry) -> Figures {
    let negative = entry.settings["negative"].as_str().expect("the negative label");
    let relation = |label: &str| (label != negative).then(|| (label.to_owned(), true));
    let scored = Scored::open(&documents(corpus, relation), &built_in("tacred"));
    let view = "tacred.relation";
    let mut figures = Figures::default();
    set_ratios(&mut figures, "micro", NAMES, ratios(scored.micro(view)));
    // The scorer prints rows of gold's labels.
    for (label, score) in scored.types(view).filter(|row| row.1.tally.recall_denominator > 0.0) {
        let path = format!("per_type_rounded_2dp.{label}");
        set_percentages(&mut figures, &path, ["p_pct", "r_pct", "f1_pct"], ratios(score));
        figures.set(format!("{path}.n"), score.tally.recall_denominator);
    }
    figures
}

fn of_semeval2010(corpus: &Corpus) -> Figures {
    let answer = |label: &str| label.parse::<Answer>().unwrap_or_else(|error| panic!("{error}"));
    let relation = |label: &str| match answer(label) {
        Answer::Relation(relation, direction) => {
            Some((relation.name().to_owned(), direction == Direction::Forward))
        }
        Answer::Other => None,
    };
    let scored = Scored::open(&documents(corpus, relation), &built_in("semeval2010-8"));
    let sentences: Vec<(Answer, Option<Answer>)> =
        pairs(corpus).into_iter().map(|(gold, pred)| (answer(gold), pred.map(answer))).collect();
    let titles = [
        ("(2*9+1)-WAY EVALUATION (USING DIRECTIONALITY)", Scoring::Directed, "directed"),
        ("(9+1)-WAY EVALUATION IGNORING DIRECTIONALITY", Scoring::Undirected, "undirected"),
        (
            "(9+1)-WAY EVALUATION TAKING DIRECTIONALITY INTO ACCOUNT -- OFFICIAL",
            Scoring::Official,
            "official",
        ),
    ];
    let mut figures = Figures::default();
    for (title, scoring, name) in titles {
        let view = format!("semeval2010-8.{name}");
        set_table(&mut figures, title, &semeval2010::table(&sentences, scoring));
        let average = scored.row(&view, Average::Macro);
        let average = average.filter(|score| score.f1.is_some()).map(ratios);
        if let Some(ratios) = average {
            set_percentages(&mut figures, &format!("{title}.macro_pct"), ["0", "1", "2"], ratios);
            figures.set(format!("{title}.macro_f1_recomputed_from_printed_counts"), ratios.f1);
        }
        if let (Scoring::Official, Some(ratios)) = (scoring, average) {
            figures.set_within("official_macro_f1_pct", 100.0 * ratios.f1, TWO_DECIMALS);
        }
        // Classes of the key; the others cost nothing.
        for (class, score) in scored.types(&view).filter(|row| row.1.tally.recall_denominator > 0.0)
        {
            let path = format!("{title}.per_type.{class}");
            figures.set(format!("{path}.correct"), score.tally.tp());
            figures.set(format!("{path}.gold"), score.tally.recall_denominator);
            set_percentages(&mut figures, &path, ["p_pct", "r_pct", "f1_pct"], ratios(score));
        }
    }
    figures
}

/// What the protocol has no rows for: Other, sentences without an answer, the micro average over the
/// classes of the key, accuracies.
fn set_table(figures: &mut Figures, title: &str, table: &Table) {
    for (class, row) in &table.rows {
        let path = format!("{title}.per_type.{class}");
        let counts = [
            ("correct", row.correct),
            ("predicted", row.predicted),
            ("wrong_dir", row.wrong_direction),
            ("gold", row.gold),
        ];
        for (name, count) in counts {
            figures.set(format!("{path}.{name}"), count as f64);
        }
        let names = ["p_pct", "r_pct", "f1_pct"];
        set_percentages(figures, &path, names, Ratios::or_zero(&row.tally()));
    }
    let micro = table.micro();
    let counts = [
        ("correct", micro.tp()),
        ("predicted", micro.precision_denominator),
        ("gold", micro.recall_denominator),
    ];
    for (name, count) in counts {
        figures.set(format!("{title}.micro_counts.{name}"), count);
    }
    let path = format!("{title}.micro_pct");
    set_percentages(figures, &path, ["0", "1", "2"], Ratios::or_zero(&micro));
    let accuracies = [
        (table.answered, table.sentences),
        (table.correct(), table.answered),
        (table.correct(), table.sentences),
        (table.correct_with_skipped_as_other(), table.sentences),
    ];
    for (at, (count, of)) in accuracies.into_iter().enumerate() {
        figures.set(format!("{title}.accuracies.{at}.1"), count as f64);
        figures.set(format!("{title}.accuracies.{at}.2"), of as f64);
    }
}

fn set_percentages(figures: &mut Figures, path: &str, names: [&str; 3], ratios: Ratios) {
    let Ratios { precision, recall, f1 } = ratios;
    for (name, value) in names.into_iter().zip([precision, recall, f1]) {
        figures.set_within(format!("{path}.{name}"), 100.0 * value, TWO_DECIMALS);
    }
}
