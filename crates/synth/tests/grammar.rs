//! Grammars that are refused, and why.

use ere_dataset::{Ontology, Vocabulary};
use ere_synth::grammar::Grammar;

const ONTOLOGY: &str = r#"
    name = "tiny"
    version = "1"
    [[entity]]
    name = "PER"
    definition = ""
    example = ""
    [[entity]]
    name = "DATE"
    definition = ""
    example = ""
    value = true
    [[relation]]
    name = "likes"
    family = "f"
    definition = ""
    example = ""
    signatures = [{ head = ["PER"], tail = ["PER"] }]
    [[relation]]
    name = "liked_by"
    family = "f"
    definition = ""
    example = ""
    inverse_of = "likes"
"#;

/// Eleven lines that are right; the cases below add to them.
const GOOD: &str = "\
words first
  Ada; Bo
class PER/any 1
  pronoun she her
  nominal woman
  name {first}
class PER/mute 1
  name {first} Mute
class DATE/day
  shared
  name {1..28} May
";

fn parse(text: &str) -> Result<Grammar, String> {
    let vocabulary = Vocabulary::default();
    let ontology = Ontology::parse(ONTOLOGY, &vocabulary).expect("the ontology is right");
    Grammar::parse(&[("g", text)], &vocabulary, &ontology).map_err(|error| error.to_string())
}

#[test]
fn a_right_grammar_is_read() {
    let text = GOOD.to_owned()
        + "template body 2\n  text {a:PER} and [a the one] met {b:PER/any} on {d:DATE}, {a.subject}.\n"
        + "  states likes a b planned time=d by=a\n# a comment\n\ntemplate filler\n  text <first>!\n";
    let text = text.replace("{a:PER}", "{a:PER/any}");
    assert_eq!(parse(&text).map(|grammar| grammar.relation_labels().len()), Ok(1));
}

