//! The text that identifies what a score measured.

use std::fmt;
use std::str::FromStr;

/// What a score measured, as `key=value` pairs. Pairs before `||` decide whether two scores may be
/// compared; those behind it say how the estimate was made.
///
/// ```
/// use ere_eval::Signature;
/// let text = "erebench/1|view=relation.anchored|avg=micro|track=text|data=newswire@0.1.0:test#9f2c41d0\
///             |onto=newswire@1.0#51aa02c7|map=none|resolve=no|dup=collapse|missing=empty|zero=undefined\
///             ||ci=bca:1000:seed0|v=0.1.0";
/// let signature: Signature = text.parse().unwrap();
/// assert_eq!(signature.to_string(), text);
/// assert_eq!(signature.get("track"), Some("text"));
/// let mut other = signature.clone();
/// other.set_estimate("ci", "none");
/// assert!(signature.is_comparable(&other));
/// other.set("view", "mention.strict");
/// assert_eq!(signature.differences(&other), ["view"]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signature {
    comparable: Vec<(String, String)>,
    estimate: Vec<(String, String)>,
}

const HEAD: &str = "erebench/1";

impl Default for Signature {
    fn default() -> Self {
        Signature::new()
    }
}

impl Signature {
    /// A signature that says nothing yet.
    pub fn new() -> Signature {
        Signature { comparable: Vec::new(), estimate: Vec::new() }
    }

    /// Sets a key that decides whether scores may be compared. New keys go to the end.
    pub fn set(&mut self, key: &str, value: &str) -> &mut Signature {
        put(&mut self.comparable, key, value);
        self
    }

    /// Sets a key that says how the estimate was made.
    pub fn set_estimate(&mut self, key: &str, value: &str) -> &mut Signature {
        put(&mut self.estimate, key, value);
        self
    }

    /// Sets every key of another signature.
    pub fn extend(&mut self, other: &Signature) -> &mut Signature {
        for (mine, theirs) in
            [(&mut self.comparable, &other.comparable), (&mut self.estimate, &other.estimate)]
        {
            mine.retain(|pair| theirs.iter().all(|other| other.0 != pair.0));
            mine.extend(theirs.iter().cloned());
        }
        self
    }

    /// The value of a key, of either part.
    pub fn get(&self, key: &str) -> Option<&str> {
        let pairs = self.comparable.iter().chain(&self.estimate);
        pairs.into_iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// Whether two scores with these signatures measured the same thing.
    pub fn is_comparable(&self, other: &Signature) -> bool {
        self.differences(other).is_empty()
    }

    /// The keys of the comparable part in which two signatures differ, in order.
    pub fn differences<'a>(&'a self, other: &'a Signature) -> Vec<&'a str> {
        let both = self.comparable.iter().chain(&other.comparable);
        let mut keys: Vec<&str> = Vec::new();
        for (key, value) in both {
            let pair = (key.clone(), value.clone());
            let is_shared = self.comparable.contains(&pair) && other.comparable.contains(&pair);
            if !is_shared && !keys.contains(&key.as_str()) {
                keys.push(key);
            }
        }
        keys
    }
}

fn put(pairs: &mut Vec<(String, String)>, key: &str, value: &str) {
    let value = escape(value);
    match pairs.iter_mut().find(|pair| pair.0 == key) {
        Some(pair) => pair.1 = value,
        None => pairs.push((key.to_owned(), value)),
    }
}

/// Keeps the grammar's own characters out of values.
fn escape(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for character in value.chars() {
        match character {
            '|' | '=' | '%' => escaped += &format!("%{:02X}", character as u32),
            c if c.is_control() || c.is_whitespace() => escaped.push('_'),
            c => escaped.push(c),
        }
    }
    escaped
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HEAD)?;
        for (key, value) in &self.comparable {
            write!(f, "|{key}={value}")?;
        }
        if !self.estimate.is_empty() {
            f.write_str("|")?;
        }
        for (key, value) in &self.estimate {
            write!(f, "|{key}={value}")?;
        }
        Ok(())
    }
}

/// A text that is no signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseSignatureError(String);

impl fmt::Display for ParseSignatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no signature: {}; expected {HEAD}|key=value|…||key=value|…", self.0)
    }
}

impl std::error::Error for ParseSignatureError {}

impl FromStr for Signature {
    type Err = ParseSignatureError;

    fn from_str(text: &str) -> Result<Signature, ParseSignatureError> {
        let wrong = |message: String| ParseSignatureError(message);
        let rest = text
            .strip_prefix(HEAD)
            .ok_or_else(|| wrong(format!("{text:?} does not begin with {HEAD}")))?;
        let (comparable, estimate) = rest.split_once("||").unwrap_or((rest, ""));
        let comparable = match comparable.strip_prefix('|') {
            Some(comparable) => comparable,
            None if comparable.is_empty() => "",
            None => return Err(wrong(format!("`|` must follow {HEAD}"))),
        };
        Ok(Signature { comparable: pairs(comparable)?, estimate: pairs(estimate)? })
    }
}

fn pairs(text: &str) -> Result<Vec<(String, String)>, ParseSignatureError> {
    let parts = text.split('|').filter(|_| !text.is_empty());
    let mut pairs: Vec<(String, String)> = Vec::new();
    for part in parts {
        let (key, value) = part
            .split_once('=')
            .ok_or_else(|| ParseSignatureError(format!("{part:?} is no key=value")))?;
        if key.is_empty() || pairs.iter().any(|pair| pair.0 == key) {
            return Err(ParseSignatureError(format!("the key {key:?} is empty or stands twice")));
        }
        pairs.push((key.to_owned(), value.to_owned()));
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_cannot_break_the_grammar() {
        let mut signature = Signature::new();
        signature.set("data", "a|b=c%d e").set_estimate("v", "1");
        let printed = signature.to_string();
        assert_eq!(printed, "erebench/1|data=a%7Cb%3Dc%25d_e||v=1");
        assert_eq!(printed.parse::<Signature>(), Ok(signature));
    }

    #[test]
    fn what_is_no_signature_is_refused() {
        for text in ["", "erebench/2|a=b", "erebench/1a=b", "erebench/1|a", "erebench/1|a=1|a=2"] {
            assert!(text.parse::<Signature>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_key_that_only_one_side_has_is_a_difference() {
        let mut one = Signature::new();
        one.set("view", "x");
        let mut two = one.clone();
        two.set("slice", "type:PER");
        assert_eq!(one.differences(&two), ["slice"]);
        assert_eq!(two.differences(&one), ["slice"]);
    }
}
