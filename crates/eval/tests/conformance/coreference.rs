//! Figures of the scorers of coreference.

use ere_dataset::{Document, Vocabulary};
use ere_eval::Tally;
use ere_eval::reference::{Ratios, Singletons, conll_coref, corefud, coval};

use crate::corpus::{Corpus, Entry, all, document};
use crate::figures::Figures;

pub(crate) fn figures(corpus: &Corpus, entry: &Entry) -> Option<Figures> {
    let scorer = entry.scorer.as_str();
    let compute = if scorer == "coval" {
        of_coval
    } else if scorer == "corefud-scorer (CoNLLReader, exact match)" {
        of_corefud
    } else if scorer.starts_with("conll reference-coreference-scorers") {
        of_conll
    } else {
        return None;
    };
    if entry.error.is_some() {
        return Some(Figures::defined_instead_of_a_crash());
    }
    compute(corpus, entry)
}

/// What the adapter writes as CoNLL files: gold documents, and what was predicted for them.
fn pairs(corpus: &Corpus) -> impl Iterator<Item = (Document, Document)> + '_ {
    let vocabulary = Vocabulary::default();
    let pair = move |(gold, pred)| {
        (document(gold, Some(gold), &vocabulary), document(&pred, Some(gold), &vocabulary))
    };
    corpus.aligned().into_iter().map(pair)
}

fn singletons(entry: &Entry) -> Option<Singletons> {
    match entry.settings["keep_singletons"].as_bool()? {
        true => Some(Singletons::Kept),
        false => Some(Singletons::Dropped),
    }
}

fn of_coval(corpus: &Corpus, entry: &Entry) -> Option<Figures> {
    let singletons = singletons(entry)?;
    let mut total = coval::Tallies::default();
    pairs(corpus).for_each(|(gold, pred)| total += coval::tally(&gold, &pred, singletons));
    let mut figures = Figures::default();
    set(&mut figures, "mentions", Ratios::or_zero(&total.mentions));
    set_coval(&mut figures, &total);
    figures.pass_over("ceafm", "divides mentions by entities, exceeds 1; shown below to differ");
    Some(figures)
}

fn of_corefud(corpus: &Corpus, entry: &Entry) -> Option<Figures> {
    let singletons = singletons(entry)?;
    let mut total = corefud::Tallies::default();
    pairs(corpus).for_each(|(gold, pred)| total += corefud::tally(&gold, &pred, singletons));
    let mut figures = Figures::default();
    set_coval(&mut figures, &total.coval);
    set(&mut figures, "ceafm", Ratios::or_zero(&total.ceafm));
    set(&mut figures, "blanc", total.blanc());
    Some(figures)
}

fn set_coval(figures: &mut Figures, total: &coval::Tallies) {
    set(figures, "muc", Ratios::or_zero(&total.muc));
    set(figures, "b_cubed", Ratios::or_zero(&total.b_cubed));
    set(figures, "ceafe", Ratios::or_zero(&total.ceafe));
    set(figures, "lea", Ratios::or_zero(&total.lea));
    figures.set("conll", total.conll());
}

fn of_conll(corpus: &Corpus, entry: &Entry) -> Option<Figures> {
    let mut total = conll_coref::Tallies::default();
    pairs(corpus).for_each(|(gold, pred)| total += conll_coref::tally(&gold, &pred));
    let ran = entry.settings["metrics"].as_str()?;
    let mut figures = Figures::default();
    for (metric, tally) in [
        ("muc", total.muc),
        ("bcub", total.b_cubed),
        ("ceafm", total.ceafm),
        ("ceafe", total.ceafe),
    ] {
        if ran.contains(metric) {
            set_counts(
                &mut figures,
                &format!("{metric}.Identification of Mentions"),
                total.mentions,
            );
            set_counts(&mut figures, &format!("{metric}.Coreference"), tally);
            let path = format!("{metric}.exact_from_counts");
            set(&mut figures, &path, Ratios::or_zero(&tally));
        }
    }
    if ran.contains("blanc") {
        let links = total.links;
        set_counts(&mut figures, "blanc.Identification of Mentions", total.mentions);
        set_counts(&mut figures, "blanc.Coreference links", links.coreferent);
        set_counts(&mut figures, "blanc.Non-coreference links", links.separate);
        let blanc = total.blanc();
        for (ratio, value) in [("r", blanc.recall), ("p", blanc.precision)] {
            figures.set(format!("blanc.BLANC.{ratio}_num"), value);
            figures.set(format!("blanc.BLANC.{ratio}_den"), 1.0);
        }
        set_percentages(&mut figures, "blanc.BLANC", blanc);
    }
    Some(figures)
}

fn set(figures: &mut Figures, path: &str, ratios: Ratios) {
    figures.set(format!("{path}.precision"), ratios.precision);
    figures.set(format!("{path}.recall"), ratios.recall);
    figures.set(format!("{path}.f1"), ratios.f1);
}

fn set_counts(figures: &mut Figures, path: &str, tally: Tally) {
    for (key, value) in [
        ("p_num", tally.precision_numerator),
        ("p_den", tally.precision_denominator),
        ("r_num", tally.recall_numerator),
        ("r_den", tally.recall_denominator),
    ] {
        figures.set(format!("{path}.{key}"), value);
    }
    set_percentages(figures, path, Ratios::or_zero(&tally));
}

/// Percentages are cut after two digits: what is printed lies up to 0.01 below the value, or a
/// rounding error above.
fn set_percentages(figures: &mut Figures, path: &str, ratios: Ratios) {
    for (key, ratio) in
        [("precision", ratios.precision), ("recall", ratios.recall), ("f1", ratios.f1)]
    {
        figures.set_within(format!("{path}.{key}_pct"), 100.0 * ratio - 0.005, 0.005 + 1e-9);
    }
}

/// The CEAF-m of coval is not passed over for nothing: it differs wherever entities with several
/// mentions are aligned at all.
#[test]
fn the_ceafm_of_coval_is_another_number() {
    for corpus in all() {
        for entry in corpus.entries.iter().filter(|entry| entry.scorer == "coval") {
            let (Some(figures), Some(singletons)) = (&entry.figures, singletons(entry)) else {
                continue;
            };
            let mut total = corefud::Tallies::default();
            pairs(&corpus)
                .for_each(|(gold, pred)| total += corefud::tally(&gold, &pred, singletons));
            let entities = total.coval.ceafe.recall_denominator;
            let mentions = total.ceafm.recall_denominator;
            if entities < mentions && total.ceafm.recall_numerator > 0.0 {
                let recorded = figures["ceafm"]["recall"].as_f64().unwrap();
                let ours = Ratios::or_zero(&total.ceafm).recall;
                assert!((recorded - ours).abs() > 1e-9, "{} {}", corpus.name, entry.settings);
            }
        }
    }
}
