//! External programs, good and bad, played by `examples/toy_extractor.rs`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod common;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use ere_dataset::{Document, Form, Given, Layer, Prediction, Span, Text, Vocabulary, jsonl};
use ere_extract::{
    External, Extractor, Failure, FailureKind, Input, OFFSET_MISMATCH, Session, Settings, Timeouts,
};

/// Long enough for a program that answers on the busiest machine; only tests of programs that never
/// answer wait less.
const PATIENT: Timeouts = Timeouts {
    hello: Duration::from_secs(60),
    load: Duration::from_secs(60),
    document: Duration::from_secs(60),
    bye: Duration::from_secs(60),
    restart: Duration::from_millis(1),
};
const SHORT: Duration = Duration::from_millis(200);

/// The program. Cargo builds examples before it runs tests.
fn program() -> PathBuf {
    let test = std::env::current_exe().expect("the test runs");
    let target = test.parent().and_then(|deps| deps.parent()).expect("in target/<profile>/deps");
    let name = format!("toy_extractor{}", std::env::consts::EXE_SUFFIX);
    let path = target.join("examples").join(name);
    assert!(path.exists(), "build it first: cargo build -p ere-extract --example toy_extractor");
    path
}

fn settings(arguments: &[&str]) -> Settings {
    let command = [program().to_string_lossy().into_owned()].into_iter();
    let command = command.chain(arguments.iter().map(|word| (*word).to_owned())).collect();
    Settings { command, timeouts: PATIENT, ..Settings::parse("toy").expect("a command") }
}

fn connect(settings: Settings, vocabulary: &Vocabulary) -> Result<External, Failure> {
    External::connect(settings, &common::ontology(vocabulary), vocabulary)
}

fn toy(arguments: &[&str]) -> External {
    connect(settings(arguments), &Vocabulary::default()).expect("it says hello")
}

fn extract(session: &mut dyn Session, id: &str, text: &str) -> Result<Prediction, Failure> {
    let gold = Document { id: id.into(), text: Text::new(text), ..Document::default() };
    session.extract(&Input::of(&gold, Given::Text))
}

/// Asks for a good document and expects an answer.
fn works(session: &mut dyn Session) {
    let prediction = extract(session, "good", "Anna met Ivo.").expect("a good document");
    assert_eq!(prediction.document.mentions.len(), 2);
}

fn words(prediction: &Prediction) -> Vec<&str> {
    let text = prediction.document.text.as_str();
    prediction.document.mentions.iter().filter_map(|m| m.spans.first().slice(text)).collect()
}

fn reasons(prediction: &Prediction) -> Vec<(Layer, &str)> {
    prediction.malformed.iter().map(|item| (item.layer, item.reason.as_str())).collect()
}

#[test]
fn a_program_is_described_and_asked() {
    let vocabulary = Vocabulary::default();
    let external = connect(settings(&[]), &vocabulary).unwrap();
    let description = external.description();
    assert_eq!((&*description.name, &*description.version), ("toy", "1"));
    assert_eq!(description.tracks, [Given::Text, Given::Mentions, Given::Entities]);
    assert!(description.resolves_coreference);

    let mut session = external.start().unwrap();
    let prediction = extract(session.as_mut(), "a", "Anna met Ivo, and Anna left.").unwrap();
    let document = &prediction.document;
    assert_eq!(words(&prediction), ["Anna", "Ivo", "Anna"]);
    let entity_of: Vec<u32> = document.mentions.iter().map(|m| m.entity.unwrap().0).collect();
    assert_eq!(entity_of, [0, 1, 0]);
    assert_eq!(&*vocabulary.name(document.entities[0].labels[0]), "PER");
    let relation = &document.relations[0];
    assert_eq!((relation.head.0, relation.tail.0, document.relations.len()), (0, 1, 1));
    assert_eq!(relation.evidence[0].support.len(), 1);
    assert_eq!(document.mention_relations.len(), 1);
    assert_eq!(prediction.malformed, []);

    let usage = session.finish();
    assert_eq!(usage.restarts, 0);
    if cfg!(target_os = "linux") {
        assert!(usage.memory_peak_bytes.is_some_and(|bytes| bytes > 100_000));
    }
}

