//! The command as its users meet it: output, files, exit codes, messages.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Runs the command in the project's folder.
fn erebench(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_erebench"));
    command.current_dir(root()).args(args).output().expect("the command starts")
}

fn succeed(args: &[&str]) -> String {
    let output = erebench(args);
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{args:?}: {message}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The exit code and the message of a command that fails.
fn fail(args: &[&str]) -> (i32, String) {
    let output = erebench(args);
    let message = String::from_utf8(output.stderr).expect("UTF-8");
    (output.status.code().expect("an exit code"), message.trim_end().to_owned())
}

fn json(args: &[&str]) -> Value {
    serde_json::from_str(&succeed(args)).expect("JSON")
}

const GOLD: &str = "crates/cli/testdata/gold.jsonl";
const PRED: &str = "crates/cli/testdata/pred.jsonl";
const ONTOLOGY: &str = "datasets/newswire/ontology.toml";

/// The score of a view of all items.
fn score<'a>(scores: &'a Value, view: &str) -> &'a Value {
    let mut rows = scores["scores"].as_array().expect("a list").iter();
    rows.find(|row| row["view"] == view && row["slice"] == "" && row["average"] == "micro")
        .unwrap_or_else(|| panic!("no {view}"))
}

#[test]
fn a_pair_of_files_is_scored_as_counted_by_hand() {
    let scores = json(&["score", GOLD, PRED, "--ontology", ONTOLOGY, "--json"]);
    // Mentions of a: Anna Berg and Bo are right. Acme has the wrong type, "leads" is no mention, and one
    // reaches out of the text (malformed). Missed: Acme, She, Oslo; and both of b, which has no answer.
    // Relations of a: head_of hits (types do not matter), meets hits (no direction), supports is wrong,
    // visits has an end that is not there (malformed). Missed: visits, and litigates_against of b.
    for (view, [tp, fp, r#fn]) in [
        ("mention.strict", [2, 3, 5]),
        ("mention.boundaries", [3, 2, 4]),
        ("relation.anchored", [2, 2, 2]),
        ("relation.anchored.strict", [1, 3, 3]),
    ] {
        let row = score(&scores, view);
        assert_eq!(
            (&row["tp"], &row["fp"], &row["fn"]),
            (&tp.into(), &fp.into(), &r#fn.into()),
            "{view}"
        );
    }
    assert_eq!(score(&scores, "relation.anchored")["f1"], 0.5);
    assert_eq!(scores["coverage"]["missing"], 1);
    assert_eq!(scores["notes"]["malformed"], 2);
    let signature = score(&scores, "relation.anchored")["signature"].as_str().unwrap().to_owned();
    assert!(
        signature.starts_with("erebench/1|view=relation.anchored|avg=micro|track=text|data=gold"),
        "{signature}"
    );

    let table = succeed(&["score", GOLD, PRED, "--ontology", ONTOLOGY, "--by-type"]);
    for text in ["relation.anchored", "mention.strict", "type:PER", "0.5000", "erebench/1|"] {
        assert!(table.contains(text), "{text} is not in\n{table}");
    }
}

#[test]
fn every_protocol_is_listed_printed_and_scored() {
    let listed = json(&["protocols", "--json"]);
    let listed = listed.as_array().unwrap();
    assert_eq!(listed.len(), 17);
    let table = succeed(&["protocols"]);
    for protocol in listed {
        let name = protocol["name"].as_str().unwrap();
        assert!(table.contains(name), "{name}");
        let text = succeed(&["protocols", name]);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("copy.toml");
        std::fs::write(&file, &text).unwrap();
        assert_eq!(succeed(&["protocols", file.to_str().unwrap()]), text);
        let scored =
            json(&["score", GOLD, PRED, "--protocol", name, "--replicates", "0", "--json"]);
        assert_eq!(scored["protocol"], name);
        let views: Vec<&Value> = protocol["views"].as_array().unwrap().iter().collect();
        for row in scored["scores"].as_array().unwrap() {
            assert!(views.iter().any(|view| view["name"] == row["view"]), "{row}");
            let ending = format!("|protocol={name}");
            assert!(row["signature"].as_str().unwrap().ends_with(&ending), "{row}");
        }
    }
}

#[test]
fn a_protocol_of_its_own_is_scored_under_its_hash() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.toml");
    let text = "name = 'mine'\nprimary = 'spert.ner'\nviews = ['spert.ner', 'coreference.b3']\n";
    std::fs::write(&file, text).unwrap();
    let file = file.to_str().unwrap();
    let scored = json(&["score", GOLD, PRED, "--protocol", file, "--json"]);
    let row = score(&scored, "spert.ner");
    // As mention.strict in the first test, with the malformed one.
    assert_eq!((&row["tp"], &row["fp"], &row["fn"]), (&2.into(), &3.into(), &5.into()));
    let identity = scored["protocol"].as_str().unwrap();
    assert!(identity.starts_with("mine#") && identity.len() == 13, "{identity}");
    assert!(row["signature"].as_str().unwrap().contains("|zero=zero|"), "{row}");
    let table = succeed(&["score", GOLD, PRED, "--protocol", file]);
    assert!(table.contains("spert.ner") && !table.contains("relation.anchored"), "{table}");
    let (code, message) = fail(&["score", GOLD, PRED, "--protocol", file, "--fail-under", "0.9"]);
    assert_eq!(code, 1);
    assert!(message.contains("spert.ner F1 is 0.3333, under the 0.9"), "{message}");

    std::fs::write(file, text.replace("b3", "b33")).unwrap();
    let (code, message) = fail(&["score", GOLD, PRED, "--protocol", file]);
    assert_eq!(code, 2);
    assert!(message.contains("mine.toml: `views`: no view \"coreference.b33\""), "{message}");
    let (code, message) = fail(&["score", GOLD, PRED, "--protocol", "dcred"]);
    assert_eq!(code, 2);
    assert!(message.contains("no protocol \"dcred\" and no such file; built in are default"));
}

#[test]
fn ign_f1_needs_a_train_set() {
    let args = ["score", GOLD, PRED, "--protocol", "docred", "--json"];
    let without = json(&args);
    let has_ign = |scored: &Value| {
        let mut rows = scored["scores"].as_array().unwrap().iter();
        rows.any(|row| row["view"] == "docred.ign")
    };
    assert!(!has_ign(&without));
    let warnings = without["warnings"].to_string();
    assert!(warnings.contains("protocol docred has views that need a train set"), "{warnings}");
    // What gold itself states is all known: the one right relation leaves precision.
    let with = json(&[&args[..], &["--train", GOLD]].concat());
    let (plain, ign) = (score(&with, "docred.relation"), score(&with, "docred.ign"));
    assert_eq!((&plain["precision"], &ign["precision"]), (&0.25.into(), &0.0.into()));
    assert_eq!(plain["recall"], ign["recall"]);
    assert!(ign["signature"].as_str().unwrap().contains("|train="), "{ign}");
    assert_ne!(without["id"], with["id"]);
    let (code, message) = fail(&[&args[..], &["--allow-unknown-documents"]].concat());
    assert_eq!(code, 2);
    assert!(message.contains("protocol docred counts predictions for documents"), "{message}");
}

#[test]
fn a_gate_fails_with_its_own_code() {
    let args = ["score", GOLD, PRED, "--ontology", ONTOLOGY, "--fail-under", "0.5"];
    succeed(&args);
    let (code, message) = fail(&[&args[..6], &["0.51"]].concat());
    assert_eq!(code, 1);
    let expected = "erebench: relation.anchored F1 is 0.5000, under the 0.51 that was asked for";
    assert!(message.ends_with(expected), "{message}");
}

#[test]
fn nothing_and_everything() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().to_str().unwrap();
    let args =
        ["run", "-e", "null", "-e", "noise:", "--speed-documents", "0", "--json", "-o", output];
    let records = json(&args);
    let [null, oracle] = records.as_array().unwrap().as_slice() else { panic!("two records") };
    assert_eq!(
        (&null["extractor"]["name"], &oracle["extractor"]["name"]),
        (&"null".into(), &"noisy-oracle".into())
    );
    let row = score(null, "relation.anchored");
    assert_eq!(
        (&row["precision"], &row["recall"], &row["f1"]),
        (&Value::Null, &0.0.into(), &0.0.into())
    );
    // Gold without errors scores 1 in every row of every view.
    let rows = oracle["scores"].as_array().unwrap();
    assert!(rows.len() > 30);
    for row in rows {
        let is_empty = row["f1"].is_null() && row["recall"].is_null();
        // What follows from gold is not written down there.
        assert!(row["f1"] == 1.0 || is_empty || row["slice"] == "implied", "{row}");
    }
    assert_eq!(oracle["extractor"]["ranked"], false);

    let board = std::fs::read_to_string(folder.path().join("leaderboard.csv")).unwrap();
    let lines: Vec<&str> = board.lines().collect();
    assert_eq!(lines.len(), 3, "{board}");
    assert!(lines[1].starts_with("1,newswire,"), "{board}");
    assert!(lines[1].contains(",null,") && lines[2].starts_with(",newswire,"), "{board}");
    // The records under the folder make the same board.
    assert_eq!(succeed(&["leaderboard", output, "-o", "-"]), board);
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let run = |threads: &str| {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().to_str().unwrap();
        let mut records = json(&[
            "run",
            "-e",
            "gazetteer",
            "-e",
            "noise:miss=0.3,relation-label=0.2",
            "--speed-documents",
            "0",
            "--json",
            "-j",
            threads,
            "-o",
            output,
        ]);
        for record in records.as_array_mut().unwrap() {
            for timed in ["speed", "memory"] {
                record[timed] = Value::Null;
            }
        }
        records
    };
    let one = run("1");
    assert_eq!(one, run("2"));
    assert_eq!(one, run("5"));
}

