//! The commands that make documents and predictions, as their users meet them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use ere_eval::record;
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_erebench"));
    command.current_dir(root()).args(args);
    command
}

fn erebench(args: &[&str]) -> Output {
    command(args).output().expect("the command starts")
}

fn succeed(args: &[&str]) -> Vec<u8> {
    let output = erebench(args);
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{args:?}: {message}");
    output.stdout
}

fn fail(args: &[&str]) -> (i32, String) {
    let output = erebench(args);
    let message = String::from_utf8(output.stderr).expect("UTF-8");
    (output.status.code().expect("an exit code"), message.trim_end().to_owned())
}

const SYNTH: [&str; 5] = ["synth", "--docs", "600", "--seed", "5"];

fn synth(more: &[&str]) -> Vec<u8> {
    succeed(&[&SYNTH, more].concat())
}

#[test]
fn a_corpus_is_the_same_at_any_thread_count_and_in_parts() {
    let whole = synth(&["-j", "1"]);
    assert_eq!(whole.iter().filter(|byte| **byte == b'\n').count(), 600);
    assert!(whole == synth(&["-j", "2"]));
    assert!(whole == synth(&["-j", "5"]));
    let parts = ["1/4", "2/4", "3/4", "4/4"].map(|part| synth(&["--shard", part]));
    assert!(whole == parts.concat());
    assert!(whole.starts_with(&succeed(&["synth", "--docs", "7", "--seed", "5"])));
}

#[test]
fn a_compressed_corpus_is_the_same_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("corpus.jsonl.zst");
    synth(&["-o", path.to_str().unwrap(), "-j", "2"]);
    let bytes = std::fs::read(&path).unwrap();
    assert!(zstd::decode_all(bytes.as_slice()).unwrap() == synth(&[]));
    synth(&["-o", path.to_str().unwrap(), "-j", "1"]);
    assert!(std::fs::read(&path).unwrap() == bytes);
}

#[test]
fn knobs_are_fitted_and_set() {
    let lines = |more: &[&str]| -> Vec<Value> {
        let args = [&["synth", "--docs", "40", "--like", "datasets/newswire"], more].concat();
        let output = String::from_utf8(succeed(&args)).unwrap();
        output.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let pronouns = |documents: &[Value]| {
        let mentions = documents.iter().flat_map(|d| d["mentions"].as_array().unwrap());
        mentions.filter(|mention| mention["form"] == "pronoun").count()
    };
    let (many, few) = (lines(&["--set", "pronouns=1"]), lines(&["--set", "pronouns=0"]));
    assert!(pronouns(&many) > pronouns(&few) && pronouns(&few) > 0);
}

#[test]
fn a_report_compares_with_a_data_set() {
    let report = String::from_utf8(succeed(&["synth", "--report", "datasets/newswire"])).unwrap();
    for figure in ["mean of words", "share of pronouns", "relations: head_of", "4-grams", "Knobs: "]
    {
        assert!(report.contains(figure), "{figure} is not in\n{report}");
    }
}

#[test]
fn noise_is_the_same_from_a_file_a_pipe_and_a_compressed_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (plain, compressed, expected) = (path("c.jsonl"), path("c.jsonl.zst"), path("e.json"));
    let corpus = synth(&["-o", &plain]);
    assert!(corpus.is_empty());
    synth(&["-o", &compressed]);
    let noise = |more: &[&str]| succeed(&[&["noise", "--spec", "miss=0.2"], more].concat());
    let noisy = noise(&[&plain, "-j", "1", "--expected", &expected]);
    assert!(noisy == noise(&[&plain, "-j", "3"]));
    assert!(noisy == noise(&[&compressed]));
    let mut piped = command(&["noise", "--spec", "miss=0.2", "-"]);
    let mut piped =
        piped.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = piped.stdin.take().unwrap();
    let bytes = std::fs::read(&plain).unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(&bytes).unwrap());
    let output = piped.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(noisy == output.stdout);
    let table = String::from_utf8(output.stderr).unwrap();
    assert!(table.contains("mention.strict") && table.contains("0.8000"), "{table}");

    let rows: Value = serde_json::from_slice(&std::fs::read(&expected).unwrap()).unwrap();
    let strict = rows.as_array().unwrap().iter().find(|row| row["view"] == "mention.strict");
    let recall = strict.unwrap()["recall"].as_f64().unwrap();
    assert!((recall - 0.8).abs() < 1e-9 && strict.unwrap()["precision"] == 1.0);

    // What was predicted is what a scorer finds.
    let predictions = path("p.jsonl");
    std::fs::write(&predictions, &noisy).unwrap();
    let scores = succeed(&["score", &plain, &predictions, "--replicates", "0", "--json"]);
    let scores: Value = serde_json::from_slice(&scores).unwrap();
    let row =
        scores["scores"].as_array().unwrap().iter().find(|row| row["view"] == "mention.strict");
    let found = row.unwrap()["recall"].as_f64().unwrap();
    assert!((found - 0.8).abs() < 0.01, "{found}");
    assert_eq!(scores["notes"]["malformed"], 0);
}

