//! Entities: which predicted entity is which gold entity, in several ways, and the view that counts
//! them.

use ere_dataset::{Document, EntityIdx, Label, Layer, Layers, Mention, Prediction};

use crate::alignment::Alignment;
use crate::matching::{Edge, assign};
use crate::place::{Entry, Places, Side};
use crate::relation::has_type;
use crate::sink::{Item, Sink};

/// Entities with their types, resolved as in anchored scoring (step 2).
///
/// A gold entity counts once: a predicted entity that resolves to one that was found already, or to
/// one of another type, is wrong. Entities without mentions name no place in the text and are no
/// items, on either side. A gold entity whose mentions are all optional is neutral, and so is a
/// predicted one that stands for nothing else. Where mentions are not annotated exhaustively, what
/// resolves to nothing is not judged.
pub(crate) fn typed(
    gold: &Document,
    pred: &Prediction,
    places: &Places,
    alignment: &Alignment,
    layers: &Layers,
    sink: &mut Sink<'_>,
) {
    let standing = standing(gold);
    let excused = excused(&pred.document, places);
    let mut found: Vec<(EntityIdx, Option<Label>)> = Vec::new();
    for (at, excuse) in excused.into_iter().enumerate() {
        let entity = EntityIdx(at as u32);
        let own = label(&pred.document, entity);
        match alignment.resolved[at] {
            _ if excuse == Excuse::NoMention => {}
            None if excuse == Excuse::Optional || !layers.mentions => {}
            Some(of) if standing[of.index()] == Some(Standing::Optional) => {}
            Some(of) if has_type(gold, of, &pred.document, entity) => found.push((of, own)),
            _ => sink.wrong(Item { label: own, ..Item::default() }),
        }
    }
    // Which of several is the right one must not depend on the order of a list.
    found.sort_unstable();
    for same in found.chunk_by(|a, b| a.0 == b.0) {
        let item = Item { label: label(gold, same[0].0), ..Item::default() };
        sink.hit(item, item);
        for (_, label) in &same[1..] {
            sink.wrong(Item { label: *label, ..Item::default() });
        }
    }
    for (at, standing) in standing.into_iter().enumerate() {
        let entity = EntityIdx(at as u32);
        let is_found = found.binary_search_by_key(&entity, |(of, _)| *of).is_ok();
        if standing == Some(Standing::Required) && !is_found {
            sink.missed(Item { label: label(gold, entity), ..Item::default() });
        }
    }
    sink.malformed(pred, Layer::Entities);
}

/// The type that an entity is counted under: of several, the first that the ontology names.
fn label(document: &Document, entity: EntityIdx) -> Option<Label> {
    document.entities[entity.index()].labels.iter().copied().min()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Required,
    /// All its mentions are optional.
    Optional,
}