#[test]
fn wrong_input_has_one_message_and_leaves_output_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(folder.path().join(name), bytes).unwrap();
        path(name)
    };
    let empty = write("empty.jsonl", b"");
    let truncated = write("truncated.jsonl", b"{\"id\":\"a\",\"te");
    let latin = write("latin.jsonl", b"{\"id\":\"a\",\"text\":\"caf\xe9\"}");
    let unknown = write("unknown.jsonl", b"{\"id\":\"zzz\"}\n");
    let twice = write("twice.jsonl", b"{\"id\":\"a\"}\n{\"id\":\"a\"}\n");
    let article = write("bad.ere", b"id: a\n---\ns0 [Anna met Bo.\n");
    let mistyped = write("mistyped.ere", b"id: a\n---\ns0 [Anna](PERSON anna) met Bo.\n");
    let unsigned = write(
        "unsigned.ere",
        b"id: a\n---\ns0 [Anna](PER anna) met [Bo](PER bo).\n---\n\nowns anna bo : s0\n",
    );
    let directory = path("");
    let missing = path("missing.jsonl");
    let cases: [(&[&str], String); 15] = [
        (&["score", &empty, PRED], format!("{empty}: holds no document")),
        (&["score", &truncated, PRED], format!("{truncated}:1: not a document in native JSON")),
        (&["score", &latin, PRED], format!("{latin}:1: byte 21 of the line is not UTF-8")),
        (&["score", &missing, PRED], format!("{missing}: no such file; check the path")),
        (&["score", &directory, PRED], directory.clone()),
        (&["score", GOLD, &directory], format!("{directory}: is a directory; name a file in it")),
        (&["score", GOLD, &unknown], "\"zzz\"".to_owned()),
        (&["score", GOLD, &twice], "this document id was used before (line 1)".to_owned()),
        (&["validate", &article], "bad.ere:3:4".to_owned()),
        (&["validate", &mistyped, "--ontology", ONTOLOGY], "mistyped.ere:3:4".to_owned()),
        (&["validate", &unsigned, "--ontology", ONTOLOGY], "unsigned.ere:6:1".to_owned()),
        (&["run", "-d", &directory], "no data set here".to_owned()),
        (
            &["run", "--split", "tset"],
            "\"tset\" was asked for, there are train, dev, test".to_owned(),
        ),
        (&["run", "-e", "nll"], "no extractor \"nll\"".to_owned()),
        (&["leaderboard", &directory], "holds no record".to_owned()),
    ];
    let output = path("leaderboard.csv");
    std::fs::write(&output, "what was here").unwrap();
    for (args, expected) in cases {
        let (code, message) = fail(args);
        assert_eq!(code, 2, "{args:?}: {message}");
        assert!(message.contains(&expected), "{args:?}: {message}");
        assert!(!message.contains("panicked"), "{message}");
    }
    assert_eq!(std::fs::read_to_string(&output).unwrap(), "what was here");
}

