//! The messages of `ere/1`. `docs/protocol.md` describes them.

use std::borrow::Cow;

use ere_dataset::{Form, Given, Label, Mention, Ontology, Vocabulary};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::offsets::{Converter, OffsetUnit};
use crate::extractor::{Failure, FailureKind};
use crate::input::{Input, Material};

/// The name of the protocol and its version.
pub(super) const PROTOCOL: &str = "ere/1";

/// What the harness says.
#[derive(Serialize)]
#[serde(tag = "op", rename_all = "lowercase")]
pub(super) enum Request<'a> {
    Hello {
        protocol: &'static str,
        harness: &'static str,
    },
    Load {
        track: Given,
        seed: u64,
        threads: usize,
        config: &'a serde_json::Value,
        ontology: LoadOntology<'a>,
    },
    Doc {
        id: &'a str,
        text: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        sentences: Option<Vec<[u64; 2]>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        mentions: Option<Vec<DocMention>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        entities: Option<Vec<DocEntity>>,
    },
    Bye,
}

impl Request<'_> {
    pub(super) fn line(&self) -> String {
        serde_json::to_string(self).expect("messages have string keys and finite numbers") + "\n"
    }
}

#[derive(Serialize)]
pub(super) struct LoadOntology<'a> {
    name: &'a str,
    version: &'a str,
    entities: Vec<LoadEntity<'a>>,
    relations: Vec<LoadRelation<'a>>,
}

#[derive(Serialize)]
struct LoadEntity<'a> {
    #[serde(rename = "type")]
    name: &'a str,
    definition: &'a str,
    example: &'a str,
    value: bool,
}

#[derive(Serialize)]
struct LoadRelation<'a> {
    #[serde(rename = "type")]
    name: &'a str,
    family: &'a str,
    definition: &'a str,
    example: &'a str,
    signatures: Vec<LoadSignature>,
    symmetric: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    inverse_of: Option<String>,
    implies: Vec<String>,
}

#[derive(Serialize)]
struct LoadSignature {
    head: Vec<String>,
    tail: Vec<String>,
}

