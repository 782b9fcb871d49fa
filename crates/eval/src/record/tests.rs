use std::path::Path;

use ere_dataset::prediction::RawPrediction;
use ere_dataset::{Layers, Ontology, Vocabulary, jsonl};
use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::document::{DocumentTallies, tally};
use crate::protocol::Protocol;
use crate::reference::Measure;
use crate::rules::Rules;
use crate::score::Tallies;
use crate::slice::{Outcome, RowKey, Slice};
use crate::tally::Tally;
use crate::view::View;

const ONTOLOGY: &str = r#"
name = "tiny"
version = "1.0"
[[entity]]
name = "PER"
definition = ""
example = ""
[[entity]]
name = "ORG"
definition = ""
example = ""
[[relation]]
name = "head_of"
family = "office"
definition = ""
example = ""
[[relation]]
name = "owns"
family = "business"
definition = ""
example = ""
"#;

const GOLD: &str = r#""text":"Anna leads Acme.","mentions":[
    {"start":0,"end":4,"type":"PER"},{"start":11,"end":15,"type":"ORG"}],
    "entities":[{"type":"PER","mentions":[0]},{"type":"ORG","mentions":[1]}],
    "relations":[{"head":0,"tail":1,"type":"head_of"}]"#;

/// Right, wrong in type, malformed and alien, nothing.
const PREDICTIONS_OF: [&str; 4] = [
    r#""mentions":[{"start":0,"end":4,"type":"PER"},{"start":11,"end":15,"type":"ORG"}],
       "entities":[{"type":"PER","mentions":[0]},{"type":"ORG","mentions":[1]}],
       "relations":[{"head":0,"tail":1,"type":"head_of"}]"#,
    r#""mentions":[{"start":0,"end":4,"type":"ORG"},{"start":11,"end":15,"type":"ORG"}],
       "entities":[{"type":"ORG","mentions":[0,1]}]"#,
    r#""mentions":[{"start":0,"end":99,"type":"PER"},{"start":5,"end":10,"type":"type: 😀"}]"#,
    r#""mentions":[]"#,
];

struct Sample {
    rules: Rules,
    protocol: Protocol,
    tallies: Tallies,
    record: Record,
}

