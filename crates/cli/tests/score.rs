//! `score`, `merge` and `compare` as their users meet them: streams, parts, and wrong input.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use ere_dataset::wire::TextPolicy;
use ere_dataset::{DatasetFolder, Document, Vocabulary, jsonl};
use ere_synth::corpus::{self, Preset};
use ere_synth::grammar::Grammar;
use ere_synth::{NoiseSpec, noise};
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn erebench_with(args: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_erebench"));
    command.current_dir(root()).args(args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the command starts");
    let mut stdin = child.stdin.take().expect("it is a pipe");
    let input = input.to_owned();
    let writer = std::thread::spawn(move || {
        // A command that refuses its arguments reads nothing.
        let _ = stdin.write_all(input.as_bytes());
    });
    let output = child.wait_with_output().expect("the command ends");
    writer.join().expect("writing does not panic");
    output
}

fn succeed_with(args: &[&str], input: &str) -> String {
    let output = erebench_with(args, input);
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{args:?}: {message}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn succeed(args: &[&str]) -> String {
    succeed_with(args, "")
}

fn refuse(args: &[&str], expected: &str) {
    let output = erebench_with(args, "");
    let message = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(2), "{args:?}: {message}");
    assert!(message.contains(expected), "{args:?}: {message}\nlacks {expected}");
    assert!(output.stdout.is_empty(), "nothing is printed");
}

/// A folder of files.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Files {
        Files(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        std::fs::write(self.path(name), content).unwrap();
        self.path(name)
    }
}

// ------------------------------------------------------------------------------------------------
// A corpus with many documents
// ------------------------------------------------------------------------------------------------

const ONTOLOGY: &str = "datasets/newswire/ontology.toml";

/// Lines of gold and of predictions; every seventh document has no prediction.
struct Corpus {
    gold: Vec<String>,
    pred: Vec<String>,
}

/// `annotates` says of each document whether its mention relations are annotated, and whether it says
/// so itself.
fn corpus(documents: u64, seed: u64, annotates: fn(u64) -> (bool, bool)) -> Corpus {
    let vocabulary = Vocabulary::default();
    let folder = DatasetFolder::open(&root().join("datasets/newswire")).unwrap();
    let ontology = folder.ontology(&vocabulary).unwrap();
    let grammar = Grammar::newswire(&vocabulary, &ontology).unwrap();
    let line = |document: &Document, policy| {
        let mut line = Vec::new();
        jsonl::write(&mut line, document, &vocabulary, policy).unwrap();
        String::from_utf8(line).unwrap()
    };
    let (mut gold, mut pred) = (Vec::new(), Vec::new());
    for index in 0..documents {
        let mut document = corpus::document(index, 1, &Preset::bench(), &grammar);
        let spec = NoiseSpec::default();
        let predicted = noise::predict(&document, &spec, seed, &vocabulary, &ontology).document;
        let (has, says) = annotates(index);
        if !has {
            document.mention_relations.clear();
            for relation in &mut document.relations {
                relation.evidence.iter_mut().for_each(|evidence| evidence.support.clear());
            }
        }
        if !says {
            document.layers = None;
        }
        gold.push(line(&document, TextPolicy::Inline));
        if index % 7 != 3 {
            pred.push(line(&predicted, TextPolicy::Omit));
        }
    }
    Corpus { gold, pred }
}

#[test]
fn the_order_of_documents_and_the_kind_of_input_do_not_matter() {
    let files = Files::new();
    let Corpus { gold, mut pred } = corpus(30, 1, |_| (true, false));
    let gold_path = files.write("gold.jsonl", gold.concat());
    let pred_path = files.write("pred.jsonl", pred.concat());
    let run = |gold: &str, pred: &str, input: &str| {
        let args = ["score", gold, pred, "--ontology", ONTOLOGY, "--data-name", "gold", "--json"];
        succeed_with(&[&args[..], &["--replicates", "50"]].concat(), input)
    };
    let expected = run(&gold_path, &pred_path, "");
    assert_eq!(run(&gold_path, "-", &pred.concat()), expected);
    assert_eq!(run("-", &pred_path, &gold.concat()), expected);
    pred.reverse();
    assert_eq!(run(&gold_path, "-", &pred.concat()), expected);
    let reversed = files.write("reversed.jsonl", pred.concat());
    assert_eq!(run(&gold_path, &reversed, ""), expected);
    let compressed =
        |name: &str, text: String| files.write(name, zstd::encode_all(text.as_bytes(), 1).unwrap());
    let gold_zst = compressed("gold.jsonl.zst", gold.concat());
    let pred_zst = compressed("pred.jsonl.zst", pred.concat());
    assert_eq!(run(&gold_zst, &pred_zst, ""), expected);
    let damaged = files.write("damaged.jsonl.zst", gold.concat());
    refuse(&["score", &damaged, &pred_zst], "damaged.jsonl.zst: damaged, cut off, or not");
    let args = ["score", &gold_path, &reversed, "--ontology", ONTOLOGY, "--json", "-j", "1"];
    assert_eq!(succeed(&[&args[..], &["--replicates", "50"]].concat()), expected);
    let record: Value = serde_json::from_str(&expected).unwrap();
    assert_eq!(record["coverage"]["missing"], 4);
    refuse(&["score", "-", "-"], "cannot both be standard input");
}