impl<'a> LoadOntology<'a> {
    pub(super) fn of(ontology: &'a Ontology, vocabulary: &Vocabulary) -> LoadOntology<'a> {
        let name = |label: &Label| vocabulary.name(*label).to_string();
        let entities = ontology.entities.iter().map(|entity| LoadEntity {
            name: &entity.name,
            definition: &entity.definition,
            example: &entity.example,
            value: entity.is_value,
        });
        let relations = ontology.relations.iter().map(|relation| LoadRelation {
            name: &relation.name,
            family: &relation.family,
            definition: &relation.definition,
            example: &relation.example,
            signatures: relation
                .signatures
                .iter()
                .map(|signature| LoadSignature {
                    head: signature.head.iter().map(name).collect(),
                    tail: signature.tail.iter().map(name).collect(),
                })
                .collect(),
            symmetric: relation.symmetric,
            inverse_of: relation.inverse_of.as_ref().map(name),
            implies: relation.implies.iter().map(name).collect(),
        });
        LoadOntology {
            name: &ontology.name,
            version: &ontology.version,
            entities: entities.collect(),
            relations: relations.collect(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct DocMention {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    spans: Vec<[u64; 2]>,
    #[serde(rename = "type")]
    label: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    form: Option<Form>,
}

#[derive(Serialize)]
pub(super) struct DocEntity {
    id: String,
    types: Vec<String>,
    mentions: Vec<String>,
}

/// The id of a given mention or entity: `m0`, `e3`.
pub(super) fn given_id(kind: char, position: usize) -> String {
    format!("{kind}{position}")
}

/// The `doc` message for an input.
pub(super) fn doc(input: &Input<'_>, offsets: &Converter, vocabulary: &Vocabulary) -> String {
    let sentences = input.sentences.map(|s| s.iter().map(|span| offsets.offsets(*span)).collect());
    let mention = |(position, mention): (usize, &Mention)| {
        let spans: Vec<[u64; 2]> =
            mention.spans.as_slice().iter().map(|span| offsets.offsets(*span)).collect();
        let single = (!mention.spans.is_discontinuous()).then(|| spans[0]);
        DocMention {
            id: given_id('m', position),
            start: single.map(|[start, _]| start),
            end: single.map(|[_, end]| end),
            spans: if single.is_some() { Vec::new() } else { spans },
            label: vocabulary.name(mention.label).to_string(),
            form: mention.form,
        }
    };
    let (mentions, entities) = match &input.given {
        Material::Text => (None, None),
        Material::Mentions(mentions) => (Some(mentions), None),
        Material::Entities { mentions, entities } => {
            let mut entities: Vec<DocEntity> = entities
                .iter()
                .enumerate()
                .map(|(position, entity)| DocEntity {
                    id: given_id('e', position),
                    types: entity.labels.iter().map(|l| vocabulary.name(*l).to_string()).collect(),
                    mentions: Vec::new(),
                })
                .collect();
            for (position, mention) in mentions.iter().enumerate() {
                if let Some(entity) = mention.entity {
                    entities[entity.index()].mentions.push(given_id('m', position));
                }
            }
            (Some(mentions), Some(entities))
        }
    };
    let mentions = mentions.map(|mentions| mentions.iter().enumerate().map(mention).collect());
    let (id, text) = (input.id, input.text.as_str());
    Request::Doc { id, text, sentences, mentions, entities }.line()
}

/// What a program says: any message, its lists still unread.
#[derive(Deserialize)]
pub(super) struct Reply<'a> {
    #[serde(borrow)]
    op: Cow<'a, str>,
    #[serde(default, borrow)]
    pub(super) id: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    pub(super) mentions: Option<Vec<&'a RawValue>>,
    #[serde(default, borrow)]
    pub(super) clusters: Vec<&'a RawValue>,
    #[serde(default, borrow)]
    pub(super) relations: Vec<&'a RawValue>,
    #[serde(default, borrow)]
    pub(super) links: Vec<&'a RawValue>,
    #[serde(default, borrow)]
    kind: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    message: Option<Cow<'a, str>>,
}

impl<'a> Reply<'a> {
    /// Reads a line that must be `expected`, or an `error`.
    ///
    /// # Errors
    /// Any other line.
    pub(super) fn parse(line: &'a str, expected: &str) -> Result<Reply<'a>, Failure> {
        let reply: Reply<'_> = serde_json::from_str(line).map_err(|error| {
            let start: String = line.chars().take(200).collect();
            protocol(format!("expected one JSON message a line, found {start:?}: {error}"))
        })?;
        match reply.op.as_ref() {
            op if op == expected || op == "error" => Ok(reply),
            op => Err(protocol(format!("expected the message {expected:?}, found {op:?}"))),
        }
    }

    /// The failure that the program states, if it does.
    pub(super) fn stated_failure(&self) -> Option<Failure> {
        if self.op != "error" {
            return None;
        }
        let named = self.kind.as_deref().and_then(FailureKind::from_name);
        let kind = named.unwrap_or(FailureKind::Internal);
        let message = self.message.as_deref().unwrap_or("the extractor gave no message");
        Some(Failure::new(kind, message))
    }
}

/// How a program presents itself.
#[derive(Clone, Deserialize)]
pub(super) struct Hello {
    pub(super) protocol: String,
    pub(super) name: String,
    pub(super) version: String,
    pub(super) offsets: OffsetUnit,
    #[serde(default = "text_only")]
    pub(super) tracks: Vec<Given>,
    #[serde(default)]
    pub(super) coreference: bool,
    #[serde(default)]
    pub(super) characters_max: Option<u64>,
    #[serde(default)]
    pub(super) artifacts: serde_json::Value,
}

fn text_only() -> Vec<Given> {
    vec![Given::Text]
}

impl Hello {
    pub(super) fn parse(line: &str) -> Result<Hello, Failure> {
        let reply = Reply::parse(line, "hello")?;
        if let Some(failure) = reply.stated_failure() {
            return Err(failure);
        }
        let hello: Hello = serde_json::from_str(line)
            .map_err(|error| protocol(format!("the message \"hello\" is incomplete: {error}")))?;
        if hello.protocol == PROTOCOL {
            Ok(hello)
        } else {
            Err(protocol(format!("expected the protocol {PROTOCOL:?}, found {:?}", hello.protocol)))
        }
    }
}

pub(super) fn protocol(message: String) -> Failure {
    Failure::new(FailureKind::Protocol, message)
}
