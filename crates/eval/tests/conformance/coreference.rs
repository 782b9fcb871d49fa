//! Figures of the scorers of coreference.

use ere_eval::reference::{Ratios, Singletons, corefud, coval};
use ere_eval::{Average, Score, Slice, Tally};

use crate::corpus::{Corpus, Entry, all};
use crate::figures::Figures;
use crate::scored::{NAMES, Pairs, Scored, built_in, ratios, set_ratios};

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

fn singletons(entry: &Entry) -> Option<Singletons> {
    match entry.settings["keep_singletons"].as_bool()? {
        true => Some(Singletons::Kept),
        false => Some(Singletons::Dropped),
    }
}

fn of_coval(corpus: &Corpus, entry: &Entry) -> Option<Figures> {
    let singletons = singletons(entry)?;
    let mut total = coval::Tallies::default();
    for (gold, pred) in &Pairs::of(corpus).known {
        total += coval::tally(gold, pred, singletons);
    }
    let mut figures = Figures::default();
    for (metric, tally) in [
        ("mentions", &total.mentions),
        ("muc", &total.muc),
        ("b_cubed", &total.b_cubed),
        ("ceafe", &total.ceafe),
        ("lea", &total.lea),
    ] {
        set_ratios(&mut figures, metric, NAMES, Ratios::or_zero(tally));
    }
    figures.set("conll", total.conll());
    figures.pass_over("ceafm", "divides mentions by entities, exceeds 1; shown below to differ");
    Some(figures)
}

fn of_corefud(corpus: &Corpus, entry: &Entry) -> Option<Figures> {
    let mut protocol = built_in("corefud");
    protocol.policies.singletons = Some(singletons(entry)?);
    let scored = Scored::open(&Pairs::of(corpus), &protocol);
    let mut figures = Figures::default();
    for (metric, view) in [
        ("muc", "corefud.muc"),
        ("b_cubed", "corefud.b3"),
        ("ceafm", "corefud.ceafm"),
        ("ceafe", "corefud.ceafe"),
        ("lea", "corefud.lea"),
    ] {
        set_ratios(&mut figures, metric, NAMES, ratios(scored.micro(view)));
    }
    let blanc = scored.row("corefud.blanc", Average::MacroSeen);
    set_ratios(&mut figures, "blanc", NAMES, blanc.and_then(defined).unwrap_or_default());
    figures.set("conll", conll(&scored, "corefud.conll"));
    Some(figures)
}

/// BLANC without any link has no parts to average.
fn defined(score: &Score) -> Option<Ratios> {
    score.f1.map(|_| ratios(score))
}

fn conll(scored: &Scored, view: &str) -> f64 {
    let row = scored.row(view, Average::Views).expect("its parts have rows");
    row.f1.expect("its parts are 0 where they are undefined")
}

fn of_conll(corpus: &Corpus, entry: &Entry) -> Option<Figures> {
    let scored = Scored::open(&Pairs::of(corpus), &built_in("conll-coref"));
    let ran = entry.settings["metrics"].as_str()?;
    let mentions = scored.micro("conll-coref.mentions").tally;
    let mut figures = Figures::default();
    for (metric, view) in [
        ("muc", "conll-coref.muc"),
        ("bcub", "conll-coref.b3"),
        ("ceafm", "conll-coref.ceafm"),
        ("ceafe", "conll-coref.ceafe"),
    ] {
        if ran.contains(metric) {
            let score = scored.micro(view);
            set_counts(&mut figures, &format!("{metric}.Identification of Mentions"), mentions);
            set_counts(&mut figures, &format!("{metric}.Coreference"), score.tally);
            let path = format!("{metric}.exact_from_counts");
            set_ratios(&mut figures, &path, NAMES, ratios(score));
        }
    }
    if ran.contains("blanc") {
        let view = "conll-coref.blanc";
        let links = |kind: &str| scored.slice(view, &Slice::Type(kind.to_owned()));
        set_counts(&mut figures, "blanc.Identification of Mentions", mentions);
        set_counts(&mut figures, "blanc.Coreference links", links("coreferent"));
        set_counts(&mut figures, "blanc.Non-coreference links", links("separate"));
        let blanc = scored.row(view, Average::Macro).and_then(defined).unwrap_or_default();
        for (ratio, value) in [("r", blanc.recall), ("p", blanc.precision)] {
            figures.set(format!("blanc.BLANC.{ratio}_num"), value);
            figures.set(format!("blanc.BLANC.{ratio}_den"), 1.0);
        }
        set_percentages(&mut figures, "blanc.BLANC", blanc);
    }
    Some(figures)
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
            for (gold, pred) in &Pairs::of(&corpus).known {
                total += corefud::tally(gold, pred, singletons);
            }
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
