//! The columns: name, meaning, and where the value comes from, in one list.

use ere_eval::record::track_name;
use ere_eval::{Average, Difference, Interval, Score, Slice, View};

use crate::entry::Entry;

/// A column of the table.
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) meaning: &'static str,
    pub(crate) value: fn(&Entry<'_>) -> Value,
}

/// A cell. Undefined is `None`.
pub(crate) enum Value {
    Text(String),
    Count(Option<u64>),
    Number(Option<f64>),
}

impl Value {
    pub(crate) fn text(self) -> String {
        match self {
            Value::Text(text) => harmless(text),
            _ => String::new(),
        }
    }

    pub(crate) fn count(self) -> Option<u64> {
        match self {
            Value::Count(count) => count,
            _ => None,
        }
    }

    pub(crate) fn number(self) -> Option<f64> {
        match self {
            Value::Number(number) => number,
            Value::Count(count) => count.map(|count| count as f64),
            Value::Text(_) => None,
        }
    }
}

/// A text that no spreadsheet takes for a formula.
fn harmless(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text }
}

macro_rules! columns {
    ($($name:ident: $meaning:literal => $value:expr,)*) => {
        /// Every column, in order. `rank` is filled in after sorting.
        pub(crate) const COLUMNS: &[Column] = &[
            $(Column { name: stringify!($name), meaning: $meaning, value: $value }),*
        ];
    };
}

columns! {
    rank: "place among comparable runs by relation_f1, 1 is best; empty for noise and invalid runs"
        => |_| Value::Count(None),
    dataset: "name of the data set" => |e| text(&e.record.data.name),
    version: "version of the data set" => |e| text(&e.record.data.version),
    split: "split that was scored" => |e| text(&e.record.data.split),
    track: "what the extractor was given: text, mentions or entities"
        => |e| text(track_name(e.record.track)),
    extractor: "name of the extractor" => |e| text(&e.record.extractor.name),
    extractor_version: "its version" => |e| text(&e.record.extractor.version),
    ranked: "whether it may have a rank: yes or no"
        => |e| text(if e.record.extractor.ranked { "yes" } else { "no" }),
    status: "ok, degraded (over 1 % of documents failed) or invalid (over 5 %)"
        => |e| text(e.record.status.name()),
    documents: "documents scored" => |e| Value::Count(Some(e.record.data.documents)),
    relation_precision: "anchored relations: precision" => |e| precision(e.primary()),
    relation_precision_low: "lower end of its 95 % interval over documents"
        => |e| low(e.primary().and_then(|s| s.precision_interval)),
    relation_precision_high: "upper end" => |e| high(e.primary().and_then(|s| s.precision_interval)),
    relation_recall: "anchored relations: recall" => |e| recall(e.primary()),
    relation_recall_low: "lower end of its 95 % interval over documents"
        => |e| low(e.primary().and_then(|s| s.recall_interval)),
    relation_recall_high: "upper end" => |e| high(e.primary().and_then(|s| s.recall_interval)),
    relation_f1: "anchored relations: F1, the primary score" => |e| f1(e.primary()),
    relation_f1_low: "lower end of its 95 % interval over documents" => |e| f1_low(e.primary()),
    relation_f1_high: "upper end" => |e| f1_high(e.primary()),
    relation_tp: "anchored relations found" => |e| tp(e.primary()),
    relation_fp: "anchored relations predicted and wrong" => |e| fp(e.primary()),
    relation_fn: "anchored relations missed" => |e| missed(e.primary()),
    relation_family_f1: "anchored relations: mean F1 over the families that gold has"
        => |e| f1(e.score(View::RelationAnchored, Average::MacroFamily)),
    relation_strict_f1: "anchored relations with right types at both ends: F1"
        => |e| f1(micro(e, View::RelationAnchoredStrict)),
    mention_precision: "mentions with equal spans and types: precision"
        => |e| precision(micro(e, View::MentionStrict)),
    mention_recall: "mentions with equal spans and types: recall"
        => |e| recall(micro(e, View::MentionStrict)),
    mention_f1: "mentions with equal spans and types: F1" => |e| f1(micro(e, View::MentionStrict)),
    mention_f1_low: "lower end of its 95 % interval over documents"
        => |e| f1_low(micro(e, View::MentionStrict)),
    mention_f1_high: "upper end" => |e| f1_high(micro(e, View::MentionStrict)),
    mention_boundaries_f1: "mentions with equal spans, types ignored: F1"
        => |e| f1(micro(e, View::MentionBoundaries)),
    coreference_precision: "B-cubed precision" => |e| precision(micro(e, View::CoreferenceB3)),
    coreference_recall: "B-cubed recall" => |e| recall(micro(e, View::CoreferenceB3)),
    coreference_f1: "B-cubed F1" => |e| f1(micro(e, View::CoreferenceB3)),
    coreference_f1_low: "lower end of its 95 % interval over documents"
        => |e| f1_low(micro(e, View::CoreferenceB3)),
    coreference_f1_high: "upper end" => |e| f1_high(micro(e, View::CoreferenceB3)),
    relation_documented_f1: "anchored relations in articles that tell public events: F1"
        => |e| f1(register(e, View::RelationAnchored, DOCUMENTED)),
    relation_documented_f1_low: "lower end of its 95 % interval over documents"
        => |e| f1_low(register(e, View::RelationAnchored, DOCUMENTED)),
    relation_documented_f1_high: "upper end"
        => |e| f1_high(register(e, View::RelationAnchored, DOCUMENTED)),
    relation_invented_f1: "anchored relations in articles of invented people and places: F1"
        => |e| f1(register(e, View::RelationAnchored, INVENTED)),
    relation_invented_f1_low: "lower end of its 95 % interval over documents"
        => |e| f1_low(register(e, View::RelationAnchored, INVENTED)),
    relation_invented_f1_high: "upper end"
        => |e| f1_high(register(e, View::RelationAnchored, INVENTED)),
    mention_documented_f1: "mentions with equal spans and types in articles that tell public events: F1"
        => |e| f1(register(e, View::MentionStrict, DOCUMENTED)),
    mention_invented_f1: "mentions with equal spans and types in articles of invented people and places: F1"
        => |e| f1(register(e, View::MentionStrict, INVENTED)),
    relation_name_swap_change: "what relation_f1 changes by where every name is swapped for an unseen one; empty where that was not run"
        => |e| Value::Number(relation_change(e).map(|found| found.difference)),
    relation_name_swap_change_low: "lower end of its paired 95 % interval over documents"
        => |e| low(relation_change(e).and_then(|found| found.interval)),
    relation_name_swap_change_high: "upper end"
        => |e| high(relation_change(e).and_then(|found| found.interval)),
    mention_name_swap_change: "what mention_f1 changes by where every name is swapped for an unseen one"
        => |e| Value::Number(mention_change(e).map(|found| found.difference)),
    mention_name_swap_change_low: "lower end of its paired 95 % interval over documents"
        => |e| low(mention_change(e).and_then(|found| found.interval)),
    mention_name_swap_change_high: "upper end"
        => |e| high(mention_change(e).and_then(|found| found.interval)),
    documents_per_second: "documents for each second of wall time, all threads together"
        => |e| Value::Number(e.record.speed.as_ref().map(|s| tidy(s.documents_per_second))),
    megabytes_per_second: "1,000,000 bytes of text for each second of wall time"
        => |e| Value::Number(e.record.speed.as_ref().map(|s| tidy(s.megabytes_per_second))),
    latency_p50_ms: "half of the documents took no longer, in milliseconds"
        => |e| Value::Number(e.record.speed.as_ref().and_then(|s| s.latency_ms.p50).map(tidy)),
    latency_p95_ms: "95 % of the documents took no longer; empty under 90 timings"
        => |e| Value::Number(e.record.speed.as_ref().and_then(|s| s.latency_ms.p95).map(tidy)),
    threads: "workers at the same time"
        => |e| Value::Count(e.record.speed.as_ref().map(|s| s.threads)),
    memory_peak_mb: "largest resident memory in 1,000,000 bytes: of this process, or of the external programs together"
        => |e| Value::Number(e.record.memory.peak_bytes.map(|bytes| tidy(bytes as f64 / 1e6))),
    failures: "documents without an answer, scored as empty"
        => |e| Value::Count(Some(e.record.coverage.failures())),
    coverage: "share of documents with an answer" => |e| Value::Number(e.record.coverage.share()),
    malformed: "predicted items that could not be understood; false positives"
        => |e| Value::Count(Some(e.record.notes.malformed)),
    cpu: "the processor that speed was measured on"
        => |e| text(e.record.environment.cpu.as_deref().unwrap_or_default()),
    protocol: "name of the protocol" => |e| text(&e.record.protocol),
    signature: "what relation_f1 measured; equal up to || means comparable"
        => |e| text(&e.primary().map(|s| s.signature.to_string()).unwrap_or_default()),
    record: "id of the record" => |e| text(&e.record.id),
}

