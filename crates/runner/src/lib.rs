//! Runs extractors over data sets, in parallel, and leaves predictions and a record.