#[test]
fn a_data_set_gets_the_noise_that_a_run_gives_it() {
    let noisy = succeed(&["noise", "datasets/newswire", "--split", "dev", "--spec", "miss=1"]);
    let lines: Vec<&str> = std::str::from_utf8(&noisy).unwrap().lines().collect();
    assert!(lines.len() >= 3);
    for line in lines {
        let document: Value = serde_json::from_str(line).unwrap();
        assert_eq!(document["mentions"], Value::Array(Vec::new()));
    }
}

#[test]
fn twins_have_other_names_and_the_same_gold() {
    let read = |args: &[&str]| -> Vec<Value> {
        let output = String::from_utf8(succeed(args)).unwrap();
        output.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let gold = read(&["convert", "datasets/newswire", "--split", "dev"]);
    let base = ["perturb", "datasets/newswire", "--split", "dev", "--kind"];
    let twins = read(&[&base[..], &["name-swap"]].concat());
    assert_eq!(twins, read(&[&base[..], &["name-swap", "-j", "1"]].concat()));
    assert_eq!(gold.len(), twins.len());
    for (gold, twin) in gold.iter().zip(&twins) {
        assert_ne!(gold["text"], twin["text"]);
        assert_eq!((&gold["id"], &gold["relations"]), (&twin["id"], &twin["relations"]));
    }
    let both = read(&[&base[..], &["name-swap,case-upper"]].concat());
    let upper = twins[0]["text"].as_str().unwrap().to_uppercase();
    assert_eq!(both[0]["text"].as_str().unwrap(), upper);
}

#[test]
fn a_run_says_what_changes_of_the_texts_cost() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().to_str().unwrap();
    let args = ["run", "-e", "patterns", "-e", "noise:", "--split", "dev", "-o", output];
    let args = [&args[..], &["--perturb", "nfc,case-lower", "--speed-documents", "0"]].concat();
    let table = String::from_utf8(succeed(&args)).unwrap();
    assert!(table.contains("case-lower"), "{table}");
    let found: Value =
        serde_json::from_slice(&succeed(&[&args[..], &["--json"]].concat())).unwrap();
    let [patterns, noise] = found.as_array().unwrap().as_slice() else { panic!("two records") };
    // Noise is made from gold, not from texts.
    assert!(noise.get("perturbations").is_none());
    let [nfc, lower] = patterns["perturbations"].as_array().unwrap().as_slice() else {
        panic!("two changes of one extractor: {}", patterns["perturbations"]);
    };
    // The texts are in NFC already; in small letters no name is found.
    assert_eq!(nfc["mention"]["difference"], 0.0);
    assert!(lower["mention"]["difference"].as_f64().unwrap() < -0.1);
    assert!(lower["mention"]["interval"]["high"].as_f64().unwrap() < 0.0);
    // Only the run over the texts as they are is recorded.
    let board = std::fs::read_to_string(folder.path().join("leaderboard.csv")).unwrap();
    assert_eq!(board.lines().count(), 3, "{board}");
    let runs = record::find(&folder.path().join("runs")).unwrap();
    let read = runs.iter().map(|path| record::read(path).unwrap());
    let counts: Vec<usize> = read.map(|record| record.perturbations.len()).collect();
    assert_eq!(counts.iter().sum::<usize>(), 2, "{counts:?}");
}

