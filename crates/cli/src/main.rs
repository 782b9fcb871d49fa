//! The `erebench` command.
fn main() {}
