//! Figures of the scorers of relations.

use ere_dataset::{Document, EntityIdx, Relation, Vocabulary};
use ere_eval::Tally;
use ere_eval::reference::{
    Ratios, SetTallies, TypeTallies, casrel, docred, dwie, pure, sincere, spert, tplinker,
};
use serde_json::Value;

use crate::corpus::{Corpus, Doc, Entry, document};
use crate::figures::Figures;

pub(crate) fn figures(corpus: &Corpus, entry: &Entry) -> Option<Figures> {
    let figures = match entry.scorer.as_str() {
        "SpERT evaluator" => spert_figures(corpus, entry),
        "Taille et al. 2020 'sincere' ner_score/re_score" => sincere_figures(corpus, entry),
        "PURE evaluate_predictions (Rel = relation, Rel+ = strict_relation)" => {
            pure_figures(corpus, entry)
        }
        "CasRel metric()" => casrel_figures(corpus, entry),
        "TPLinker-plus MetricsCalculator.cal_rel_cpg" => tplinker_figures(corpus, entry),
        "DocRED evaluation.py" => docred_figures(corpus, entry),
        "DWIE dwie_evaluation.py EvaluatorDWIE" => dwie_figures(corpus, entry),
        _ => return None,
    };
    Some(figures)
}

/// Model documents of gold and prediction, for each gold document.
fn pairs(corpus: &Corpus, vocabulary: &Vocabulary) -> Vec<(Document, Document)> {
    let pair = |(gold, pred): (&Doc, Doc)| {
        (document(gold, Some(gold), vocabulary), document(&pred, Some(gold), vocabulary))
    };
    corpus.aligned().into_iter().map(pair).collect()
}

fn set_ratios(figures: &mut Figures, path: &str, ratios: Ratios) {
    figures.set(format!("{path}.precision"), ratios.precision);
    figures.set(format!("{path}.recall"), ratios.recall);
    figures.set(format!("{path}.f1"), ratios.f1);
}

fn spert_figures(corpus: &Corpus, entry: &Entry) -> Figures {
    let vocabulary = Vocabulary::default();
    let symmetric = entry.settings["symmetric_types"].as_array().expect("a list");
    let label = |name: &Value| vocabulary.intern(name.as_str().expect("a type's name"));
    let options = spert::Options {
        symmetric: symmetric.iter().map(label).collect(),
        overlaps: match &entry.settings["no_overlapping"] {
            Value::Bool(true) => spert::Overlaps::Removed,
            Value::Bool(false) => spert::Overlaps::Kept,
            other => panic!("no_overlapping is {other}"),
        },
    };
    let mut total = SetTallies::default();
    for (gold, pred) in pairs(corpus, &vocabulary) {
        total += spert::tally(&gold, &pred, &options);
    }
    let mut figures = Figures::default();
    for (name, tallies) in [
        ("ner", &total.mentions),
        ("rel_without_nec_relaxed", &total.relations_boundaries),
        ("rel_with_nec_strict", &total.relations_strict),
    ] {
        // Without rows, SpERT raises an error and prints nothing.
        let Some(average) = tallies.macro_average() else { continue };
        for (kind, ratios) in [("micro", Ratios::or_zero(&tallies.micro())), ("macro", average)] {
            figures.set(format!("{name}.{kind}_p"), 100.0 * ratios.precision);
            figures.set(format!("{name}.{kind}_r"), 100.0 * ratios.recall);
            figures.set(format!("{name}.{kind}_f1"), 100.0 * ratios.f1);
        }
        for (label, tally) in tallies.rows() {
            let path = format!("{name}.per_type.{}", vocabulary.name(label));
            set_ratios(&mut figures, &path, Ratios::or_zero(&tally));
            figures.set(format!("{path}.support"), tally.recall_denominator);
        }
    }
    figures
}