#[test]
fn what_cannot_be_is_refused_with_what_would_be_right() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let output = folder.path().join("out.jsonl");
    let to = ["-o", output.to_str().unwrap()];
    let line = r#"{"id":"a","text":"x","mentions":[]}"#;
    let twice = path("twice.jsonl", &format!("{line}\n{line}\n"));
    let broken = path("broken.jsonl", &format!("{line}\n{{\"id\":\"b\"\n"));
    let nothing = path("nothing.jsonl", "");
    let no_zstd = path("plain.zst", line);
    let other = path("other.toml", "name = \"other\"\nversion = \"1\"\n");
    let cases: [(&[&str], &str); 12] = [
        (&["perturb", &twice, "--kind", "rot13"], "there is no perturbation \"rot13\"; there are"),
        (
            &["synth", "--docs", "1", "--set", "things=9..3"],
            "things cannot be \"9..3\"; it is a range",
        ),
        (&["synth", "--docs", "1", "--set", "colour=1"], "there is no knob \"colour\"; there are"),
        (&["synth", "--docs", "1", "--shard", "5/4"], "a shard is i/n with i from 1 to n"),
        (&["synth", "--docs=-1"], "invalid digit"),
        (&["synth"], "--docs"),
        (&["synth", "--docs", "1", "--ontology", &other], "there is a grammar for newswire"),
        (&["noise", &twice], "twice.jsonl:2: document \"a\": this document id was used before"),
        (&["noise", &broken], "broken.jsonl:2: not a document in native JSON"),
        (&["noise", &nothing], "holds no document"),
        (&["noise", &twice, "--spec", "mis=0.1"], "noise has no knob \"mis\""),
        (&["noise", "missing.jsonl"], "missing.jsonl: no such file"),
    ];
    for (args, expected) in cases {
        let (code, message) = fail(&[args, &to].concat());
        assert_eq!(code, 2, "{args:?}: {message}");
        assert!(message.contains(expected), "{args:?}: {message}");
        assert!(!output.exists());
    }
    let (code, message) = fail(&[&["noise", &no_zstd], &to[..]].concat());
    assert_eq!(code, 2, "{message}");
    assert!(message.contains("plain.zst"), "{message}");
}

#[cfg(unix)]
#[test]
fn a_full_disk_is_one_message_and_no_file() {
    let (code, message) = fail(&[&SYNTH[..], &["-o", "/dev/full"]].concat());
    assert_eq!(
        (code, message.as_str()),
        (4, "erebench: /dev/full: No space left on device (os error 28)")
    );

    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = command(&SYNTH).stdout(full).output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(4), "{message}");
    assert_eq!(message.lines().count(), 1, "{message}");

    // A file that may not grow past 8 blocks.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("corpus.jsonl");
    let script = format!(
        "trap '' XFSZ; ulimit -f 8; exec {} synth --docs 600 -o {}",
        env!("CARGO_BIN_EXE_erebench"),
        path.display()
    );
    let output = Command::new("sh").current_dir(root()).args(["-c", &script]).output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(4), "{message}");
    assert_eq!(message.lines().count(), 1, "{message}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left");
}

#[test]
fn a_closed_pipe_is_no_error() {
    let mut child = command(&SYNTH).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty());
}

#[test]
fn every_command_has_help_with_an_example() {
    for command in ["synth", "noise", "perturb"] {
        let help = String::from_utf8(succeed(&[command, "--help"])).unwrap();
        assert!(help.contains("Example"), "{command}");
    }
}
