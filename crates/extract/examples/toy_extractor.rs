//! A program that speaks `ere/1`: every capitalised word is a person, equal words are one entity, and
//! each entity leads the next. A start for an extractor of your own; the tests use it too, and
//! therefore it misbehaves when asked to:
//!
//! ```text
//! toy_extractor [--offsets byte|codepoint|utf16] [--fault FAULT] [--linger PORT] [--log FILE]
//! ```
//!
//! A document whose id begins with the name of a fault (`crash-1`) gets that fault for an answer.

use std::fs::File;
use std::io::{BufRead, Write, stderr, stdin, stdout};
use std::net::TcpStream;
use std::process::{Command, exit};
use std::time::Duration;

use serde_json::{Value, json};

fn main() {
    let options = Options::of(std::env::args().skip(1));
    if let Some(port) = options.linger_child {
        let _connection = TcpStream::connect(("127.0.0.1", port)).expect("the test listens");
        hang();
    }
    if let Some(port) = options.linger {
        let itself = std::env::current_exe().expect("it runs");
        let port = port.to_string();
        let child = Command::new(itself).args(["--linger-child", &port]).spawn();
        // Left alone on purpose: the harness ends what a program leaves behind.
        std::mem::forget(child.expect("it started before"));
    }
    for line in stdin().lock().lines() {
        let line = line.expect("a line");
        options.log(&line);
        let request: Value = serde_json::from_str(&line).expect("a message");
        let op = request["op"].as_str().expect("a message has an op");
        fault_of_program(&options, op);
        match op {
            "hello" => say(&json!({
                "op": "hello", "protocol": options.protocol(), "name": "toy", "version": "1",
                "offsets": options.offsets, "tracks": ["text", "mentions", "entities"],
                "coreference": true, "characters_max": 1000,
            })),
            "load" => say(&json!({"op": "ready", "note": "unknown keys are ignored"})),
            "doc" => {
                let id = request["id"].as_str().expect("a document has an id");
                let answer = result(&request, &options.offsets);
                if !fault_of_document(id, &answer) {
                    say(&answer);
                }
            }
            "bye" => return,
            _ => {}
        }
    }
}

struct Options {
    offsets: String,
    fault: String,
    linger: Option<u16>,
    linger_child: Option<u16>,
    log: Option<String>,
}

impl Options {
    fn of(mut arguments: impl Iterator<Item = String>) -> Options {
        let mut options = Options {
            offsets: "codepoint".to_owned(),
            fault: String::new(),
            linger: None,
            linger_child: None,
            log: None,
        };
        while let Some(name) = arguments.next() {
            let value = arguments.next().expect("every option has a value");
            match name.as_str() {
                "--offsets" => options.offsets = value,
                "--fault" => options.fault = value,
                "--linger" => options.linger = value.parse().ok(),
                "--linger-child" => options.linger_child = value.parse().ok(),
                "--log" => options.log = Some(value),
                _ => panic!("unknown option {name:?}"),
            }
        }
        options
    }

    fn log(&self, line: &str) {
        let Some(path) = &self.log else { return };
        let mut file = File::options().create(true).append(true).open(path).expect("a log file");
        writeln!(file, "{line}").expect("a log file");
    }

    fn protocol(&self) -> &'static str {
        if self.fault == "protocol" { "ere/99" } else { "ere/1" }
    }
}

// ------------------------------------------------------------------------------------------------
// What an extractor does
// ------------------------------------------------------------------------------------------------

fn result(request: &Value, unit: &str) -> Value {
    let id = &request["id"];
    let text = request["text"].as_str().expect("a document has a text");
    let leads = |ids: Vec<String>| -> Vec<Value> {
        let relation =
            |pair: &[String]| json!({"head": pair[0], "tail": pair[1], "type": "head_of"});
        ids.windows(2).map(relation).collect()
    };
    if let Some(entities) = request["entities"].as_array() {
        let ids = entities.iter().map(|e| e["id"].as_str().expect("an id").to_owned()).collect();
        return json!({"op": "result", "id": id, "relations": leads(ids)});
    }
    if let Some(mentions) = request["mentions"].as_array() {
        let ids = mentions.iter().map(|m| m["id"].as_str().expect("an id").to_owned()).collect();
        return json!({"op": "result", "id": id, "relations": leads(ids), "clusters": [["m0", "m1"]]});
    }
    let mut mentions = Vec::new();
    let mut clusters: Vec<(&str, Vec<String>)> = Vec::new();
    for (start, word) in words(text) {
        if !word.starts_with(char::is_uppercase) {
            continue;
        }
        let mention = format!("m{}", mentions.len());
        mentions.push(json!({
            "id": mention, "type": "PER", "text": word,
            "start": length(&text[..start], unit), "end": length(&text[..start + word.len()], unit),
        }));
        match clusters.iter_mut().find(|(known, _)| *known == word) {
            Some((_, members)) => members.push(mention),
            None => clusters.push((word, vec![mention])),
        }
    }
    let firsts = clusters.iter().map(|(_, members)| members[0].clone()).collect();
    let clusters: Vec<_> = clusters.into_iter().map(|(_, members)| members).collect();
    json!({"op": "result", "id": id, "mentions": mentions, "clusters": clusters, "relations": leads(firsts)})
}

fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
}

fn length(text: &str, unit: &str) -> usize {
    match unit {
        "byte" => text.len(),
        "utf16" => text.encode_utf16().count(),
        _ => text.chars().count(),
    }
}

fn say(message: &Value) {
    say_bytes(message.to_string().as_bytes());
}

fn say_bytes(line: &[u8]) {
    let mut out = stdout().lock();
    let written =
        out.write_all(line).and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush());
    if written.is_err() {
        exit(0);
    }
}

// ------------------------------------------------------------------------------------------------
// What an extractor should not do
// ------------------------------------------------------------------------------------------------

/// Faults that do not depend on a document: `--fault hang-at-load`, `--fault crash-at-bye`.
fn fault_of_program(options: &Options, op: &str) {
    match options.fault.strip_suffix(op) {
        Some("hang-at-") => hang(),
        Some("crash-at-") => crash(),
        Some("refuse-at-") => {
            say(&json!({"op": "error", "kind": "oom", "message": "no memory for the model"}));
            exit(0);
        }
        _ => {}
    }
}

/// Answers with the fault that the id asks for; whether it did.
fn fault_of_document(id: &str, answer: &Value) -> bool {
    let changed = |key: &str, value: Value| {
        let mut answer = answer.clone();
        answer[key] = value;
        answer
    };
    match id.split_once('-').map_or("", |(fault, _)| fault) {
        "crash" => crash(),
        "hang" => hang(),
        "garbage" => say_bytes(b"Loading model weights ..."),
        "utf8" => say_bytes(b"{\"op\":\"result\",\"id\":\"\xff\"}"),
        "giant" => say_bytes(&vec![b' '; 65 << 20]),
        "wrongid" => say(&changed("id", json!("another"))),
        "again" => {
            say(answer);
            say(answer);
        }
        "nolist" => say(&json!({"op": "result", "id": id})),
        "refuse" => say(&json!({"op": "error", "id": id, "kind": "unsupported", "message": "no"})),
        "dangling" => say(&changed(
            "relations",
            json!([
                {"head": "m0", "tail": "m9", "type": "head_of"},
                {"head": "m0", "tail": "m1", "type": "head_of"},
                {"head": "m0", "tail": "m1"},
            ]),
        )),
        "odd" => say(&json!({"op": "result", "id": id, "extra": 1, "mentions": [
            {"id": "m0", "start": 0, "end": 4, "type": "PER", "text": "Anna", "confidence": 0.5},
            {"id": "m0", "start": 0, "end": 4, "type": "PER"},
            {"id": "m1", "start": 0, "end": 999, "type": "PER"},
            {"id": "m2", "start": -1, "end": 4, "type": "PER"},
            {"id": "m3", "start": 4, "end": 4, "type": "PER"},
            {"id": "m4", "start": 5, "end": 9, "type": "PER", "text": "Anna"},
            {"id": "m5", "spans": [[0, 2], [3, 4]], "type": "PER", "form": "nominal"},
            {"id": "m6", "start": 0, "type": "PER"},
            "m7",
        ], "clusters": [["m0", "m5"], ["m5", "m9"], [], 7, ["m1"]],
        "relations": [{"head": "m0", "tail": "m1", "type": "head_of"}],
        "links": [{"mention": "m0", "link": "Q1"}, {"mention": "m8", "link": "Q2"}]})),
        _ => return false,
    }
    true
}

fn hang() -> ! {
    loop {
        std::thread::sleep(Duration::from_secs(1));
    }
}

fn crash() -> ! {
    stderr().write_all(b"out of ideas\n").expect("somebody reads it");
    exit(3);
}
