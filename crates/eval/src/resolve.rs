//! Entities for extractors that find mentions and no coreference: clusters of names, made by the harness.

use ere_dataset::{
    Document, Entity, EntityIdx, Form, Given, Label, Mention, Prediction, Relation, Vocabulary,
};
use rustc_hash::{FxHashMap, FxHashSet};
use unicode_normalization::UnicodeNormalization as _;

use crate::alignment::trim;

/// Whether the harness makes entities for predictions that have none. Part of every signature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Resolve {
    /// Predictions are taken as they are.
    #[default]
    No,
    /// Mentions of one name are one entity.
    Names,
}

impl Resolve {
    /// The value of `resolve` in a signature.
    pub fn name(self) -> &'static str {
        match self {
            Resolve::No => "no",
            Resolve::Names => "names",
        }
    }

    /// Whether predictions are taken as they are.
    pub fn is_no(&self) -> bool {
        *self == Resolve::No
    }

    /// Gives a prediction entities, if it has mentions from text and no entity of its own.
    ///
    /// Names of one type are one entity where their texts are the same after trimming (determiner,
    /// possessive, quotation marks), NFKC and lower case. A person's name of one word (types `PER` and
    /// `PERSON`) joins the one longer name that ends in it, if there is only one. A mention whose form is
    /// not known is a name if it begins with no small letter and is no personal pronoun; every other
    /// mention is an entity of its own. Relations between mentions become relations between their entities,
    /// each once. Linear in mentions and relations.
    ///
    /// ```
    /// use ere_dataset::{Vocabulary, jsonl, prediction::RawPrediction};
    /// use ere_eval::Resolve;
    /// let vocabulary = Vocabulary::default();
    /// let gold = jsonl::gold_from_str(r#"{"id":"a","text":"Anna Berg left. Berg ran."}"#, &vocabulary)?;
    /// let pred = r#"{"id":"a","mentions":[
    ///     {"start":0,"end":9,"type":"PER"},{"start":16,"end":20,"type":"PER"}]}"#;
    /// let mut pred = RawPrediction::parse(pred)?.attach(&gold, &vocabulary);
    /// Resolve::Names.apply(&mut pred, &vocabulary);
    /// assert_eq!(pred.document.entities.len(), 1);
    /// # Ok::<(), ere_dataset::Error>(())
    /// ```
    pub fn apply(self, prediction: &mut Prediction, vocabulary: &Vocabulary) {
        let document = &mut prediction.document;
        let has_entities = !document.entities.is_empty();
        if self == Resolve::No || document.given != Given::Text || has_entities {
            return;
        }
        let names = names(document, vocabulary);
        let mut entity_of: FxHashMap<(Label, &str), EntityIdx> = FxHashMap::default();
        for (mention, name) in document.mentions.iter_mut().zip(&names) {
            let next = EntityIdx(document.entities.len() as u32);
            let entity = match name {
                Some(name) => *entity_of.entry((mention.label, name)).or_insert(next),
                None => next,
            };
            if entity == next {
                let labels = [mention.label].into_iter().collect();
                document.entities.push(Entity { labels, ..Entity::default() });
            }
            mention.entity = Some(entity);
        }
        relate(document);
    }
}

/// What each mention is called, if it is a name.
fn names(document: &Document, vocabulary: &Vocabulary) -> Vec<Option<String>> {
    let text = document.text.as_str();
    let name = |mention: &Mention| {
        let written = trim(text, &mention.spans).slice(text)?;
        let folded: String = written.nfkc().collect::<String>().to_lowercase();
        is_name(mention.form, written, &folded).then_some(folded)
    };
    let mut names: Vec<Option<String>> = document.mentions.iter().map(name).collect();
    let is_person = |mention: &Mention| {
        ["PER", "PERSON"].iter().any(|person| *vocabulary.name(mention.label) == **person)
    };
    // The long names that end in a word; `None` where they are several.
    let mut long: FxHashMap<(Label, &str), Option<&str>> = FxHashMap::default();
    let persons = document.mentions.iter().zip(&names).filter(|(mention, _)| is_person(mention));
    for (mention, name) in persons {
        let name = name.as_deref().unwrap_or_default();
        if let Some((_, last)) = name.rsplit_once(char::is_whitespace) {
            let found = long.entry((mention.label, last)).or_insert(Some(name));
            *found = found.filter(|other| *other == name);
        }
    }
    let joined = document.mentions.iter().zip(&names).map(|(mention, name)| {
        let long = long.get(&(mention.label, name.as_deref()?)).copied().flatten();
        long.filter(|_| is_person(mention)).map(str::to_owned)
    });
    let joined: Vec<Option<String>> = joined.collect();
    for (name, long) in names.iter_mut().zip(joined) {
        if long.is_some() {
            *name = long;
        }
    }
    names
}

const PRONOUNS: [&str; 31] = [
    "he",
    "him",
    "his",
    "himself",
    "she",
    "her",
    "hers",
    "herself",
    "it",
    "its",
    "itself",
    "they",
    "them",
    "their",
    "theirs",
    "themselves",
    "i",
    "me",
    "my",
    "mine",
    "myself",
    "we",
    "us",
    "our",
    "ours",
    "ourselves",
    "you",
    "your",
    "yours",
    "yourself",
    "yourselves",
];

