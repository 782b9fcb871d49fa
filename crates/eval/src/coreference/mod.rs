//! Coreference views: entities as sets of places.
//!
//! Every metric is a function of one table: how large the entities of both sides are, and how many
//! places each pair of them shares ([`Contingency`]). It is made once for a document; its entities
//! are numbered in text order, so that sums of fractions come out the same, to the last digit, from
//! lists in any order.

pub(crate) mod b_cubed;
pub(crate) mod blanc;
pub(crate) mod ceaf;
pub(crate) mod lea;
pub(crate) mod muc;

use ere_dataset::{Document, Layer, Prediction};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::place::{Entry, Places, Side};
use crate::tally::Tally;

/// Whether entities of one mention take part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Singletons {
    /// They do.
    Kept,
    /// They are left out of gold and of the prediction.
    Dropped,
}

impl Singletons {
    /// The name in protocols and signatures.
    pub fn name(self) -> &'static str {
        match self {
            Singletons::Kept => "kept",
            Singletons::Dropped => "dropped",
        }
    }
}

/// Gold and predicted entities of a document, and what they share.
pub(crate) struct Contingency {
    /// Places of each gold entity, at least one.
    gold_sizes: Vec<u32>,
    /// Places of each predicted entity, at least one.
    pred_sizes: Vec<u32>,
    /// Pairs that share places, ordered by gold entity, then by predicted entity.
    cells: Vec<Cell>,
}

/// How many places a gold and a predicted entity share: at least one.
#[derive(Clone, Copy)]
struct Cell {
    gold: u32,
    pred: u32,
    shared: u32,
}

impl Contingency {
    /// What the views count. Mentions of no entity do not take part, nor do
    /// places that gold calls optional, on either side. A predicted mention that could not be
    /// understood is an entity of its own that shares nothing.
    pub(crate) fn of(
        gold: &Document,
        pred: &Prediction,
        places: &Places,
        singletons: Singletons,
    ) -> Contingency {
        let optional = places.optional();
        let gold_entities = Entities::of(gold, &places.gold, &optional);
        let mut pred_entities = Entities::of(&pred.document, &places.pred, &optional);
        if singletons == Singletons::Dropped {
            return Contingency::between(
                gold_entities.without_singletons(),
                pred_entities.without_singletons(),
            );
        }
        let malformed = pred.malformed.iter().filter(|item| item.layer == Layer::Mentions).count();
        pred_entities.sizes.extend(std::iter::repeat_n(1, malformed));
        Contingency::between(gold_entities, pred_entities)
    }

    /// What the reference scorers count: every mention of an entity.
    pub(crate) fn of_all(gold: &Document, pred: &Document, singletons: Singletons) -> Contingency {
        let places = Places::of(gold, pred);
        let none = vec![false; places.count as usize];
        let entities = |document, side| {
            let entities = Entities::of(document, side, &none);
            match singletons {
                Singletons::Kept => entities,
                Singletons::Dropped => entities.without_singletons(),
            }
        };
        Contingency::between(entities(gold, &places.gold), entities(pred, &places.pred))
    }

    fn between(gold: Entities, pred: Entities) -> Contingency {
        let mut pairs: Vec<(u32, u32)> = Vec::with_capacity(gold.claims.len());
        let mut rest = pred.claims.iter().peekable();
        for claim in &gold.claims {
            while rest.next_if(|other| other.place < claim.place).is_some() {}
            if let Some(other) = rest.next_if(|other| other.place == claim.place) {
                pairs.push((claim.entity, other.entity));
            }
        }
        pairs.sort_unstable();
        let cell = |same: &[(u32, u32)]| Cell {
            gold: same[0].0,
            pred: same[0].1,
            shared: same.len() as u32,
        };
        let cells = pairs.chunk_by(PartialEq::eq).map(cell).collect();
        Contingency { gold_sizes: gold.sizes, pred_sizes: pred.sizes, cells }
    }

