//! Knobs from the figures of another corpus.

use ere_dataset::Vocabulary;

use super::{Between, Preset, Zones, document};
use crate::grammar::Grammar;
use crate::noise::Rate;
use crate::profile::Profile;

/// How often a corpus is made and the knobs are turned.
const ROUNDS: u64 = 12;
/// How many documents are made each time.
const DOCUMENTS: u64 = 60;
/// The width of an even distribution, in standard deviations.
const WIDTH: f64 = 3.46;
/// The most of what knobs count.
const COUNT_MAX: f64 = 120.0;

impl Preset {
    /// A preset whose documents are like those of a profile in length, density, forms and zones, as
    /// far as the grammar allows.
    ///
    /// Knobs do not say what comes out: what comes out is measured, and the knobs are turned until
    /// it fits. The result depends on the arguments alone.
    pub fn like(profile: &Profile, grammar: &Grammar, vocabulary: &Vocabulary) -> Preset {
        let mut preset = Preset { zones: zones(profile), ..Preset::newswire() };
        for round in 0..ROUNDS {
            let documents: Vec<_> =
                (0..DOCUMENTS).map(|index| document(index, round, &preset, grammar)).collect();
            let made = Profile::of(&documents, vocabulary);
            preset = turned(preset, profile, &made);
        }
        preset
    }
}

fn turned(preset: Preset, wanted: &Profile, made: &Profile) -> Preset {
    let ratio = |name: &str| match made.get(name) {
        0.0 => 1.0,
        value => (wanted.get(name) / value).clamp(0.5, 2.0),
    };
    let [relations, entities] = wanted.spread;
    let entity_ratio = ratio("mean of entities");
    // Sentences of the grammar may be shorter than those of the profile: the middle way.
    let length_ratio = (ratio("mean of words") * ratio("mean of sentences")).sqrt();
    Preset {
        relations: scaled(preset.relations, ratio("mean of relations"), relations),
        things: scaled(preset.things, entity_ratio, entities / 4.0),
        values: scaled(preset.values, entity_ratio, entities / 4.0),
        fillers: moved(preset.fillers, 0.5 * (length_ratio - 1.0)),
        pronouns: moved(preset.pronouns, 0.5 * (ratio("share of pronouns") - 1.0)),
        nominals: moved(preset.nominals, 0.5 * (ratio("share of nominals") - 1.0)),
        ..preset
    }
}

fn scaled(range: Between, by: f64, deviation: f64) -> Between {
    let center = (f64::from(range.from + range.to) / 2.0 * by).clamp(1.0, COUNT_MAX);
    let half = (deviation * WIDTH / 2.0).min(center - 1.0);
    let whole = |value: f64| value.round().clamp(0.0, COUNT_MAX) as u32;
    Between { from: whole(center - half), to: whole(center + half) }
}

fn moved(rate: Rate, by: f64) -> Rate {
    let rate = (rate.get() + by).clamp(0.0, 0.95);
    // Two digits are as exact as the fit is.
    Rate::new((rate * 100.0).round() / 100.0).expect("it lies between 0 and 1")
}

fn zones(profile: &Profile) -> Zones {
    let share = |kind: &str| {
        let share = profile.get(&format!("documents with {kind}"));
        Rate::new((share * 100.0).round() / 100.0).unwrap_or(Rate::ZERO)
    };
    Zones {
        dek: share("dek"),
        caption: share("caption"),
        dateline: share("dateline"),
        // About one paragraph in twelve of a document that has any.
        subheads: Rate::new(share("subhead").get() / 12.0).unwrap_or(Rate::ZERO),
        links: Rate::new(share("related").get() / 15.0).unwrap_or(Rate::ZERO),
        related: Rate::new(share("related").get() / 2.0).unwrap_or(Rate::ZERO),
        credit: share("credit"),
        bio: share("bio"),
        boilerplate: share("boilerplate"),
    }
}