fn is_name(form: Option<Form>, written: &str, folded: &str) -> bool {
    match form {
        Some(form) => form == Form::Name,
        None => {
            written.chars().next().is_some_and(|c| !c.is_lowercase()) && !PRONOUNS.contains(&folded)
        }
    }
}

/// Relations between entities, from those between their mentions.
fn relate(document: &mut Document) {
    let mut seen = FxHashSet::default();
    let entity = |mention: ere_dataset::MentionIdx| document.mentions[mention.index()].entity;
    for relation in &document.mention_relations {
        let (Some(head), Some(tail)) = (entity(relation.head), entity(relation.tail)) else {
            continue;
        };
        if seen.insert((relation.label, head, tail)) {
            document.relations.push(Relation {
                head,
                tail,
                label: relation.label,
                evidence: Vec::new(),
                optional: false,
                confidence: relation.confidence,
                id: None,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use ere_dataset::jsonl;
    use ere_dataset::prediction::RawPrediction;

    use super::*;

    /// Entities as the texts of their mentions, and relations as ends and type.
    fn resolved(
        text: &str,
        mentions: &[(&str, &str, &str)],
        rest: &str,
    ) -> (Vec<String>, Vec<String>) {
        let vocabulary = Vocabulary::default();
        let gold = serde_json::json!({"id": "a", "text": text}).to_string();
        let gold = jsonl::gold_from_str(&gold, &vocabulary).unwrap();
        let mut from = 0;
        let mention = |(written, label, form): &(&str, &str, &str)| {
            let start = from + text[from..].find(written).unwrap();
            from = start + written.len();
            let form = if form.is_empty() { String::new() } else { format!(r#","form":"{form}""#) };
            format!(r#"{{"start":{start},"end":{},"type":"{label}"{form}}}"#, start + written.len())
        };
        let mentions: Vec<String> = mentions.iter().map(mention).collect();
        let line = format!(r#"{{"id":"a","mentions":[{}]{rest}}}"#, mentions.join(","));
        let mut pred = RawPrediction::parse(&line).unwrap().attach(&gold, &vocabulary);
        assert_eq!(pred.malformed, []);
        Resolve::Names.apply(&mut pred, &vocabulary);
        let document = &pred.document;
        let mut entities = vec![String::new(); document.entities.len()];
        for mention in &document.mentions {
            let written = mention.spans.hull().slice(text).unwrap();
            let entity = &mut entities[mention.entity.unwrap().index()];
            *entity = format!("{entity}{}{written}", if entity.is_empty() { "" } else { "|" });
        }
        let relation = |relation: &Relation| {
            let (head, tail) = (relation.head.0, relation.tail.0);
            format!("{}({head}, {tail})", vocabulary.name(relation.label))
        };
        (entities, document.relations.iter().map(relation).collect())
    }

    #[test]
    fn names_that_are_the_same_are_one_entity() {
        let text =
            "Anna Berg of Acme met the Acme's boss. BERG left, he said. Acme ORG. A firm; a firm.";
        let mentions = [
            ("Anna Berg", "PER", ""),
            ("Acme", "ORG", ""),
            ("the Acme's", "ORG", "name"),
            ("BERG", "PER", ""),
            ("he", "PER", ""),
            ("Acme", "PRODUCT", ""),
            ("A firm", "ORG", "nominal"),
            ("a firm", "ORG", ""),
        ];
        let (entities, _) = resolved(text, &mentions, "");
        let expected = ["Anna Berg|BERG", "Acme|the Acme's", "he", "Acme", "A firm", "a firm"];
        assert_eq!(entities, expected);
    }

    #[test]
    fn a_family_name_of_two_persons_joins_neither() {
        let [anna, bo] = [("Anna Berg", "PER", ""), ("Bo Berg", "PER", "")];
        let berg = ("Berg", "PER", "");
        let (entities, _) = resolved("Anna Berg came. Mr Berg won.", &[anna, berg], "");
        assert_eq!(entities, ["Anna Berg|Berg"]);
        let text = "Anna Berg and Bo Berg came. Mr Berg won.";
        let (entities, _) = resolved(text, &[anna, bo, berg], "");
        assert_eq!(entities, ["Anna Berg", "Bo Berg", "Berg"]);
    }

    #[test]
    fn relations_between_mentions_join_their_entities_once() {
        let text = "Bo met Al. Bo met Al.";
        let mentions = [("Bo", "PER", ""), ("Al", "PER", ""), ("Bo", "PER", ""), ("Al", "PER", "")];
        let rest = r#","mention_relations":[{"head":0,"tail":1,"type":"meets"},{"head":2,"tail":3,"type":"meets"}]"#;
        let (entities, relations) = resolved(text, &mentions, rest);
        assert_eq!((entities.len(), relations), (2, vec!["meets(0, 1)".to_owned()]));
    }

    #[test]
    fn entities_of_its_own_are_left_alone() {
        let text = "Bo and Bo.";
        let mentions = [("Bo", "PER", ""), ("Bo", "PER", "")];
        let rest = r#","entities":[{"type":"PER","mentions":[0]},{"type":"PER","mentions":[1]}]"#;
        assert_eq!(resolved(text, &mentions, rest).0, ["Bo", "Bo"]);
    }
}
