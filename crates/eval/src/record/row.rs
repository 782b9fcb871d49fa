//! A score as a JSON object.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::score::{Average, Score};
use crate::slice::Slice;
use crate::statistics::Interval;
use crate::tally::Tally;

/// The keys of a score, in order. Undefined is `null`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    view: String,
    slice: String,
    average: Average,
    precision_numerator: f64,
    precision_denominator: f64,
    recall_numerator: f64,
    recall_denominator: f64,
    tp: Option<u64>,
    fp: Option<u64>,
    r#fn: Option<u64>,
    precision: Option<f64>,
    recall: Option<f64>,
    f1: Option<f64>,
    precision_interval: Option<Interval>,
    recall_interval: Option<Interval>,
    f1_interval: Option<Interval>,
    signature: String,
}

impl Serialize for Score {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Row::of(self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Score {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Score, D::Error> {
        Row::deserialize(deserializer)?.into_score().map_err(D::Error::custom)
    }
}

impl Row {
    fn of(score: &Score) -> Row {
        let counts = counts(score);
        let Tally {
            precision_numerator,
            precision_denominator,
            recall_numerator,
            recall_denominator,
        } = score.tally;
        Row {
            view: score.view.name().to_owned(),
            slice: score.slice.name(),
            average: score.average,
            precision_numerator,
            precision_denominator,
            recall_numerator,
            recall_denominator,
            tp: counts.map(|counts| counts[0]),
            fp: counts.map(|counts| counts[1]),
            r#fn: counts.map(|counts| counts[2]),
            precision: score.precision,
            recall: score.recall,
            f1: score.f1,
            precision_interval: score.precision_interval,
            recall_interval: score.recall_interval,
            f1_interval: score.f1_interval,
            signature: score.signature.to_string(),
        }
    }

    fn into_score(self) -> Result<Score, String> {
        let stated = (self.tp, self.fp, self.r#fn);
        let score = Score {
            view: self.view.parse().map_err(|error| format!("{error}"))?,
            slice: Slice::from_name(&self.slice).ok_or_else(|| {
                format!("no slice {:?}; expected type:…, family:… or outcome:…", self.slice)
            })?,
            average: self.average,
            tally: Tally {
                precision_numerator: self.precision_numerator,
                precision_denominator: self.precision_denominator,
                recall_numerator: self.recall_numerator,
                recall_denominator: self.recall_denominator,
            },
            precision: self.precision,
            recall: self.recall,
            f1: self.f1,
            precision_interval: self.precision_interval,
            recall_interval: self.recall_interval,
            f1_interval: self.f1_interval,
            signature: self.signature.parse().map_err(|error| format!("{error}"))?,
        };
        let follows = counts(&score)
            .map_or((None, None, None), |[tp, fp, r#fn]| (Some(tp), Some(fp), Some(r#fn)));
        match stated == follows {
            true => Ok(score),
            false => Err(format!(
                "tp, fp and fn of {} do not follow from its numerators and denominators",
                score.view
            )),
        }
    }
}

/// True positives, false positives and false negatives, where a score has them: means have none of
/// their own, and some views give fractions of credit.
pub(super) fn counts(score: &Score) -> Option<[u64; 3]> {
    let has_counts = score.average == Average::Micro && score.view.counts_sets();
    let tally = &score.tally;
    has_counts.then(|| [tally.tp(), tally.fp(), tally.r#fn()].map(|count| count as u64))
}
