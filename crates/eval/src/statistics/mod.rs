//! Intervals and tests over documents.
//!
//! The unit is the document: sentences of one document are not independent. Random numbers are
//! counted, not drawn from a stream: replicate b of seed s is the same numbers on any machine with
//! any number of threads.

mod bootstrap;
mod matrix;
mod normal;
mod random;
mod randomization;

pub use bootstrap::{Interval, Resampling};
pub(crate) use bootstrap::{bca, percentile_intervals};
pub(crate) use matrix::{Matrix, Shape};
pub use random::Counter;
pub use randomization::PairedTest;
pub(crate) use randomization::approximate_randomization;
