//! Exit codes.

use std::process::ExitCode;

use ere_runner::ErrorKind;

/// Everything was done.
const OK: u8 = 0;
/// It was done, and a condition that was asked for does not hold (`--fail-under`).
const GATE: u8 = 1;
/// The input or the arguments are wrong; nothing was written.
const USAGE: u8 = 2;
/// The machine failed: a disk, a pipe, a program that could not be started.
const IO: u8 = 4;
/// Stopped by Ctrl-C.
const INTERRUPTED: u8 = 130;

/// How a command ended well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Done {
    /// As asked.
    Ok,
    /// A gate failed; it was said why.
    GateFailed,
    /// The input was examined and found wrong; it was said what.
    BadInput,
}

/// Says what went wrong, if anything did, and turns it into an exit code.
pub(crate) fn code(done: anyhow::Result<Done>) -> ExitCode {
    match done {
        Ok(Done::Ok) => OK.into(),
        Ok(Done::GateFailed) => GATE.into(),
        Ok(Done::BadInput) => USAGE.into(),
        // Whoever reads our output has had enough of it: not an error.
        Err(error) if is_broken_pipe(&error) => OK.into(),
        Err(error) => {
            crate::print::message(&format!("erebench: {}", message(&error)));
            code_of(&error).into()
        }
    }
}

/// The error and its causes, each said once: most errors say their cause themselves.
fn message(error: &anyhow::Error) -> String {
    let mut message = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !message.contains(&cause) {
            message += &format!(": {cause}");
        }
    }
    message
}

fn code_of(error: &anyhow::Error) -> u8 {
    for cause in error.chain() {
        if let Some(error) = cause.downcast_ref::<ere_dataset::Error>() {
            return if error.is_io() { IO } else { USAGE };
        }
        if let Some(error) = cause.downcast_ref::<ere_eval::record::Error>() {
            return if error.is_io() { IO } else { USAGE };
        }
        if let Some(error) = cause.downcast_ref::<ere_runner::Error>() {
            return match error.kind() {
                ErrorKind::Cancelled => INTERRUPTED,
                _ if error.is_io() => IO,
                _ => USAGE,
            };
        }
        if let Some(error) = cause.downcast_ref::<std::io::Error>() {
            let is_missing = error.kind() == std::io::ErrorKind::NotFound;
            return if is_missing { USAGE } else { IO };
        }
    }
    USAGE
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let error = cause.downcast_ref::<std::io::Error>();
        error.is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
    })
}
