//! The only place that prints.

use std::io::{self, IsTerminal as _, Write as _};

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};
use serde::Serialize;

/// Writes to standard output. A closed pipe is an error to be passed up, not a panic.
pub(crate) fn out(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// Writes a value as JSON to standard output, one line for each level that people read.
pub(crate) fn json(value: &impl Serialize) -> anyhow::Result<()> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    Ok(out(&text)?)
}

/// Writes a message to standard error. What cannot be said there cannot be said at all.
pub(crate) fn message(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Whether a person watches standard error.
pub(crate) fn is_watched() -> bool {
    io::stderr().is_terminal()
}

/// A table: as wide as the terminal, or as it needs to be where there is none. The first `texts`
/// columns are text, the others numbers.
pub(crate) fn table(header: &[&str], texts: usize, rows: &[Vec<String>]) -> String {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN);
    if io::stdout().is_terminal() {
        table.set_content_arrangement(ContentArrangement::Dynamic);
    } else {
        table.set_content_arrangement(ContentArrangement::Disabled);
    }
    let cell = |(column, text): (usize, String)| {
        let alignment = if column < texts { CellAlignment::Left } else { CellAlignment::Right };
        Cell::new(text).set_alignment(alignment)
    };
    let owned = |row: Vec<String>| row.into_iter().enumerate().map(cell).collect::<Vec<_>>();
    table.set_header(owned(header.iter().map(|title| (*title).to_owned()).collect()));
    for row in rows {
        table.add_row(owned(row.clone()));
    }
    format!("{table}\n")
}
