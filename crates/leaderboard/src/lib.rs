//! Tables made from records; the only crate that names polars.
