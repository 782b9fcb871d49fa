//! What is wrong in gold is refused with its place and cure; what is wrong in a prediction is set
//! apart. One case for each error, in `testdata/`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::path::Path;

use ere_dataset::jsonl::{GoldReader, PredictionReader};
use ere_dataset::prediction::RawPrediction;
use ere_dataset::{Document, Error, Ontology, Vocabulary, jsonl};
use serde::Deserialize;

fn testdata(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(name))
        .unwrap()
}

#[derive(Deserialize)]
struct Refused {
    case: Vec<RefusedCase>,
}

#[derive(Deserialize)]
struct RefusedCase {
    name: String,
    text: String,
    message: String,
}

fn read_gold(bytes: &[u8]) -> (String, Result<Vec<Document>, Error>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gold.jsonl");
    std::fs::write(&path, bytes).unwrap();
    let vocabulary = Vocabulary::default();
    let ontology = Ontology::parse(&testdata("small-ontology.toml"), &vocabulary).unwrap();
    let documents =
        GoldReader::open(&path, &vocabulary, Some(&ontology)).and_then(Iterator::collect);
    (path.display().to_string(), documents)
}

#[test]
fn gold_is_refused_with_its_place_and_the_cure() {
    let table: Refused = toml::from_str(&testdata("refused.toml")).unwrap();
    for case in table.case {
        let (path, documents) = read_gold(case.text.trim_start().as_bytes());
        let error = documents.expect_err(&case.name);
        assert_eq!(error.to_string(), path + &case.message, "{}", case.name);
    }
}

#[test]
fn bytes_that_are_no_utf8_are_refused() {
    let (path, documents) = read_gold(b"{\"id\":\"a\",\"text\":\"Anna\"}\n{\"id\":\"\xff\"}\n");
    let message = ":2: byte 7 of the line is not UTF-8; convert the file to UTF-8";
    assert_eq!(documents.unwrap_err().to_string(), path + message);
}

#[test]
fn a_folder_and_a_missing_file_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let vocabulary = Vocabulary::default();
    let open = |path: &Path| GoldReader::open(path, &vocabulary, None).err().unwrap().to_string();
    let path = folder.path();
    assert_eq!(open(path), format!("{}: is a directory; name a file in it", path.display()));
    let path = path.join("nothing.jsonl");
    assert_eq!(open(&path), format!("{}: no such file; check the path", path.display()));
}

#[test]
fn a_line_over_the_limit_is_refused_without_being_held_whole() {
    let endless = std::io::BufReader::new(std::io::repeat(b'x'));
    let mut lines = jsonl::Lines::new(endless, Path::new("endless.jsonl"));
    let message = "endless.jsonl:1: bytes of the line: 67108865 is over the limit of 67108864";
    assert_eq!(lines.next().unwrap_err().to_string(), message);
}

#[derive(Deserialize)]
struct Malformed {
    case: Vec<MalformedCase>,
}

#[derive(Deserialize)]
struct MalformedCase {
    name: String,
    line: String,
    kept: [usize; 4],
    malformed: Vec<[String; 3]>,
}

