//! Figures of the scorers of labels.

use std::collections::BTreeMap;

use ere_eval::reference::semeval2010::{self, Answer, Scoring, Table};
use ere_eval::reference::{Ratios, tacred};
use serde_json::Value;

use crate::corpus::{Corpus, Entry, Labelled};
use crate::figures::Figures;

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

fn of_tacred(corpus: &Corpus, entry: &Entry) -> Figures {
    let negative = entry.settings["negative"].as_str().expect("the negative label");
    let relation = |label: &str| (label != negative).then(|| label.to_owned());
    let pairs = pairs(corpus).into_iter();
    let tallies =
        tacred::tally(pairs.map(|(gold, pred)| (relation(gold), pred.and_then(relation))));
    let mut figures = Figures::default();
    let Ratios { precision, recall, f1 } = tallies.micro();
    for (name, value) in [("precision", precision), ("recall", recall), ("f1", f1)] {
        figures.set(format!("micro.{name}"), value);
    }
    for (label, ratios) in tallies.table() {
        let path = format!("per_type_rounded_2dp.{label}");
        set_percentages(&mut figures, &path, ["p_pct", "r_pct", "f1_pct"], ratios);
        figures.set(format!("{path}.n"), tallies.by_label[label].recall_denominator);
    }
    figures
}

fn of_semeval2010(corpus: &Corpus) -> Figures {
    let answer = |label: &str| label.parse::<Answer>().unwrap_or_else(|error| panic!("{error}"));
    let sentences: Vec<(Answer, Option<Answer>)> =
        pairs(corpus).into_iter().map(|(gold, pred)| (answer(gold), pred.map(answer))).collect();
    let titles = [
        ("(2*9+1)-WAY EVALUATION (USING DIRECTIONALITY)", Scoring::Directed),
        ("(9+1)-WAY EVALUATION IGNORING DIRECTIONALITY", Scoring::Undirected),
        ("(9+1)-WAY EVALUATION TAKING DIRECTIONALITY INTO ACCOUNT -- OFFICIAL", Scoring::Official),
    ];
    let mut figures = Figures::default();
    for (title, scoring) in titles {
        let table = semeval2010::table(&sentences, scoring);
        set_table(&mut figures, title, &table);
        if let (Scoring::Official, Some(ratios)) = (scoring, table.macro_average()) {
            figures.set_within("official_macro_f1_pct", 100.0 * ratios.f1, TWO_DECIMALS);
        }
    }
    figures
}

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
    if let Some(ratios) = table.macro_average() {
        set_percentages(figures, &format!("{title}.macro_pct"), ["0", "1", "2"], ratios);
        figures.set(format!("{title}.macro_f1_recomputed_from_printed_counts"), ratios.f1);
    }
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