fn sincere_figures(corpus: &Corpus, entry: &Entry) -> Figures {
    let vocabulary = Vocabulary::default();
    let pairs = pairs(corpus, &vocabulary);
    let with_pred = match entry.settings["vocab"].as_str() {
        Some("types seen in gold") => false,
        Some("types seen in gold or pred") => true,
        other => panic!("vocab is {other:?}"),
    };
    let mut types = sincere::Types::default();
    for (gold, pred) in &pairs {
        for document in [gold].into_iter().chain(with_pred.then_some(pred)) {
            types.mentions.extend(document.mentions.iter().map(|mention| mention.label));
            types.relations.extend(document.mention_relations.iter().map(|r| r.label));
        }
    }
    for list in [&mut types.mentions, &mut types.relations] {
        list.sort_unstable();
        list.dedup();
    }
    let mut total = sincere::tally(&Document::default(), &Document::default(), &types);
    for (gold, pred) in &pairs {
        total += sincere::tally(gold, pred, &types);
    }
    let mut figures = Figures::default();
    sincere_rows(&mut figures, "ner", &total.mentions, &vocabulary);
    sincere_rows(&mut figures, "re_boundaries", &total.relations_boundaries, &vocabulary);
    sincere_rows(&mut figures, "re_strict", &total.relations_strict, &vocabulary);
    figures
}