// ------------------------------------------------------------------------------------------------
// Parts
// ------------------------------------------------------------------------------------------------

/// Scores documents in three parts (every third document, so that no part is a stretch) and merges
/// them; `args` go to every command.
fn merged(files: &Files, corpus: &Corpus, args: &[&str], output: &[&str]) -> String {
    let mut paths: Vec<String> = Vec::new();
    for part in 0..3 {
        let gold: Vec<&str> =
            corpus.gold.iter().skip(part).step_by(3).map(String::as_str).collect();
        let id = |line: &str| jsonl::id_of(line).unwrap().into_owned();
        let ids: Vec<String> = gold.iter().map(|line| id(line)).collect();
        let pred: String =
            corpus.pred.iter().rev().filter(|line| ids.contains(&id(line))).cloned().collect();
        let gold = files.write(&format!("gold-{part}.jsonl"), gold.concat());
        let pred = files.write(&format!("pred-{part}.jsonl"), pred);
        let path = files.path(&format!("{part}.part"));
        let own = ["score", &gold, &pred, "--data-name", "gold", "--partial", &path];
        assert!(succeed(&[&own[..], args].concat()).contains("10 documents"));
        paths.insert(0, path);
    }
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    succeed(&[&["merge"], &paths[..], output].concat())
}

#[test]
fn merged_parts_are_one_run_to_the_last_byte() {
    let cases: [fn(u64) -> (bool, bool); 4] = [
        |_| (true, true),
        |_| (true, false),
        // Only one part has mention relations; the others have the layer all the same.
        |index| (index == 4, false),
        // No document has them; those that say that they are annotated keep their rows.
        |index| (false, index % 5 == 0),
    ];
    for (case, annotates) in cases.into_iter().enumerate() {
        let files = Files::new();
        let corpus = corpus(30, 1, annotates);
        let gold = files.write("gold.jsonl", corpus.gold.concat());
        let pred = files.write("pred.jsonl", corpus.pred.concat());
        let shared: &[&str] = if case == 0 { &[] } else { &["--ontology", ONTOLOGY] };
        let outputs: [&[&str]; 2] = [&["--json", "--replicates", "100"], &["--by-type"]];
        for output in outputs {
            let whole = succeed(&[&["score", &gold, &pred][..], shared, output].concat());
            assert_eq!(merged(&files, &corpus, shared, output), whole, "case {case}");
            let has_layer = whole.contains("relation.mention.strict");
            assert!(has_layer, "case {case} compares the rows of mention relations");
        }
    }
}

#[test]
fn parts_carry_their_protocol() {
    let files = Files::new();
    let corpus = corpus(30, 1, |_| (true, true));
    let gold = files.write("gold.jsonl", corpus.gold.concat());
    let pred = files.write("pred.jsonl", corpus.pred.concat());
    let train = files.write("train.jsonl", corpus.gold[..5].concat());
    let own = files.write(
        "own.toml",
        "name = \"own\"\nprimary = \"coreference.lea\"\n\
         views = [\"coreference.lea\", \"spert.ner\"]\n[policies]\nsingletons = \"dropped\"\n",
    );
    let docred: &[&str] = &["--protocol", "docred", "--train", &train];
    for (shared, expected) in [(docred, "docred"), (&["--protocol", &own], "coreference.lea")] {
        let args = ["score", &gold, &pred, "--json", "--replicates", "50"];
        let whole = succeed(&[&args[..], shared].concat());
        assert!(whole.contains(expected));
        assert_eq!(merged(&files, &corpus, shared, &["--json", "--replicates", "50"]), whole);
    }

    let part = |name: &str, lines: &[String], args: &[&str]| {
        let (gold, path) = (files.write("some.jsonl", lines.concat()), files.path(name));
        let some = [
            "score",
            &gold,
            &pred,
            "--data-name",
            "gold",
            "--allow-unknown-documents",
            "--partial",
        ];
        succeed(&[&some[..], &[&path], args].concat());
        path
    };
    let own = ["--protocol", &own];
    let (one, other) = (part("one", &corpus.gold[..9], &own), part("two", &corpus.gold[9..], &[]));
    refuse(&["merge", &one, &other], "protocol is own#");
    let whole = part("whole", &corpus.gold, &own);
    assert!(succeed(&["compare", &whole, &whole]).contains("coreference.lea"));
}

#[test]
fn gold_without_mention_relations_has_no_rows_of_them() {
    let files = Files::new();
    let corpus = corpus(6, 1, |_| (false, false));
    let gold = files.write("gold.jsonl", corpus.gold.concat());
    let pred = files.write("pred.jsonl", corpus.pred.concat());
    let table = succeed(&["score", &gold, &pred, "--replicates", "0"]);
    assert!(table.contains("relation.anchored") && !table.contains("relation.mention"), "{table}");
}

