//! `docs/protocols.md` says what the protocols are: its tables are made from them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::path::Path;

use ere_eval::{Policies, Property, Protocol, View};

/// A table between two comments of the document.
fn table<'d>(document: &'d str, name: &str) -> &'d str {
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->"));
    let start = document.find(&begin).expect("the table begins") + begin.len();
    let length = document[start..].find(&end).expect("the table ends");
    &document[start..start + length]
}

fn code(name: &str) -> String {
    format!("`{name}`")
}

fn list<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    names.into_iter().map(code).collect::<Vec<String>>().join(", ")
}

/// What a protocol says, as the keys and values of its file.
fn policies(policies: &Policies) -> String {
    let text = toml::to_string(policies).unwrap();
    let lines = text.lines().map(|line| line.replace(" = ", " ").replace('"', "`"));
    lines.collect::<Vec<String>>().join(", ")
}

fn protocols() -> String {
    let mut text =
        "| protocol | scorer | paper | views, the primary one first | averages | policies \
                    | how documents become its input | what differs from the original |\n\
                    |---|---|---|---|---|---|---|---|\n"
            .to_owned();
    for protocol in Protocol::all_built_in() {
        let Protocol { name, primary, views, source, averages, .. } = protocol;
        let others = views.iter().filter(|view| *view != primary);
        let names = [primary].into_iter().chain(others).map(|view| view.name());
        let cells = [
            code(name),
            source.scorer.clone(),
            source.paper.clone(),
            list(names),
            list(averages.iter().map(|average| average.name())),
            policies(&protocol.policies),
            source.input.clone(),
            source.differs.clone(),
        ];
        text += &format!("| {} |\n", cells.join(" | "));
    }
    text
}

fn exemptions() -> String {
    let mut text = "| protocol | view | property | why |\n|---|---|---|---|\n".to_owned();
    for protocol in Protocol::all_built_in() {
        for view in &protocol.views {
            for (property, why) in view.exemptions() {
                let (protocol, view) = (code(&protocol.name), code(view.name()));
                text += &format!("| {protocol} | {view} | {property} | {why} |\n");
            }
        }
    }
    text
}

fn views() -> String {
    let mut text = "| view | place | types | what is counted |\n|---|---|---|---|\n".to_owned();
    let mut seen: Vec<View> = Vec::new();
    for view in Protocol::all_built_in().iter().flat_map(|protocol| &protocol.views) {
        if !seen.contains(view) {
            seen.push(*view);
            let (place, types) = (view.span_rule(), view.type_rule());
            text +=
                &format!("| {} | {place} | {types} | {} |\n", code(view.name()), view.definition());
        }
    }
    text
}

#[test]
fn the_tables_of_protocols_are_true() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/protocols.md");
    let mut document = std::fs::read_to_string(&path).unwrap();
    let tables = [("protocols", protocols()), ("views", views()), ("exemptions", exemptions())];
    if std::env::var_os("EREBENCH_WRITE_DOCS").is_some() {
        for (name, expected) in &tables {
            let old = table(&document, name).to_owned();
            document = document.replace(
                &format!("{old}<!-- end of {name}"),
                &format!("{expected}<!-- end of {name}"),
            );
        }
        std::fs::write(&path, &document).unwrap();
    }
    for (name, expected) in tables {
        assert!(
            table(&document, name) == expected,
            "the table of {name} in docs/protocols.md is old; run this test with EREBENCH_WRITE_DOCS=1"
        );
    }
    let example = document.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let example = Protocol::from_toml(example).unwrap();
    assert_eq!(example.name, "mine");
    for property in Property::ALL {
        assert!(document.contains(property.definition()), "{property} is not explained");
    }
}
