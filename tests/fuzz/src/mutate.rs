//! Inputs that are nearly right: seeds, changed a little.

use rand::{Rng, RngExt, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;

/// Longer inputs are cut: parsers have limits of their own, and short ones try more of them a second.
const MAX_BYTES: usize = 1 << 16;

/// What parsers of numbers, dates and JSON find hard.
const TOKENS: [&str; 30] = [
    "",
    "0",
    "-0",
    "-1",
    "1e400",
    "1e-400",
    "NaN",
    "inf",
    "null",
    "None",
    "-",
    ".",
    "true",
    "{}",
    "[]",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "\\u0000",
    "\\ud800",
    "9223372036854775807",
    "18446744073709551616",
    "9999-12-31",
    "2030-02-30",
    "\r\n",
    ",",
    ":",
    "é",
];

/// A reproducible source of changed seeds.
#[derive(Clone, Debug)]
pub struct Mutator {
    random: ChaCha8Rng,
}

impl Mutator {
    /// The same seed gives the same inputs.
    pub fn new(seed: u64) -> Self {
        Self { random: ChaCha8Rng::seed_from_u64(seed) }
    }

    /// Fills `input` with one of `seeds`, changed in one to eight places.
    pub fn next(&mut self, seeds: &[Vec<u8>], input: &mut Vec<u8>) {
        input.clear();
        input.extend_from_slice(self.pick(seeds));
        for _ in 0..self.random.random_range(1..=8) {
            self.change(seeds, input);
        }
        input.truncate(MAX_BYTES);
    }

    fn pick<'a>(&mut self, seeds: &'a [Vec<u8>]) -> &'a [u8] {
        seeds.choose(&mut self.random).map_or(&[], Vec::as_slice)
    }

    fn change(&mut self, seeds: &[Vec<u8>], input: &mut Vec<u8>) {
        let (from, to) = self.span(input.len());
        match self.random.random_range(0..8) {
            0 => input.truncate(from),
            1 => drop(input.drain(from..to)),
            2 => repeat(input, from, to),
            3 => {
                let token = TOKENS.choose(&mut self.random).copied().unwrap_or_default();
                input.splice(from..to, token.bytes());
            }
            4 => {
                let other = self.pick(seeds).to_vec();
                let (start, end) = self.span(other.len());
                input.splice(from..to, other.into_iter().take(end).skip(start));
            }
            5 => {
                let mut noise = [0; 8];
                self.random.fill_bytes(&mut noise);
                let bytes = self.random.random_range(1..=noise.len());
                input.splice(from..from, noise.into_iter().take(bytes));
            }
            6 => self.renumber(input, from),
            _ => {
                let bit = 1 << self.random.random_range(0..8);
                if let Some(byte) = input.get_mut(from) {
                    *byte ^= bit;
                }
            }
        }
    }

    /// A span, more often short than long.
    fn span(&mut self, len: usize) -> (usize, usize) {
        let from = self.random.random_range(0..=len);
        let most = if self.random.random_bool(0.8) { 16 } else { len };
        let to = from + self.random.random_range(0..=most.min(len - from));
        (from, to)
    }

    /// Other digits for the number at or after a place.
    fn renumber(&mut self, input: &mut [u8], from: usize) {
        let after = input.iter_mut().skip(from).skip_while(|byte| !byte.is_ascii_digit());
        for digit in after.take_while(|byte| byte.is_ascii_digit()) {
            *digit = self.random.random_range(b'0'..=b'9');
        }
    }
}

fn repeat(input: &mut Vec<u8>, from: usize, to: usize) {
    if input.len() < MAX_BYTES {
        input.extend_from_within(from..to);
    }
}
