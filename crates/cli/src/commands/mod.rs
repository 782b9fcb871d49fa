//! One file a command.

pub(crate) mod agree;
pub(crate) mod attach;
pub(crate) mod compare;
pub(crate) mod completions;
pub(crate) mod consistency;
pub(crate) mod convert;
pub(crate) mod errors;
mod gold;
pub(crate) mod leaderboard;
pub(crate) mod merge;
pub(crate) mod noise;
pub(crate) mod perturb;
mod perturbed;
pub(crate) mod run;
pub(crate) mod score;
mod source;
pub(crate) mod stats;
mod stream;
pub(crate) mod synth;
mod table;
pub(crate) mod validate;
