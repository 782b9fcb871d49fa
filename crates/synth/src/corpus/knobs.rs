//! Presets as text: `things=20..30,pronouns=0.4`.

use std::fmt;

use super::{Between, Preset};
use crate::error::{Error, ErrorKind};
use crate::noise::Rate;

/// The most that a knob can count: a document has at most 128 entities.
const COUNT_MAX: u32 = 128;

/// A knob of a preset.
enum Knob<'a> {
    Range(&'a mut Between),
    Rate(&'a mut Rate),
}

impl Preset {
    /// The knobs, in the order in which a preset is printed.
    pub const KNOBS: [&'static str; 22] = [
        "things",
        "values",
        "relations",
        "fillers",
        "same-subject",
        "pronouns",
        "nominals",
        "short-names",
        "restated",
        "paragraph-ends",
        "distractors",
        "salience",
        "namesakes",
        "dek",
        "caption",
        "dateline",
        "subheads",
        "links",
        "related",
        "credit",
        "bio",
        "boilerplate",
    ];

    fn knob(&mut self, name: &str) -> Option<Knob<'_>> {
        let zones = &mut self.zones;
        Some(match name {
            "things" => Knob::Range(&mut self.things),
            "values" => Knob::Range(&mut self.values),
            "relations" => Knob::Range(&mut self.relations),
            "fillers" => Knob::Rate(&mut self.fillers),
            "same-subject" => Knob::Rate(&mut self.same_subject),
            "pronouns" => Knob::Rate(&mut self.pronouns),
            "nominals" => Knob::Rate(&mut self.nominals),
            "short-names" => Knob::Rate(&mut self.short_names),
            "restated" => Knob::Rate(&mut self.restated),
            "paragraph-ends" => Knob::Rate(&mut self.paragraph_ends),
            "distractors" => Knob::Rate(&mut self.distractors),
            "salience" => Knob::Rate(&mut self.salience),
            "namesakes" => Knob::Rate(&mut self.namesakes),
            "dek" => Knob::Rate(&mut zones.dek),
            "caption" => Knob::Rate(&mut zones.caption),
            "dateline" => Knob::Rate(&mut zones.dateline),
            "subheads" => Knob::Rate(&mut zones.subheads),
            "links" => Knob::Rate(&mut zones.links),
            "related" => Knob::Rate(&mut zones.related),
            "credit" => Knob::Rate(&mut zones.credit),
            "bio" => Knob::Rate(&mut zones.bio),
            "boilerplate" => Knob::Rate(&mut zones.boilerplate),
            _ => return None,
        })
    }

    /// Sets the knobs that a text names, for example `relations=20..30,pronouns=0.4`.
    ///
    /// # Errors
    /// A part that is not `knob=value`, a knob that there is not or that is set twice, a rate that is
    /// not from 0 to 1, a range whose ends are exchanged or over 128.
    pub fn set(&mut self, text: &str) -> Result<(), Error> {
        let mut seen = Vec::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, value) = part
                .split_once('=')
                .ok_or_else(|| ErrorKind::NotAKnob { found: part.to_owned() })?;
            let (name, value) = (name.trim(), value.trim());
            let knob = self.knob(name).ok_or_else(|| ErrorKind::NoKnob {
                found: name.to_owned(),
                known: Preset::KNOBS.to_vec(),
            })?;
            if seen.contains(&name) {
                return Err(ErrorKind::KnobSetTwice { knob: name.to_owned() }.into());
            }
            seen.push(name);
            let wrong =
                |cure| ErrorKind::BadKnob { knob: name.to_owned(), found: value.to_owned(), cure };
            match knob {
                Knob::Rate(rate) => {
                    let parsed = value.parse().ok().and_then(Rate::new);
                    *rate = parsed.ok_or_else(|| wrong("a number from 0 to 1"))?;
                }
                Knob::Range(range) => {
                    const CURE: &str = "a range of numbers up to 128, for example 20..30";
                    *range = between(value).ok_or_else(|| wrong(CURE))?;
                }
            }
        }
        Ok(())
    }
}

/// `20..30`, or `20` for both.
fn between(text: &str) -> Option<Between> {
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    let (from, to) = (from.parse().ok()?, to.parse().ok()?);
    (from <= to && to <= COUNT_MAX).then_some(Between { from, to })
}

impl fmt::Display for Preset {
    /// All knobs, as [`Preset::set`] reads them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut preset = self.clone();
        for (position, name) in Preset::KNOBS.into_iter().enumerate() {
            let comma = if position == 0 { "" } else { "," };
            match preset.knob(name).expect("the list names knobs") {
                Knob::Range(Between { from, to }) => write!(f, "{comma}{name}={from}..{to}")?,
                Knob::Rate(rate) => write!(f, "{comma}{name}={rate}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_print_and_parse() {
        for preset in [Preset::bench(), Preset::newswire()] {
            let mut other = Preset { name: preset.name.clone(), ..Preset::bench() };
            other.set(&preset.to_string()).unwrap();
            assert_eq!(other, preset);
        }
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let cases = [
            ("pronouns", "\"pronouns\" is not of the form knob=value, for example pronouns=0.4"),
            ("pronouns=2", "pronouns cannot be \"2\"; it is a number from 0 to 1"),
            ("pronouns=0,pronouns=1", "pronouns is set twice; give each knob one value"),
            (
                "things=9..3",
                "things cannot be \"9..3\"; it is a range of numbers up to 128, for example 20..30",
            ),
            (
                "things=1..999",
                "things cannot be \"1..999\"; it is a range of numbers up to 128, for example 20..30",
            ),
        ];
        for (text, message) in cases {
            assert_eq!(Preset::newswire().set(text).unwrap_err().to_string(), message);
        }
        let message = Preset::newswire().set("thing=1").unwrap_err().to_string();
        assert!(message.starts_with("there is no knob \"thing\"; there are things, values"));
    }
}