/// What is asked of each gold entity; nothing of one without mentions.
fn standing(gold: &Document) -> Vec<Option<Standing>> {
    let mut standing = vec![None; gold.entities.len()];
    for mention in &gold.mentions {
        if let Some(entity) = mention.entity {
            let slot = &mut standing[entity.index()];
            if !mention.optional {
                *slot = Some(Standing::Required);
            } else if slot.is_none() {
                *slot = Some(Standing::Optional);
            }
        }
    }
    standing
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Excuse {
    NoMention,
    /// Every mention is at a place that gold calls optional.
    Optional,
    None,
}

/// What excuses predicted entities that resolve to nothing.
fn excused(pred: &Document, places: &Places) -> Vec<Excuse> {
    let optional = places.optional();
    let mut excused = vec![Excuse::NoMention; pred.entities.len()];
    for entry in &places.pred.entries {
        if let Some(entity) = pred.mentions[entry.mention.index()].entity {
            let slot = &mut excused[entity.index()];
            *slot = match (*slot, optional[entry.place as usize]) {
                (Excuse::None, _) | (_, false) => Excuse::None,
                (_, true) => Excuse::Optional,
            };
        }
    }
    excused
}

/// Entities one-to-one: the assignment with the most paired mentions, over all entities together.
/// Types decide between assignments that are equal in that.
pub(crate) fn one_to_one(
    gold: &Document,
    pred: &Document,
    places: &Places,
    alignment: &Alignment,
) -> Vec<Option<EntityIdx>> {
    let shared = |(mention, pair): (&Mention, &Option<u32>)| {
        Some((mention.entity?, gold.mentions[(*pair)? as usize].entity?))
    };
    let mut shared: Vec<(EntityIdx, EntityIdx)> =
        pred.mentions.iter().zip(&alignment.pairs).filter_map(shared).collect();
    shared.sort_unstable();
    // Rows and columns in an order that does not depend on lists.
    let rows = Clusters::of(pred, &places.pred, &[]).ranks();
    let columns = Clusters::of(gold, &places.gold, &[]).ranks();
    let edge = |same: &[(EntityIdx, EntityIdx)]| {
        let (of, to) = same[0];
        let same_type = i64::from(has_type(gold, to, pred, of));
        let (row, column) = (rows[of.index()], columns[to.index()]);
        Edge { row, column, weight: ((same.len() as i64) << 20) + same_type }
    };
    let edges: Vec<Edge> = shared.chunk_by(PartialEq::eq).map(edge).collect();
    let pairs = assign(rows.len(), columns.len(), &edges);
    let mut by_rank = vec![EntityIdx(0); columns.len()];
    for (at, rank) in columns.iter().enumerate() {
        by_rank[*rank as usize] = EntityIdx(at as u32);
    }
    rows.iter().map(|row| pairs[*row as usize].map(|column| by_rank[column as usize])).collect()
}

/// Entities with exactly the same places. Places that gold calls optional are left out on both
/// sides, except of entities that have no others.
pub(crate) fn exact(gold: &Document, pred: &Document, places: &Places) -> Vec<Option<EntityIdx>> {
    let optional = places.optional();
    let (gold_clusters, pred_clusters) =
        (Clusters::of(gold, &places.gold, &optional), Clusters::of(pred, &places.pred, &optional));
    let mut result = vec![None; pred.entities.len()];
    let mut rest = gold_clusters.in_order().into_iter().peekable();
    for entity in pred_clusters.in_order() {
        let own = pred_clusters.places(entity);
        while rest.next_if(|of| gold_clusters.places(*of) < own).is_some() {}
        if !own.is_empty() {
            result[entity.index()] = rest.next_if(|of| gold_clusters.places(*of) == own);
        }
    }
    result
}

/// The places of the entities of one side.
struct Clusters<'a> {
    document: &'a Document,
    side: &'a Side,
    /// By entity, then in text order, each place once.
    places: Vec<u32>,
    /// Where each entity's begin, and where the last one's end.
    starts: Vec<u32>,
}

impl<'a> Clusters<'a> {
    fn of(document: &'a Document, side: &'a Side, without: &[bool]) -> Clusters<'a> {
        let entity = |entry: &Entry| document.mentions[entry.mention.index()].entity;
        let is_out = |entry: &Entry| without.get(entry.place as usize).is_some_and(|out| *out);
        let mut has_others = vec![false; document.entities.len()];
        for entity in side.entries.iter().filter(|entry| !is_out(entry)).filter_map(entity) {
            has_others[entity.index()] = true;
        }
        let claim = |entry: &Entry| {
            let entity = entity(entry)?;
            let is_out = is_out(entry) && has_others[entity.index()];
            (!is_out).then_some((entity, entry.place))
        };
        let mut claims: Vec<(EntityIdx, u32)> = side.entries.iter().filter_map(claim).collect();
        claims.sort_unstable();
        claims.dedup();
        let mut starts = vec![0; document.entities.len() + 1];
        for (entity, _) in &claims {
            starts[entity.index() + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let places = claims.into_iter().map(|(_, place)| place).collect();
        Clusters { document, side, places, starts }
    }

    fn places(&self, entity: EntityIdx) -> &[u32] {
        let [start, end] = [0, 1].map(|next| self.starts[entity.index() + next] as usize);
        &self.places[start..end]
    }

    /// Entities by their places; those with the same places by their types, and those of their
    /// mentions.
    fn in_order(&self) -> Vec<EntityIdx> {
        let mut order: Vec<EntityIdx> = (0..self.starts.len() as u32 - 1).map(EntityIdx).collect();
        order.sort_by(|a, b| {
            self.places(*a).cmp(self.places(*b)).then_with(|| self.types(*a).cmp(&self.types(*b)))
        });
        order
    }

    /// What tells entities with the same places apart; it is rare that this is needed.
    fn types(&self, entity: EntityIdx) -> (&[Label], Vec<(u32, Label)>) {
        let is_member =
            |entry: &&Entry| self.document.mentions[entry.mention.index()].entity == Some(entity);
        let members = self.side.entries.iter().filter(is_member);
        let types = members.map(|entry| (entry.place, entry.label)).collect();
        (&self.document.entities[entity.index()].labels, types)
    }

    /// The position of each entity in this order.
    fn ranks(&self) -> Vec<u32> {
        let mut ranks = vec![0; self.starts.len() - 1];
        for (rank, entity) in self.in_order().into_iter().enumerate() {
            ranks[entity.index()] = rank as u32;
        }
        ranks
    }
}
