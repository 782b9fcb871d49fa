//! The authoring format: files with their native JSON, broken files with their errors, and the round
//! trip of any document.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod documents;

use std::fs;
use std::path::{Path, PathBuf};

use ere_dataset::authoring::{parse, parse_article, read, write};
use ere_dataset::check::check_gold;
use ere_dataset::wire::TextPolicy;
use ere_dataset::{
    Document, Error, ErrorKind, Item, Mention, Place, Span, Text, Vocabulary, jsonl, limits,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

/// Fast enough for every run, and PROPTEST_CASES asks for more.
fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig { cases: default.cases.max(500), failure_persistence: None, ..default }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_document_survives((document, vocabulary) in any_document()) {
        survives(&document, &vocabulary);
    }

    #[test]
    fn every_text_is_a_document_or_an_error(
        (document, vocabulary) in any_document(),
        edits in vec((any::<Index>(), any::<Index>(), documents::fragment()), 1..4),
    ) {
        let mut text = write(&document, &vocabulary);
        for (at, length, fragment) in edits {
            let boundaries: Vec<usize> = text.char_indices().map(|(byte, _)| byte).collect();
            let start = at.index(boundaries.len());
            let end = (start + length.index(4)).min(boundaries.len() - 1);
            text.replace_range(boundaries[start]..boundaries[end], &fragment);
        }
        match parse(&text, &vocabulary) {
            Ok(document) => survives(&document, &vocabulary),
            Err(error) => {
                let (line, column) = (error.place().line.unwrap(), error.place().column.unwrap());
                let line = text.split('\n').nth(line as usize - 1).unwrap();
                prop_assert!((1..=line.chars().count() as u64 + 1).contains(&column), "{error}");
            }
        }
    }
}

fn any_document() -> impl Strategy<Value = (Document, Vocabulary)> {
    let vocabulary = Vocabulary::default();
    documents::document(&vocabulary).prop_map(move |document| (document, vocabulary.clone()))
}

fn survives(document: &Document, vocabulary: &Vocabulary) {
    check_gold(document, vocabulary, None).expect("the generator makes valid documents");
    let written = write(document, vocabulary);
    let read = parse(&written, vocabulary).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(read, *document);
    assert_eq!(write(&read, vocabulary), written);
}

/// The property above is worth what its documents are worth.
#[test]
fn random_documents_need_every_form_of_the_format() {
    let vocabulary = Vocabulary::default();
    let mut runner = TestRunner::deterministic();
    let strategy = documents::document(&vocabulary);
    let mut written = String::new();
    for _ in 0..1000 {
        let document = strategy.new_tree(&mut runner).expect("no value is rejected").current();
        written += &write(&document, &vocabulary);
    }
    let forms = [
        "\ns2 ",
        "\\\n",
        "\\s",
        "\\@",
        "\\---",
        "\\n",
        "\\t",
        "\\r",
        "\\u{20}",
        "\\[",
        "\\^",
        "\n@body\n",
        "\n@none\n",
        "[[",
        "[^a^",
        "[^c^",
        "](&1)",
        " &1)",
        " @1)",
        " - ",
        " -)",
        " nominal",
        " pronoun",
        " noform",
        " optional",
        " link=",
        " confidence=",
        " id=",
        " head=",
        "\n= ",
        "\n~ ",
        " : - ",
        " : s0",
        " ; ",
        " negative",
        " planned",
        " possible",
        " former",
        " by=",
        " time=",
        " amount=",
        " item=",
        " support=",
        "%layers ",
        "%given ",
        "%tokens ",
        "%pairs ",
        "%sentences ",
        "%zones ",
        "\n\"\": ",
        "\n\"id\": ",
    ];
    let missing: Vec<_> = forms.into_iter().filter(|form| !written.contains(form)).collect();
    assert!(missing.is_empty(), "not met: {missing:?}");
}

// ------------------------------------------------------------------------------------------------
// Files of testdata/authoring
// ------------------------------------------------------------------------------------------------

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/authoring")
}

/// `NAME.ere` means `NAME.jsonl`, and is canonical unless `NAME.canonical.ere` is.
#[test]
fn every_good_file_means_its_native_json() {
    let files = fs::read_dir(testdata()).unwrap().map(|entry| entry.unwrap().path());
    let native: Vec<PathBuf> =
        files.filter(|path| path.extension() == Some("jsonl".as_ref())).collect();
    assert_eq!(native.len(), 8);
    for path in native {
        let vocabulary = Vocabulary::default();
        let authored = path.with_extension("ere");
        let document = read(&authored, &vocabulary).unwrap();
        let json = fs::read_to_string(&path).unwrap();
        assert_eq!(document, jsonl::gold_from_str(&json, &vocabulary).unwrap(), "{path:?}");
        let mut written = Vec::new();
        jsonl::write(&mut written, &document, &vocabulary, TextPolicy::Inline).unwrap();
        assert_eq!(String::from_utf8(written).unwrap(), json, "{path:?}");

        let canonical = fs::read_to_string(path.with_extension("canonical.ere"))
            .unwrap_or_else(|_| fs::read_to_string(&authored).unwrap());
        assert_eq!(write(&document, &vocabulary), canonical, "{path:?}");
    }
}