    /// The places themselves, whatever entity they are in.
    pub(crate) fn places(&self) -> Tally {
        let shared = f64::from(self.cells.iter().map(|cell| cell.shared).sum::<u32>());
        Tally {
            precision_numerator: shared,
            precision_denominator: sum(&self.pred_sizes),
            recall_numerator: shared,
            recall_denominator: sum(&self.gold_sizes),
        }
    }

    fn gold_size(&self, cell: &Cell) -> u32 {
        self.gold_sizes[cell.gold as usize]
    }

    fn pred_size(&self, cell: &Cell) -> u32 {
        self.pred_sizes[cell.pred as usize]
    }
}

fn sum(sizes: &[u32]) -> f64 {
    sizes.iter().map(|size| f64::from(*size)).sum()
}

/// The entities of one side, numbered in the order in which their first places stand in the text.
struct Entities {
    /// In text order, each place once.
    claims: Vec<Claim>,
    sizes: Vec<u32>,
}

/// That a place is in an entity.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Claim {
    place: u32,
    entity: u32,
}

const NONE: u32 = u32::MAX;

impl Entities {
    fn of(document: &Document, side: &Side, without: &[bool]) -> Entities {
        let claim = |entry: &Entry| {
            let entity = document.mentions[entry.mention.index()].entity?;
            let place = entry.place;
            (!without[place as usize]).then_some(Claim { place, entity: entity.0 })
        };
        let mut claims: Vec<Claim> = side.entries.iter().filter_map(claim).collect();
        if claims.windows(2).any(|pair| pair[0].place == pair[1].place) {
            claims.sort_unstable();
            claims.dedup();
            settle(&mut claims);
        }
        number(claims, document.entities.len())
    }

    fn without_singletons(mut self) -> Entities {
        self.claims.retain(|claim| self.sizes[claim.entity as usize] > 1);
        number(self.claims, self.sizes.len())
    }
}

/// Gives each place to one of the entities that claim it: to the one of most places; of those, to the
/// one whose places come first in the text. Entities that are equal in that have the same places, and
/// one of them takes all.
fn settle(claims: &mut Vec<Claim>) {
    let mut by_entity = claims.clone();
    by_entity.sort_unstable_by_key(|claim| (claim.entity, claim.place));
    let mut entities: Vec<&[Claim]> = by_entity.chunk_by(|a, b| a.entity == b.entity).collect();
    let place = |claim: &Claim| claim.place;
    entities.sort_by(|a, b| {
        let earlier = || a.iter().map(place).cmp(b.iter().map(place));
        b.len().cmp(&a.len()).then_with(earlier)
    });
    let ranks = entities.iter().enumerate().map(|(rank, entity)| (entity[0].entity, rank));
    let ranks: FxHashMap<u32, usize> = ranks.collect();
    claims.sort_unstable_by_key(|claim| (claim.place, ranks[&claim.entity]));
    claims.dedup_by_key(|claim| claim.place);
}

