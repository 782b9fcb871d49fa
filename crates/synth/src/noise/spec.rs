//! The rates of the error model, as a value that prints and parses.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, ErrorKind};

/// A probability.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Rate(f64);

impl Rate {
    /// Never.
    pub const ZERO: Rate = Rate(0.0);
    /// Always.
    pub const ONE: Rate = Rate(1.0);

    /// A number from 0 to 1; `None` for any other.
    ///
    /// ```
    /// use ere_synth::Rate;
    /// assert_eq!(Rate::new(0.25).map(Rate::get), Some(0.25));
    /// assert_eq!(Rate::new(1.5), None);
    /// assert_eq!(Rate::new(f64::NAN), None);
    /// ```
    pub const fn new(rate: f64) -> Option<Rate> {
        // Adding zero turns -0 into 0, which prints without a sign.
        if rate >= 0.0 && rate <= 1.0 { Some(Rate(rate + 0.0)) } else { None }
    }

    /// The number.
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

macro_rules! knobs {
    ($($(#[$doc:meta])* $field:ident $name:literal = $default:literal;)+) => {
        /// How often an invented extractor makes each kind of mistake.
        ///
        /// It prints as `miss=0.12,spurious=0.12,…`, all knobs in the order of their declaration,
        /// and parses back; a knob that is left out of the text is 0. Each draw is independent of
        /// all others, and with one seed the draws for one knob are the same whatever the rates of
        /// the others are.
        ///
        /// ```
        /// use ere_synth::{NoiseSpec, Rate};
        /// let spec: NoiseSpec = "miss=0.5".parse()?;
        /// assert_eq!(spec, NoiseSpec { miss: Rate::new(0.5).unwrap(), ..NoiseSpec::none() });
        /// assert_eq!(spec.to_string().parse::<NoiseSpec>()?, spec);
        /// # Ok::<(), ere_synth::Error>(())
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub struct NoiseSpec {
            $($(#[$doc])* pub $field: Rate,)+
        }

        impl Default for NoiseSpec {
            /// Rates that give a strict mention F1 of 0.75 where gold mentions do not share spans.
            fn default() -> NoiseSpec {
                const { NoiseSpec { $($field: match Rate::new($default) {
                    Some(rate) => rate,
                    None => panic!("defaults lie between 0 and 1"),
                },)+ } }
            }
        }

        impl NoiseSpec {
            /// The names of the knobs, in the order in which they are printed.
            pub const KNOBS: &'static [&'static str] = &[$($name),+];

            /// No mistakes: the prediction is gold.
            pub const fn none() -> NoiseSpec {
                NoiseSpec { $($field: Rate::ZERO,)+ }
            }

            fn rates(&self) -> impl Iterator<Item = (&'static str, Rate)> {
                [$(($name, self.$field)),+].into_iter()
            }

            fn rate_mut(&mut self, knob: &str) -> Option<(&'static str, &mut Rate)> {
                match knob {
                    $($name => Some(($name, &mut self.$field)),)+
                    _ => None,
                }
            }
        }
    };
}

knobs! {
    /// Each gold mention is left out with this probability. An entity that loses all its mentions
    /// is left out too, and so is each relation that loses an end.
    miss "miss" = 0.12;
    /// For each gold mention, a false one is added with this probability: one word that no gold
    /// mention covers, with a random type, in an entity of its own (where gold has entities). A
    /// text that runs out of such words gets fewer.
    spurious "spurious" = 0.12;
    /// Each mention that is kept gets another place with this probability: it begins or ends one
    /// word (where there is none, one character) earlier or later, overlaps its gold mention, and
    /// has the spans of no other mention, gold or predicted. Where there is no such place it is
    /// left out.
    boundary "boundary" = 0.07;
    /// Each mention that is kept, and each entity that is kept, gets another type of the ontology
    /// with this probability; mentions and entities independently of each other.
    type_ "type" = 0.08;
    /// Each gold relation is left out with this probability. This knob and the three that follow
    /// act on mention relations and on entity relations alike.
    relation_miss "relation-miss" = 0.2;
    /// For each gold relation, a false one is added with this probability: random ends among what
    /// is kept of gold, and a random type that the ontology allows between them, by itself neither
    /// a gold relation nor implied by one. None is added where eight random pairs of ends admit no
    /// such type.
    relation_spurious "relation-spurious" = 0.15;
    /// Each relation that is kept gets another type with this probability, one that the ontology
    /// allows between its ends if there is one. It is never a right answer: neither the same
    /// relation nor another gold relation, nor implied by one.
    relation_label "relation-label" = 0.08;
    /// Each relation that is kept has its ends exchanged with this probability, which is harmless
    /// where it is symmetric. A relation that would become another gold one is left out.
    relation_flip "relation-flip" = 0.04;
    /// Each entity that keeps two mentions or more is split in two with this probability: the first
    /// mention goes to one part, the last to the other, and those between to either. Each end of
    /// each relation goes to either.
    split "split" = 0.1;
    /// Each entity is merged with the entity before it that has the same types with this
    /// probability. Relations within the merged entity are left out, and so are those that become
    /// equal to one that stands already.
    merge "merge" = 0.05;
    /// Each predicted mention and each relation is listed a second time with this probability.
    duplicate "duplicate" = 0.0;
    /// The type of each predicted mention, entity and relation becomes one that the ontology does
    /// not have with this probability, whatever it was before ([`super::ALIEN_ENTITY`],
    /// [`super::ALIEN_RELATION`]).
    alien "alien" = 0.0;
}

impl fmt::Display for NoiseSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, (knob, rate)) in self.rates().enumerate() {
            let comma = if position == 0 { "" } else { "," };
            write!(f, "{comma}{knob}={rate}")?;
        }
        Ok(())
    }
}

impl FromStr for NoiseSpec {
    type Err = Error;

