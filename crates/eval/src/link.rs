//! Linking views: which identifiers of a knowledge base mentions have. Names and rules are those of
//! neleval (Hachey, Nothman and Radford 2014).

use std::cmp::Ordering;

use ere_dataset::{Document, Label, Layer, Prediction};

use crate::mention::Types;
use crate::place::{Entry, Places, Side};
use crate::sink::{Item, Sink};

/// What is compared.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Links {
    /// Places and links of linked mentions.
    Strong,
    /// Places of mentions that are not linked.
    Nil,
    /// Places and links; all that are not linked are alike.
    All,
    /// The links that the document has at all.
    OfDocument,
}

/// Whether gold has links at all; where it has none, nothing is asked.
pub(crate) fn has_links(gold: &Document) -> bool {
    gold.mentions.iter().any(|mention| mention.link.is_some())
        || gold.entities.iter().any(|entity| !entity.links.is_empty())
}

/// Tallies one view. A mention's link is its own, else the first in the alphabet of its entity's; one
/// that begins with `NIL` is none. Duplicates collapse. Places that gold calls optional are left out
/// on both sides. A malformed mention is wrong where all mentions count.
pub(crate) fn tally(
    places: &Places,
    gold: &Document,
    pred: &Prediction,
    links: Links,
    types: Types,
    sink: &mut Sink<'_>,
) {
    let optional = places.optional();
    let keys = |document, side| keys(document, side, &optional, links, types);
    let gold_keys = keys(gold, &places.gold);
    let pred_keys = keys(&pred.document, &places.pred);
    let mut gold_rest = gold_keys.iter().peekable();
    let mut pred_rest = pred_keys.iter().peekable();
    loop {
        let order = match (gold_rest.peek(), pred_rest.peek()) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(a), Some(b)) => a.cmp(b),
        };
        let gold = gold_rest.next_if(|_| order.is_le());
        let pred = pred_rest.next_if(|_| order.is_ge());
        let item = |key: &Key<'_>| Item { label: key.label, ..Item::default() };
        match (gold, pred) {
            (Some(gold), Some(pred)) => sink.hit(item(gold), item(pred)),
            (Some(gold), None) => sink.missed(item(gold)),
            (None, Some(pred)) => sink.wrong(item(pred)),
            (None, None) => {}
        }
    }
    if links == Links::All {
        sink.malformed(pred, Layer::Mentions);
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key<'a> {
    place: Option<u32>,
    label: Option<Label>,
    link: Option<&'a str>,
}

fn keys<'a>(
    document: &'a Document,
    side: &Side,
    optional: &[bool],
    links: Links,
    types: Types,
) -> Vec<Key<'a>> {
    let key = |entry: &Entry| {
        let link = link(document, entry);
        let place = (links != Links::OfDocument).then_some(entry.place);
        let label = (types == Types::Asked).then_some(entry.label);
        let takes_part = !optional[entry.place as usize]
            && match links {
                Links::Strong | Links::OfDocument => link.is_some(),
                Links::Nil => link.is_none(),
                Links::All => true,
            };
        takes_part.then_some(Key { place, label, link })
    };
    let mut keys: Vec<Key<'a>> = side.entries.iter().filter_map(key).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

fn link<'a>(document: &'a Document, entry: &Entry) -> Option<&'a str> {
    let mention = &document.mentions[entry.mention.index()];
    let of_entity = || {
        let entity = &document.entities[mention.entity?.index()];
        entity.links.iter().map(|link| &**link).min()
    };
    let link = mention.link.as_deref().or_else(of_entity)?;
    (!link.starts_with("NIL")).then_some(link)
}