/// Numbers entities by their first places, and counts their places.
fn number(mut claims: Vec<Claim>, entities: usize) -> Entities {
    let mut numbers = vec![NONE; entities];
    let mut sizes: Vec<u32> = Vec::new();
    for claim in &mut claims {
        let number = &mut numbers[claim.entity as usize];
        if *number == NONE {
            *number = sizes.len() as u32;
            sizes.push(0);
        }
        claim.entity = *number;
        sizes[*number as usize] += 1;
    }
    Entities { claims, sizes }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use ere_dataset::{Entity, EntityIdx, Mention, Span, Vocabulary};
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Table {
        case: Vec<Case>,
    }

    /// Each metric: precision's numerator and denominator, then recall's.
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Case {
        name: String,
        gold: Vec<String>,
        pred: Vec<String>,
        muc: [String; 4],
        b3: [String; 4],
        ceafm: [String; 4],
        ceafe: [String; 4],
        lea: [String; 4],
        /// Links within entities.
        blanc_coreferent: [String; 4],
        /// Links between entities.
        blanc_separate: [String; 4],
    }

    /// Entities written as words: each letter is a place.
    pub(super) fn document(entities: &[impl AsRef<str>]) -> Document {
        let label = Vocabulary::default().intern("PER");
        let mut document = Document::default();
        for (entity, letters) in entities.iter().enumerate() {
            document.entities.push(Entity::default());
            for letter in letters.as_ref().bytes() {
                let at = u32::from(letter);
                let span = Span::new(at, at + 1).expect("one byte");
                let mention = Mention::new(span, label).of(EntityIdx(entity as u32));
                document.mentions.push(mention);
            }
        }
        document
    }

    pub(super) fn contingency(gold: &[&str], pred: &[&str]) -> Contingency {
        Contingency::of_all(&document(gold), &document(pred), Singletons::Kept)
    }

    fn tally(numbers: &[String; 4]) -> Tally {
        let number = |text: &String| {
            let (above, below) = text.split_once('/').unwrap_or((text, "1"));
            above.parse::<f64>().unwrap() / below.parse::<f64>().unwrap()
        };
        let [a, b, c, d] = [0, 1, 2, 3].map(|at| number(&numbers[at]));
        Tally {
            precision_numerator: a,
            precision_denominator: b,
            recall_numerator: c,
            recall_denominator: d,
        }
    }

    fn assert_near(found: Tally, expected: Tally, what: &str) {
        let numbers = |tally: Tally| {
            [
                tally.precision_numerator,
                tally.precision_denominator,
                tally.recall_numerator,
                tally.recall_denominator,
            ]
        };
        for (found, expected) in numbers(found).into_iter().zip(numbers(expected)) {
            assert!((found - expected).abs() < 1e-12, "{what}: {found}, expected {expected}");
        }
    }

    #[test]
    fn counted_by_hand() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/coreference.toml");
        let table: Table = toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        for case in table.case {
            let (gold, pred) = (document(&case.gold), document(&case.pred));
            let table = Contingency::of_all(&gold, &pred, Singletons::Kept);
            let links = blanc::tally(&table);
            for (metric, found, expected) in [
                ("muc", muc::tally(&table), &case.muc),
                ("b3", b_cubed::tally(&table), &case.b3),
                ("ceafm", ceaf::mentions(&table), &case.ceafm),
                ("ceafe", ceaf::entities(&table), &case.ceafe),
                ("lea", lea::tally(&table), &case.lea),
                ("blanc_coreferent", links.coreferent, &case.blanc_coreferent),
                ("blanc_separate", links.separate, &case.blanc_separate),
            ] {
                assert_near(found, tally(expected), &format!("{}: {metric}", case.name));
            }
        }
    }

    #[test]
    fn dropped_singletons_are_gone_from_both_sides() {
        let (gold, pred) = (document(&["ab", "c", "d"]), document(&["a", "bc", "d"]));
        let table = Contingency::of_all(&gold, &pred, Singletons::Dropped);
        assert_eq!((table.gold_sizes, table.pred_sizes), (vec![2], vec![2]));
        assert_eq!(table.cells.len(), 1);
    }

    fn sizes(document: &Document) -> Vec<u32> {
        Contingency::of_all(document, document, Singletons::Kept).gold_sizes
    }

    #[test]
    fn a_place_that_two_entities_claim_goes_to_the_larger_one_then_to_the_earlier_one() {
        for entities in [["ab", "bcd", "de"], ["de", "bcd", "ab"]] {
            let document = document(&entities);
            assert_eq!(sizes(&document), [1, 3, 1], "a, bcd, e");
        }
        for entities in [["bc", "ab"], ["ab", "bc"]] {
            let document = document(&entities);
            assert_eq!(sizes(&document), [2, 1], "ab, c");
        }
        let twins = document(&["ab", "ab"]);
        assert_eq!(sizes(&twins), [2]);
    }
}
