//! Data sets as folders: what is read, counted, and refused.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::path::{Path, PathBuf};

use ere_dataset::folder::{Split, read_documents};
use ere_dataset::stats::{Counts, Stats, Unseen};
use ere_dataset::wire::TextPolicy;
use ere_dataset::{DatasetFolder, Document, Text, Vocabulary, authoring, jsonl, standoff};

const ARTICLE: &str = "\
id: a
---
@headline
s0 [Anna](PER anna) leads [Acme](ORG acme)

@related
s1 [She](PER anna pronoun) met [Bo [Ek](PER ek)](PER bo).
---
head_of anna acme : s0
meets anna bo : s1 negative
meets ek bo
";

const MANIFEST: &str = "\
name = \"small\"
version = \"1\"
ontology = \"ontology.toml\"

[[split]]
name = \"train\"
path = \"train\"

[[split]]
name = \"test\"
path = \"test.jsonl\"
";

struct Set {
    folder: tempfile::TempDir,
}

impl Set {
    fn new(manifest: &str) -> Set {
        let folder = tempfile::tempdir().unwrap();
        let ontology = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/small-ontology.toml");
        std::fs::copy(ontology, folder.path().join("ontology.toml")).unwrap();
        std::fs::create_dir(folder.path().join("train")).unwrap();
        let set = Set { folder };
        set.write("dataset.toml", manifest);
        set.write("train/a.ere", ARTICLE);
        set.write("test.jsonl", "{\"id\":\"b\",\"text\":\"Bo.\"}\n");
        set
    }

