//! DWIE's evaluator (Zaporojets et al. 2021; klimzaporojets/DWIE, `dwie_evaluation.py`, commit 575e0be).
//!
//! Concepts are entities with one or more tags ([`Entity::labels`]), relations hold between entities.
//! Three ways to count tags and relations, and three coreference scores over entities, singletons
//! included. Undefined ratios are 0 ([`Ratios::or_zero`]).
//!
//! The original compares clusters as tuples in list order, so that the same cluster with its mentions
//! in another order is wrong ("hard"). Here a cluster's mentions are sorted first, which is what the
//! original computes when its input is sorted.
//!
//! A mention without an entity is in no cluster. In gold, a single one of them empties the document's
//! gold of [`Tallies::tags_mention`], as in the original.
//!
//! [`Entity::labels`]: ere_dataset::Entity::labels
//! [`Ratios::or_zero`]: crate::reference::Ratios::or_zero

use std::hash::Hash;
use std::ops::AddAssign;

use ere_dataset::{Document, Entity, EntityIdx, Label, Spans};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::matching::{Edge, assign};
use crate::tally::Tally;

/// What the evaluator prints. Adds up over documents.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tallies {
    /// `mention-ner`: lists of place and tag, gold with all tags of the mention's entity, predictions
    /// with the mention's own. Each copy of a right prediction is right again.
    pub tags_mention: Tally,
    /// `soft-ner`: for each tagged cluster, the share of its mentions that the other side tags so.
    pub tags_soft: Tally,
    /// `hard-ner`: lists of whole clusters with a tag.
    pub tags_hard: Tally,
    /// `mention-rel`: the set of predicted mention relations against all pairs of mentions of heads
    /// and tails of gold relations.
    pub relations_mention: Tally,
    /// `soft-rel`: for each relation, the share of its pairs of mentions that the other side relates.
    pub relations_soft: Tally,
    /// `hard-rel`: relations between whole clusters.
    pub relations_hard: Tally,
    /// MUC.
    pub muc: Tally,
    /// B-cubed, weighted by mentions.
    pub b_cubed: Tally,
    /// CEAF-e.
    pub ceaf_e: Tally,
}

impl AddAssign for Tallies {
    fn add_assign(&mut self, other: Tallies) {
        self.tags_mention += other.tags_mention;
        self.tags_soft += other.tags_soft;
        self.tags_hard += other.tags_hard;
        self.relations_mention += other.relations_mention;
        self.relations_soft += other.relations_soft;
        self.relations_hard += other.relations_hard;
        self.muc += other.muc;
        self.b_cubed += other.b_cubed;
        self.ceaf_e += other.ceaf_e;
    }
}