/// The session in the documentation: each request is answered as it says there, and the harness sends
/// those requests.
#[test]
fn the_documented_session_is_a_real_one() {
    let documentation = include_str!("../../../docs/protocol.md");
    let (_, session) = documentation.split_once("```session\n").expect("there is a session");
    let (session, _) = session.split_once("```").expect("it ends");
    let said = |mark: char| session.lines().filter_map(move |line| line.strip_prefix(mark));
    let json = |line: &str| serde_json::from_str::<serde_json::Value>(line).expect("JSON");

    let mut child = Command::new(program())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let requests: String = said('→').map(|line| line.trim().to_owned() + "\n").collect();
    child.stdin.take().expect("piped").write_all(requests.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    let answers = String::from_utf8(output.stdout).expect("UTF-8");
    let answers: Vec<_> = answers.lines().map(json).collect();
    assert_eq!(answers, said('←').map(json).collect::<Vec<_>>());

    let vocabulary = Vocabulary::default();
    let ontology = "name = 'small'\nversion = '1'\n\
        [[entity]]\nname = 'PER'\ndefinition = 'One person.'\nexample = 'Anna left: Anna.'\n\
        [[relation]]\nname = 'head_of'\nfamily = 'affiliation'\n\
        definition = 'The head leads the tail.'\nexample = 'Anna leads Ivo.'\n\
        signatures = [{ head = ['PER'] }]";
    let ontology = ere_dataset::Ontology::parse(ontology, &vocabulary).expect("an ontology");
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("requests");
    let settings = settings(&["--log", &log.to_string_lossy()]);
    let external = External::connect(settings, &ontology, &vocabulary).expect("it says hello");
    let mut session = external.start().expect("it is ready");
    for request in said('→').map(json).filter(|request| request["op"] == "doc") {
        let text = |key: &str| request[key].as_str().expect("a string").to_owned();
        let _ = extract(session.as_mut(), &text("id"), &text("text"));
    }
    session.finish();
    let requests = std::fs::read_to_string(log).expect("the program wrote it");
    let requests: Vec<_> = requests.lines().map(json).collect();
    assert_eq!(requests, said('→').map(json).collect::<Vec<_>>());
}

#[test]
fn two_sessions_are_two_processes_of_one_program() {
    let external = toy(&[]);
    let (mut first, mut second) = (external.start().unwrap(), external.start().unwrap());
    works(first.as_mut());
    works(second.as_mut());
    works(first.as_mut());
}

#[test]
fn the_digest_follows_what_determines_the_answers() {
    let digest = |settings: Settings| {
        connect(settings, &Vocabulary::default()).unwrap().description().digest.clone()
    };
    let plain = digest(settings(&[]));
    assert_eq!(plain, digest(settings(&[])));
    assert_ne!(plain, digest(settings(&["--offsets", "byte"])));
    assert_ne!(plain, digest(Settings { seed: 1, ..settings(&[]) }));
}

#[test]
fn offsets_are_read_in_the_unit_that_the_program_counts_in() {
    let text = "é \u{301} 😀 Zoë 中 Ångström 😀x Ivo";
    for unit in ["byte", "codepoint", "utf16"] {
        let external = toy(&["--offsets", unit]);
        let prediction = extract(external.start().unwrap().as_mut(), "a", text).unwrap();
        assert_eq!(words(&prediction), ["Zoë", "Ångström", "Ivo"], "{unit}");
        assert_eq!(prediction.malformed, [], "{unit}");
    }
}

#[test]
fn given_mentions_and_entities_are_sent_and_referred_to() {
    let line = r#"{"id":"a","text":"Zoë leads Acme of Bonn.","sentences":[[0,23]],
        "mentions":[{"start":0,"end":3,"type":"PER","form":"name"},
                    {"start":10,"end":14,"type":"ORG"},{"spans":[[10,12],[13,14]],"type":"GPE"}],
        "entities":[{"type":"PER","mentions":[0]},{"type":"ORG","mentions":[1,2]}]}"#;
    let vocabulary = Vocabulary::default();
    let gold = jsonl::gold_from_str(line, &vocabulary).unwrap();
    let ends = |given: Given| {
        let settings = Settings { track: given, ..settings(&["--offsets", "utf16"]) };
        let external = connect(settings, &vocabulary).unwrap();
        let prediction = external.start().unwrap().extract(&Input::of(&gold, given)).unwrap();
        assert_eq!(prediction.malformed, []);
        assert_eq!(prediction.document.given, given);
        let ends = prediction.document.relations.iter().map(|r| (r.head.0, r.tail.0));
        (ends.collect::<Vec<_>>(), prediction.document.entities.len())
    };
    // The program puts the first two mentions into one entity, and ties each to the next.
    assert_eq!(ends(Given::Mentions), (vec![(0, 0), (0, 1)], 2));
    assert_eq!(ends(Given::Entities), (vec![(0, 1)], 0));
}

