//! Lines of the usual form are read by a parser of their own. It must agree with the general one on
//! every line: in what it reads, and in what is refused with which message.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod documents;

use std::sync::LazyLock;

use ere_dataset::wire::{TextPolicy, WireDocument};
use ere_dataset::{Document, ErrorKind, Vocabulary, jsonl};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;

/// Shared by the strategies that make documents and the readers that read them.
static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(Vocabulary::default);

/// What `jsonl` makes of a line, and what the general parser makes of it.
fn both(line: &str, vocabulary: &Vocabulary) -> [Result<Document, String>; 2] {
    let general = serde_json::from_str::<WireDocument<'_>>(line)
        .map_err(|error| format!("not a document in native JSON: {error}"))
        .and_then(|wire| wire.into_gold(vocabulary).map_err(|error| error.to_string()));
    let read = jsonl::gold_from_str(line, vocabulary).map_err(|error| match error.kind() {
        // The one message that is better than the general parser's.
        ErrorKind::NoNumber { column } => {
            format!("not a document in native JSON: expected value at line 1 column {column}")
        }
        _ => error.to_string(),
    });
    [read, general]
}

fn line_of(document: &Document, vocabulary: &Vocabulary) -> String {
    let mut line = Vec::new();
    jsonl::write(&mut line, document, vocabulary, TextPolicy::Inline).unwrap();
    String::from_utf8(line).unwrap()
}

#[test]
fn odd_lines_are_judged_by_the_general_parser() {
    let vocabulary = Vocabulary::default();
    let with = |rest: &str| format!(r#"{{"id":"a","text":"Zoë\n met \"Bo\".",{rest}}}"#);
    let lines = [
        with(r#""mentions":[{"start":0,"end":3,"type":"PER","confidence":1e-3}]"#),
        with(r#""mentions":[{"start":0,"end":3,"type":"P\u00e9R\ud83d\ude00"}]"#),
        with(r#""mentions" : [ { "start" : 0 , "end" : 3 , "type" : "PER", "head": null } ] "#),
        with(
            r#""mentions":[{"start":0,"end":3,"type":"a type that is longer than a short string"}]"#,
        ),
        with(r#""mentions":[{"start":0,"end":3,"type":"PER","confidence":1e999}]"#),
        with(r#""mentions":[{"start":0,"end":3,"type":"PER","confidence":"0.5"}]"#),
        with(r#""mentions":[{"start":0,"end":3,"type":"PER","confidence":NaN}]"#),
        with(r#""mentions":[{"start":00,"end":3,"type":"PER"}]"#),
        with(r#""mentions":[{"start":-0,"end":3,"type":"PER"}]"#),
        with(r#""mentions":[{"start":0.0,"end":3,"type":"PER"}]"#),
        with(r#""mentions":[{"start":0,"end":18446744073709551616,"type":"PER"}]"#),
        with(r#""mentions":[{"start":0,"start":0,"end":3,"type":"PER"}]"#),
        with(r#""mentions":[{"start":0,"end":3,"colour":"red","type":"PER"}]"#),
        with(r#""mentions":[{"start":0,"end":3}]"#),
        with(r#""mentions":null"#),
        with(r#""mentions":[],"mentions":[]"#),
        with(r#""mentions":[],"id":"b""#),
        with(r#""mentions":[],"meta":{"a":[1,{"b":"]}"}],"c":1.5}"#),
        with(r#""mentions":[],"meta":[1]"#),
        with(r#""mentions":[],"layers":null,"tokens":null,"pairs":null"#),
        with(r#""mentions":[],"zones":[{"start":0,"end":3,"type":"margin"}]"#),
        with("\"mentions\":[{\"start\":0,\"end\":3,\"type\":\"P\tR\"}]"),
        with(r#""mentions":[],"#),
        with(r#""mentions":[]}"#),
        r#"{"id":"a"}"#.to_owned(),
        r#"{"text":"no id"}"#.to_owned(),
        r#"["a"]"#.to_owned(),
        String::new(),
    ];
    for line in lines {
        let [fast, general] = both(&line, &vocabulary);
        assert_eq!(fast, general, "{line}");
    }
}

proptest! {
    #[test]
    fn any_document_reads_the_same(document in documents::document(&VOCABULARY)) {
        let line = line_of(&document, &VOCABULARY);
        let [fast, general] = both(&line, &VOCABULARY);
        prop_assert_eq!(fast, general);
        // Keys in another order, and white space.
        let value: Value = serde_json::from_str(&line).unwrap();
        let [fast, general] = both(&serde_json::to_string_pretty(&value).unwrap(), &VOCABULARY);
        prop_assert_eq!(fast, general);
    }

    #[test]
    fn any_damage_reads_the_same(
        document in documents::document(&VOCABULARY),
        at in any::<Index>(),
        with in prop::sample::select(vec!["", "\"", "\\", "{", "]", ",", ":", "0", "-", "e", " ", "n"]),
    ) {
        let mut line = line_of(&document, &VOCABULARY);
        let at = at.index(line.len());
        if line.is_char_boundary(at) && line.is_char_boundary(at + 1) {
            line.replace_range(at..=at, with);
        }
        let [fast, general] = both(&line, &VOCABULARY);
        prop_assert_eq!(fast, general);
    }
}
