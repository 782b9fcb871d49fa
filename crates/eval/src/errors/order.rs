//! An order of entities that does not depend on the order of lists.

use ere_dataset::{Document, MentionIdx, Spans, Vocabulary};

/// The mentions of each entity by place.
pub(super) fn members(document: &Document) -> Vec<Vec<MentionIdx>> {
    let mut members = document.mentions_by_entity();
    for list in &mut members {
        list.sort_by(|a, b| spans(document, *a).cmp(spans(document, *b)));
    }
    members
}

/// For each entity, its position among all: by the places of its mentions, then by their types and
/// its own. Entities that agree in all of this cannot be told apart.
pub(super) fn ranks(
    document: &Document,
    members: &[Vec<MentionIdx>],
    vocabulary: &Vocabulary,
) -> Vec<u32> {
    let places = |entity: u32| members[entity as usize].iter().map(|at| spans(document, *at));
    let names = |entity: u32| {
        let mentions = members[entity as usize].iter();
        let mut mentions: Vec<_> = mentions
            .map(|at| (spans(document, *at), vocabulary.name(document.mentions[at.index()].label)))
            .collect();
        mentions.sort_unstable();
        let labels = document.entities[entity as usize].labels.iter();
        let mut labels: Vec<_> = labels.map(|label| vocabulary.name(*label)).collect();
        labels.sort_unstable();
        (mentions, labels)
    };
    let mut order: Vec<u32> = (0..members.len() as u32).collect();
    order.sort_by(|a, b| places(*a).cmp(places(*b)).then_with(|| names(*a).cmp(&names(*b))));
    let mut ranks = vec![0; order.len()];
    for (rank, entity) in order.into_iter().enumerate() {
        ranks[entity as usize] = rank as u32;
    }
    ranks
}

fn spans(document: &Document, at: MentionIdx) -> &Spans {
    &document.mentions[at.index()].spans
}