#[test]
fn the_gold_set_is_valid_and_counted() {
    let stats = json(&["stats", "datasets/newswire", "--json"]);
    let validated = json(&["validate", "datasets/newswire", "--json"]);
    assert_eq!(validated[0]["errors"], Value::Array(Vec::new()));
    for key in ["documents", "words", "mentions", "entities", "relations"] {
        assert!(stats[key].as_u64().unwrap() > 0);
        assert_eq!(stats[key], validated[0]["counts"][key], "{key}");
    }
    let least = [("documents", 60), ("words", 24_000), ("mentions", 6500), ("entities", 2400)];
    for (key, least) in least.into_iter().chain([("relations", 2000)]) {
        assert!(stats[key].as_u64() >= Some(least), "{key}: {}", stats[key]);
    }
    // The page of its figures is what the command prints.
    let page = std::fs::read_to_string(root().join("datasets/newswire/STATS.md")).unwrap();
    let printed = succeed(&["stats", "datasets/newswire"]);
    assert!(page.contains(&format!("```\n{printed}```\n")), "write STATS.md anew:\n{printed}");
}

#[test]
fn forms_of_gold_convert_into_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let articles = format!("{}/articles/", folder.path().display());
    let jsonl = succeed(&["convert", "datasets/newswire", "--split", "dev"]);
    let file = folder.path().join("dev.jsonl");
    std::fs::write(&file, &jsonl).unwrap();
    succeed(&["convert", file.to_str().unwrap(), "-o", &articles]);
    assert_eq!(succeed(&["convert", &articles]), jsonl);

    let standoff = succeed(&["convert", file.to_str().unwrap(), "--standoff"]);
    let path = folder.path().join("standoff.jsonl");
    std::fs::write(&path, standoff).unwrap();
    let mut args = vec!["attach".to_owned(), path.display().to_string()];
    for (number, line) in jsonl.lines().enumerate() {
        let document: Value = serde_json::from_str(line).unwrap();
        let text = folder.path().join(format!("{number}.txt"));
        std::fs::write(&text, document["text"].as_str().unwrap()).unwrap();
        args.extend(["--text".to_owned(), text.display().to_string()]);
    }
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    assert_eq!(succeed(&args), jsonl);
}