#[test]
fn another_track_than_the_one_it_was_started_for_is_refused() {
    let external = toy(&[]);
    let gold = Document { id: "a".into(), ..Document::default() };
    let failure =
        external.start().unwrap().extract(&Input::of(&gold, Given::Entities)).unwrap_err();
    assert_eq!(failure.to_string(), "unsupported: was started for the track Text");
}

#[test]
fn a_text_that_is_too_long_is_not_sent() {
    let external = toy(&[]);
    let mut session = external.start().unwrap();
    let failure = extract(session.as_mut(), "a", &"é".repeat(1001)).unwrap_err();
    assert_eq!(failure.to_string(), "too_long: the text has 1001 characters; it takes 1000");
    works(session.as_mut());
}

#[test]
fn whatever_a_program_does_costs_one_document() {
    let cases = [
        (
            "crash-1",
            FailureKind::Crash,
            "ended with exit status 3; its standard error ends:\nout of ideas",
        ),
        (
            "garbage-1",
            FailureKind::Protocol,
            "expected one JSON message a line, found \"Loading model weights ...\"",
        ),
        ("utf8-1", FailureKind::Protocol, "byte 21 of a line is not UTF-8"),
        ("giant-1", FailureKind::Protocol, "a line is longer than 67108864 bytes"),
        (
            "wrongid-1",
            FailureKind::Protocol,
            "answered for the document \"another\", which was not asked; asked was \"wrongid-1\"",
        ),
        ("nolist-1", FailureKind::Protocol, "a result has no list `mentions`"),
    ];
    let external = toy(&[]);
    let mut session = external.start().unwrap();
    for (id, kind, message) in cases {
        let failure = extract(session.as_mut(), id, "Anna met Ivo.").unwrap_err();
        assert_eq!(failure.kind, kind, "{id}: {failure}");
        assert!(failure.message.starts_with(message), "{id}: {failure}");
        works(session.as_mut());
    }
    // Each was asked twice: the second process died on it as well.
    assert_eq!(session.finish().restarts, 2 * cases.len() as u64);
}

#[test]
fn a_document_that_kills_twice_is_not_asked_again() {
    let external = toy(&[]);
    let mut session = external.start().unwrap();
    let first = extract(session.as_mut(), "crash-1", "Anna.").unwrap_err();
    let again = extract(external.start().unwrap().as_mut(), "crash-1", "Anna.").unwrap_err();
    assert_eq!(first, again);
    works(session.as_mut());
    assert_eq!(session.finish().restarts, 2);
}

#[test]
fn a_program_that_only_dies_is_given_up() {
    let external = toy(&[]);
    let mut session = external.start().unwrap();
    for id in ["crash-1", "crash-2"] {
        extract(session.as_mut(), id, "Anna.").unwrap_err();
    }
    let failure = extract(session.as_mut(), "good", "Anna.").unwrap_err();
    assert_eq!(failure.message, "died 3 times in a row without an answer; given up");
}

#[test]
fn a_second_answer_costs_a_restart_and_no_document() {
    let external = toy(&[]);
    let mut session = external.start().unwrap();
    assert_eq!(words(&extract(session.as_mut(), "again-1", "Anna.").unwrap()), ["Anna"]);
    works(session.as_mut());
    assert_eq!(session.finish().restarts, 1);
}

#[test]
fn a_stated_failure_is_no_death() {
    let external = toy(&[]);
    let mut session = external.start().unwrap();
    let failure = extract(session.as_mut(), "refuse-1", "Anna.").unwrap_err();
    assert_eq!(failure, Failure::new(FailureKind::Unsupported, "no"));
    works(session.as_mut());
    assert_eq!(session.finish().restarts, 0);
}

#[test]
fn a_program_that_hangs_is_killed() {
    let timeouts = Timeouts { document: SHORT, ..PATIENT };
    let external = connect(Settings { timeouts, ..settings(&[]) }, &Vocabulary::default()).unwrap();
    let failure = extract(external.start().unwrap().as_mut(), "hang-1", "Anna.").unwrap_err();
    assert_eq!(failure.to_string(), "timeout: no answer within 200ms");
}

