//! Synthetic corpora, and noisy predictions made from gold, from a seed.