    fn path(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    fn write(&self, file: &str, text: &str) {
        std::fs::write(self.folder.path().join(file), text).unwrap();
    }

    fn errors(&self) -> Vec<String> {
        let folder = DatasetFolder::open(&self.path()).unwrap();
        let prefix = format!("{}/", self.path().display());
        let errors = folder.validate(&Vocabulary::default());
        errors.iter().map(|error| error.to_string().replace(&prefix, "")).collect()
    }
}

fn train(set: &Set, vocabulary: &Vocabulary) -> Split {
    let folder = DatasetFolder::open(&set.path()).unwrap();
    let ontology = folder.ontology(vocabulary).unwrap();
    folder.read_split("train", vocabulary, &ontology).unwrap()
}

#[test]
fn a_data_set_is_read_split_by_split() {
    let set = Set::new(MANIFEST);
    assert_eq!(set.errors(), [] as [String; 0]);
    let split = train(&set, &Vocabulary::default());
    assert_eq!(split.documents.len(), 1);
    // The hash is of the content: the same however it is stored.
    let vocabulary = Vocabulary::default();
    let mut line = Vec::new();
    jsonl::write(
        &mut line,
        &split.documents[0],
        &vocabulary_of(&set, &vocabulary),
        TextPolicy::Inline,
    )
    .unwrap();
    set.write("train/a.jsonl", std::str::from_utf8(&line).unwrap());
    std::fs::remove_file(set.path().join("train/a.ere")).unwrap();
    assert_eq!(train(&set, &Vocabulary::default()).sha256, split.sha256);
}

/// A vocabulary that has met the labels of a set in the order of reading it.
fn vocabulary_of(set: &Set, vocabulary: &Vocabulary) -> Vocabulary {
    train(set, vocabulary);
    vocabulary.clone()
}

#[test]
fn counts_and_hashes_are_held_against_the_manifest() {
    let expected =
        "expected = { documents = 1, words = 7, mentions = 5, entities = 4, relations = 2 }";
    let with =
        |line: &str| MANIFEST.replace("path = \"train\"", &format!("path = \"train\"\n{line}"));
    assert_eq!(Set::new(&with(expected)).errors(), [] as [String; 0]);
    let wrong = expected.replace("mentions = 5", "mentions = 6");
    assert_eq!(
        Set::new(&with(&wrong)).errors(),
        [
            "dataset.toml: split \"train\" should hold 1 documents, 7 words, 6 mentions, 4 entities, \
          2 relations, but holds 1 documents, 7 words, 5 mentions, 4 entities, 2 relations; mend the \
          articles, or the manifest if the change is meant"
        ]
    );
    let errors = Set::new(&with("sha256 = \"00\"")).errors();
    assert!(
        errors[0].starts_with("dataset.toml: split \"train\" should have SHA-256 00, but has ")
    );
}

#[test]
fn a_document_or_a_text_in_two_splits_is_refused() {
    let set = Set::new(MANIFEST);
    set.write("test.jsonl", "{\"id\":\"a\",\"text\":\"Bo.\"}\n");
    let errors = set.errors();
    assert_eq!(
        errors,
        ["test.jsonl: document \"a\": this document id was used before (train: document \"a\"); \
          ids must be unique"]
    );
    let text = train(&set, &Vocabulary::default()).documents[0].text.clone();
    let line = serde_json::json!({"id": "c", "text": text.as_str()}).to_string();
    set.write("test.jsonl", &line);
    assert_eq!(
        set.errors(),
        [
            "test.jsonl: document \"c\": has the same text as train: document \"a\"; keep one of them"
        ]
    );
}

#[test]
fn annotation_must_not_change_a_frozen_text() {
    let set = Set::new(&MANIFEST.replace(
        "[[split]]\nname = \"train\"",
        "texts = \"texts.sha256\"\n\n[[split]]\nname = \"train\"",
    ));
    let hash = train(&set, &Vocabulary::default()).documents[0].text.sha256();
    let of_test = ere_dataset::text::sha256_hex(b"Bo.");
    let other = "0".repeat(64);
    set.write("texts.sha256", &format!("{hash}  a\n{of_test}  b\n"));
    assert_eq!(set.errors(), [] as [String; 0]);
    set.write("texts.sha256", &format!("{other}  a\n"));
    assert_eq!(
        set.errors(),
        [
            format!(
                "train: document \"a\": its text has SHA-256 {hash}, but was frozen with {other}; \
                 annotation must not change the text"
            ),
            "test.jsonl: document \"b\": its text is not among the frozen ones; add its hash"
                .to_owned(),
        ]
    );
    set.write("texts.sha256", "nonsense\n");
    assert_eq!(
        set.errors(),
        ["texts.sha256:1: \"nonsense\" is no entry; write `<SHA-256>  <document id>`"]
    );
}

#[test]
fn what_is_missing_is_named_with_the_cure() {
    let vocabulary = Vocabulary::default();
    let empty = tempfile::tempdir().unwrap();
    let error = DatasetFolder::open(empty.path()).unwrap_err().to_string();
    assert!(error.ends_with(
        ": no data set here; a data set is a folder with a dataset.toml; name one, or run in the \
         folder that holds it"
    ));
    let error = read_documents(empty.path(), &vocabulary, None).unwrap_err().to_string();
    assert!(error.ends_with(": no article here; expected .ere or .jsonl files in this folder"));
    let set = Set::new(MANIFEST);
    let folder = DatasetFolder::open(&set.path()).unwrap();
    let error = folder.split("tset").unwrap_err().to_string();
    assert!(error.ends_with("no such split here; \"tset\" was asked for, there are train, test"));
    set.write("dataset.toml", "name = 1");
    let error = DatasetFolder::open(&set.path()).unwrap_err().to_string();
    assert!(error.contains("dataset.toml: not valid TOML: "), "{error}");
}

#[test]
fn stats_are_counts() {
    let vocabulary = Vocabulary::default();
    let set = Set::new(MANIFEST);
    let split = train(&set, &vocabulary);
    let ontology = DatasetFolder::open(&set.path()).unwrap().ontology(&vocabulary).unwrap();
    let stats = Stats::of(&split.documents, &vocabulary, Some(&ontology));
    let counts = Counts { documents: 1, words: 7, mentions: 5, entities: 4, relations: 2 };
    assert_eq!((stats.counts, stats.sentences, stats.nested_mentions), (counts, 2, 1));
    assert_eq!((stats.relations_denied, stats.relations_across_sentences), (1, 0));
    let json = serde_json::to_value(&stats).unwrap();
    for (pointer, expected) in [
        ("/documents", 1),
        ("/words", 7),
        ("/mentions", 5),
        ("/entities", 4),
        ("/relations", 2),
        ("/mentions_by_type/PER", 4),
        ("/mentions_by_form/pronoun", 1),
        ("/entities_by_size/2", 1),
        ("/relations_by_family/contact", 1),
        ("/evidence_by_zone/headline", 1),
        ("/evidence_by_attribute/negative", 1),
        ("/relations_by_distance/0", 2),
    ] {
        assert_eq!(json.pointer(pointer), Some(&expected.into()), "{pointer}");
    }
}

#[test]
fn unseen_entities_are_those_of_whom_no_name_was_seen() {
    let vocabulary = Vocabulary::default();
    let read = |text: &str| vec![authoring::parse(text, &vocabulary).unwrap()];
    let seen = read("id: a\n---\ns0 [Anna Berg](PER anna) met [Oslo](GPE oslo).\n");
    let documents = read(
        "id: b\n---\ns0 [Oslo](GPE oslo), [Norway's capital](GPE oslo nominal), has [Bo](PER bo) and \
         a [man](PER man nominal).\ns1 [Berg](PER berg), or [Anna Berg](PER berg), left.\n",
    );
    // Oslo and Berg were seen, Bo was not; the man has no name.
    assert_eq!(Unseen::of(&documents, &seen), Unseen { entities: 3, unseen: 1 });
}

#[test]
fn standoff_annotation_is_joined_with_its_text_and_with_no_other() {
    let vocabulary = Vocabulary::default();
    let document: Document = authoring::parse(ARTICLE, &vocabulary).unwrap();
    let mut line = Vec::new();
    jsonl::write(&mut line, &document, &vocabulary, TextPolicy::Hash).unwrap();
    let line = String::from_utf8(line).unwrap();
    assert!(!line.contains("leads"));
    let attach = |text: &str| standoff::attach(&line, Text::new(text), &vocabulary);
    let text = document.text.as_str();
    assert_eq!(attach(text).unwrap(), document);
    for (copy, hint) in [
        (format!("{text}\n"), "the text is right without its last line break"),
        (
            text.replace('\n', "\r\n"),
            "the text is right with Windows line ends turned into Unix ones",
        ),
        (format!("\u{feff}{text}"), "the text is right without its byte order mark"),
        (text[..20].to_owned(), "the copy is cut off at or before code point 20"),
        (text.replace("Anna", "Hanna"), "where the two differ cannot be known from a hash"),
    ] {
        let error = attach(&copy).unwrap_err().to_string();
        assert!(error.contains(hint), "{error}");
    }
    let error = standoff::attach("{\"id\":\"a\",\"text\":\"\"}", Text::new(""), &vocabulary);
    assert!(error.unwrap_err().to_string().contains("only stand-off documents can be attached"));
}