/// The registers of newswire.
const DOCUMENTED: &str = "documented";
const INVENTED: &str = "invented";
/// The change of texts that tells reading from remembering.
const NAME_SWAP: &str = "name-swap";

fn register<'a>(entry: &Entry<'a>, view: View, register: &str) -> Option<&'a Score> {
    entry.slice(view, &Slice::Register(register.to_owned()))
}

fn relation_change(entry: &Entry<'_>) -> Option<Difference> {
    entry.perturbed(NAME_SWAP)?.relation
}

fn mention_change(entry: &Entry<'_>) -> Option<Difference> {
    entry.perturbed(NAME_SWAP)?.mention
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn micro<'a>(entry: &Entry<'a>, view: View) -> Option<&'a Score> {
    entry.score(view, Average::Micro)
}

fn precision(score: Option<&Score>) -> Value {
    Value::Number(score.and_then(|score| score.precision))
}

fn recall(score: Option<&Score>) -> Value {
    Value::Number(score.and_then(|score| score.recall))
}

fn f1(score: Option<&Score>) -> Value {
    Value::Number(score.and_then(|score| score.f1))
}

fn f1_low(score: Option<&Score>) -> Value {
    low(score.and_then(|score| score.f1_interval))
}

fn f1_high(score: Option<&Score>) -> Value {
    high(score.and_then(|score| score.f1_interval))
}

fn low(interval: Option<Interval>) -> Value {
    Value::Number(interval.map(|interval| interval.low))
}

fn high(interval: Option<Interval>) -> Value {
    Value::Number(interval.map(|interval| interval.high))
}

fn tp(score: Option<&Score>) -> Value {
    Value::Count(score.map(|score| score.tally.tp() as u64))
}

fn fp(score: Option<&Score>) -> Value {
    Value::Count(score.map(|score| score.tally.fp() as u64))
}

fn missed(score: Option<&Score>) -> Value {
    Value::Count(score.map(|score| score.tally.r#fn() as u64))
}

/// A measurement to four significant digits: more is noise.
fn tidy(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let scale = 10f64.powi(3 - value.abs().log10().floor() as i32);
    (value * scale).round() / scale
}
