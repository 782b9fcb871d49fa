//! Settings of recorded figures: every one that changes figures must be known.

use serde_json::Value;

use crate::corpus::Entry;

/// What is wrong with the settings of an entry: keys that nothing here reads, and values that mean
/// something else than what is computed. Those that choose between emulations are read, and refused,
/// where the figures are computed.
pub(crate) fn unknown(entry: &Entry) -> Vec<String> {
    let Value::Object(settings) = &entry.settings else {
        return vec!["its settings are no object".to_owned()];
    };
    let wrong = |(key, value): (&String, &Value)| {
        let is_known = match (key.as_str(), value) {
            // Prose about how the tool was made to run.
            ("note" | "shim" | "tolerance_hint", Value::String(_)) => true,
            ("adapter", Value::String(text)) => {
                ADAPTERS.iter().any(|known| text.starts_with(known))
            }
            ("input", Value::String(text)) => INPUTS.iter().any(|known| text.starts_with(known)),
            ("offsets" | "fields", Value::String(text)) => {
                OFFSETS.iter().any(|known| text.starts_with(known))
            }
            _ => is_known(&entry.scorer, key, value),
        };
        (!is_known).then(|| format!("its setting {key} = {value} is not known"))
    };
    settings.iter().filter_map(wrong).collect()
}

const ADAPTERS: [&str; 2] = [
    "pred docs aligned to gold by id; a missing pred doc is an empty one; a pred doc with an id \
     unknown to gold is dropped",
    "missing pred doc = empty doc, unknown pred docs dropped; a mention outside every cluster becomes \
     its own concept; concept tags = set of its mentions' types",
];
const INPUTS: [&str; 2] = ["tags as given", "IOB2 tags made from mentions over doc tokens"];
const OFFSETS: [&str; 2] = ["code points", "docid start end(exclusive) eid=kb or 'NIL'"];

fn is_known(scorer: &str, key: &str, value: &Value) -> bool {
    let is_one_of = |known: &[&str]| value.as_str().is_some_and(|value| known.contains(&value));
    match (scorer, key) {
        ("nervaluate", "loader") => is_one_of(&["dict"]),
        ("nervaluate", "min_overlap_percentage") => value.as_f64() == Some(1.0),
        ("nervaluate", "tags" | "tags_rule") => true,
        ("seqeval", "mode" | "scheme") => true,
        ("seqeval", "zero_division") => matches!(value.as_u64(), Some(0 | 1)),
        ("spacy.scorer.Scorer.score_spans", "labeled") => value.is_boolean(),
        ("spacy.scorer.Scorer.score_spans", "allow_overlap") => *value == true,
        ("spacy.scorer.Scorer.score_spans", "attr") => is_one_of(&["doc.spans['sc']"]),
        ("spacy.scorer.get_ner_prf", "attr") => is_one_of(&["doc.ents"]),
        ("SpERT evaluator", "no_overlapping" | "symmetric_types") => true,
        ("Taille et al. 2020 'sincere' ner_score/re_score", "vocab") => true,
        ("CasRel metric()", "exact_match") => true,
        ("TPLinker-plus MetricsCalculator.cal_rel_cpg", "match_pattern") => true,
        ("DWIE dwie_evaluation.py EvaluatorDWIE", "mention_order") => true,
        ("coval" | "corefud-scorer (CoNLLReader, exact match)", "keep_singletons") => {
            value.is_boolean()
        }
        (_, "metrics") => value.is_string() && scorer.starts_with("conll reference"),
        ("neleval evaluate", "measures") => is_one_of(&["all named"]),
        (_, "trials") => scorer.starts_with("neleval") && value.is_u64(),
        (_, "percentiles") => scorer.starts_with("neleval confidence") && value.is_array(),
        (_, "python_random_seed") => scorer.starts_with("neleval") && value.is_u64(),
        (_, "sys1") => scorer.starts_with("neleval") && is_one_of(&["pred.jsonl"]),
        (_, "sys2") => scorer.starts_with("neleval significance"),
        ("TACRED utils/scorer.py", "negative") => value.is_string(),
        _ => false,
    }
}
