//! The bars as columns and as rows.

use std::fs;

pub struct Bars {
    pub high: Vec<f64>,
    pub low: Vec<f64>,
    pub close: Vec<f64>,
    pub rows: Vec<Row>,
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
        let [open, high, low, close, volume] = std::array::from_fn(column);
        let row =
            |i: usize| Row { open: open[i], high: high[i], low: low[i], close: close[i], volume: volume[i] };
        let rows = (0..count).map(row).collect();
        Self { high, low, close, rows }
    }
}
