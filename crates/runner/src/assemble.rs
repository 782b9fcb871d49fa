//! The record of a run, all but its scores.

use std::collections::BTreeMap;

use ere_dataset::Document;
use ere_eval::record::{
    Coverage, DOCUMENTS_FOR_INTERVALS, DataIdentity, ExtractorIdentity, Kind, LabelCounts,
    OntologyIdentity, Record, SCHEMA, Status, Tool,
};
use ere_eval::{Protocol, Tallies};

use crate::answers::{Answered, Answers};
use crate::environment::environment;
use crate::run::{Data, Options, SpeedOptions};

/// Says everything about a run except how good it was.
pub(crate) fn record_of(
    data: &Data<'_>,
    documents: &[&Document],
    options: &Options<'_>,
    answers: &Answers,
    tallies: &Tallies,
    labels: Option<LabelCounts>,
) -> Record {
    let coverage = coverage(answers);
    let identity = &answers.identity;
    let train = options.train.as_ref().map(|train| train.sha256.as_str());
    let mut record = Record {
        schema: SCHEMA.to_owned(),
        id: String::new(),
        tool: Tool { name: "erebench".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
        extractor: ExtractorIdentity {
            name: identity.name.clone(),
            version: identity.version.clone(),
            digest: identity.digest.clone(),
            kind: identity.kind,
            ranked: identity.kind != Kind::Noise && !options.is_unranked,
            label_map: options.labels.map(|mapping| mapping.sha256.to_owned()),
            resolve: options.resolve,
        },
        data: DataIdentity {
            name: data.name.to_owned(),
            version: data.version.to_owned(),
            split: data.split.name.clone(),
            sha256: data.split.sha256.clone(),
            documents: documents.len() as u64,
            text_bytes: documents.iter().map(|document| document.text.len() as u64).sum(),
        },
        ontology: data.ontology.map(|ontology| OntologyIdentity {
            name: ontology.name.clone(),
            version: ontology.version.clone(),
            sha256: ontology.sha256.clone(),
        }),
        protocol: protocol_identity(&options.protocol, train),
        track: answers.track,
        resampling: options.resampling,
        status: Status::of(coverage.failures(), coverage.documents),
        coverage,
        notes: tallies.notes(),
        labels,
        warnings: Vec::new(),
        scores: Vec::new(),
        perturbations: Vec::new(),
        speed: answers.speed.clone(),
        memory: answers.memory.clone(),
        environment: environment(),
        files: BTreeMap::new(),
    };
    record.id = record.identity();
    record.warnings = warnings(&record, options.speed, answers.restarts);
    record.warnings.extend(unmet(&options.protocol, train, tallies));
    record
}

/// What identifies the protocol, and the train set of that SHA-256 where it asks for one.
pub(crate) fn protocol_identity(protocol: &Protocol, train: Option<&str>) -> String {
    let mut identity = protocol.identity();
    if let (true, Some(sha256)) = (protocol.needs_train(), train) {
        identity += "+train#";
        identity.extend(sha256.chars().take(8));
    }
    identity
}

fn coverage(answers: &Answers) -> Coverage {
    let documents = answers.by_document.len() as u64;
    let mut coverage = Coverage { documents, unknown: answers.unknown, ..Coverage::default() };
    for answered in &answers.by_document {
        match answered {
            Answered::Prediction(_) => coverage.answered += 1,
            Answered::Missing => coverage.missing += 1,
            Answered::Failed(failure) => {
                *coverage.failed.entry(failure.kind.name().to_owned()).or_default() += 1;
            }
        }
    }
    coverage
}

/// What a protocol asks for and did not get.
pub(crate) fn unmet(protocol: &Protocol, train: Option<&str>, tallies: &Tallies) -> Vec<String> {
    let mut warnings = Vec::new();
    if protocol.needs_train() && train.is_none() {
        warnings.push(format!(
            "protocol {} has views that need a train set; without one they have no row",
            protocol.name
        ));
    }
    let primary = protocol.primary;
    if !tallies.documents().any(|document| document.has(primary)) {
        warnings.push(format!(
            "{primary}, the primary view of protocol {}, has no row: no document has the layer that it \
             needs annotated",
            protocol.name
        ));
    }
    warnings
}

/// What a reader of the scores should know. `asked` is how speed should have been measured.
pub(crate) fn warnings(record: &Record, asked: Option<SpeedOptions>, restarts: u64) -> Vec<String> {
    let Record { coverage, notes, labels, .. } = record;
    let mut warnings = Vec::new();
    let mut warn = |is_due: bool, message: String| {
        if is_due {
            warnings.push(message);
        }
    };
    let documents = coverage.documents;
    warn(
        record.resampling.is_some() && documents < DOCUMENTS_FOR_INTERVALS,
        format!(
            "intervals over {documents} documents are rough; \
             {DOCUMENTS_FOR_INTERVALS} are the least to rely on"
        ),
    );
    let kinds: Vec<String> =
        coverage.failed.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
    warn(
        coverage.failures() > 0,
        format!(
            "{} of {documents} documents failed ({}); they are scored as empty predictions",
            coverage.failures(),
            kinds.join(", ")
        ),
    );
    warn(
        coverage.missing > 0,
        format!(
            "{} of {documents} documents have no prediction; they are scored as empty predictions",
            coverage.missing
        ),
    );
    warn(
        coverage.unknown > 0,
        format!("{} predictions are for documents that gold does not have", coverage.unknown),
    );
    warn(
        notes.malformed > 0,
        format!("{} predicted items are malformed; they count as wrong", notes.malformed),
    );
    warn(
        notes.alien > 0,
        format!("{} predicted items have types that the ontology does not know", notes.alien),
    );
    let unmapped = labels.map_or(0, |labels| labels.unmapped);
    warn(
        unmapped > 0,
        format!("{unmapped} predicted items have labels that the map does not name"),
    );
    warn(restarts > 0, format!("the program had to be started again {restarts} times"));
    if let (Some(speed), Some(asked)) = (&record.speed, asked) {
        let timings = speed.latency_ms.timings;
        warn(
            timings < asked.documents as u64,
            format!("speed was measured on {timings} documents, not on {}", asked.documents),
        );
    }
    warnings
}