/// A run over forty documents, a quarter of them right, one of them failed.
fn sample() -> Sample {
    let vocabulary = Vocabulary::default();
    let ontology = Ontology::parse(ONTOLOGY, &vocabulary).unwrap();
    let (rules, protocol) = (Rules::of(&ontology, &vocabulary), Protocol::default());
    let documents = (0..40).map(|number| {
        let id = format!("d{number:02}");
        let gold = format!(r#"{{"id":"{id}",{GOLD}}}"#).replace('\n', "");
        let gold = jsonl::gold_from_str(&gold, &vocabulary).unwrap();
        let pred = format!(r#"{{"id":"{id}",{}}}"#, PREDICTIONS_OF[number % 4]);
        let pred = RawPrediction::parse(&pred).unwrap().attach(&gold, &vocabulary);
        tally(&gold, &pred, &protocol, &rules, &Layers::default())
    });
    let tallies: Tallies = documents.collect();
    let mut record = Record {
        schema: SCHEMA.to_owned(),
        id: String::new(),
        tool: Tool { name: "erebench".to_owned(), version: "0.1.0".to_owned() },
        extractor: ExtractorIdentity {
            name: "cmd:some/thing".to_owned(),
            version: "1".to_owned(),
            digest: sha256_hex(b"extractor"),
            kind: Kind::Command,
            ranked: true,
            label_map: Some(sha256_hex(b"map")),
            resolve: Default::default(),
        },
        data: DataIdentity {
            name: "tiny".to_owned(),
            version: "0.1.0".to_owned(),
            split: "test".to_owned(),
            sha256: sha256_hex(b"data"),
            documents: 40,
            text_bytes: 640,
        },
        ontology: Some(OntologyIdentity {
            name: ontology.name.clone(),
            version: ontology.version.clone(),
            sha256: ontology.sha256.clone(),
        }),
        protocol: protocol.name.clone(),
        track: Given::Text,
        resampling: Some(Resampling { replicates: 200, seed: 0 }),
        status: Status::of(1, 40),
        coverage: Coverage {
            documents: 40,
            answered: 39,
            failed: [("timeout".to_owned(), 1)].into(),
            ..Coverage::default()
        },
        notes: tallies.notes(),
        labels: Some(LabelCounts { mapped: 3, dropped: 2, unmapped: 1 }),
        warnings: vec!["a \"warning\"\nof two lines".to_owned()],
        scores: Vec::new(),
        perturbations: vec![Perturbed {
            perturbation: "name-swap".to_owned(),
            relation: None,
            mention: tallies.difference(&tallies, "mention.strict", Some(Resampling::default())),
        }],
        speed: Some(Speed {
            documents_per_second: 1234.5678901234567,
            megabytes_per_second: 0.1,
            latency_ms: Latency { p50: Some(1.0 / 3.0), p95: Some(2.5), p99: None, timings: 100 },
            threads: 2,
            passes: 3,
            warm: true,
        }),
        memory: Memory { peak_bytes: Some(1 << 33), how: MemoryOf::Command },
        environment: Environment {
            cpu: Some("a processor".to_owned()),
            cores: 2,
            os: "linux".to_owned(),
            kernel: None,
        },
        files: BTreeMap::new(),
    };
    record.id = record.identity();
    record.scores = tallies.scores(&protocol, &rules, &record.base_signature(), record.resampling);
    Sample { rules, protocol, tallies, record }
}

fn write_sample(runs: &Path, sample: &Sample) -> Written {
    write(runs, sample.record.clone(), &sample.tallies, |out| out.write_all(b"{\"id\":\"a\"}\n"))
        .unwrap()
}

#[test]
fn what_is_read_back_is_what_was_written() {
    let (runs, sample) = (tempfile::tempdir().unwrap(), sample());
    let written = write_sample(runs.path(), &sample);
    let expected = runs.path().join("tiny/cmd-some-thing").join(&sample.record.id);
    assert_eq!(written.folder, expected);
    assert_eq!(find(runs.path()).unwrap(), [expected.join(RECORD)]);
    assert_eq!(read(&expected.join(RECORD)).unwrap(), written.record);
    assert_eq!(read_tallies(&expected, &written.record).unwrap(), sample.tallies);
    let predictions = std::fs::read(expected.join(PREDICTIONS)).unwrap();
    assert_eq!(zstd::decode_all(&predictions[..]).unwrap(), b"{\"id\":\"a\"}\n");
    let digest = &written.record.files[PREDICTIONS];
    assert_eq!(
        *digest,
        FileDigest { sha256: sha256_hex(&predictions), bytes: predictions.len() as u64 }
    );
}

#[test]
fn scores_follow_from_the_tallies_on_disk() {
    let (runs, sample) = (tempfile::tempdir().unwrap(), sample());
    let folder = write_sample(runs.path(), &sample).folder;
    let record = read(&folder.join(RECORD)).unwrap();
    let tallies = read_tallies(&folder, &record).unwrap();
    let base = record.base_signature();
    let scores = tallies.scores(&sample.protocol, &sample.rules, &base, record.resampling);
    assert_eq!(scores, record.scores);
    assert!(record.scores.iter().any(|score| score.f1_interval.is_some()));
}

#[test]
fn the_same_run_again_takes_the_place_of_the_first() {
    let (runs, mut sample) = (tempfile::tempdir().unwrap(), sample());
    let first = write_sample(runs.path(), &sample);
    assert_eq!(write_sample(runs.path(), &sample), first);
    sample.record.speed = None;
    let second = write_sample(runs.path(), &sample);
    assert_eq!(second.folder, first.folder);
    assert_eq!(read(&first.folder.join(RECORD)).unwrap(), second.record);
    let beside = std::fs::read_dir(first.folder.parent().unwrap()).unwrap();
    assert_eq!(beside.count(), 1, "nothing temporary is left");
}

#[test]
fn the_id_follows_from_what_determines_the_result_and_nothing_else() {
    let record = sample().record;
    let changed = |change: fn(&mut Record)| {
        let mut other = record.clone();
        change(&mut other);
        other.identity() != record.identity()
    };
    assert!(changed(|r| r.extractor.digest.push('0')));
    assert!(changed(|r| r.extractor.label_map = None));
    assert!(changed(|r| r.extractor.resolve = crate::resolve::Resolve::Names));
    assert!(changed(|r| r.data.sha256.push('0')));
    assert!(changed(|r| r.track = Given::Entities));
    assert!(changed(|r| r.tool.version.push('0')));
    assert!(changed(|r| r.resampling = None));
    assert!(!changed(|r| r.speed = None));
    assert!(!changed(|r| r.environment.cores = 64));
    assert!(!changed(|r| r.warnings.clear()));
}

#[test]
fn a_run_that_fails_leaves_what_was_there() {
    let (runs, sample) = (tempfile::tempdir().unwrap(), sample());
    let first = write_sample(runs.path(), &sample);
    let failed = write(runs.path(), sample.record.clone(), &sample.tallies, |_| {
        Err(std::io::Error::other("interrupted"))
    });
    let message = failed.unwrap_err().to_string();
    assert!(message.ends_with(": interrupted"), "{message}");
    assert_eq!(read(&first.folder.join(RECORD)).unwrap(), first.record);
    let beside = std::fs::read_dir(first.folder.parent().unwrap()).unwrap();
    assert_eq!(beside.count(), 1, "nothing temporary is left");
}

#[test]
fn equal_records_are_equal_bytes() {
    let [one, two] = [sample(), sample()].map(|sample| {
        let runs = tempfile::tempdir().unwrap();
        let folder = write_sample(runs.path(), &sample).folder;
        [RECORD, TALLIES, PREDICTIONS].map(|name| std::fs::read(folder.join(name)).unwrap())
    });
    assert_eq!(one, two);
}

#[test]
fn a_score_is_a_line() {
    let record = sample().record;
    let printed = String::from_utf8(json::print(&record)).unwrap();
    let scores = printed.lines().filter(|line| line.starts_with("    {\"view\": "));
    assert_eq!(scores.count(), record.scores.len());
    assert!(printed.starts_with("{\n  \"schema\": \"ere-record/1\",\n  \"id\": "));
    assert!(
        printed.contains("\n  \"memory\": {\"peak_bytes\": 8589934592, \"how\": \"command\"},\n")
    );
    assert!(printed.contains("\n  \"files\": {}\n}\n"));
    assert_eq!(serde_json::from_str::<Record>(&printed).unwrap(), record);
    let empty = Record { warnings: Vec::new(), ..record };
    let printed = String::from_utf8(json::print(&empty)).unwrap();
    assert!(printed.contains("\n  \"warnings\": [],\n"));
}

#[test]
fn what_is_no_record_is_refused_with_file_and_cure() {
    let printed = String::from_utf8(json::print(&sample().record)).unwrap();
    let id = sample().record.id;
    let cases = [
        (
            String::new(),
            "not a record of the schema ere-record/1: EOF while parsing a value at \
            line 1 column 0; run the extractor again",
        ),
        ("{}".to_owned(), "has no \"schema\"; expected a record that begins with \"ere-record/1\""),
        (
            r#"{"schema":"ere-record/2","new":1}"#.to_owned(),
            "has the schema \"ere-record/2\", but this version reads \"ere-record/1\"; use the \
             version of erebench that wrote it, or run the extractor again",
        ),
        (r#"{"schema":"ere-record/1"}"#.to_owned(), "missing field `id`"),
        (printed.replacen("\"id\"", "\"colour\": 1, \"id\"", 1), "unknown field `colour`"),
        (printed.replace("\"mention.strict\"", "\"mention.stirct\""), "no view \"mention.stirct\""),
        (printed.replace("\"type:PER\"", "\"tpye:PER\""), "no slice \"tpye:PER\""),
        (printed.replacen("\"tp\": ", "\"tp\": 1", 1), "tp, fp and fn of mention.strict do not"),
        (printed.replace("\"erebench/1|", "\"erebench/7|"), "no signature: "),
        (
            printed.replace(&id, "0123456789abcdef"),
            "records are not edited, run the extractor again",
        ),
        (
            printed.replace("\"0.1.0\"", "\"0.1.1\""),
            "records are not edited, run the extractor again",
        ),
    ];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(RECORD);
    for (content, expected) in cases {
        std::fs::write(&path, content).unwrap();
        let message = read(&path).unwrap_err().to_string();
        assert!(message.starts_with(&format!("{}: ", path.display())), "{message}");
        assert!(message.contains(expected), "{message}\nlacks {expected}");
    }
}

#[test]
fn paths_that_hold_no_record_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let error = read(folder.path()).unwrap_err();
    assert!(error.to_string().ends_with("is a directory; name the record.json in it"), "{error}");
    assert!(!error.is_io());
    let error = read(&folder.path().join("nothing")).unwrap_err();
    assert!(error.to_string().ends_with("no such file; check the path"), "{error}");
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = find(&file).unwrap_err().to_string();
    assert!(error.ends_with("is no directory; name the folder that holds the records"), "{error}");
}

#[test]
fn damaged_tallies_are_refused() {
    let (runs, sample) = (tempfile::tempdir().unwrap(), sample());
    let Written { folder, mut record } = write_sample(runs.path(), &sample);
    let path = folder.join(TALLIES);
    let mut refuse = |bytes: &[u8], is_named: bool, expected: &str| {
        std::fs::write(&path, bytes).unwrap();
        if is_named {
            record.files.get_mut(TALLIES).unwrap().sha256 = sha256_hex(bytes);
        }
        let message = read_tallies(&folder, &record).unwrap_err().to_string();
        assert!(message.starts_with(&path.display().to_string()), "{message}");
        assert!(message.contains(expected), "{message}\nlacks {expected}");
    };
    let bytes = std::fs::read(&path).unwrap();
    refuse(&bytes[1..], false, "is not the file that the record names (SHA-256 ");
    refuse(b"", true, "not a table of tallies: ");
    refuse(&bytes[..bytes.len() / 2], true, "not a table of tallies: ");
    record.files.clear();
    let message = read_tallies(&folder, &record).unwrap_err().to_string();
    assert!(message.contains("the record does not name this file"), "{message}");
}

#[test]
fn a_forged_table_is_refused_or_read_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let sample = sample();
    let small: Tallies = sample.tallies.documents().take(3).cloned().collect();
    let mut record = sample.record;
    let mut bytes = Vec::new();
    tallies::write_tallies(&mut bytes, &small).unwrap();
    let mut refused = 0;
    for at in (0..bytes.len()).step_by(17) {
        bytes[at] ^= 1;
        let digest = FileDigest { sha256: sha256_hex(&bytes), bytes: bytes.len() as u64 };
        record.files.insert(TALLIES.to_owned(), digest);
        std::fs::write(folder.path().join(TALLIES), &bytes).unwrap();
        refused += u32::from(read_tallies(folder.path(), &record).is_err());
        bytes[at] ^= 1;
    }
    assert!(refused > 20, "{refused} of {}", bytes.len() / 17);
}

/// Every eight bytes that are a length somewhere are given a length that no machine has room for.
#[test]
fn forged_lengths_are_refused_before_room_is_made_for_them() {
    let folder = tempfile::tempdir().unwrap();
    let sample = sample();
    let mut record = sample.record;
    let mut bytes = Vec::new();
    tallies::write_tallies(&mut bytes, &sample.tallies).unwrap();
    let forged = (1i64 << 40).to_le_bytes();
    let mut messages = std::collections::BTreeSet::new();
    for at in (8..bytes.len() - 8).step_by(8) {
        let whole = bytes.clone();
        bytes[at..at + 8].copy_from_slice(&forged);
        let digest = FileDigest { sha256: sha256_hex(&bytes), bytes: bytes.len() as u64 };
        record.files.insert(TALLIES.to_owned(), digest);
        std::fs::write(folder.path().join(TALLIES), &bytes).unwrap();
        if let Err(error) = read_tallies(folder.path(), &record) {
            let message = error.to_string();
            messages.extend(message.split("tallies: ").nth(1).map(str::to_owned));
        }
        bytes = whole;
    }
    for expected in [
        "a buffer of 1099511627776 bytes is over the limit of 268435456",
        "a block lies outside the file",
        "a buffer lies outside its block",
        "a column has an impossible length",
    ] {
        let has = messages.iter().any(|message| message.starts_with(expected));
        assert!(has, "{expected} is not in {messages:#?}");
    }
    // The length of the footer stands before the last six bytes.
    let at = bytes.len() - 10;
    bytes[at..at + 4].copy_from_slice(&i32::MAX.to_le_bytes());
    let digest = FileDigest { sha256: sha256_hex(&bytes), bytes: bytes.len() as u64 };
    record.files.insert(TALLIES.to_owned(), digest);
    std::fs::write(folder.path().join(TALLIES), &bytes).unwrap();
    let message = read_tallies(folder.path(), &record).unwrap_err().to_string();
    assert!(message.contains("its footer is longer than the file"), "{message}");
}

#[test]
fn a_table_of_several_batches_comes_back() {
    let document = |number: u32| {
        let notes = Notes { malformed: number.into(), ..Notes::default() };
        let key = RowKey { view: View::MentionStrict, slice: Slice::All };
        DocumentTallies::new(format!("{number:06}").into(), notes, [(key, Tally::default())])
    };
    let tallies: Tallies = (0..40_000).map(document).collect();
    let runs = tempfile::tempdir().unwrap();
    let written = write(runs.path(), sample().record, &tallies, |_| Ok(())).unwrap();
    let bytes = written.record.files[TALLIES].bytes;
    assert!(bytes < 400_000, "{bytes} bytes for 40,000 documents");
    assert!(read_tallies(&written.folder, &written.record).unwrap() == tallies);
}

#[test]
fn records_are_found_in_order_and_unfinished_ones_are_not() {
    let folder = tempfile::tempdir().unwrap();
    for path in ["b/2", "b/10", "a/x/y", ".erebench-1.tmp", "a/.hidden/b", "empty"] {
        let run = folder.path().join(path);
        std::fs::create_dir_all(&run).unwrap();
        if path != "empty" {
            std::fs::write(run.join(RECORD), "").unwrap();
        }
    }
    std::fs::write(folder.path().join("b/other.json"), "").unwrap();
    let found = find(folder.path()).unwrap();
    let expected = ["a/x/y", "b/10", "b/2"].map(|path| folder.path().join(path).join(RECORD));
    assert_eq!(found, expected);
}

#[test]
fn records_follow_the_published_schema() {
    let schema: Value =
        serde_json::from_str(include_str!("../../../../docs/ere-record-1.schema.json")).unwrap();
    let follows = |record: &Record| {
        let value: Value = serde_json::from_slice(&json::print(record)).unwrap();
        Schema { root: &schema }.check(&schema, &value, "record")
    };
    let (runs, full) = (tempfile::tempdir().unwrap(), sample());
    let full = write_sample(runs.path(), &full).record;
    follows(&full).unwrap();
    let bare = Record {
        ontology: None,
        resampling: None,
        labels: None,
        scores: Vec::new(),
        perturbations: Vec::new(),
        speed: None,
        memory: Memory { peak_bytes: None, how: MemoryOf::Unmeasured },
        environment: Environment::default(),
        files: BTreeMap::new(),
        ..full.clone()
    };
    follows(&bare).unwrap();
    let wrong = Record { schema: "ere-record/2".to_owned(), ..full.clone() };
    assert!(follows(&wrong).unwrap_err().contains("record.schema"));
    let wrong = Record { id: "x".to_owned(), ..full };
    assert!(follows(&wrong).unwrap_err().contains("record.id"));
}

/// As much of JSON Schema as the published schema uses; any other keyword is an error. In addition,
/// every object must list each of its keys as required: a record leaves nothing out.
struct Schema<'a> {
    root: &'a Value,
}