/// Counts one document. The soft and mention scores of relations take time and memory in the number
/// of pairs of mentions under relations.
///
/// ```
/// use ere_dataset::{Vocabulary, jsonl};
/// use ere_eval::reference::dwie;
/// let vocabulary = Vocabulary::default();
/// let document = |entities: &str| {
///     let line = format!(
///         r#"{{"id":"a","text":"Ann: she","mentions":[{{"start":0,"end":3,"type":"PER"}},
///             {{"start":5,"end":8,"type":"PER"}}],"entities":[{entities}]}}"#
///     );
///     jsonl::gold_from_str(&line, &vocabulary).unwrap()
/// };
/// let gold = document(r#"{"type":"PER","mentions":[0,1]}"#);
/// let pred = document(r#"{"type":"PER","mentions":[0]},{"type":"PER","mentions":[1]}"#);
/// let tallies = dwie::tally(&gold, &pred);
/// assert_eq!(tallies.tags_soft.f1(), Some(1.0));
/// assert_eq!(tallies.tags_hard.f1(), Some(0.0));
/// assert_eq!(tallies.b_cubed.recall(), Some(0.5));
/// ```
pub fn tally(gold: &Document, pred: &Document) -> Tallies {
    let (gold_clusters, pred_clusters) = (clusters(gold), clusters(pred));
    let gold_tags = tagged(gold, &gold_clusters);
    let pred_tags = tagged(pred, &pred_clusters);
    let gold_relations = related(gold, &gold_clusters);
    let pred_relations = related(pred, &pred_clusters);
    let gold_pairs: Vec<FxHashSet<Pair<'_>>> = gold_relations.iter().map(pairs).collect();
    let pred_pairs: Vec<FxHashSet<Pair<'_>>> = pred_relations.iter().map(pairs).collect();
    let gold_tagged: Vec<_> = gold_tags.iter().map(mentions).collect();
    let pred_tagged: Vec<_> = pred_tags.iter().map(mentions).collect();
    let (gold_side, pred_side) = (Side::of(&gold_clusters), Side::of(&pred_clusters));
    Tallies {
        tags_mention: lists(
            &tags_of_entities(gold).unwrap_or_default(),
            &pred.mentions.iter().map(|m| (&m.spans, m.label)).collect::<Vec<_>>(),
        ),
        tags_soft: shares(&gold_tagged, &pred_tagged),
        tags_hard: lists(&gold_tags, &pred_tags),
        relations_mention: mention_relations(pred, &gold_pairs),
        relations_soft: shares(&gold_pairs, &pred_pairs),
        relations_hard: lists(&gold_relations, &pred_relations),
        muc: both_ways(&gold_side, &pred_side, muc),
        b_cubed: both_ways(&gold_side, &pred_side, b_cubed),
        ceaf_e: ceaf_e(&gold_side, &pred_side),
    }
}

/// A document as the evaluator reads it: every mention belongs to a concept, and concepts have tags. A
/// mention without an entity becomes a concept of its own, and an entity without types takes those of
/// its mentions.
///
/// ```
/// use ere_dataset::{Vocabulary, jsonl};
/// use ere_eval::reference::dwie;
/// let line = r#"{"id":"a","text":"Ann","mentions":[{"start":0,"end":3,"type":"PER"}]}"#;
/// let document = jsonl::gold_from_str(line, &Vocabulary::default())?;
/// let concepts = dwie::with_concepts(document);
/// assert_eq!(concepts.entities.len(), 1);
/// assert_eq!(concepts.entities[0].labels[0], concepts.mentions[0].label);
/// # Ok::<(), ere_dataset::Error>(())
/// ```
pub fn with_concepts(mut document: Document) -> Document {
    let untyped: Vec<bool> = document.entities.iter().map(|e| e.labels.is_empty()).collect();
    for mention in &mut document.mentions {
        let concept = mention.entity.unwrap_or_else(|| {
            document.entities.push(Entity::default());
            EntityIdx(document.entities.len() as u32 - 1)
        });
        mention.entity = Some(concept);
        let labels = &mut document.entities[concept.index()].labels;
        if untyped.get(concept.index()).is_none_or(|untyped| *untyped)
            && !labels.contains(&mention.label)
        {
            labels.push(mention.label);
        }
    }
    document
}