    fn from_str(text: &str) -> Result<NoiseSpec, Error> {
        let mut spec = NoiseSpec::none();
        let mut seen = Vec::new();
        for part in text.split(',').map(str::trim).filter(|_| !text.trim().is_empty()) {
            let (name, value) = part
                .split_once('=')
                .ok_or_else(|| ErrorKind::NotAPair { found: part.to_owned() })?;
            let (knob, rate) = spec.rate_mut(name.trim()).ok_or_else(|| {
                let known = NoiseSpec::KNOBS.to_vec();
                ErrorKind::UnknownKnob { found: name.trim().to_owned(), known }
            })?;
            if seen.contains(&knob) {
                return Err(ErrorKind::RepeatedKnob { knob }.into());
            }
            seen.push(knob);
            let found = value.trim();
            *rate = found
                .parse()
                .ok()
                .and_then(Rate::new)
                .ok_or_else(|| ErrorKind::BadRate { knob, found: found.to_owned() })?;
        }
        Ok(spec)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_default_prints_all_knobs() {
        assert_eq!(
            NoiseSpec::default().to_string(),
            "miss=0.12,spurious=0.12,boundary=0.07,type=0.08,relation-miss=0.2,\
             relation-spurious=0.15,relation-label=0.08,relation-flip=0.04,split=0.1,merge=0.05,\
             duplicate=0,alien=0"
        );
    }

    #[test]
    fn what_is_left_out_is_zero() {
        assert_eq!("".parse::<NoiseSpec>().unwrap(), NoiseSpec::none());
        let spec: NoiseSpec = " type = 1 , miss=0.5".parse().unwrap();
        let expected =
            NoiseSpec { type_: Rate::ONE, miss: Rate::new(0.5).unwrap(), ..NoiseSpec::none() };
        assert_eq!(spec, expected);
    }

    #[test]
    fn errors_name_what_is_allowed() {
        let cases = [
            ("miss", r#"noise "miss" is not of the form knob=rate, for example miss=0.1"#),
            ("miss=0.1,", r#"noise "" is not of the form knob=rate, for example miss=0.1"#),
            (
                "mis=0.1",
                "noise has no knob \"mis\"; the knobs are miss, spurious, boundary, type, \
                 relation-miss, relation-spurious, relation-label, relation-flip, split, merge, \
                 duplicate, alien",
            ),
            ("miss=0.1,miss=0.2", "noise sets miss twice; give each knob one rate"),
            ("miss=1.1", r#"noise sets miss to "1.1"; a rate is a number from 0 to 1"#),
            ("type=-0.1", r#"noise sets type to "-0.1"; a rate is a number from 0 to 1"#),
            ("merge=NaN", r#"noise sets merge to "NaN"; a rate is a number from 0 to 1"#),
            ("split=", r#"noise sets split to ""; a rate is a number from 0 to 1"#),
        ];
        for (text, message) in cases {
            assert_eq!(text.parse::<NoiseSpec>().unwrap_err().to_string(), message, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_parses_back(rates in proptest::array::uniform12(0.0..=1.0f64)) {
            let mut spec = NoiseSpec::none();
            for (knob, rate) in NoiseSpec::KNOBS.iter().zip(rates) {
                *spec.rate_mut(knob).unwrap().1 = Rate::new(rate).unwrap();
            }
            prop_assert_eq!(spec.to_string().parse::<NoiseSpec>().unwrap(), spec);
        }
    }
}
