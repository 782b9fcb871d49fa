//! Counter-based random numbers: a draw is a function of a key and a position, nothing else.

use std::convert::Infallible;

use rand::TryRng;

/// A source of random numbers that has no state: the draw at a position is always the same.
///
/// The mixing function is the finaliser of SplitMix64 (Steele, Lea and Flood, "Fast splittable
/// pseudorandom number generators", OOPSLA 2014), and positions walk its Weyl sequence.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Random {
    key: u64,
}

/// 2^64 divided by the golden ratio: the step of the Weyl sequence.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

impl Random {
    /// The source of one document.
    pub(crate) fn of_document(seed: u64, id: &str) -> Random {
        Random::of_seed(seed).child(fnv1a(id.as_bytes()))
    }

    /// The source of a seed, for corpora.
    pub(crate) fn of_seed(seed: u64) -> Random {
        Random { key: mix(seed.wrapping_add(STEP)) }
    }

    /// An independent source for each `name`.
    pub(crate) fn child(self, name: u64) -> Random {
        // A chain, not a sum of two hashes: seed 3, document 5 must not be seed 5, document 3.
        Random { key: mix(self.bits(name)) }
    }

    /// The 64 random bits at a position.
    pub(crate) fn bits(self, position: u64) -> u64 {
        mix(self.key.wrapping_add(position.wrapping_add(1).wrapping_mul(STEP)))
    }

    /// A number from 0 up to, not including, `limit`. The bias is under `limit` / 2^64.
    pub(crate) fn below(self, limit: usize, position: u64) -> usize {
        scale(self.bits(position), limit)
    }

    /// Whether an event of this probability happens at a position: never at 0, always at 1.
    pub(crate) fn happens(self, probability: f64, position: u64) -> bool {
        unit(self.bits(position)) < probability
    }
}

/// The draws of a source one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Stream {
    random: Random,
    position: u64,
}

impl Stream {
    /// The draws from the first one on.
    pub(crate) fn of(random: Random) -> Stream {
        Stream { random, position: 0 }
    }

    /// The next 64 random bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.position += 1;
        self.random.bits(self.position - 1)
    }

    /// A number from 0 up to, not including, `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        scale(self.bits(), limit)
    }

    /// A number from 0 up to, not including, 1.
    pub(crate) fn unit(&mut self) -> f64 {
        unit(self.bits())
    }

    /// Whether an event of this probability happens.
    pub(crate) fn happens(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }
}

/// What rand makes of bits (choices, shuffles, distributions) can be made of these.
impl TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.bits() >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.bits())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.bits().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

/// Bits as a number from 0 up to, not including, `limit`.
pub(crate) fn scale(bits: u64, limit: usize) -> usize {
    ((u128::from(bits) * limit as u128) >> 64) as usize
}

/// Bits as a number from 0 up to, not including, 1.
fn unit(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1u64 << 53) as f64
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// FNV-1a: short, and the same in every version of every library.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_those_of_the_published_generator() {
        // The first outputs of the reference implementation, seed 1234567.
        let random = Random { key: 1_234_567 };
        let expected = [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
            4_593_380_528_125_082_431,
            16_408_922_859_458_223_821,
        ];
        assert_eq!([0, 1, 2, 3, 4].map(|position| random.bits(position)), expected);
    }

    #[test]
    fn the_hash_is_the_published_one() {
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn probabilities_zero_and_one_are_certain() {
        let random = Random::of_document(1, "a");
        assert!((0..10_000).all(|position| !random.happens(0.0, position)));
        assert!((0..10_000).all(|position| random.happens(1.0, position)));
    }

    #[test]
    fn numbers_below_a_limit_are_even() {
        let random = Random::of_document(1, "a");
        let mut counts = [0u32; 10];
        for position in 0..100_000 {
            counts[random.below(10, position)] += 1;
        }
        // Chi-squared with 9 degrees of freedom: 27.9 is passed once in a thousand.
        let chi: f64 = counts.iter().map(|&n| (f64::from(n) - 1e4).powi(2) / 1e4).sum();
        assert!(chi < 27.9, "{chi}");
    }

    #[test]
    fn sources_of_other_documents_and_seeds_are_others() {
        let bits = |seed, id| Random::of_document(seed, id).bits(0);
        assert_ne!(bits(1, "a"), bits(1, "b"));
        assert_ne!(bits(1, "a"), bits(2, "a"));
    }

    #[test]
    fn children_of_seeds_are_all_different() {
        let pairs = (0..100).flat_map(|seed| (0..100).map(move |name| (seed, name)));
        let mut keys: Vec<u64> =
            pairs.map(|(seed, name)| Random::of_seed(seed).child(name).key).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), 10_000);
    }
}