impl Schema<'_> {
    fn check(&self, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
        for (keyword, rule) in schema.as_object().ok_or("a schema is an object")? {
            let is_met = match keyword.as_str() {
                "$schema" | "$id" | "$defs" | "title" | "description" => true,
                "$ref" => {
                    let pointer = rule.as_str().unwrap().strip_prefix('#').unwrap();
                    self.check(self.root.pointer(pointer).unwrap(), value, at)?;
                    true
                }
                "type" => match rule {
                    Value::Array(kinds) => kinds.iter().any(|kind| is_of_type(value, kind)),
                    kind => is_of_type(value, kind),
                },
                "const" => value == rule,
                "enum" => rule.as_array().unwrap().contains(value),
                "minimum" => value.as_f64().is_none_or(|number| number >= rule.as_f64().unwrap()),
                "maximum" => value.as_f64().is_none_or(|number| number <= rule.as_f64().unwrap()),
                "pattern" => {
                    value.as_str().is_none_or(|text| matches(rule.as_str().unwrap(), text))
                }
                "required" => value.as_object().is_none_or(|object| {
                    let keys = rule.as_array().unwrap();
                    // What version 0.1.0 did not write cannot be required.
                    let later = match at {
                        "record.notes" => 2,
                        "record" | "record.extractor" => 1,
                        _ => 0,
                    };
                    let properties = schema["properties"].as_object().unwrap();
                    assert_eq!(keys.len() + later, properties.len(), "{at}");
                    keys.iter().all(|key| object.contains_key(key.as_str().unwrap()))
                }),
                "properties" | "additionalProperties" => {
                    self.check_keys(schema, value, at)?;
                    true
                }
                "items" => {
                    for (position, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.check(rule, item, &format!("{at}[{position}]"))?;
                    }
                    true
                }
                other => return Err(format!("{at}: this test does not know {other}")),
            };
            if !is_met {
                return Err(format!("{at}: {value} is against {keyword}: {rule}"));
            }
        }
        Ok(())
    }

    fn check_keys(&self, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
        for (key, item) in value.as_object().into_iter().flatten() {
            let rule = schema["properties"].get(key).unwrap_or(&schema["additionalProperties"]);
            if *rule == Value::Bool(false) {
                return Err(format!("{at}: the key {key} is not in the schema"));
            }
            self.check(rule, item, &format!("{at}.{key}"))?;
        }
        Ok(())
    }
}