#[derive(serde::Deserialize)]
struct Broken {
    case: Vec<Case>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    file: String,
    error: String,
}

#[test]
fn every_broken_file_has_its_error() {
    let table = fs::read_to_string(testdata().join("errors.toml")).unwrap();
    let table: Broken = toml::from_str(&table).unwrap();
    let mut wrong = String::new();
    for Case { name, file, error } in table.case {
        let found = match parse(&file, &Vocabulary::default()) {
            Ok(_) => "no error".to_owned(),
            Err(error) => error.in_file(Path::new("a.ere")).to_string(),
        };
        if found.trim_end() != error.trim_end() {
            wrong += &format!("{name}\n{found}\n\n");
        }
    }
    assert!(wrong.is_empty(), "other errors than in the table:\n\n{wrong}");
}

// ------------------------------------------------------------------------------------------------
// What does not fit in a table
// ------------------------------------------------------------------------------------------------

#[test]
fn a_byte_order_mark_and_windows_line_ends_do_not_count() {
    let vocabulary = Vocabulary::default();
    let text = fs::read_to_string(testdata().join("article.ere")).unwrap();
    let windows = format!("\u{FEFF}{}", text.replace('\n', "\r\n"));
    assert_eq!(parse(&windows, &vocabulary).unwrap(), parse(&text, &vocabulary).unwrap());
    let error = parse("\u{FEFF}id\r\n---\r\n", &vocabulary).unwrap_err();
    assert_eq!((error.place().line, error.place().column), (Some(1), Some(1)));
    assert!(error.to_string().ends_with("\n  | id"), "{error}");
}

#[test]
fn what_is_over_a_limit_is_an_error() {
    let vocabulary = Vocabulary::default();
    let error = |text: &str| parse(text, &vocabulary).unwrap_err().to_string();
    let file = " ".repeat(limits::FILE_BYTES as usize + 1);
    assert_eq!(error(&file), "bytes of the file: 33554433 is over the limit of 33554432");
    let id = format!("id: {}\n---\n", "a".repeat(limits::ID_BYTES + 1));
    assert!(error(&id).ends_with("bytes of the document id: 1025 is over the limit of 1024"));
    let parts = " [a](&1)".repeat(limits::SPANS);
    let spans = format!("id: a\n---\ns0 [a](X - &1){parts}\n");
    let expected = "line 3, column 4: spans of one mention: 257 is over the limit of 256";
    assert_eq!(error(&spans), expected);

    let open = format!("id: a\n---\n{}", "[".repeat(limits::MENTIONS + 1));
    assert_eq!(
        error(&open),
        "line 3, column 1048577: mentions: 1048577 is over the limit of 1048576"
    );
    let lines = "a b c\n".repeat(limits::RELATIONS + 1);
    let expected = "line 1048580, column 1: relations: 1048577 is over the limit of 1048576";
    assert_eq!(error(&format!("id: a\n---\n---\n{lines}")), expected);
}

#[test]
fn brackets_nest_and_cross_as_deep_as_one_likes() {
    let vocabulary = Vocabulary::default();
    let depth = 20_000;
    let text: String = "é".repeat(2 * depth);
    let span = |start: usize, end: usize| Span::new(2 * start as u32, 2 * end as u32).unwrap();
    let label = vocabulary.intern("X");
    let nested = (0..depth).map(|level| span(level, 2 * depth - level));
    let crossing = (0..depth).map(|place| span(place, depth + place));
    for spans in [nested.collect::<Vec<_>>(), crossing.collect()] {
        let document = Document {
            text: Text::new(text.as_str()),
            mentions: spans.into_iter().map(|span| Mention::new(span, label)).collect(),
            ..Document::default()
        };
        survives(&document, &vocabulary);
    }
}

#[test]
fn items_know_where_they_stand() {
    let text = fs::read_to_string(testdata().join("article.ere")).unwrap();
    let article = parse_article(&text, &Vocabulary::default()).unwrap();
    let place = |list, position| {
        let place = article.place(Item::new(list, position))?;
        Some((place.line?, place.column?))
    };
    assert_eq!(place("mentions", 1), Some((6, 27)));
    assert_eq!(place("entities", 1), Some((6, 39)));
    assert_eq!(place("relations", 3), Some((17, 1)));
    assert_eq!(place("relations", 4), None);
    assert_eq!(place("tokens", 0), None);

    let item = Item::new("relations", 3);
    let kind = ErrorKind::Relation { item, message: "is wrong".to_owned() };
    let error = article.locate(Error::new(Place::default(), kind));
    assert_eq!(error.to_string(), "line 17, column 1: relations[3] is wrong");
}

#[test]
fn errors_name_the_file() {
    let error = read(&testdata().join("errors.toml"), &Vocabulary::default()).unwrap_err();
    assert!(
        error.to_string().contains("errors.toml:3:1: a line of the header without `:`"),
        "{error}"
    );
    let error = read(&testdata().join("none.ere"), &Vocabulary::default()).unwrap_err();
    assert!(error.to_string().ends_with("none.ere: no such file; check the path"), "{error}");
}