#[test]
fn tracks_of_an_extractor_stand_together() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().to_str().unwrap();
    let run = ["run", "-e", "null", "-e", "patterns", "-e", "noise:", "--split", "dev"];
    let tracks = ["--track", "entities", "--track", "text", "--track", "text"];
    let rest = ["--speed-documents", "0", "--replicates", "0", "-o", output];
    let table = succeed(&[&run[..], &tracks[..], &rest[..]].concat());
    let cell = |line: &str, at: usize| line.split('|').nth(at).unwrap().trim().to_owned();
    let rows = table.lines().filter(|line| line.starts_with("| ")).skip(1);
    let rows: Vec<_> = rows.map(|line| (cell(line, 1), cell(line, 2))).collect();
    let row = |name: &str, track: &str| (name.to_owned(), track.to_owned());
    let expected = [
        row("patterns", "text"),
        row("patterns", "entities"),
        row("null", "text"),
        row("null", "entities"),
        row("noisy-oracle*", "text"),
    ];
    assert_eq!(rows, expected, "{table}");
    assert!(table.contains("|track=text|") && table.contains("|track=entities|"), "{table}");
}

#[test]
fn what_was_given_has_no_score_and_noise_was_given_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().to_str().unwrap();
    let run = ["run", "-e", "patterns", "-e", "noise:", "--split", "dev", "--track", "entities"];
    let rest = ["--speed-documents", "0", "--replicates", "0", "--json", "-o", output];
    let records = json(&[&run[..], &rest[..]].concat());
    let views = |record: &Value| {
        let scores = record["scores"].as_array().unwrap();
        let view = |view: &str| scores.iter().any(|score| score["view"] == view);
        ["mention.strict", "coreference.b3", "relation.anchored"].map(view)
    };
    let found: Vec<_> =
        records.as_array().unwrap().iter().map(|r| (&r["track"], views(r))).collect();
    let (entities, text) = (Value::from("entities"), Value::from("text"));
    assert_eq!(found, [(&entities, [false, false, true]), (&text, [true, true, true])]);
}

