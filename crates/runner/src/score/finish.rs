//! From what documents add to a record.

use std::collections::BTreeMap;

use ere_dataset::{Given, text};
use ere_eval::record::{
    Coverage, DataIdentity, ExtractorIdentity, Kind, LabelCounts, Memory, MemoryOf, Record, SCHEMA,
    Status,
};
use ere_eval::{Protocol, Resampling, Rules, Tallies, View, ViewSet};
use sha2::{Digest as _, Sha256};

use super::partial::Header;
use super::{Contribution, Whole, views_of_mention_relations};
use crate::assemble::{protocol_identity, unmet, warnings};
use crate::environment::environment;

/// The record of documents in any order, each of which stands once.
pub(super) fn finish(
    header: &Header,
    mut documents: Vec<Contribution>,
    whole: Whole,
    protocol: &Protocol,
    rules: &Rules,
    resampling: Option<Resampling>,
) -> (Record, Tallies) {
    documents.sort_unstable_by(|a, b| a.tallies.id.cmp(&b.tallies.id));
    if !whole.has_mention_relations {
        let unannotated = views_of_mention_relations(protocol);
        for document in documents.iter_mut().filter(|d| d.assumes_mention_relations) {
            document.tallies.forget(&unannotated);
        }
    }
    let mut record = describe(header, &documents, whole, protocol, resampling);
    // Where gold was given, documents without a prediction were given it, too.
    let given: Vec<View> =
        ViewSet::all().iter().filter(|view| view.is_given(record.track)).collect();
    for document in documents.iter_mut().filter(|document| document.pred.is_none()) {
        document.tallies.forget(&given);
    }
    let gold_repeats: u64 = documents.iter().map(|document| document.gold_repeats).sum();
    let tracks = documents.iter().filter(|d| d.pred.is_some() && d.given != record.track).count();
    let tallies: Tallies = documents.into_iter().map(|document| document.tallies).collect();
    record.notes = tallies.notes();
    record.id = record.identity();
    record.warnings = warnings(&record, None, 0);
    record.warnings.extend(unmet(protocol, header.train.as_deref(), &tallies));
    if gold_repeats > 0 {
        record.warnings.push(format!(
            "{gold_repeats} gold mentions repeat another one's place and type; each place and type \
             counts once"
        ));
    }
    if tracks > 0 {
        record.warnings.push(format!(
            "{tracks} predictions were given less than the others; all are signed with the track {}",
            ere_eval::record::track_name(record.track)
        ));
    }
    record.scores = tallies.scores(protocol, rules, &record.base_signature(), resampling);
    (record, tallies)
}

/// Everything but notes, warnings and scores.
fn describe(
    header: &Header,
    documents: &[Contribution],
    whole: Whole,
    protocol: &Protocol,
    resampling: Option<Resampling>,
) -> Record {
    let sum = |of: fn(&Contribution) -> u64| documents.iter().map(of).sum::<u64>();
    let answered = sum(|document| (document.gold.is_some() && document.pred.is_some()).into());
    let count = sum(|document| document.gold.is_some().into());
    let coverage = Coverage {
        documents: count,
        answered,
        missing: count - answered,
        unknown: whole.unknown,
        failed: BTreeMap::new(),
    };
    let labels = header.extractor.label_map.is_some().then(|| LabelCounts {
        mapped: sum(|document| document.labels.mapped),
        dropped: sum(|document| document.labels.dropped),
        unmapped: sum(|document| document.labels.unmapped),
    });
    let gold = digest(documents.iter().filter_map(|document| document.gold));
    Record {
        schema: SCHEMA.to_owned(),
        id: String::new(),
        tool: header.tool.clone(),
        extractor: ExtractorIdentity {
            name: header.extractor.name.clone(),
            version: header.extractor.version.clone(),
            digest: digest(documents.iter().filter_map(|document| document.pred)),
            kind: Kind::Predictions,
            ranked: true,
            label_map: header.extractor.label_map.clone(),
            resolve: header.extractor.resolve,
        },
        data: DataIdentity {
            name: header.data.name.clone(),
            version: header.data.version.clone(),
            split: header.data.split.clone(),
            sha256: header.data.sha256.clone().unwrap_or(gold),
            documents: count,
            text_bytes: sum(|document| document.text_bytes),
        },
        ontology: header.ontology.as_ref().map(|ontology| ontology.identity()),
        protocol: protocol_identity(protocol, header.train.as_deref()),
        track: documents.iter().map(|document| document.given).max().unwrap_or(Given::Text),
        resampling,
        status: Status::of(0, count),
        coverage,
        notes: Default::default(),
        labels,
        warnings: Vec::new(),
        scores: Vec::new(),
        perturbations: Vec::new(),
        speed: None,
        memory: Memory { peak_bytes: None, how: MemoryOf::Unmeasured },
        environment: environment(),
        files: BTreeMap::new(),
    }
}

/// SHA-256 of the SHA-256 of each line, in the order of document ids: what identifies documents
/// whose lines never were in one place.
fn digest(lines: impl Iterator<Item = [u8; 32]>) -> String {
    let mut hasher = Sha256::new();
    lines.for_each(|line| hasher.update(line));
    text::hex(&hasher.finalize())
}