/// The places of an entity's mentions in text order, copies kept.
type Cluster<'a> = Vec<&'a Spans>;
type Tagged<'c> = (&'c [&'c Spans], Label);
type Related<'c> = (&'c [&'c Spans], &'c [&'c Spans], Label);
type Pair<'c> = (&'c Spans, &'c Spans, Label);

/// One cluster an entity, empty ones included.
fn clusters(document: &Document) -> Vec<Cluster<'_>> {
    let of_entity = document.mentions_by_entity().into_iter();
    let places = of_entity.map(|list| {
        let mut places: Cluster<'_> =
            list.into_iter().map(|mention| &document.mentions[mention.index()].spans).collect();
        places.sort_unstable();
        places
    });
    places.collect()
}

fn tagged<'c>(document: &Document, clusters: &'c [Cluster<'c>]) -> Vec<Tagged<'c>> {
    let pairs = document.entities.iter().zip(clusters);
    pairs
        .filter(|(_, cluster)| !cluster.is_empty())
        .flat_map(|(entity, cluster)| entity.labels.iter().map(|tag| (cluster.as_slice(), *tag)))
        .collect()
}

fn mentions<'c>((cluster, tag): &Tagged<'c>) -> FxHashSet<(&'c Spans, Label)> {
    cluster.iter().map(|place| (*place, *tag)).collect()
}

/// Relations between clusters, each pair of entities and type once.
fn related<'c>(document: &Document, clusters: &'c [Cluster<'c>]) -> Vec<Related<'c>> {
    let mut seen = FxHashSet::default();
    let once = document.relations.iter().filter(|r| seen.insert((r.head, r.tail, r.label)));
    once.map(|r| {
        (clusters[r.head.index()].as_slice(), clusters[r.tail.index()].as_slice(), r.label)
    })
    .collect()
}

fn pairs<'c>((head, tail, label): &Related<'c>) -> FxHashSet<Pair<'c>> {
    head.iter().flat_map(|from| tail.iter().map(|to| (*from, *to, *label))).collect()
}

/// Every mention with every tag of its entity; `None` where a mention has no entity.
fn tags_of_entities(document: &Document) -> Option<Vec<(&Spans, Label)>> {
    let mut list = Vec::new();
    for mention in &document.mentions {
        let tags = &document.entities[mention.entity?.index()].labels;
        list.extend(tags.iter().map(|tag| (&mention.spans, *tag)));
    }
    Some(list)
}

/// Counts lists: an item is right where the other list has it, copies again.
fn lists<K: Hash + Eq>(gold: &[K], pred: &[K]) -> Tally {
    let gold_set: FxHashSet<&K> = gold.iter().collect();
    let pred_set: FxHashSet<&K> = pred.iter().collect();
    let tp = pred.iter().filter(|item| gold_set.contains(item)).count();
    let missed = gold.iter().filter(|item| !pred_set.contains(item)).count();
    Tally::counts(tp as u64, (pred.len() - tp) as u64, missed as u64)
}

/// For each group of items, the share of them that is in any group of the other side.
fn shares<K: Hash + Eq>(gold: &[FxHashSet<K>], pred: &[FxHashSet<K>]) -> Tally {
    let share = |groups: &[FxHashSet<K>], others: &[FxHashSet<K>]| {
        let all: FxHashSet<&K> = others.iter().flatten().collect();
        let groups = groups.iter().filter(|group| !group.is_empty());
        groups.fold((0.0, 0.0), |(credit, count), group| {
            let found = group.iter().filter(|item| all.contains(item)).count();
            (credit + found as f64 / group.len() as f64, count + 1.0)
        })
    };
    let (precision_numerator, precision_denominator) = share(pred, gold);
    let (recall_numerator, recall_denominator) = share(gold, pred);
    Tally { precision_numerator, precision_denominator, recall_numerator, recall_denominator }
}

fn mention_relations(pred: &Document, gold: &[FxHashSet<Pair<'_>>]) -> Tally {
    let place = |mention: ere_dataset::MentionIdx| &pred.mentions[mention.index()].spans;
    let pred: FxHashSet<Pair<'_>> =
        pred.mention_relations.iter().map(|r| (place(r.head), place(r.tail), r.label)).collect();
    let all: FxHashSet<&Pair<'_>> = gold.iter().flatten().collect();
    let tp = pred.iter().filter(|pair| all.contains(pair)).count();
    let missed: usize = gold.iter().map(|group| group.difference(&pred).count()).sum();
    Tally::counts(tp as u64, (pred.len() - tp) as u64, missed as u64)
}

/// Clusters that are not empty. They are no [`Contingency`](crate::coreference::Contingency): copies of a
/// place count on their own side alone, and a place may be in two clusters. The original knows a cluster by its content, so clusters of equal
/// content are one where mentions are looked up; of two clusters that claim a place, the later has it.
struct Side<'c> {
    clusters: Vec<&'c [&'c Spans]>,
    cluster_of: FxHashMap<&'c Spans, u32>,
}

