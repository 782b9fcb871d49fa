//! Random numbers as a function of what they are for.

/// A source of random numbers that is addressed, not consumed: number `i` of stream `stream` of seed
/// `seed` is always the same. SplitMix64 (Steele, Lea and Flood 2014) over a mixed key.
///
/// ```
/// use ere_eval::statistics::Counter;
/// let counter = Counter::new(0, 7);
/// assert_eq!(counter.number(3), Counter::new(0, 7).number(3));
/// assert!(counter.below(3, 10) < 10);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Counter {
    key: u64,
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

impl Counter {
    /// Stream `stream` of seed `seed`. Seed 0 is a seed like any other.
    pub fn new(seed: u64, stream: u64) -> Counter {
        Counter { key: mix(mix(seed.wrapping_add(GOLDEN)) ^ stream.wrapping_mul(GOLDEN)) }
    }

    /// Number `position` of the stream: 64 random bits.
    pub fn number(self, position: u64) -> u64 {
        mix(self.key.wrapping_add(position.wrapping_mul(GOLDEN)))
    }

    /// Number `position`, scaled to 0..bound (a bias of at most bound / 2^64).
    pub fn below(self, position: u64, bound: u64) -> u64 {
        ((u128::from(self.number(position)) * u128::from(bound)) >> 64) as u64
    }
}

fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}
