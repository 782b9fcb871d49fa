//! An ontology of the newswire types.

use ere_dataset::{Ontology, Vocabulary};

pub(crate) const ENTITY_TYPES: [&str; 14] = [
    "PER", "ORG", "GPE", "LOC", "FAC", "GROUP", "PRODUCT", "EVENT", "WORK", "ROLE", "DATE",
    "MONEY", "PERCENT", "QUANTITY",
];

/// Name, head types, tail types; a name that begins with `=` is symmetric.
const RELATION_TYPES: [(&str, &str, &str); 33] = [
    ("head_of", "PER", "ORG GPE GROUP"),
    ("employee_of", "PER", "ORG GPE"),
    ("has_role", "PER", "ROLE"),
    ("member_of", "PER ORG GPE", "ORG GROUP"),
    ("spokesperson_of", "PER", "ORG GPE PER"),
    ("founder_of", "PER ORG", "ORG"),
    ("citizen_of", "PER", "GPE"),
    ("=family_of", "PER", "PER"),
    ("successor_of", "PER", "PER"),
    ("based_in", "PER ORG", "GPE LOC FAC"),
    ("located_in", "FAC GPE LOC", "GPE LOC"),
    ("part_of", "ORG GROUP", "ORG GPE"),
    ("owns", "PER ORG GPE", "ORG FAC PRODUCT"),
    ("acquires", "PER ORG GPE", "ORG FAC"),
    ("finances", "PER ORG GPE GROUP", "PER ORG GPE FAC PRODUCT EVENT"),
    ("produces", "PER ORG GPE", "PRODUCT WORK"),
    ("supplies", "ORG GPE GROUP", "ORG GPE GROUP"),
    ("=trades_with", "ORG GPE GROUP", "ORG GPE GROUP"),
    ("=competes_with", "ORG GPE", "ORG GPE"),
    ("supports", "PER ORG GPE GROUP", "PER ORG GPE GROUP EVENT WORK"),
    ("opposes", "PER ORG GPE GROUP", "PER ORG GPE GROUP EVENT WORK"),
    ("=allied_with", "GPE ORG GROUP", "GPE ORG GROUP"),
    ("sanctions", "ORG GPE GROUP", "PER ORG GPE"),
    ("attacks", "PER ORG GPE GROUP", "PER ORG GPE FAC GROUP"),
    ("=at_war_with", "GPE ORG GROUP", "GPE ORG GROUP"),
    ("litigates_against", "PER ORG GPE", "PER ORG GPE"),
    ("regulates", "ORG GPE", "PER ORG PRODUCT"),
    ("defeats", "PER ORG GPE", "PER ORG GPE"),
    ("=meets", "PER ORG GPE", "PER ORG GPE"),
    ("visits", "PER", "GPE LOC FAC"),
    ("=agreement_with", "ORG GPE GROUP", "ORG GPE GROUP"),
    ("occurs_in", "EVENT", "GPE LOC FAC"),
    ("occurs_on", "EVENT", "DATE"),
];

pub(crate) fn ontology(vocabulary: &Vocabulary) -> Ontology {
    let entity =
        |name: &&str| format!("[[entity]]\nname = {name:?}\ndefinition = \"\"\nexample = \"\"\n");
    let relation = |(name, head, tail): &(&str, &str, &str)| {
        let types = |types: &str| types.split(' ').map(str::to_owned).collect::<Vec<_>>();
        format!(
            "[[relation]]\nname = {:?}\nfamily = \"\"\ndefinition = \"\"\nexample = \"\"\n\
             symmetric = {}\nsignatures = [{{ head = {:?}, tail = {:?} }}]\n",
            name.trim_start_matches('='),
            name.starts_with('='),
            types(head),
            types(tail),
        )
    };
    let mut file = "name = \"test\"\nversion = \"1\"\n".to_owned();
    file.extend(ENTITY_TYPES.iter().map(entity));
    file.extend(RELATION_TYPES.iter().map(relation));
    Ontology::parse(&file, vocabulary).expect("the ontology above is valid")
}