#[test]
fn errors_have_causes_that_add_up_to_the_loss() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("errors.jsonl");
    let file = file.to_str().unwrap();
    let args = ["errors", GOLD, PRED, "--ontology", ONTOLOGY];
    let report = json(&[&args[..], &["--json", "-o", file]].concat());
    assert_eq!((&report["documents"], &report["missing"]), (&2.into(), &1.into()));
    for (view, counts, causes) in [
        // Acme's type; "leads"; one that reaches out of the text; missed She, Oslo and both of b.
        (
            "mention.strict",
            [2, 3, 5],
            vec![("malformed", 0, 1), ("type", 1, 1), ("missed", 4, 0), ("spurious", 0, 1)],
        ),
        // Oslo and b's ends are missed; supports and visits (malformed) are wrong.
        (
            "relation.anchored",
            [2, 2, 2],
            vec![("malformed", 0, 1), ("endpoint missed", 2, 0), ("spurious", 0, 1)],
        ),
        // And Acme as a GPE.
        (
            "relation.anchored.strict",
            [1, 3, 3],
            vec![
                ("malformed", 0, 1),
                ("endpoint missed", 2, 0),
                ("argument type", 1, 1),
                ("spurious", 0, 1),
            ],
        ),
    ] {
        let views = report["views"].as_array().unwrap();
        let row = views.iter().find(|row| row["view"] == view).unwrap();
        assert_eq!(
            serde_json::json!([row["tp"], row["fp"], row["fn"]]),
            serde_json::json!(counts),
            "{view}"
        );
        let found = row["causes"].as_array().unwrap();
        let number = |value: &Value| value.as_u64().unwrap();
        let found_causes: Vec<(&str, u64, u64)> = found
            .iter()
            .map(|cause| {
                (cause["cause"].as_str().unwrap(), number(&cause["fn"]), number(&cause["fp"]))
            })
            .collect();
        assert_eq!(found_causes, causes, "{view}");
        let loss: f64 = found.iter().map(|cause| cause["loss"].as_f64().unwrap()).sum();
        assert!((loss - (1.0 - row["f1"].as_f64().unwrap())).abs() < 1e-12, "{view}");
    }
    let lines = std::fs::read_to_string(file).unwrap();
    // The option of score writes the same lines.
    let by_score = folder.path().join("by-score.jsonl");
    succeed(&["score", GOLD, PRED, "--ontology", ONTOLOGY, "--errors", by_score.to_str().unwrap()]);
    assert_eq!(std::fs::read_to_string(by_score).unwrap(), lines);
    assert_eq!(lines.lines().count(), 8 + 4 + 6);
    assert_eq!(succeed(&[&args[..], &["-o", "-"]].concat()), lines);
    let first: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!((&first["cause"], &first["gold"]["text"]), (&"type".into(), &"Acme".into()));
    assert_eq!(first["snippet"]["text"], "Anna Berg leads Acme.");
    let text = succeed(&args);
    for shown in ["endpoint missed", "gold spans", "contact", "of the loss"] {
        assert!(text.contains(shown), "{shown} is not in\n{text}");
    }
    let (code, message) = fail(&[&args[..], &["--json", "-o", "-"]].concat());
    assert_eq!(code, 2);
    assert!(message.contains("both go to standard output"), "{message}");
}

#[test]
fn errors_of_a_record_are_those_of_its_predictions() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().to_str().unwrap();
    let run = ["run", "-e", "noise:miss=0.2,relation-label=0.3", "--split", "dev"];
    let rest = ["--speed-documents", "0", "--replicates", "0", "--json", "-o", output];
    let records = json(&[&run[..], &rest[..]].concat());
    let (record, id) = (&records[0], records[0]["id"].as_str().unwrap());
    let path = folder.path().join("runs/newswire/noisy-oracle").join(id);
    let path = path.to_str().unwrap();
    // The split is the record's.
    let report = json(&["errors", "datasets/newswire", path, "--json"]);
    for row in report["views"].as_array().unwrap() {
        let score = score(record, row["view"].as_str().unwrap());
        for key in ["tp", "fp", "fn", "f1"] {
            assert_eq!(row[key].as_f64(), score[key].as_f64(), "{}: {key}", row["view"]);
        }
    }
    let cases: [(&[&str], &str); 2] = [
        (&["--split", "train"], "run the extractor again, or name the gold that it was run on"),
        (&["--map", "scripts/extractors/spacy/map.toml"], "leave out --map"),
    ];
    for (args, expected) in cases {
        let (code, message) = fail(&[&["errors", "datasets/newswire", path], args].concat());
        assert_eq!(code, 2, "{message}");
        assert!(message.contains(expected), "{message}");
    }
    let predictions = Path::new(path).join("predictions.jsonl.zst");
    std::fs::write(&predictions, b"something else").unwrap();
    let (code, message) = fail(&["errors", "datasets/newswire", path]);
    assert_eq!(code, 2, "{message}");
    assert!(message.contains("is not the file that the record names"), "{message}");
}

