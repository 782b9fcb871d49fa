//! `null`: predicts nothing. What it takes is the price of the harness.

use ere_dataset::Given;
use ere_dataset::text::sha256_hex;

use crate::extractor::{Description, Direct, Extractor, Failure, Session};
use crate::input::Input;

pub(super) struct Null(Description);

impl Null {
    pub(super) fn new() -> Null {
        Null(Description {
            name: "null".to_owned(),
            version: "1".to_owned(),
            digest: sha256_hex(b"null 1"),
            tracks: vec![Given::Text, Given::Mentions, Given::Entities],
            resolves_coreference: false,
            characters_max: None,
        })
    }
}

impl Extractor for Null {
    fn description(&self) -> &Description {
        &self.0
    }

    fn start(&self) -> Result<Box<dyn Session + Send + '_>, Failure> {
        Ok(Box::new(Direct(|input: &Input<'_>| Ok(input.empty_prediction()))))
    }
}
