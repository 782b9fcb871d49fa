//! Arrows only go down: no crate depends on one of its own floor or of a floor above.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// From the ground up. Crates on one floor do not know each other.
const FLOORS: [&[&str]; 4] = [
    &["ere-dataset"],
    &["ere-formats", "ere-eval", "ere-synth", "ere-extract"],
    &["ere-runner", "ere-leaderboard"],
    &["erebench", "ere-benches"],
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn manifests() -> BTreeMap<String, toml::Table> {
    let crates = std::fs::read_dir(root().join("crates")).unwrap();
    let folders = crates.map(|entry| entry.unwrap().path()).chain([root().join("benches")]);
    let manifests = folders.map(|folder| {
        let text = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        let manifest: toml::Table = text.parse().unwrap();
        (manifest["package"]["name"].as_str().unwrap().to_owned(), manifest)
    });
    manifests.collect()
}

fn dependencies<'a>(manifest: &'a toml::Table, table: &str) -> Vec<&'a str> {
    let names = manifest.get(table).and_then(toml::Value::as_table).into_iter().flatten();
    names.map(|(name, _)| name.as_str()).collect()
}

fn floor(name: &str) -> usize {
    let found = FLOORS.iter().position(|floor| floor.contains(&name));
    found.unwrap_or_else(|| panic!("{name} has no floor; give it one here and in ARCHITECTURE.md"))
}

#[test]
fn arrows_only_go_down() {
    let manifests = manifests();
    assert!(manifests.len() >= 8, "the crates were not found");
    for (name, manifest) in &manifests {
        let all = [
            dependencies(manifest, "dependencies"),
            dependencies(manifest, "dev-dependencies"),
            dependencies(manifest, "build-dependencies"),
        ];
        for dependency in all.concat() {
            if manifests.contains_key(dependency) {
                let goes_down = floor(dependency) < floor(name);
                assert!(goes_down, "{name} depends on {dependency}, which is not below it");
            }
        }
    }
}

#[test]
fn polars_is_named_by_the_leaderboard_only() {
    for (name, manifest) in manifests() {
        let tables = ["dependencies", "dev-dependencies", "build-dependencies"];
        let names_polars =
            tables.iter().any(|table| dependencies(&manifest, table).contains(&"polars"));
        assert_eq!(names_polars, name == "ere-leaderboard", "{name}");
    }
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() {
    for (name, manifest) in manifests() {
        let takes = manifest.get("lints").and_then(|lints| lints.get("workspace"));
        assert_eq!(takes.and_then(toml::Value::as_bool), Some(true), "{name}");
    }
}
