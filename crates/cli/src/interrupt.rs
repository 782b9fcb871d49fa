//! Ctrl-C: the first one asks the work to stop, the second one ends the process.

use std::sync::atomic::{AtomicBool, Ordering};

/// Set when the user asked to stop. Long work looks at it between documents.
pub(crate) static CANCELLED: AtomicBool = AtomicBool::new(false);

/// Installs the handler. Files appear under their names only when they are complete, so stopping
/// anywhere leaves nothing half-written.
pub(crate) fn install() {
    let handler = || {
        if CANCELLED.swap(true, Ordering::SeqCst) {
            std::process::exit(130);
        }
    };
    // Without a handler Ctrl-C ends the process at once, which is safe too.
    let _ = ctrlc::set_handler(handler);
}