impl<'c> Side<'c> {
    fn of(clusters: &'c [Cluster<'c>]) -> Side<'c> {
        let clusters: Vec<&[&Spans]> =
            clusters.iter().map(Vec::as_slice).filter(|cluster| !cluster.is_empty()).collect();
        let mut by_content: FxHashMap<&[&Spans], u32> = FxHashMap::default();
        let mut cluster_of = FxHashMap::default();
        for (position, cluster) in clusters.iter().enumerate() {
            let number = *by_content.entry(cluster).or_insert(position as u32);
            cluster_of.extend(cluster.iter().map(|place| (*place, number)));
        }
        Side { clusters, cluster_of }
    }

    /// How many of a cluster's mentions each cluster of this side has.
    fn parts(&self, cluster: &[&Spans]) -> FxHashMap<u32, u64> {
        let mut parts = FxHashMap::default();
        for number in cluster.iter().filter_map(|place| self.cluster_of.get(place)) {
            *parts.entry(*number).or_default() += 1;
        }
        parts
    }
}

/// A score of clusters against the other side: numerator, denominator.
type OneWay = fn(&[&Spans], &FxHashMap<u32, u64>) -> (f64, f64);

fn both_ways(gold: &Side<'_>, pred: &Side<'_>, score: OneWay) -> Tally {
    let sum = |side: &Side<'_>, other: &Side<'_>| {
        let scores = side.clusters.iter().map(|cluster| score(cluster, &other.parts(cluster)));
        scores.fold((0.0, 0.0), |sum, score| (sum.0 + score.0, sum.1 + score.1))
    };
    let (precision_numerator, precision_denominator) = sum(pred, gold);
    let (recall_numerator, recall_denominator) = sum(gold, pred);
    Tally { precision_numerator, precision_denominator, recall_numerator, recall_denominator }
}

/// Links that hold within the parts, of the links that hold the cluster together.
fn muc(cluster: &[&Spans], parts: &FxHashMap<u32, u64>) -> (f64, f64) {
    let found: u64 = parts.values().sum();
    ((found - parts.len() as u64) as f64, (cluster.len() - 1) as f64)
}

fn b_cubed(cluster: &[&Spans], parts: &FxHashMap<u32, u64>) -> (f64, f64) {
    let squares: u64 = parts.values().map(|count| count * count).sum();
    (squares as f64 / cluster.len() as f64, cluster.len() as f64)
}

/// The best one-to-one alignment of clusters by phi4, twice the shared mentions over all mentions of
/// both.
fn ceaf_e(gold: &Side<'_>, pred: &Side<'_>) -> Tally {
    let shared = shared_mentions(&gold.clusters, &pred.clusters);
    let similarity = |row: u32, column: u32, count: u32| {
        let sizes = gold.clusters[row as usize].len() + pred.clusters[column as usize].len();
        2.0 * f64::from(count) / sizes as f64
    };
    // Weights are integers; 2^-40 is far below the difference of two similarities that matters.
    let weight = |similarity: f64| (similarity * (1u64 << 40) as f64) as i64;
    let edges: Vec<Edge> = shared
        .iter()
        .map(|&((row, column), count)| Edge {
            row,
            column,
            weight: weight(similarity(row, column, count)),
        })
        .collect();
    let alignment = assign(gold.clusters.len(), pred.clusters.len(), &edges);
    let chosen =
        shared.iter().filter(|((row, column), _)| alignment[*row as usize] == Some(*column));
    let total = chosen.map(|&((row, column), count)| similarity(row, column, count)).sum();
    Tally {
        precision_numerator: total,
        precision_denominator: pred.clusters.len() as f64,
        recall_numerator: total,
        recall_denominator: gold.clusters.len() as f64,
    }
}

