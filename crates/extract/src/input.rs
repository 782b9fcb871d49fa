//! What an extractor sees of a document.

use ere_dataset::{Document, Entity, Given, Mention, Prediction, Span, Text};

/// What an extractor sees of a document: the text, and what its track gives besides.
#[derive(Clone, Debug)]
pub struct Input<'a> {
    /// The document's id, to answer by. It carries no meaning.
    pub id: &'a str,
    /// The text.
    pub text: &'a Text,
    /// Sentences in text order, where the track gives them.
    pub sentences: Option<&'a [Span]>,
    /// Gold mentions or entities, where the track gives them.
    pub given: Material,
}

/// What a track gives besides the text.
#[derive(Clone, Debug, PartialEq)]
pub enum Material {
    /// Nothing.
    Text,
    /// Gold mentions, without their entities. A prediction repeats them as its own, in this order.
    Mentions(Vec<Mention>),
    /// Gold entities and their mentions. A prediction's relations refer to positions in this list of
    /// entities; it has no mentions or entities of its own.
    Entities {
        /// The mentions, each with its entity.
        mentions: Vec<Mention>,
        /// The entities.
        entities: Vec<Entity>,
    },
}

impl<'a> Input<'a> {
    /// What an extractor may see of a gold document on a track. Never zones, relations, links or
    /// flags; sentences only where mentions or entities are given too.
    pub fn of(gold: &'a Document, given: Given) -> Input<'a> {
        let (id, text) = (&*gold.id, &gold.text);
        let sentences = Some(gold.sentences.as_slice())
            .filter(|sentences| given != Given::Text && !sentences.is_empty());
        Input { id, text, sentences, given: Material::of(gold, given) }
    }

    /// A prediction for this input that says nothing yet. On the track that gives mentions, it holds
    /// those already.
    pub fn empty_prediction(&self) -> Prediction {
        let (given, mentions) = match &self.given {
            Material::Text => (Given::Text, Vec::new()),
            Material::Mentions(mentions) => (Given::Mentions, mentions.clone()),
            Material::Entities { .. } => (Given::Entities, Vec::new()),
        };
        let (id, text) = (self.id.into(), self.text.clone());
        let document = Document { id, text, given, mentions, ..Document::default() };
        Prediction { document, ..Prediction::default() }
    }
}

impl Material {
    fn of(gold: &Document, given: Given) -> Material {
        match given {
            Given::Text => Material::Text,
            Given::Mentions => {
                let mentions = gold.mentions.iter().map(bare_mention);
                Material::Mentions(mentions.map(|m| Mention { entity: None, ..m }).collect())
            }
            Given::Entities => Material::Entities {
                mentions: gold.mentions.iter().map(bare_mention).collect(),
                entities: gold.entities.iter().map(bare_entity).collect(),
            },
        }
    }

    /// The track that gives this.
    pub fn track(&self) -> Given {
        match self {
            Material::Text => Given::Text,
            Material::Mentions(_) => Given::Mentions,
            Material::Entities { .. } => Given::Entities,
        }
    }
}

fn bare_mention(mention: &Mention) -> Mention {
    Mention {
        form: mention.form,
        entity: mention.entity,
        ..Mention::new(mention.spans.clone(), mention.label)
    }
}

fn bare_entity(entity: &Entity) -> Entity {
    Entity { labels: entity.labels.clone(), ..Entity::default() }
}

#[cfg(test)]
mod tests {
    use ere_dataset::{Vocabulary, jsonl};

    use super::*;

    #[test]
    fn an_extractor_sees_what_its_track_gives_and_no_more() {
        let line = r#"{"id":"a","text":"Anna leads Acme.","sentences":[[0,16]],
            "zones":[{"start":0,"end":16,"type":"body"}],
            "mentions":[{"start":0,"end":4,"type":"PER","form":"name","link":"Q1","id":"m"},
                        {"start":11,"end":15,"type":"ORG"}],
            "entities":[{"type":"PER","mentions":[0],"links":["Q1"],"id":"anna"},
                        {"type":"ORG","mentions":[1]}],
            "relations":[{"head":0,"tail":1,"type":"head_of"}]}"#;
        let gold = jsonl::gold_from_str(line, &Vocabulary::default()).unwrap();

        let input = Input::of(&gold, Given::Text);
        assert_eq!((input.given, input.sentences), (Material::Text, None));

        let input = Input::of(&gold, Given::Mentions);
        let Material::Mentions(mentions) = &input.given else { panic!("no mentions") };
        assert_eq!(mentions[0].form, gold.mentions[0].form);
        assert!(mentions.iter().all(|m| m.entity.is_none() && m.link.is_none() && m.id.is_none()));
        assert_eq!(input.sentences, Some(&gold.sentences[..]));
        assert_eq!(input.empty_prediction().document.mentions.len(), 2);

        let input = Input::of(&gold, Given::Entities);
        let Material::Entities { mentions, entities } = &input.given else { panic!("no entities") };
        assert_eq!(mentions[0].entity, gold.mentions[0].entity);
        assert!(entities.iter().all(|e| e.links.is_empty() && e.id.is_none()));
        assert!(input.empty_prediction().document.mentions.is_empty());
    }
}