#[test]
fn items_of_predictions_that_cannot_be_understood_are_set_apart() {
    let table: Malformed = toml::from_str(&testdata("malformed.toml")).unwrap();
    let vocabulary = Vocabulary::default();
    let gold = jsonl::gold_from_str(r#"{"id":"a","text":"Anna né 😀."}"#, &vocabulary).unwrap();
    for case in table.case {
        let raw = RawPrediction::parse(&case.line).expect(&case.name);
        let prediction = raw.attach(&gold, &vocabulary);
        let document = &prediction.document;
        let kept = [
            document.mentions.len(),
            document.entities.len(),
            document.mention_relations.len(),
            document.relations.len(),
        ];
        assert_eq!(kept, case.kept, "{}", case.name);
        let malformed: Vec<[String; 3]> = prediction
            .malformed
            .into_iter()
            .map(|item| [format!("{:?}", item.layer), item.raw, item.reason])
            .collect();
        assert_eq!(malformed, case.malformed, "{}", case.name);
    }
}

#[test]
fn a_prediction_file_is_refused_only_for_what_is_no_object_with_a_new_id() {
    let read = |text: &str| -> Result<usize, String> {
        let lines = jsonl::Lines::new(text.as_bytes(), Path::new("pred.jsonl"));
        let raw: Result<Vec<RawPrediction>, Error> = PredictionReader::new(lines).collect();
        raw.map(|raw| raw.len()).map_err(|error| error.to_string())
    };
    assert_eq!(read(""), Ok(0));
    assert_eq!(read("{\"id\":\"a\"}\n\n{\"id\":\"b\",\"mentions\":7}\n"), Ok(2));
    let error = |text| read(text).unwrap_err();
    assert_eq!(
        error("{\"id\":\"a\"}\n{\"id\":\"a\"}"),
        "pred.jsonl:2: document \"a\": this document id was used before (line 1); ids must be unique"
    );
    assert_eq!(
        error("{\"id\":\"a\"}\n{\"id\":3}"),
        "pred.jsonl:2: not a document in native JSON: invalid type: integer `3`, expected a string at line 1 column 7"
    );
    assert!(
        error("{\"id\":\"a\",").starts_with("pred.jsonl:1: not a document in native JSON: EOF")
    );
}

#[test]
fn a_document_built_in_memory_is_checked_too() {
    use ere_dataset::{Mention, Span, Text, check};
    let vocabulary = Vocabulary::default();
    let cut = Mention::new(Span::new(1, 2).unwrap(), vocabulary.intern("PER"));
    let document = Document {
        id: "a".into(),
        text: Text::new("né"),
        mentions: vec![cut],
        ..Document::default()
    };
    let error = check::check_gold(&document, &vocabulary, None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "document \"a\": mentions[0] covers bytes 1..2, which leaves the text or cuts a character; \
         spans begin and end between characters"
    );
}

#[test]
fn a_confidence_in_memory_is_a_finite_number() {
    use ere_dataset::{Entity, EntityIdx, Mention, MentionIdx, MentionRelation, Relation, Span};
    let vocabulary = Vocabulary::default();
    let label = vocabulary.intern("X");
    let with = |confidences: [f64; 4]| {
        let [mention, entity, tie, relation] = confidences.map(Some);
        let (head, tail) = (MentionIdx(0), MentionIdx(0));
        let mention_relation = MentionRelation { head, tail, label, confidence: tie, id: None };
        Document {
            id: "a".into(),
            text: ere_dataset::Text::new("x"),
            mentions: vec![Mention {
                confidence: mention,
                ..Mention::new(Span::new(0, 1).unwrap(), label)
            }],
            entities: vec![Entity { confidence: entity, ..Entity::default() }],
            mention_relations: vec![mention_relation],
            relations: vec![Relation {
                head: EntityIdx(0),
                tail: EntityIdx(0),
                label,
                evidence: Vec::new(),
                optional: false,
                confidence: relation,
                id: None,
            }],
            ..Document::default()
        }
    };
    let check = |confidences| {
        let checked = ere_dataset::check::check_gold(&with(confidences), &vocabulary, None);
        checked.map_err(|error| error.to_string())
    };
    assert_eq!(check([0.5, -1.0, 7.0, 0.0]), Ok(()));
    let lists = ["mentions[0]", "entities[0]", "mention_relations[0]", "relations[0]"];
    for (at, list) in lists.into_iter().enumerate() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let mut confidences = [0.5; 4];
            confidences[at] = value;
            let message = check(confidences).unwrap_err();
            assert!(message.starts_with(&format!("document \"a\": {list} ")), "{message}");
        }
    }
}

#[test]
fn readers_end_after_an_error() {
    let vocabulary = Vocabulary::default();
    let path = Path::new("gold.jsonl");
    // The second line is no UTF-8; nothing after it is read. A refused document is passed over.
    for (bytes, expected) in [
        (&b""[..], vec![false]),
        (
            b"{\"id\":\"a\",\"text\":\"x\"}\n\xff\n{\"id\":\"b\",\"text\":\"x\"}\n",
            vec![true, false],
        ),
        (b"{\"id\":\"a\"}\n{\"id\":\"b\",\"text\":\"x\"}\n", vec![false, true]),
        (b"{\"id\":\"a\"", vec![false]),
    ] {
        let reader = GoldReader::new(jsonl::Lines::new(bytes, path), &vocabulary, None);
        let read: Vec<bool> = reader.take(9).map(|document| document.is_ok()).collect();
        assert_eq!(read, expected, "{:?}", String::from_utf8_lossy(bytes));
    }
    let lines = jsonl::Lines::new(&b"\xff\n\xff\n"[..], path);
    assert_eq!(PredictionReader::new(lines).take(9).count(), 1);
}