#[test]
fn every_command_has_help_with_an_example() {
    for command in [
        "run",
        "score",
        "errors",
        "merge",
        "compare",
        "leaderboard",
        "validate",
        "stats",
        "attach",
        "convert",
        "completions",
        "protocols",
    ] {
        let help = succeed(&[command, "--help"]);
        assert!(help.contains("Example"), "{command}");
    }
    assert!(succeed(&["completions", "bash"]).contains("_erebench"));
    assert_eq!(erebench(&["scroe"]).status.code(), Some(2));
}

#[test]
fn annotations_of_the_same_documents_are_compared() {
    let agreement = json(&["agree", GOLD, GOLD, "--given", GOLD, "--ontology", ONTOLOGY, "--json"]);
    assert_eq!(agreement["documents"], 2);
    let measures = agreement["measures"].as_array().unwrap();
    let value = |name: &str| {
        let found = measures.iter().find(|measure| measure["name"] == name);
        found.unwrap_or_else(|| panic!("no {name}"))["value"].as_f64()
    };
    for name in
        ["mention.strict", "relation.anchored", "relation.given", "type.kappa", "span.alpha"]
    {
        assert_eq!(value(name), Some(1.0), "{name}");
    }
    assert_eq!(agreement["disagreements"].as_array().unwrap().len(), 0);
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(root().join(GOLD)).unwrap();
    let (first, other) = (folder.path().join("first.jsonl"), folder.path().join("other.jsonl"));
    std::fs::write(&first, text.lines().next().unwrap()).unwrap();
    std::fs::write(&other, r#"{"id":"a","text":"Another text."}"#).unwrap();
    let (first, other) = (first.to_str().unwrap(), other.to_str().unwrap());
    assert_eq!(json(&["agree", GOLD, first, "--common", "--json"])["documents"], 1);
    let (code, message) = fail(&["agree", GOLD, first]);
    assert_eq!(code, 2);
    assert!(message.contains("lacks document \"b\""), "{message}");
    let (code, message) = fail(&["agree", first, other]);
    assert_eq!(code, 2);
    assert!(message.contains("annotations of one text are compared"), "{message}");
}

#[test]
fn every_question_about_newswire_has_an_answer_and_every_answer_a_question() {
    let answers = "datasets/newswire/annotations/consistency.csv";
    let out = succeed(&["consistency", "datasets/newswire", "--answers", answers]);
    assert!(out.starts_with("60 documents: no question; "), "{out}");

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("answers.csv");
    let all = std::fs::read_to_string(root().join(answers)).unwrap();
    let header = all.lines().next().unwrap();
    let consistency =
        || erebench(&["consistency", "datasets/newswire", "--answers", path.to_str().unwrap()]);
    // One question without an answer, one answer without a question.
    let less: Vec<&str> = all.lines().filter(|line| !line.starts_with("t04,unmarked")).collect();
    std::fs::write(&path, format!("{}\nx,type,Nobody,\"«Nobody»\",why\n", less.join("\n")))
        .unwrap();
    let output = consistency();
    assert_eq!(output.status.code(), Some(1));
    let [out, message] =
        [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    assert!(out.contains("t04: unmarked: Friday"), "{out}");
    assert!(message.contains("x: type: Nobody: answered, but no question any more"), "{message}");

    std::fs::write(&path, format!("{header}\nt04,unmarked,Friday,\"«Friday»\",\n")).unwrap();
    let output = consistency();
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("answer 1, on \"Friday\" in t04, is empty"), "{message}");
}

#[test]
fn who_is_told_to_have_no_rank_has_none() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().to_str().unwrap();
    let run = ["run", "-e", "null", "--unranked", "--speed-documents", "0", "-o", output];
    let table = succeed(&run);
    assert!(table.contains("| null† "), "{table}");
    assert!(table.contains("† not ranked: --unranked was given"), "{table}");
    let board = std::fs::read_to_string(folder.path().join("leaderboard.csv")).unwrap();
    let row = board.lines().nth(1).unwrap();
    assert!(row.starts_with(",newswire,") && row.contains(",null,1,no,ok,"), "{row}");
}