#[test]
fn what_is_wrong_is_named_with_its_line() {
    let template =
        |text: &str, states: &str| format!("template body\n  text {text}\n  states {states}\n");
    let cases = [
        (
            "noun x".to_owned(),
            "g:12: \"noun\" is not known in a class; use pronoun, nominal, name, shared or optional",
        ),
        ("words first".to_owned(), "g:12: a list needs a new name, not \"first\""),
        ("words empty".to_owned(), "g:12: the list above has no entries"),
        ("words w\n  a; b; a".to_owned(), "g:13: \"a\" stands twice in the list"),
        ("class PER".to_owned(), "g:12: \"PER\" is not TYPE/name"),
        ("class ORG/firm".to_owned(), "g:12: the ontology has no entity type \"ORG\""),
        ("class PER/any".to_owned(), "g:12: class \"PER/any\" is declared twice"),
        ("class PER/x many".to_owned(), "g:12: \"many\" is no share; write a number"),
        ("class PER/x 1".to_owned(), "g:12: class PER/x has a share, but no name"),
        ("pronoun she".to_owned(), "g:12: pronoun needs two forms: subject, possessive"),
        ("nominal".to_owned(), "g:12: nominal needs a noun"),
        (
            "nominal woman".to_owned(),
            "g:12: the noun \"woman\" stands for two classes, which is ambiguous",
        ),
        ("name".to_owned(), "g:12: a name is empty"),
        ("name {last}".to_owned(), "g:12: there is no list \"last\" above"),
        ("name {first".to_owned(), "g:12: a brace is open in \"{first\""),
        (
            "name {9..1}".to_owned(),
            "g:12: \"9..1\" is no range of numbers; write for example 2..90",
        ),
        (
            "name x | {first}".to_owned(),
            "g:12: the short name uses a part that the full name lacks",
        ),
        ("name {1..2}{1..3}{1..4}{1..5}".to_owned(), "g:12: a name has at most 3 parts in braces"),
        (
            "template lead".to_owned(),
            "g:12: \"lead\" is no template; use filler, distractor, headline, dek, caption, dateline, \
             subhead, body, related, credit, bio, boilerplate",
        ),
        ("template body 0".to_owned(), "g:12: \"0\" is no weight; write a number from 1 to 100"),
        ("template body".to_owned(), "g:12: the template above has no text"),
        (
            "template body\n  word x".to_owned(),
            "g:13: \"word\" is not known in a template; use text or states",
        ),
        ("template body\n  text x\n  text y".to_owned(), "g:14: a second text"),
        (
            "template body\n  text x".to_owned(),
            "g:13: the template above: a filler and a distractor state nothing, a distractor has two \
             things, a headline states one relation, a body one or more",
        ),
        ("words w\n  a|b; c".to_owned(), "g:13: \"c\" has other forms than the entry before it"),
        ("words w\n  a|b|c|d".to_owned(), "g:13: \"a\" has more than 3 forms"),
        ("name {first.1}".to_owned(), "g:12: the entries of \"first\" have no form 1"),
        (
            "template distractor\n  text {a:PER} ate.".to_owned(),
            "g:13: the template above: a filler and a distractor state nothing, a distractor has two \
             things, a headline states one relation, a body one or more",
        ),
        (template("{a:PER.1}", "likes a b"), "g:13: slot a may be PER/any, which has no form 1"),
        (
            template("[a:PER/any x]", "likes a b"),
            "g:13: \"PER/any\" is not one class without names",
        ),
        (template("x~] {a:PER}", "likes a b"), "g:13: a bracket closes that did not open"),
        (
            template("{a:PER} ate. // {b:PER} too.", "likes a b"),
            "g:14: name the sentences that make the statement, for example in=1,2",
        ),
        (
            template("{a:PER} ate. // {b:PER} too.", "likes a b in=3"),
            "g:14: \"3\" is no sentence of the template; it has 2",
        ),
        (template("{a:PER", "likes a b"), "g:13: \"{a:PER\" lacks its '}'"),
        (template("<none>", "likes a b"), "g:13: there is no list \"none\" above"),
        (template("x]", "likes a b"), "g:13: a bracket closes that did not open"),
        (template("{a:PER} [a x", "likes a b"), "g:13: a bracket does not close"),
        (template("[a x]", "likes a b"), "g:13: there is no slot \"a\" before"),
        (template("{a}", "likes a b"), "g:13: slot \"a\" is not name:TYPES"),
        (template("{a:ORG}", "likes a b"), "g:13: there is no class \"ORG\" above"),
        (template("{a:PER|DATE}", "likes a b"), "g:13: slot a mixes values with other classes"),
        (template("{a:PER} {a:PER}", "likes a b"), "g:13: slot a is filled twice; use {a.subject}"),
        (
            template("{a:PER/any} {a.object}", "likes a b"),
            "g:13: \"object\" is no form; use subject, possessive, capitals, 1 or 2",
        ),
        (
            template("{a:PER} {a.subject}", "likes a b"),
            "g:13: slot a may be PER/mute, which has no pronoun",
        ),
        (
            template(
                &"abcdefghijk".chars().map(|c| format!("{{{c}:PER}} ")).collect::<String>(),
                "likes a b",
            ),
            "g:13: a template has at most 10 slots",
        ),
        (template("{a:PER}", "likes a"), "g:14: a statement names a relation, a head and a tail"),
        (template("{a:PER}", "likes a b"), "g:14: there is no slot \"b\" before"),
        (template("{a:PER}", "likes a a"), "g:14: likes ties a slot to itself"),
        (
            template("{a:PER} {b:PER}", "loves a b"),
            "g:14: the ontology has no relation type \"loves\"",
        ),
        (
            template("{a:PER} {b:PER}", "liked_by a b"),
            "g:14: liked_by is an inverse; state the other relation, with the ends exchanged",
        ),
        (
            template("{a:PER} {b:DATE}", "likes a b"),
            "g:14: the ontology does not allow likes from PER/any to DATE/day",
        ),
        (
            template("{a:PER} {b:PER}", "likes a b\n  states likes b a"),
            "g:15: likes is the second relation between its two slots",
        ),
        (
            template("{a:PER} {b:PER}", "likes a b often"),
            "g:14: \"often\" is no attribute; use planned, possible, former, negative, \
             optional, time=, amount=, item=, by= or in=",
        ),
        (template("{a:PER} {b:PER}", "likes a b time=a"), "g:14: time is DATE, not PER/any"),
        (
            template("{a:PER} {b:PER} {d:DATE}", "likes a b amount=d"),
            "g:14: amount is MONEY or PERCENT or QUANTITY, not DATE/day",
        ),
    ];
    for (lines, message) in cases {
        assert_eq!(parse(&(GOOD.to_owned() + &lines)).err().as_deref(), Some(message), "{lines}");
    }
    let message = "g:1: \"name\" begins no block; begin with words, class or template";
    assert_eq!(parse("name x").err().as_deref(), Some(message));
}

#[test]
fn there_are_as_many_classes_as_bits() {
    let classes = |count: u32| -> String {
        (0..count).map(|i| format!("class PER/c{i} 1\n  name N{i}\n")).collect()
    };
    assert!(parse(&classes(128)).is_ok());
    assert_eq!(
        parse(&classes(129)).err().as_deref(),
        Some("g:257: there are more than 128 classes")
    );
}
