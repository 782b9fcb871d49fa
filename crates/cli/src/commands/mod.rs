//! One file a command.

pub(crate) mod agree;
pub(crate) mod attach;
pub(crate) mod completions;
pub(crate) mod consistency;
pub(crate) mod convert;
pub(crate) mod errors;
mod gold;
pub(crate) mod leaderboard;
pub(crate) mod protocols;
pub(crate) mod run;
pub(crate) mod score;
pub(crate) mod stats;
mod table;
pub(crate) mod validate;