/// For each gold and predicted cluster with a place in common, in order, how many gold mentions lie at
/// places of the predicted cluster.
fn shared_mentions(gold: &[&[&Spans]], pred: &[&[&Spans]]) -> Vec<((u32, u32), u32)> {
    let mut holders: FxHashMap<&Spans, Vec<u32>> = FxHashMap::default();
    for (column, cluster) in pred.iter().enumerate() {
        for place in *cluster {
            let list = holders.entry(place).or_default();
            // Copies of a place follow each other within a cluster.
            if list.last() != Some(&(column as u32)) {
                list.push(column as u32);
            }
        }
    }
    let mut pairs: Vec<(u32, u32)> = Vec::new();
    for (row, cluster) in gold.iter().enumerate() {
        let columns = cluster.iter().filter_map(|place| holders.get(place)).flatten();
        pairs.extend(columns.map(|column| (row as u32, *column)));
    }
    pairs.sort_unstable();
    pairs.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as u32)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::testing::Builder;

    /// Mentions at 0, 1, 2, ... that belong to entities by number.
    fn partition(entities: &[&[u32]]) -> Document {
        let mut builder = Builder::default();
        let mut count = 0;
        let mut lists = Vec::new();
        for entity in entities {
            lists.push((count..count + entity.len()).collect::<Vec<usize>>());
            count += entity.len();
            for place in *entity {
                builder = builder.mention(*place, place + 1, "PER");
            }
        }
        lists.iter().fold(builder, |builder, list| builder.entity(list)).build()
    }

    #[test]
    fn coreference_of_bagga_and_baldwin() {
        // Their example: of {1..5}, {6, 7}, {8..12}, the last two are merged.
        let gold = partition(&[&[1, 2, 3, 4, 5], &[6, 7], &[8, 9, 10, 11, 12]]);
        let pred = partition(&[&[1, 2, 3, 4, 5], &[6, 7, 8, 9, 10, 11, 12]]);
        let tallies = tally(&gold, &pred);
        assert_eq!(tallies.muc.precision(), Some(0.9));
        assert_eq!(tallies.muc.recall(), Some(1.0));
        let precision = (5.0 + (2.0 * 2.0 + 5.0 * 5.0) / 7.0) / 12.0;
        assert!((tallies.b_cubed.precision().unwrap() - precision).abs() < 1e-12);
        assert_eq!(tallies.b_cubed.recall(), Some(1.0));
        let similarity = 1.0 + 2.0 * 5.0 / (5.0 + 7.0);
        assert_eq!(tallies.ceaf_e.precision(), Some(similarity / 2.0));
        assert_eq!(tallies.ceaf_e.recall(), Some(similarity / 3.0));
    }

    #[test]
    fn the_order_of_mentions_does_not_matter() {
        let (gold, pred) = (partition(&[&[1, 2, 3]]), partition(&[&[3, 1, 2]]));
        assert_eq!(tally(&gold, &pred).tags_hard, Tally::counts(1, 0, 0));
    }

    #[test]
    fn relations_are_counted_by_cluster_by_share_and_by_pair_of_mentions() {
        let mentions = || {
            let mentions = Builder::default().mention(0, 7, "PER").mention(0, 3, "PER");
            mentions.mention(24, 28, "ORG")
        };
        let gold = mentions().entity(&[0, 1]).entity(&[2]).fact(0, 1, "runs", &[]).build();
        let pred = mentions()
            .entity(&[0])
            .entity(&[1])
            .entity(&[2])
            .fact(0, 2, "runs", &[])
            .relation(0, 2, "runs")
            .build();
        let tallies = tally(&gold, &pred);
        assert_eq!(tallies.relations_hard, Tally::counts(0, 1, 1));
        assert_eq!(tallies.relations_soft.precision(), Some(1.0));
        assert_eq!(tallies.relations_soft.recall(), Some(0.5));
        assert_eq!(tallies.relations_mention, Tally::counts(1, 0, 1));
    }

    #[test]
    fn a_gold_mention_without_entity_empties_the_gold_of_mention_tags() {
        let gold =
            Builder::default().mention(0, 7, "PER").mention(24, 28, "ORG").entity(&[0]).build();
        let tallies = tally(&gold, &gold);
        assert_eq!(tallies.tags_mention, Tally::counts(0, 2, 0));
        assert_eq!(tallies.tags_hard, Tally::counts(1, 0, 0));
    }
}
