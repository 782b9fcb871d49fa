//! Views, matching, tallies, scores, intervals, signatures and records.
