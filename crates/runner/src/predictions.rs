//! The predictions of a run as native lines.

use std::io::{self, Write};

use ere_dataset::wire::{TextPolicy, WireDocument};
use ere_dataset::{Layer, Prediction, Vocabulary};
use serde_json::Value;

use crate::answers::{Answered, Answers};
use crate::run::Watch;

/// Writes what was scored, in the order of documents. A document without an answer has no line.
///
/// Items that were malformed stand at the end of their list as strings that hold their raw text:
/// read again, they are malformed again and count as much as the first time. Those of layers that
/// are not scored are left out.
pub(crate) fn write_predictions(
    out: &mut dyn Write,
    answers: &Answers,
    vocabulary: &Vocabulary,
    watch: &Watch<'_>,
) -> io::Result<()> {
    let mut line = Vec::new();
    for answered in &answers.by_document {
        let Answered::Prediction(prediction) = answered else { continue };
        if watch.is_cancelled() {
            return Err(io::ErrorKind::Interrupted.into());
        }
        line.clear();
        write_line(&mut line, prediction, vocabulary)?;
        out.write_all(&line)?;
    }
    Ok(())
}

fn write_line(
    line: &mut Vec<u8>,
    prediction: &Prediction,
    vocabulary: &Vocabulary,
) -> io::Result<()> {
    let wire = WireDocument::of(&prediction.document, vocabulary, TextPolicy::Omit);
    if prediction.malformed.is_empty() {
        serde_json::to_writer(&mut *line, &wire)?;
    } else {
        let mut value = serde_json::to_value(&wire)?;
        for item in &prediction.malformed {
            let key = match item.layer {
                Layer::Mentions => "mentions",
                Layer::Entities => "entities",
                Layer::MentionRelations => "mention_relations",
                Layer::Relations => "relations",
                Layer::Other => continue,
            };
            let list = value.as_object_mut().expect("a document is an object").entry(key);
            let list = list.or_insert_with(|| Value::Array(Vec::new()));
            list.as_array_mut().expect("layers are lists").push(Value::from(item.raw.as_str()));
        }
        serde_json::to_writer(&mut *line, &value)?;
    }
    line.push(b'\n');
    Ok(())
}

#[cfg(test)]
mod tests {
    use ere_dataset::jsonl;
    use ere_dataset::prediction::RawPrediction;

    use super::*;

    #[test]
    fn a_line_that_is_read_again_is_the_same_prediction() {
        let vocabulary = Vocabulary::default();
        let gold = r#"{"id":"a","text":"Zoë leads Acme.","mentions":[]}"#;
        let gold = jsonl::gold_from_str(gold, &vocabulary).unwrap();
        let cases = [
            r#"{"id":"a"}"#,
            r#"{"id":"a","mentions":[{"start":0,"end":3,"type":"PER"},{"start":10,"end":14,"type":"ORG"}],
                "entities":[{"type":"PER","mentions":[0]},{"mentions":[1]}],
                "relations":[{"head":0,"tail":1,"type":"head_of","confidence":0.30000000000000004}]}"#,
            // Read again, relation 0 to 1 must not find the entity that moved to place 1.
            r#"{"id":"a","mentions":[{"start":0,"end":99,"type":"PER"},{"start":0,"end":3,"type":"PER"}],
                "entities":[{"mentions":[1]},{"colour":1,"mentions":"x"},{"mentions":[]}],
                "mention_relations":[{"head":0,"tail":1,"type":"x"}],
                "relations":[{"head":0,"tail":1,"type":"x"},{"head":0,"tail":2,"type":"x"},7]}"#,
        ];
        for case in cases {
            let read = |line: &str| RawPrediction::parse(line).unwrap().attach(&gold, &vocabulary);
            let first = read(case);
            let mut line = Vec::new();
            write_line(&mut line, &first, &vocabulary).unwrap();
            let second = read(std::str::from_utf8(&line).unwrap());
            assert_eq!(second.document, first.document);
            let layers = |prediction: &Prediction| -> Vec<Layer> {
                prediction.malformed.iter().map(|item| item.layer).collect()
            };
            assert_eq!(layers(&second), layers(&first));
        }
    }
}
