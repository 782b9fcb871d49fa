use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use ere_dataset::Document;
use ere_eval::reference::docred;
use ere_eval::{Protocol, Train, View};
use serde::Serialize;

use crate::args::Protocols;
use crate::exit::Done;
use crate::print;

pub(crate) fn run(args: &Protocols) -> Result<Done> {
    match &args.protocol {
        None if args.json => {
            let all: Vec<Listing> = Protocol::all_built_in().iter().map(Listing::of).collect();
            print::json(&all)?;
        }
        None => print::out(&table())?,
        Some(what) => {
            let protocol = load(what)?;
            match args.json {
                true => print::json(&Listing::of(&protocol))?,
                false => print::out(&protocol.to_toml())?,
            }
        }
    }
    Ok(Done::Ok)
}

/// A built-in protocol by its name, or one from a file.
pub(crate) fn load(what: &str) -> Result<Protocol> {
    if let Some(protocol) = Protocol::built_in(what) {
        return Ok(protocol);
    }
    let path = Path::new(what);
    if !path.exists() {
        let names: Vec<&str> =
            Protocol::all_built_in().iter().map(|protocol| protocol.name.as_str()).collect();
        bail!("no protocol {what:?} and no such file; built in are {}", names.join(", "));
    }
    let text = std::fs::read_to_string(path).with_context(|| format!("{what} cannot be read"))?;
    Protocol::from_toml(&text).with_context(|| what.to_owned())
}

/// What the documents of a train set state, if the protocol asks.
pub(crate) fn train<'d>(
    protocol: &Protocol,
    documents: impl IntoIterator<Item = &'d Document>,
    sha256: &str,
) -> Option<Arc<Train>> {
    protocol.needs_train().then(|| {
        let mut train = Train { sha256: sha256.to_owned(), ..Train::default() };
        for document in documents {
            docred::learn(&mut train.facts.annotated, document);
        }
        Arc::new(train)
    })
}

fn table() -> String {
    let header = ["protocol", "primary", "views", "about"];
    let row = |protocol: &Protocol| {
        let Protocol { name, primary, views, about, .. } = protocol;
        vec![name.clone(), primary.to_string(), views.len().to_string(), about.clone()]
    };
    let rows: Vec<Vec<String>> = Protocol::all_built_in().iter().map(row).collect();
    print::table(&header, 4, &rows)
}

/// A protocol with everything that follows from it.
#[derive(Serialize)]
struct Listing {
    name: String,
    identity: String,
    about: String,
    primary: String,
    averages: Vec<&'static str>,
    missing: &'static str,
    unknown: &'static str,
    source: ere_eval::Source,
    views: Vec<ViewListing>,
}

/// A view under the policies of its protocol. What does not apply is null.
#[derive(Serialize)]
struct ViewListing {
    name: &'static str,
    definition: &'static str,
    span: &'static str,
    r#type: &'static str,
    duplicates: &'static str,
    zero: &'static str,
    direction: Option<&'static str>,
    singletons: Option<&'static str>,
    overlaps: Option<&'static str>,
    aliens: Option<&'static str>,
    exemptions: Vec<ExemptionListing>,
}

/// A property that the view does not have.
#[derive(Serialize)]
struct ExemptionListing {
    property: &'static str,
    reason: &'static str,
}

impl Listing {
    fn of(protocol: &Protocol) -> Listing {
        Listing {
            name: protocol.name.clone(),
            identity: protocol.identity(),
            about: protocol.about.clone(),
            primary: protocol.primary.to_string(),
            averages: protocol.averages.iter().map(|average| average.name()).collect(),
            missing: protocol.policies.missing.name(),
            unknown: protocol.policies.unknown.name(),
            source: protocol.source.clone(),
            views: protocol.views.iter().map(|view| ViewListing::of(*view, protocol)).collect(),
        }
    }
}

impl ViewListing {
    fn of(view: View, protocol: &Protocol) -> ViewListing {
        let policies = protocol.policies.of(view);
        let exemptions = view.exemptions().iter();
        ViewListing {
            name: view.name(),
            definition: view.definition(),
            span: view.span_rule(),
            r#type: view.type_rule(),
            duplicates: policies.duplicates.name(),
            zero: policies.zero.name(),
            direction: policies.direction.map(|policy| policy.name()),
            singletons: policies.singletons.map(|policy| policy.name()),
            overlaps: policies.overlaps.map(|policy| policy.name()),
            aliens: policies.aliens.map(|policy| policy.name()),
            exemptions: exemptions
                .map(|(property, reason)| ExemptionListing { property: property.name(), reason })
                .collect(),
        }
    }
}