#[test]
fn a_data_set_has_parts_too() {
    let files = Files::new();
    let pred = files.write("pred.jsonl", "");
    let part = files.path("one.part");
    let shared = ["score", "datasets/newswire", &pred];
    let whole = succeed(&[&shared[..], &["--json"]].concat());
    let counted = succeed(&[&shared[..], &["--partial", &part, "--json"]].concat());
    let counted: Value = serde_json::from_str(&counted).unwrap();
    assert_eq!(counted["missing"], counted["documents"]);
    assert_eq!(succeed(&["merge", &part, "--json"]), whole);
    // The gate works on merged scores.
    let output = erebench_with(&["merge", &part, "--fail-under", "0.1"], "");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn parts_that_do_not_belong_together_are_refused() {
    let files = Files::new();
    let Corpus { gold, pred } = corpus(4, 1, |_| (true, true));
    let part = |name: &str, gold: &[String], args: &[&str]| {
        let gold = files.write(&format!("{name}.jsonl"), gold.concat());
        let pred = files.write("pred.jsonl", pred.concat());
        let path = files.path(&format!("{name}.part"));
        let own = ["score", &gold, &pred, "--allow-unknown-documents", "--partial", &path];
        succeed(&[&own[..], args].concat());
        path
    };
    let open = part("open", &gold[..2], &[]);
    let other = part("other", &gold[2..], &[]);
    let named = part("named", &gold[2..], &["--data-name", "open"]);
    let typed = part("typed", &gold[2..], &["--data-name", "open", "--ontology", ONTOLOGY]);
    let again = part("again", &gold[1..], &["--data-name", "open"]);
    refuse(&["merge", &open, &other], r#"data is {"name":"open","#);
    refuse(&["merge", &open, &typed], "ontology is null and newswire");
    refuse(
        &["merge", &open, &named, &again],
        "documents are counted twice: \"bench-1-00000001\" (",
    );
    refuse(&["merge", &open, &open], "\"bench-1-00000000\"");
    succeed(&["merge", &open, &named]);
    succeed(&["merge", &open, &other, "--data-name", "all"]);

    let bytes = std::fs::read(&open).unwrap();
    let cut = files.write("cut.part", &bytes[..bytes.len() - 10]);
    refuse(&["merge", &cut], "cut off");
    let text = zstd::decode_all(&bytes[..]).unwrap();
    let lines: Vec<&str> = std::str::from_utf8(&text).unwrap().lines().collect();
    let forged = |name: &str, lines: &[&str]| {
        let compressed = zstd::encode_all(lines.join("\n").as_bytes(), 1).unwrap();
        files.write(name, compressed)
    };
    let end = lines.len() - 1;
    refuse(&["merge", &forged("a", &lines[..end])], "it is cut off; write it again");
    refuse(&["merge", &forged("b", &lines[1..])], "the first line, and no other, is the header");
    let header = lines[0].replacen("ere-partial/1", "ere-partial/9", 1);
    refuse(&["merge", &forged("c", &[&header])], "has the schema \"ere-partial/9\"");
    let header = lines[0].replacen("mention.strict", "mention.boundaries", 1);
    refuse(&["merge", &forged("d", &[&header])], "the hash of the protocol");
    let document = lines[end - 1].replacen("\"rows\":[[", "\"rows\":[[99999,0.0,0.0,0.0,0.0],[", 1);
    let mut wrong = lines.clone();
    wrong[end - 1] = &document;
    refuse(&["merge", &forged("e", &wrong)], "no row 99999");
    refuse(&["merge", ONTOLOGY], "not a part of a result");
    refuse(&["merge", "datasets"], "is a directory");
    refuse(&["merge", &files.path("missing")], "no such file");
}

// ------------------------------------------------------------------------------------------------
// Comparisons
// ------------------------------------------------------------------------------------------------

#[test]
fn results_are_compared_and_what_differs_is_refused() {
    let files = Files::new();
    let part = |name: &str, seed: u64, args: &[&str]| {
        let Corpus { gold, pred } = corpus(20, seed, |_| (true, true));
        let gold = files.write("gold.jsonl", gold.concat());
        let pred = files.write("pred.jsonl", pred.concat());
        let path = files.path(name);
        let own = ["score", &gold, &pred, "--partial", &path];
        succeed(&[&own[..], args].concat());
        path
    };
    let ontology = ["--ontology", ONTOLOGY];
    let (a, b, c) = (part("a", 1, &ontology), part("b", 2, &ontology), part("c", 3, &ontology));
    let open = part("open", 2, &[]);

    let json = |args: &[&str]| -> Value {
        let args = [&["compare"], args, &["--json", "--replicates", "500"]].concat();
        serde_json::from_str(&succeed(&args)).unwrap()
    };
    let same = &json(&[&a, &a])[0];
    assert_eq!((&same["difference"], &same["p"]), (&0.0.into(), &1.0.into()));
    assert_eq!((&same["documents"], &same["comparable"]), (&20.into(), &true.into()));

    let rows = json(&[&a, &b, &c, "--view", "mention.strict", "--view", "coreference.conll"]);
    let rows = rows.as_array().unwrap();
    assert_eq!(rows.len(), 4);
    for row in rows {
        let number = |key: &str| row[key].as_f64().unwrap();
        let difference = number("second_f1") - number("first_f1");
        assert!((number("difference") - difference).abs() < 1e-12, "{row}");
        let (low, high) = (&row["interval"]["low"], &row["interval"]["high"]);
        assert!(low.as_f64() <= Some(difference) && Some(difference) <= high.as_f64(), "{row}");
        assert!(number("p_holm") >= number("p"), "{row}");
    }

    refuse(&["compare", &a, &open], "onto: newswire@");
    let forced = &json(&[&a, &open, "--force"])[0];
    assert_eq!(forced["comparable"], false);
    assert!(forced["differences"][0].as_str().unwrap().starts_with("onto: "), "{forced}");
    let table = succeed(&["compare", &a, &open, "--force", "--replicates", "50"]);
    assert!(table.contains("NOT COMPARABLE"), "{table}");
    refuse(&["compare", &a, &b, "--view", "mention.strictest"], "no view \"mention.strictest\"");
    refuse(&["compare", &a, "datasets"], "record.json");
    assert_eq!(erebench_with(&["compare", &a], "").status.code(), Some(2));
}

#[test]
fn records_of_runs_are_compared() {
    let files = Files::new();
    let output = files.path("runs");
    let args =
        ["run", "-e", "null", "-e", "noise:miss=0.3", "--speed-documents", "0", "-o", &output];
    let records = succeed(&[&args[..], &["--json", "--replicates", "0"]].concat());
    let records: Value = serde_json::from_str(&records).unwrap();
    let folder = |at: usize| {
        let record = &records[at];
        let name = record["extractor"]["name"].as_str().unwrap();
        format!("{output}/runs/newswire/{name}/{}", record["id"].as_str().unwrap())
    };
    let (null, noisy) = (folder(0), format!("{}/record.json", folder(1)));
    let row = succeed(&["compare", &null, &noisy, "--view", "mention.strict", "--json"]);
    let row: Value = serde_json::from_str(&row).unwrap();
    assert_eq!(row[0]["first_f1"], 0.0);
    assert_eq!(row[0]["difference"], row[0]["second_f1"]);
}

// ------------------------------------------------------------------------------------------------
// Wrong input: docs/scoring-input.md, row by row
// ------------------------------------------------------------------------------------------------

/// What a row of the table expects.
enum Expected {
    /// Exit code 2 and a message with this in it.
    Refused(&'static str),
    /// tp, fp, fn of `mention.strict` and of `relation.anchored`; documents answered, missing, unknown;
    /// malformed and alien items; and something that is said on standard error.
    Counted([u64; 3], [u64; 3], [u64; 3], [u64; 2], &'static str),
}
use Expected::{Counted, Refused};

/// Two documents, three mentions and one relation each.
const GOLD: &str = r#"{"id":"a","text":"Anna leads Acme in Oslo.","mentions":[{"start":0,"end":4,"type":"PER"},{"start":11,"end":15,"type":"ORG"},{"start":19,"end":23,"type":"GPE"}],"entities":[{"type":"PER","mentions":[0]},{"type":"ORG","mentions":[1]},{"type":"GPE","mentions":[2]}],"relations":[{"head":0,"tail":1,"type":"head_of"}]}
{"id":"b","text":"Anna leads Acme in Oslo.","mentions":[{"start":0,"end":4,"type":"PER"},{"start":11,"end":15,"type":"ORG"},{"start":19,"end":23,"type":"GPE"}],"entities":[{"type":"PER","mentions":[0]},{"type":"ORG","mentions":[1]},{"type":"GPE","mentions":[2]}],"relations":[{"head":0,"tail":1,"type":"head_of"}]}
"#;

/// The second document, predicted without error.
const B: &str = r#"{"id":"b","mentions":[{"start":0,"end":4,"type":"PER"},{"start":11,"end":15,"type":"ORG"},{"start":19,"end":23,"type":"GPE"}],"entities":[{"type":"PER","mentions":[0]},{"type":"ORG","mentions":[1]},{"type":"GPE","mentions":[2]}],"relations":[{"head":0,"tail":1,"type":"head_of"}]}
"#;

/// A prediction for `a` that is right but for what `change` does to it.
fn with(change: &str) -> String {
    let right = r#"{"id":"a","mentions":[{"start":0,"end":4,"type":"PER"},{"start":11,"end":15,"type":"ORG"},{"start":19,"end":23,"type":"GPE"}],"entities":[{"type":"PER","mentions":[0]},{"type":"ORG","mentions":[1]},{"type":"GPE","mentions":[2]}],"relations":[{"head":0,"tail":1,"type":"head_of"}]}"#;
    let (from, to) = change.split_once(" => ").expect("a change is from => to");
    assert!(right.contains(from), "{from}");
    format!("{}\n{B}", right.replacen(from, to, 1))
}

#[test]
fn every_kind_of_wrong_prediction_has_its_policy() {
    let whole = [2, 0, 0];
    let cases: Vec<(&str, String, &[&str], Expected)> = vec![
        ("right", with("a => a"), &[], Counted([6, 0, 0], [2, 0, 0], whole, [0, 0], "")),
        (
            "unknown document",
            format!("{{\"id\":\"zzz\"}}\n{B}"),
            &[],
            Refused("pred.jsonl:1: document \"zzz\": gold has no such document"),
        ),
        (
            "unknown document, allowed",
            format!("{{\"id\":\"zzz\",\"mentions\":[{{\"start\":0}}]}}\n{B}"),
            &["--allow-unknown-documents"],
            Counted(
                [3, 0, 3],
                [1, 0, 1],
                [1, 1, 1],
                [0, 0],
                "1 predictions are for documents that",
            ),
        ),
        (
            "unknown document that is no JSON",
            format!("{{\"id\":\"zzz\",\n{B}"),
            &["--allow-unknown-documents"],
            Refused("pred.jsonl:1: not a document in native JSON"),
        ),
        (
            "missing document",
            B.to_owned(),
            &[],
            Counted([3, 0, 3], [1, 0, 1], [1, 1, 0], [0, 0], "1 of 2 documents have no prediction"),
        ),
        (
            "no prediction at all",
            String::new(),
            &[],
            Counted([0, 0, 6], [0, 0, 2], [0, 2, 0], [0, 0], "2 of 2 documents have no prediction"),
        ),
        (
            "duplicate id",
            format!("{B}\n{B}"),
            &[],
            Refused("pred.jsonl:3: document \"b\": this document id was used before (line 1)"),
        ),
        (
            "dangling head",
            with(r#"{"head":0,"tail":1 => {"head":9,"tail":1"#),
            &[],
            Counted([6, 0, 0], [1, 1, 1], whole, [1, 0], "document \"a\": malformed: relations[0]"),
        ),
        (
            "dangling mention of an entity",
            with(r#""mentions":[0] => "mentions":[0,7]"#),
            &[],
            Counted([6, 0, 0], [2, 0, 0], whole, [1, 0], "malformed: entities[0]"),
        ),
        (
            "a mention in two entities",
            with(r#""mentions":[1] => "mentions":[1,0]"#),
            &[],
            Counted([6, 0, 0], [2, 0, 0], whole, [1, 0], "malformed: mentions[0]"),
        ),
        (
            "offsets outside the text",
            with(r#""start":19,"end":23 => "start":19,"end":99"#),
            &[],
            Counted([5, 1, 1], [2, 0, 0], whole, [1, 0], "malformed: mentions[2]"),
        ),
        (
            "offsets the wrong way round",
            with(r#""start":19,"end":23 => "start":23,"end":19"#),
            &[],
            Counted([5, 1, 1], [2, 0, 0], whole, [1, 0], "malformed: mentions[2]"),
        ),
        (
            "unknown type of a mention",
            with(r#""end":23,"type":"GPE" => "end":23,"type":"CITY""#),
            &[],
            Counted(
                [5, 1, 1],
                [2, 0, 0],
                whole,
                [0, 1],
                "1 predicted items have types that the ontology",
            ),
        ),
        (
            "unknown type of a relation",
            with("head_of => leads"),
            &[],
            Counted(
                [6, 0, 0],
                [1, 1, 1],
                whole,
                [0, 1],
                "1 predicted items have types that the ontology",
            ),
        ),
        (
            "a type that is no name",
            with(&format!(r#""end":23,"type":"GPE" => "end":23,"type":"{}""#, "x".repeat(1025))),
            &[],
            Counted(
                [5, 1, 1],
                [2, 0, 0],
                whole,
                [1, 0],
                "bytes of the type: 1025 is over the limit of 1024",
            ),
        ),
        (
            "confidence null",
            with(r#""end":4 => "end":4,"confidence":null"#),
            &[],
            Counted([6, 0, 0], [2, 0, 0], whole, [0, 0], ""),
        ),
        (
            "confidence over 1",
            with(r#""end":4 => "end":4,"confidence":17"#),
            &[],
            Counted([6, 0, 0], [2, 0, 0], whole, [0, 0], ""),
        ),
        (
            "confidence 1e999",
            with(r#""end":4 => "end":4,"confidence":1e999"#),
            &[],
            Counted([5, 1, 1], [1, 1, 1], whole, [1, 0], "malformed: number out of range"),
        ),
        (
            "confidence that is a string",
            with(r#""end":4 => "end":4,"confidence":"0.9""#),
            &[],
            Counted([5, 1, 1], [1, 1, 1], whole, [1, 0], "malformed: invalid type: string"),
        ),
        (
            "confidence NaN",
            with(r#""end":4 => "end":4,"confidence":NaN"#),
            &[],
            Refused("pred.jsonl:1: not a document in native JSON: column 55 holds NaN or Infinity"),
        ),
        (
            "confidence -Infinity",
            with(r#""end":4 => "end":4,"confidence":-Infinity"#),
            &[],
            Refused("pred.jsonl:1: not a document in native JSON"),
        ),
        (
            "an item that is no object",
            with(r#"{"start":19,"end":23,"type":"GPE"} => 7"#),
            &[],
            Counted([5, 1, 1], [2, 0, 0], whole, [1, 0], "malformed: invalid type: integer"),
        ),
        (
            "a layer that is no list",
            with(r#"[{"head":0,"tail":1,"type":"head_of"}] => {}"#),
            &[],
            Counted([6, 0, 0], [1, 1, 1], whole, [1, 0], "`relations` must be a list"),
        ),
        (
            "a layer that stands twice",
            with(r#""relations": => "relations":[],"relations":"#),
            &[],
            Refused("pred.jsonl:1: not a document in native JSON: duplicate field `relations`"),
        ),
        (
            "an unknown key",
            with(r#""end":23 => "end":23,"colour":"red""#),
            &[],
            Counted([6, 0, 0], [2, 0, 0], whole, [0, 0], ""),
        ),
        (
            "a duplicate mention",
            with(r#","entities" => ,"sentences":[],"entities""#).replacen(
                r#"{"start":0,"end":4,"type":"PER"},"#,
                r#"{"start":0,"end":4,"type":"PER"},{"start":0,"end":4,"type":"PER"},"#,
                1,
            ),
            &[],
            // The other lists count from the first mention: entities are one place off.
            Counted([6, 0, 0], [1, 1, 1], whole, [0, 0], ""),
        ),
        (
            "another text",
            with(r#""id":"a" => "id":"a","text":"Another.""#),
            &[],
            Counted([6, 0, 0], [2, 0, 0], whole, [1, 0], "another text than the gold document"),
        ),
        (
            "no JSON",
            format!("{B}{{\"id\":\"a\",\"men"),
            &[],
            Refused("pred.jsonl:2: not a document"),
        ),
        ("no id", "{\"mentions\":[]}\n".to_owned(), &[], Refused("missing field `id`")),
        ("an id that is a number", "{\"id\":1}\n".to_owned(), &[], Refused("pred.jsonl:1: not a")),
        (
            "blank lines",
            format!("\n\r\n{B} \n"),
            &[],
            Counted([3, 0, 3], [1, 0, 1], [1, 1, 0], [0, 0], ""),
        ),
    ];
    let files = Files::new();
    let gold = files.write("gold.jsonl", GOLD);
    for (name, lines, args, expected) in cases {
        let pred = files.write("pred.jsonl", &lines);
        let own = ["score", &gold, &pred, "--ontology", ONTOLOGY, "--json", "--replicates", "0"];
        check(name, &[&own[..], args].concat(), &expected);
    }
}

#[test]
fn every_kind_of_wrong_gold_has_its_policy() {
    let right = GOLD.lines().next().unwrap();
    let change = |from: &str, to: &str| {
        assert!(right.contains(from), "{from}");
        format!("{}\n{}", right.replacen(from, to, 1), GOLD.lines().nth(1).unwrap())
    };
    let repeated = r#"{"start":0,"end":4,"type":"PER"},{"start":0,"end":4,"type":"PER"},"#;
    let other_type = r#"{"start":0,"end":4,"type":"ROLE"},"#;
    let first = r#"{"start":0,"end":4,"type":"PER"},"#;
    // Lists that count mentions go one further where a mention was put before them.
    let moved = |line: String| {
        line.replacen(r#""mentions":[2]}],"rel"#, r#""mentions":[3]}],"rel"#, 1).replacen(
            r#""mentions":[1]},{"type":"GPE""#,
            r#""mentions":[2]},{"type":"GPE""#,
            1,
        )
    };
    let cases: Vec<(&str, String, Expected)> = vec![
        ("empty gold", String::new(), Refused("gold.jsonl: holds no document")),
        (
            "duplicate id",
            format!("{GOLD}{GOLD}"),
            Refused("gold.jsonl:3: document \"a\": this document id was used before (line 1)"),
        ),
        (
            "gold without items",
            "{\"id\":\"b\",\"text\":\"Anna leads Acme in Oslo.\"}".to_owned(),
            Counted([0, 3, 0], [0, 1, 0], [1, 0, 0], [0, 0], ""),
        ),
        (
            "dangling reference",
            change(r#"{"head":0,"tail":1"#, r#"{"head":9,"tail":1"#),
            Refused("gold.jsonl:1: document \"a\": relations[0]"),
        ),
        (
            "offsets outside the text",
            change(r#""end":23"#, r#""end":99"#),
            Refused("gold.jsonl:1: document \"a\": mentions[2]"),
        ),
        (
            "unknown type",
            change(r#""end":23,"type":"GPE""#, r#""end":23,"type":"CITY""#),
            Refused("gold.jsonl:1: document \"a\": mentions[2]"),
        ),
        (
            "an unknown key",
            change(r#""end":23"#, r#""end":23,"colour":"red""#),
            Refused("unknown field `colour`"),
        ),
        (
            "confidence 1e999",
            change(r#""end":23"#, r#""end":23,"confidence":1e999"#),
            Refused("gold.jsonl:1: not a document in native JSON: number out of range"),
        ),
        (
            "confidence NaN",
            change(r#""end":23"#, r#""end":23,"confidence":NaN"#),
            Refused("holds NaN or Infinity"),
        ),
        (
            "identical mentions",
            moved(change(first, repeated)),
            Counted(
                [3, 0, 3],
                [1, 0, 1],
                [1, 1, 0],
                [0, 0],
                "1 gold mentions repeat another one's place and type",
            ),
        ),
        (
            "two types on one place",
            moved(change(first, &format!("{first}{other_type}"))),
            Counted([3, 0, 4], [1, 0, 1], [1, 1, 0], [0, 0], ""),
        ),
        (
            "no text",
            "{\"id\":\"b\"}".to_owned(),
            Refused("gold.jsonl:1: document \"b\": has no text"),
        ),
    ];
    let files = Files::new();
    let pred = files.write("pred.jsonl", B);
    for (name, lines, expected) in cases {
        let gold = files.write("gold.jsonl", &lines);
        let args = ["score", &gold, &pred, "--ontology", ONTOLOGY, "--json", "--replicates", "0"];
        check(name, &args, &expected);
    }
}

#[test]
fn more_types_than_the_limit_are_an_error_and_not_a_full_memory() {
    let files = Files::new();
    let gold = files.write("gold.jsonl", GOLD);
    let mention = |number: u32| format!(r#"{{"start":0,"end":4,"type":"t{number}"}}"#);
    let mentions: Vec<String> = (0..66_000).map(mention).collect();
    let pred = format!(r#"{{"id":"a","mentions":[{}]}}"#, mentions.join(","));
    let pred = files.write("pred.jsonl", pred);
    refuse(&["score", &gold, &pred], "pred.jsonl: more than 65536 different types");
}

fn check(name: &str, args: &[&str], expected: &Expected) {
    let output = erebench_with(args, "");
    let message = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(!message.contains("panicked"), "{name}: {message}");
    match expected {
        Refused(expected) => {
            assert_eq!(output.status.code(), Some(2), "{name}: {message}");
            assert!(message.contains(expected), "{name}: {message}\nlacks {expected}");
        }
        Counted(mentions, relations, coverage, notes, said) => {
            assert_eq!(output.status.code(), Some(0), "{name}: {message}");
            assert!(message.contains(said), "{name}: {message:?}\nlacks {said}");
            let record: Value = serde_json::from_slice(&output.stdout).unwrap();
            let counts = |view: &str| {
                let mut rows = record["scores"].as_array().unwrap().iter();
                let is_it = |row: &&Value| row["view"] == view && row["slice"] == "";
                let row = rows.find(is_it).unwrap_or_else(|| panic!("{name}: no {view}"));
                ["tp", "fp", "fn"].map(|key| row[key].as_u64().unwrap())
            };
            assert_eq!(counts("mention.strict"), *mentions, "{name}: mentions");
            assert_eq!(counts("relation.anchored"), *relations, "{name}: relations");
            let of = |part: &str, key: &str| record[part][key].as_u64().unwrap();
            let found = ["answered", "missing", "unknown"].map(|key| of("coverage", key));
            assert_eq!(found, *coverage, "{name}: coverage");
            assert_eq!(["malformed", "alien"].map(|key| of("notes", key)), *notes, "{name}: notes");
        }
    }
}

// ------------------------------------------------------------------------------------------------
// Predictions without coreference, without offsets, without a gold document
// ------------------------------------------------------------------------------------------------

const NEWS: &str = r#"{"id":"a","text":"Ann Berg runs Acme. Berg left Acme.","mentions":[
    {"start":0,"end":8,"type":"PER","form":"name"},{"start":14,"end":18,"type":"ORG","form":"name"},
    {"start":20,"end":24,"type":"PER","form":"name"},{"start":30,"end":34,"type":"ORG","form":"name"}],
    "entities":[{"type":"PER","mentions":[0,2]},{"type":"ORG","mentions":[1,3]}],
    "relations":[{"head":0,"tail":1,"type":"head_of"}]}"#;

/// True positives, false positives and false negatives of a view, and its signature.
fn counts(record: &Value, view: &str) -> ([u64; 3], String) {
    let scores = record["scores"].as_array().unwrap();
    let is_whole = |score: &&Value| {
        score["view"] == view && score["slice"] == "" && score["average"] == "micro"
    };
    let score = scores.iter().find(is_whole).unwrap();
    (["tp", "fp", "fn"].map(|key| score[key].as_u64().unwrap()), score["signature"].to_string())
}

fn record(args: &[&str]) -> Value {
    serde_json::from_str(&succeed(&[&["score", "--json", "--replicates", "0"], args].concat()))
        .unwrap()
}

#[test]
fn names_are_resolved_where_that_is_asked_for_and_signed() {
    let files = Files::new();
    let gold = files.write("gold.jsonl", NEWS.replace('\n', ""));
    let pred = r#"{"id":"a","mentions":[{"start":0,"end":8,"type":"PER"},{"start":14,"end":18,"type":"ORG"},
        {"start":20,"end":24,"type":"PER"},{"start":30,"end":34,"type":"ORG"}],
        "mention_relations":[{"head":0,"tail":1,"type":"head_of"},{"head":2,"tail":3,"type":"head_of"}]}"#;
    let pred = files.write("pred.jsonl", pred.replace('\n', ""));
    let (found, signature) = counts(&record(&[&gold, &pred]), "relation.anchored");
    assert_eq!(found, [0, 0, 1]);
    assert!(signature.contains("|resolve=no|"), "{signature}");
    let resolved = record(&[&gold, &pred, "--resolve", "names"]);
    let (found, signature) = counts(&resolved, "relation.anchored");
    assert_eq!(found, [1, 0, 0]);
    assert!(signature.contains("|resolve=names|"), "{signature}");
    assert_eq!(counts(&resolved, "entity.typed").0, [2, 0, 0]);

    // Parts say it too, and are not merged with parts that were made otherwise.
    let [plain, named] = ["plain.part", "named.part"].map(|name| files.path(name));
    succeed(&["score", &gold, &pred, "--partial", &plain]);
    succeed(&["score", &gold, &pred, "--partial", &named, "--resolve", "names"]);
    let merged = succeed(&["merge", &named, "--json", "--replicates", "0"]);
    let merged: Value = serde_json::from_str(&merged).unwrap();
    assert_eq!(counts(&merged, "relation.anchored"), counts(&resolved, "relation.anchored"));
    refuse(&["merge", &plain, &named], "extractor is");
}

#[test]
fn strings_without_offsets_are_looked_up_and_signed() {
    let files = Files::new();
    let gold = files.write("gold.jsonl", NEWS.replace('\n', ""));
    let pred = r#"{"id":"a","strings":{"mentions":[{"text":"ann berg","type":"PER"},{"text":"Zed","type":"PER"}],
        "relations":[{"head":"ann berg","tail":{"text":"Acme","type":"ORG"},"type":"head_of"},
        {"head":"Zed","tail":"Acme","type":"head_of"}]}}"#;
    let pred = files.write("pred.jsonl", pred.replace('\n', ""));
    let found = record(&[&gold, &pred]);
    let (relations, signature) = counts(&found, "relation.anchored");
    // The relation of Zed, who is nowhere, is wrong.
    assert_eq!(relations, [1, 1, 0]);
    assert!(signature.contains("|locate=strings|"), "{signature}");
    // Ann Berg and Acme twice are found; Berg alone is not, and Zed is wrong.
    assert_eq!(counts(&found, "mention.strict").0, [3, 1, 1]);
    assert_eq!((&found["notes"]["strings"], &found["notes"]["malformed"]), (&3.into(), &2.into()));
}

#[test]
fn documents_that_gold_does_not_have_are_wrong_where_the_protocol_says_so() {
    let files = Files::new();
    let gold = files.write("gold.jsonl", NEWS.replace('\n', ""));
    let right = r#"{"id":"a","mentions":[{"start":0,"end":8,"type":"PER"}]}"#;
    let alien = r#"{"id":"b","mentions":[{"start":4,"end":9,"type":"PER"},{"start":40,"end":42,"type":"ORG"}]}"#;
    let pred = files.write("pred.jsonl", format!("{right}\n{alien}\n"));
    let view = "neleval.strong_mention_match";
    let found = record(&[&gold, &pred, "--protocol", "neleval"]);
    let (mentions, signature) = counts(&found, view);
    assert_eq!(mentions, [1, 2, 3]);
    assert!(signature.contains("|unknown=count"), "{signature}");
    let coverage = &found["coverage"];
    assert_eq!((&coverage["documents"], &coverage["unknown"]), (&1.into(), &1.into()));
    assert_eq!(found["data"]["documents"], 1);
    let part = files.path("one.part");
    succeed(&["score", &gold, &pred, "--protocol", "neleval", "--partial", &part]);
    let merged = succeed(&["merge", &part, "--json", "--replicates", "0"]);
    let merged: Value = serde_json::from_str(&merged).unwrap();
    assert_eq!(counts(&merged, view).0, mentions);
    assert_eq!(merged["data"], found["data"]);
    // Other protocols refuse them.
    refuse(&["score", &gold, &pred], "\"b\"");
}