fn is_of_type(value: &Value, kind: &Value) -> bool {
    match kind.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        other => panic!("no type {other}"),
    }
}

fn matches(pattern: &str, text: &str) -> bool {
    let is_hex = || text.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'));
    match pattern {
        "^[0-9a-f]{16}$" => text.len() == 16 && is_hex(),
        "^[0-9a-f]{64}$" => text.len() == 64 && is_hex(),
        "^[a-z0-9._-]+$" => text.parse::<View>().is_ok(),
        "^$|^(type|family|zone|form|length|distance|seen|register|tag|outcome):|^(implied|optional)$" => {
            Slice::from_name(text).is_some()
        }
        "^erebench/1\\|" => text.starts_with("erebench/1|"),
        other => panic!("no pattern {other}"),
    }
}

fn any_tallies() -> impl Strategy<Value = Tallies> {
    let slice = prop_oneof![
        Just(Slice::All),
        "\\PC{0,6}".prop_map(Slice::Type),
        "[a-z:]{0,4}".prop_map(Slice::Family),
        "[a-z:]{0,4}".prop_map(Slice::Tag),
        Just(Slice::Implied),
        proptest::sample::select(&Outcome::ALL[..]).prop_map(Slice::Outcome),
    ];
    let view = prop_oneof![
        proptest::sample::select(&View::ALL[..]),
        proptest::sample::select(Measure::ALL).prop_map(View::Reference),
    ];
    let key = (view, slice).prop_map(|(view, slice)| RowKey { view, slice });
    let number = prop_oneof![(0..9u32).prop_map(f64::from), 0.0..9.0f64];
    let tally = proptest::array::uniform4(number).prop_map(|[a, b, c, d]| Tally {
        precision_numerator: a,
        precision_denominator: b,
        recall_numerator: c,
        recall_denominator: d,
    });
    let notes = proptest::array::uniform8(0..1000u64).prop_map(|[a, b, c, d, e, f, g, h]| Notes {
        duplicate_mentions: a,
        duplicate_relations: b,
        neutral_relations: c,
        negative: d,
        malformed: e,
        alien: f,
        unreachable_relations: g,
        strings: h,
    });
    let rows = proptest::collection::btree_map(key, tally, 0..6);
    let document = ("\\PC{0,5}", rows, notes)
        .prop_map(|(id, rows, notes)| DocumentTallies::new(id.into(), notes, rows));
    proptest::collection::vec(document, 0..6).prop_map(|documents| documents.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_tallies_come_back_from_disk(tallies in any_tallies()) {
        let runs = tempfile::tempdir().unwrap();
        let written = write(runs.path(), sample().record, &tallies, |_| Ok(())).unwrap();
        prop_assert_eq!(read_tallies(&written.folder, &written.record).unwrap(), tallies);
    }
}
