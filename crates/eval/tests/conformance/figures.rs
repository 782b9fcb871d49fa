//! Computed figures, and how they are held against recorded ones.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::corpus::Entry;

/// Computed figures, by the path of their key in the record: `ner.PER.f1`.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    computed: BTreeMap<String, f64>,
    /// Paths that are not figures of the scorer, or known to be bad, each with the reason.
    passed_over: BTreeMap<String, &'static str>,
    tolerances: BTreeMap<String, f64>,
    is_defined_instead: bool,
}

impl Figures {
    /// A figure. Undefined is NaN, which scorers print as the text "nan" or null.
    pub(crate) fn set(&mut self, path: impl Into<String>, value: f64) {
        self.computed.insert(path.into(), value);
    }

    /// A figure that the scorer printed with fewer digits: equal within `tolerance`.
    pub(crate) fn set_within(&mut self, path: impl Into<String>, value: f64, tolerance: f64) {
        let path = path.into();
        self.tolerances.insert(path.clone(), tolerance);
        self.set(path, value);
    }

    /// Everything at or below a path of the record is not compared, for a reason.
    pub(crate) fn pass_over(&mut self, path: impl Into<String>, reason: &'static str) {
        self.passed_over.insert(path.into(), reason);
    }

    /// Where the scorer crashed, ours is a defined result: nothing to compare.
    pub(crate) fn defined_instead_of_a_crash() -> Figures {
        Figures { is_defined_instead: true, ..Figures::default() }
    }

    /// Holds figures against the record. Every number of the record must be computed or passed over,
    /// and every computed one must be in the record.
    pub(crate) fn compare(&self, entry: &Entry) -> Comparison {
        let mut found = Comparison::default();
        let Some(recorded) = &entry.figures else {
            assert!(entry.error.is_some(), "neither figures nor an error");
            if !self.is_defined_instead {
                found.wrong.push("the scorer raised an error".to_owned());
            }
            return found;
        };
        let mut flat = BTreeMap::new();
        flatten("", recorded, &mut flat);
        let is_passed_over = |path: &str| {
            self.passed_over.keys().any(|prefix| {
                path == prefix
                    || path.strip_prefix(prefix.as_str()).is_some_and(|r| r.starts_with('.'))
            })
        };
        for (path, expected) in &flat {
            if is_passed_over(path) {
                found.passed_over += 1;
                continue;
            }
            let Some(computed) = self.computed.get(path) else {
                found.wrong.push(format!("{path} = {expected} is not computed"));
                continue;
            };
            found.compared += 1;
            let tolerance = self.tolerances.get(path).copied().unwrap_or(1e-9);
            let both_nan = computed.is_nan() && expected.is_nan();
            let is_near = (computed - expected).abs() <= tolerance;
            if !both_nan && !is_near {
                found.wrong.push(format!("{path} = {expected}, but computed {computed}"));
            }
        }
        for path in self.computed.keys().filter(|path| !flat.contains_key(*path)) {
            found.wrong.push(format!("{path} is computed but not in the record"));
        }
        found
    }
}

/// What came of a comparison.
#[derive(Debug, Default)]
pub(crate) struct Comparison {
    /// Figures that were compared.
    pub(crate) compared: usize,
    /// Figures that are not compared, for a reason.
    pub(crate) passed_over: usize,
    /// What is wrong, a message each.
    pub(crate) wrong: Vec<String>,
}

/// Numbers by path; the texts "nan" and null are NaN, other texts are no figures.
fn flatten(path: &str, value: &Value, flat: &mut BTreeMap<String, f64>) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| flatten(&below(key), value, flat)),
        Value::Array(list) => {
            for (position, value) in list.iter().enumerate() {
                flatten(&below(&position.to_string()), value, flat);
            }
        }
        Value::Number(number) => {
            flat.insert(path.to_owned(), number.as_f64().expect("a double"));
        }
        Value::Null => {
            flat.insert(path.to_owned(), f64::NAN);
        }
        Value::String(text) if text == "nan" => {
            flat.insert(path.to_owned(), f64::NAN);
        }
        Value::String(_) | Value::Bool(_) => {}
    }
}
