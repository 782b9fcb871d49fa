//! Coreference views: entities as sets of places.

use ere_dataset::{Document, Layer, Prediction, Spans};
use rustc_hash::FxHashMap;

use crate::tally::Tally;

/// B-cubed (Bagga and Baldwin 1998): for each mention, the share of its predicted entity that is in
/// its gold entity (precision) and the share of its gold entity that is in its predicted one
/// (recall), summed over mentions. Singletons are kept. Mentions of no entity do not take part;
/// mentions that are only predicted earn nothing and count in precision's denominator.
pub(crate) fn b_cubed(gold: &Document, pred: &Prediction) -> Tally {
    let optional: Vec<&Spans> =
        gold.mentions.iter().filter(|mention| mention.optional).map(|m| &m.spans).collect();
    let gold_entities = Partition::of(gold, &optional);
    let pred_entities = Partition::of(&pred.document, &optional);
    let mut shared: FxHashMap<(u32, u32), u32> = FxHashMap::default();
    for (place, entity) in &gold_entities.places {
        if let Some(other) = pred_entities.entity_of.get(place) {
            *shared.entry((*entity, *other)).or_default() += 1;
        }
    }
    // In a fixed order: sums of fractions depend on it in the last digit.
    let mut cells: Vec<((u32, u32), u32)> = shared.into_iter().collect();
    cells.sort_unstable();
    let malformed = pred.malformed.iter().filter(|item| item.layer == Layer::Mentions).count();
    let mut tally = Tally {
        precision_denominator: (pred_entities.entity_of.len() + malformed) as f64,
        recall_denominator: gold_entities.entity_of.len() as f64,
        ..Tally::default()
    };
    for ((entity, other), count) in cells {
        let square = f64::from(count) * f64::from(count);
        tally.precision_numerator += square / f64::from(pred_entities.sizes[other as usize]);
        tally.recall_numerator += square / f64::from(gold_entities.sizes[entity as usize]);
    }
    tally
}

/// The entity of each place. A place that two entities claim belongs to the later one.
struct Partition<'a> {
    /// In text order.
    places: Vec<(&'a Spans, u32)>,
    entity_of: FxHashMap<&'a Spans, u32>,
    sizes: Vec<u32>,
}

impl<'a> Partition<'a> {
    fn of(document: &'a Document, without: &[&Spans]) -> Partition<'a> {
        let mut entity_of: FxHashMap<&Spans, u32> = FxHashMap::default();
        for mention in &document.mentions {
            let Some(entity) = mention.entity else { continue };
            if without.contains(&&mention.spans) {
                continue;
            }
            let at = entity_of.entry(&mention.spans).or_insert(entity.0);
            *at = entity.0.max(*at);
        }
        let mut places: Vec<(&Spans, u32)> = document
            .mentions
            .iter()
            .filter_map(|m| Some((&m.spans, *entity_of.get(&m.spans)?)))
            .collect();
        places.sort_unstable();
        places.dedup();
        let mut sizes = vec![0; document.entities.len()];
        for (_, entity) in &places {
            sizes[*entity as usize] += 1;
        }
        Partition { places, entity_of, sizes }
    }
}
