//! The bars: columns, and rows made of them as they are read, since more columns
//! would measure the memory.

use std::fs;

pub struct Bars {
    pub high: Vec<f64>,
    pub low: Vec<f64>,
    pub close: Vec<f64>,
}

#[derive(Clone, Copy)]
pub struct Row {
    pub open: f64,
    pub high: f64,
    pub low: f64,
    pub close: f64,
    pub volume: f64,
}

impl Bars {
    /// Reads a count and five columns, little-endian.
    pub fn read(path: &str) -> Self {
        let bytes = fs::read(path).expect("a file of bars");
        let words: Vec<[u8; 8]> =
            bytes.chunks_exact(8).map(|word| word.try_into().expect("8 bytes")).collect();
        let count = u64::from_le_bytes(words[0]) as usize;
        let column = |index: usize| -> Vec<f64> {
            words[1 + index * count..][..count].iter().map(|word| f64::from_le_bytes(*word)).collect()
        };
        let [_, high, low, close, _] = std::array::from_fn::<_, 5, _>(column);
        Self { high, low, close }
    }

    pub fn rows(&self) -> impl ExactSizeIterator<Item = Row> + Clone {
        let rows = self.high.iter().zip(&self.low).zip(&self.close);
        rows.map(|((&high, &low), &close)| Row { open: close, high, low, close, volume: 0.0 })
    }
}
