//! Relations whose ends match when any of their mentions do.

use ere_dataset::{Document, EntityIdx, Given, Layer, Mention};

use crate::matching::{Edge, assign};
use crate::relation::{Fact, Standing, Ties};
use crate::sink::{Item, Sink};
use crate::slicing::RelationSlices;

/// A predicted relation may hit a gold one of the same type whose head and tail each share a paired
/// mention with its own; predicted and gold relations are paired one-to-one, for the most hits. The
/// rule for ends is that of SciREX (Jain et al. 2020), less strict: there, more than half of the
/// mentions must match. The pairing is one-to-one, so that copies of a relation earn nothing.
pub(crate) fn tally(
    ties: Ties<'_>,
    pairs: &[Option<u32>],
    slices: &RelationSlices<'_>,
    sink: &mut Sink<'_>,
) {
    let touched = Touched::of(ties.gold, &ties.pred.document, pairs);
    let facts = &ties.facts.facts;
    let edges = edges(ties, &touched);
    let found = assign(ties.said.facts.len(), facts.len(), &edges);
    let mut is_hit = vec![false; facts.len()];
    for (said, found) in ties.said.facts.iter().zip(found) {
        let item = Item { label: Some(said.fact.label), slices: slices.of_said(said) };
        match found {
            Some(at) => {
                is_hit[at as usize] = true;
                let gold = &facts[at as usize];
                if gold.standing == Standing::Required {
                    let label = Some(gold.fact.label);
                    sink.hit(Item { label, slices: slices.of_gold(gold) }, item);
                }
            }
            None if is_judged(ties, &touched, said.fact) => sink.wrong(item),
            None => {}
        }
    }
    for (gold, is_hit) in facts.iter().zip(is_hit) {
        if gold.standing == Standing::Required && !is_hit {
            sink.missed(Item { label: Some(gold.fact.label), slices: slices.of_gold(gold) });
        }
    }
    sink.malformed(ties.pred, Layer::Relations);
}

/// What is required comes before what is not.
const REQUIRED: i64 = 1 << 20;

fn edges(ties: Ties<'_>, touched: &Touched) -> Vec<Edge> {
    let mut edges = Vec::with_capacity(ties.said.facts.len());
    for (row, said) in ties.said.facts.iter().enumerate() {
        if said.fact.head == said.fact.tail {
            continue;
        }
        let heads = touched.by(said.fact.head);
        let ends = heads.flat_map(|head| touched.by(said.fact.tail).map(move |tail| (head, tail)));
        for (head, tail) in ends {
            let Some(at) = ties.facts.find(ties.in_gold(said.fact, head, tail)) else { continue };
            let is_required = ties.facts.facts[at].standing == Standing::Required;
            let weight = if is_required { REQUIRED } else { 1 };
            edges.push(Edge { row: row as u32, column: at as u32, weight });
        }
    }
    edges
}

/// Whether a predicted relation that is paired with nothing is wrong.
fn is_judged(ties: Ties<'_>, touched: &Touched, said: Fact) -> bool {
    let is_known = |entity| ties.layers.mentions || touched.by(entity).next().is_some();
    let is_self = said.head == said.tail;
    ties.facts.is_in_scope(said.label) && (is_self || is_known(said.head) && is_known(said.tail))
}

/// The gold entities that share a paired mention with each predicted one.
struct Touched(Vec<(EntityIdx, EntityIdx)>);

impl Touched {
    fn of(gold: &Document, pred: &Document, pairs: &[Option<u32>]) -> Touched {
        let both = |(mention, pair): (&Mention, &Option<u32>)| {
            Some((mention.entity?, gold.mentions[(*pair)? as usize].entity?))
        };
        let mut touched: Vec<(EntityIdx, EntityIdx)> = match pred.given {
            Given::Entities => {
                let same = |entity| (EntityIdx(entity), EntityIdx(entity));
                (0..gold.entities.len() as u32).map(same).collect()
            }
            _ => pred.mentions.iter().zip(pairs).filter_map(both).collect(),
        };
        touched.sort_unstable();
        touched.dedup();
        Touched(touched)
    }

    fn by(&self, entity: EntityIdx) -> impl Iterator<Item = EntityIdx> {
        let start = self.0.partition_point(|(by, _)| *by < entity);
        self.0[start..].iter().take_while(move |(by, _)| *by == entity).map(|(_, of)| *of)
    }
}