#[test]
fn a_program_that_does_not_begin_is_a_failure_to_start() {
    let short = Timeouts { hello: SHORT, load: SHORT, ..PATIENT };
    let cases = [
        ("hang-at-hello", short, "timeout: no answer within 200ms"),
        (
            "crash-at-hello",
            PATIENT,
            "crash: ended with exit status 3; its standard error ends:\nout of ideas",
        ),
        ("protocol", PATIENT, "protocol: expected the protocol \"ere/1\", found \"ere/99\""),
        ("refuse-at-hello", PATIENT, "oom: no memory for the model"),
        ("refuse-at-load", PATIENT, "oom: no memory for the model"),
        ("hang-at-load", Timeouts { load: SHORT, ..PATIENT }, "timeout: no answer within 200ms"),
        (
            "crash-at-load",
            PATIENT,
            "crash: ended with exit status 3; its standard error ends:\nout of ideas",
        ),
    ];
    for (fault, timeouts, expected) in cases {
        let settings = Settings { timeouts, ..settings(&["--fault", fault]) };
        let connected = connect(settings, &Vocabulary::default());
        let failure = match &connected {
            Err(failure) => failure.clone(),
            Ok(external) => external.start().err().expect(fault),
        };
        assert_eq!(failure.to_string(), expected, "{fault}");
    }
    let missing = Settings::parse("/no/such/program").unwrap();
    let failure = connect(missing, &Vocabulary::default()).err().unwrap();
    assert_eq!(failure.kind, FailureKind::Crash);
    assert!(failure.message.starts_with("cannot start \"/no/such/program\": "), "{failure}");
}

#[test]
fn a_process_and_its_children_do_not_outlive_the_session() {
    for (fault, bye) in
        [("none", PATIENT.bye), ("hang-at-bye", SHORT), ("crash-at-bye", PATIENT.bye)]
    {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port().to_string();
        let timeouts = Timeouts { bye, ..PATIENT };
        let settings = Settings { timeouts, ..settings(&["--fault", fault, "--linger", &port]) };
        let external = connect(settings, &Vocabulary::default()).unwrap();
        let mut session = external.start().unwrap();
        works(session.as_mut());
        let (mut connection, _) = listener.accept().unwrap();
        drop(session);
        // The child never closes its connection: only its death does.
        connection.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let read = connection.read(&mut [0]);
        let is_dead = match &read {
            Ok(count) => *count == 0,
            Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
        };
        assert!(is_dead, "{fault}: {read:?}");
    }
}

#[test]
fn a_relation_that_refers_to_nothing_is_malformed_and_the_rest_stands() {
    let external = toy(&[]);
    let prediction =
        extract(external.start().unwrap().as_mut(), "dangling-1", "Anna met Ivo.").unwrap();
    assert_eq!(prediction.document.relations.len(), 1);
    let expected = [
        (Layer::Relations, "no mention has the id \"m9\""),
        (Layer::Relations, "missing field `type` at line 1 column 25"),
    ];
    assert_eq!(reasons(&prediction), expected);
    let raw = r#"{"head":"m0","tail":"m9","type":"head_of"}"#;
    assert_eq!(prediction.malformed[0].raw, raw);
}

#[test]
fn malformed_items_are_kept_with_their_reasons() {
    let external = toy(&[]);
    let prediction = extract(external.start().unwrap().as_mut(), "odd-1", "Anna met.").unwrap();
    let document = &prediction.document;
    assert_eq!(document.mentions.len(), 2);
    assert_eq!(document.mentions[0].confidence, Some(0.5));
    let spans = document.mentions[1].spans.as_slice();
    assert_eq!(spans, [Span::new(0, 2).unwrap(), Span::new(3, 4).unwrap()]);
    assert_eq!(document.mentions[1].form, Some(Form::Nominal));
    assert_eq!(document.entities.len(), 1);
    assert_eq!(&*document.entities[0].links[0], "Q1");
    let expected = [
        (Layer::Mentions, "the id \"m0\" is used twice"),
        (Layer::Mentions, "0..999 is no stretch of the text"),
        (Layer::Mentions, "invalid value: integer `-1`"),
        (Layer::Mentions, "4..4 is no stretch of the text"),
        (Layer::Mentions, "offset mismatch: the text there is \"met.\", not \"Anna\""),
        (Layer::Mentions, "a mention has `start` and `end`, or `spans`"),
        (Layer::Mentions, "invalid type: string \"m7\""),
        (Layer::Entities, "the mention \"m5\" is in another cluster already"),
        (Layer::Entities, "no mention has the id \"m9\""),
        (Layer::Entities, "a cluster names at least one mention"),
        (Layer::Entities, "invalid type: integer `7`"),
        (Layer::Relations, "its end \"m1\" is malformed itself"),
        (Layer::Other, "no mention has the id \"m8\""),
    ];
    let found = reasons(&prediction);
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for ((layer, reason), (expected_layer, start)) in found.into_iter().zip(expected) {
        assert_eq!(layer, expected_layer, "{reason}");
        assert!(reason.starts_with(start), "{reason}");
    }
    let is_mismatch = |reason: &str| reason.starts_with(OFFSET_MISMATCH);
    assert_eq!(reasons(&prediction).iter().filter(|(_, reason)| is_mismatch(reason)).count(), 1);
}