fn sincere_rows(figures: &mut Figures, name: &str, rows: &TypeTallies, vocabulary: &Vocabulary) {
    let mut row = |name: &str, tally: Tally| {
        let ratios = Ratios::or_zero(&tally);
        for (key, value) in [
            ("tp", tally.tp()),
            ("fp", tally.fp()),
            ("fn", tally.r#fn()),
            ("p", 100.0 * ratios.precision),
            ("r", 100.0 * ratios.recall),
            ("f1", 100.0 * ratios.f1),
        ] {
            figures.set(format!("{name}.{key}"), value);
        }
    };
    row(&format!("{name}.ALL"), rows.micro());
    for (label, tally) in rows.rows() {
        row(&format!("{name}.{}", vocabulary.name(label)), tally);
    }
    let nan = Ratios { precision: f64::NAN, recall: f64::NAN, f1: f64::NAN };
    let average = rows.macro_average().unwrap_or(nan);
    figures.set(format!("{name}.ALL.Macro_p"), 100.0 * average.precision);
    figures.set(format!("{name}.ALL.Macro_r"), 100.0 * average.recall);
    figures.set(format!("{name}.ALL.Macro_f1"), 100.0 * average.f1);
}

fn pure_figures(corpus: &Corpus, entry: &Entry) -> Figures {
    let vocabulary = Vocabulary::default();
    let mut total = pure::Tallies::default();
    for (gold, pred) in pairs(corpus, &vocabulary) {
        total += pure::tally(&gold, &pred);
    }
    let mut figures = Figures::default();
    for (name, tally) in [
        ("ner", total.mentions),
        ("relation", total.relations),
        ("strict_relation", total.relations_plus),
    ] {
        let recorded = entry.figures.as_ref().and_then(|f| f[name]["recall"].as_f64());
        if recorded.is_some_and(|recall| recall > 1.0) {
            figures.pass_over(name, "known bad: copies of a prediction raise recall above 1");
        } else {
            set_ratios(&mut figures, name, Ratios::or_zero(&tally));
        }
    }
    figures
}

fn casrel_figures(corpus: &Corpus, entry: &Entry) -> Figures {
    let vocabulary = Vocabulary::default();
    let compared = match &entry.settings["exact_match"] {
        Value::Bool(true) => casrel::Match::Exact,
        Value::Bool(false) => casrel::Match::Partial,
        other => panic!("exact_match is {other}"),
    };
    let tallies = pairs(corpus, &vocabulary);
    let total: Tally = tallies.iter().map(|(g, p)| casrel::tally(g, p, compared)).sum();
    let ratios = casrel::ratios(&total);
    let mut figures = Figures::default();
    figures.set("precision", ratios.precision);
    figures.set("recall", ratios.recall);
    figures.set("f1", ratios.f1);
    figures.set("correct_num", total.tp() + casrel::EPSILON);
    figures.set("predict_num", total.precision_denominator + casrel::EPSILON);
    figures.set("gold_num", total.recall_denominator + casrel::EPSILON);
    figures
}

fn tplinker_figures(corpus: &Corpus, entry: &Entry) -> Figures {
    let vocabulary = Vocabulary::default();
    let pattern = match entry.settings["match_pattern"].as_str() {
        Some("whole_text") => tplinker::Pattern::WholeText,
        Some("only_head_text") => tplinker::Pattern::OnlyHeadText,
        Some("whole_span") => tplinker::Pattern::WholeSpan,
        Some("only_head_index") => tplinker::Pattern::OnlyHeadIndex,
        other => panic!("match_pattern is {other:?}"),
    };
    let mut total = tplinker::Tallies::default();
    for (gold, pred) in pairs(corpus, &vocabulary) {
        total += tplinker::tally(&gold, &pred, pattern);
    }
    let mut figures = Figures::default();
    for (name, tally) in [("ent", total.mentions), ("rel", total.relations)] {
        figures.set(format!("{name}.correct"), tally.tp());
        figures.set(format!("{name}.predicted"), tally.precision_denominator);
        figures.set(format!("{name}.gold"), tally.recall_denominator);
        set_ratios(&mut figures, name, tplinker::ratios(&tally));
    }
    figures
}

/// Predictions are not aligned: those for documents that gold does not have stay in.
fn docred_figures(corpus: &Corpus, entry: &Entry) -> Figures {
    let vocabulary = Vocabulary::default();
    let fact = |(head, tail, label): &(String, String, String)| {
        (head.as_str().into(), tail.as_str().into(), vocabulary.intern(label))
    };
    let train = docred::TrainFacts {
        annotated: corpus.train_facts.iter().map(fact).collect(),
        distant: docred::Facts::default(),
    };
    let mut total = docred::Counts::default();
    for (gold, pred) in pairs(corpus, &vocabulary) {
        total += docred::count(Some(&gold), &pred, &train);
    }
    let is_known = |id: &str| corpus.gold.iter().any(|gold| gold.id == id);
    for pred in corpus.pred.iter().filter(|pred| !is_known(&pred.id)) {
        total += docred::count(None, &document(pred, None, &vocabulary), &train);
    }
    let relations = total.relations();
    let evidence = total.evidence();
    let annotated = total.relations_ignoring_annotated();
    let distant = total.relations_ignoring_distant();
    let divides_by_zero = [relations, annotated, distant].iter().any(|t| t.precision().is_none())
        || relations.recall().is_none()
        || evidence.recall().is_none();
    if entry.figures.is_none() && divides_by_zero {
        return Figures::defined_instead_of_a_crash();
    }
    let mut figures = Figures::default();
    for (name, tally) in [("re", relations), ("evi", evidence)] {
        let ratios = Ratios::or_zero(&tally);
        figures.set(format!("{name}_p"), ratios.precision);
        figures.set(format!("{name}_r"), ratios.recall);
        figures.set(format!("{name}_f1"), ratios.f1);
    }
    for (name, tally) in [("ignore_train_annotated", annotated), ("ignore_train", distant)] {
        let ratios = Ratios::or_zero(&tally);
        figures.set(format!("re_p_{name}"), ratios.precision);
        figures.set(format!("re_f1_{name}"), ratios.f1);
    }
    for (name, count) in [
        ("correct_re", total.correct),
        ("correct_evidence", total.correct_evidence),
        ("pred_evi", total.predicted_evidence),
        ("tot_evidences", total.gold_evidence),
        ("tot_relations", total.gold),
        ("correct_in_train_annotated", total.correct_in_train_annotated),
        ("n_submission_after_dedup", total.predicted),
        ("n_submission_raw", total.submitted),
    ] {
        figures.set(name, count as f64);
    }
    figures
}

fn dwie_figures(corpus: &Corpus, entry: &Entry) -> Figures {
    let vocabulary = Vocabulary::default();
    let pairs = pairs(corpus, &vocabulary);
    let mut total = dwie::Tallies::default();
    let mut is_sorted = true;
    for (gold, pred) in pairs {
        is_sorted &= lists_mentions_in_text_order(&gold) && lists_mentions_in_text_order(&pred);
        total += dwie::tally(&with_concepts(gold), &with_concepts(pred));
    }
    let compare_hard = match entry.settings["mention_order"].as_str() {
        Some("sorted") => true,
        Some("file") => is_sorted,
        other => panic!("mention_order is {other:?}"),
    };
    let mut figures = Figures::default();
    let coreference =
        [("coref_muc", total.muc), ("coref_bcubed", total.b_cubed), ("coref_ceafe", total.ceaf_e)]
            .map(|(name, tally)| (name, Ratios::or_zero(&tally)));
    let average = coreference.iter().map(|(_, ratios)| ratios.f1).sum::<f64>() / 3.0;
    figures.set("coref_avg_f1", average);
    for (name, ratios) in coreference {
        set_ratios(&mut figures, name, ratios);
    }
    for (name, tally) in [("ner_soft", total.tags_soft), ("rel_soft", total.relations_soft)] {
        set_ratios(&mut figures, name, Ratios::or_zero(&tally));
    }
    for (name, tally) in
        [("ner_mention", total.tags_mention), ("rel_mention", total.relations_mention)]
    {
        set_counted(&mut figures, name, &tally);
    }
    for (name, tally) in [("ner_hard", total.tags_hard), ("rel_hard", total.relations_hard)] {
        if compare_hard {
            set_counted(&mut figures, name, &tally);
        } else {
            // The order of a list can only hide what is right.
            let recorded = entry.figures.as_ref().and_then(|f| f["counts"][name][0].as_f64());
            assert!(recorded.is_none_or(|tp| tp <= tally.tp()), "{}: {name}", corpus.name);
            let reason = "known bad: depends on the order of mentions";
            figures.pass_over(name, reason);
            figures.pass_over(format!("counts.{name}"), reason);
        }
    }
    figures
}

fn set_counted(figures: &mut Figures, name: &str, tally: &Tally) {
    set_ratios(figures, name, Ratios::or_zero(tally));
    for (position, count) in [tally.tp(), tally.fp(), tally.r#fn()].into_iter().enumerate() {
        figures.set(format!("counts.{name}.{position}"), count);
    }
}

fn lists_mentions_in_text_order(document: &Document) -> bool {
    document
        .mentions_by_entity()
        .iter()
        .all(|list| list.is_sorted_by_key(|mention| &document.mentions[mention.index()].spans))
}

/// Concepts as the records were made: each cluster and each mention outside all clusters, with the
/// types of its mentions; relations between them are those between their mentions.
fn with_concepts(mut document: Document) -> Document {
    for mention in &mut document.mentions {
        mention.entity.get_or_insert_with(|| {
            document.entities.push(ere_dataset::Entity::default());
            EntityIdx(document.entities.len() as u32 - 1)
        });
    }
    let concept = |mention: ere_dataset::MentionIdx| {
        document.mentions[mention.index()].entity.expect("every mention has one now")
    };
    let relation = |relation: &ere_dataset::MentionRelation| Relation {
        head: concept(relation.head),
        tail: concept(relation.tail),
        label: relation.label,
        evidence: Vec::new(),
        optional: false,
        confidence: None,
        id: None,
    };
    document.relations = document.mention_relations.iter().map(relation).collect();
    for mention in &document.mentions {
        let entity = mention.entity.expect("every mention has one now");
        let labels = &mut document.entities[entity.index()].labels;
        if !labels.contains(&mention.label) {
            labels.push(mention.label);
        }
    }
    document
}
