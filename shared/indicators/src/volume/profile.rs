use serde::{Deserialize, Serialize};
use tickwise_market::Bar;

use crate::{
    Definition, Indicator, Input, Memory, Pane, Parameter, Parameters, Registered,
    definition::{period, price},
    indicator::finite,
    rolling::Window,
    tie::exceeds,
};

/// The share of volume that the value area holds.
const VALUE_AREA: f64 = 0.7;

/// Volume profile of the last `period` bars (after Steidlmayer's market profile):
/// `[poc, high, low]`, the middle of the price bin with the most volume and the
/// bounds of the value area, which grows around it towards the fuller side until
/// it holds 70 % of all volume. A bar's volume spreads evenly from its low to its
/// high. Nothing without volume.
///
/// An update takes time proportional to `period` and `bins`, whose range moves
/// with the prices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VolumeProfile {
    /// Low, high and volume.
    bars: Window<[f64; 3]>,
    bins: Vec<f64>,
}

impl VolumeProfile {
    /// Over `period` bars, in `bins` bins between the lowest low and the highest high; at least 1.
    pub fn new(period: usize, bins: usize) -> Self {
        Self { bars: Window::new(period), bins: vec![0.0; bins.max(1)] }
    }

    fn fill(&mut self, lowest: f64, bin_width: f64) {
        self.bins.fill(0.0);
        let last = self.bins.len() - 1;
        let place = |price: f64| ((price - lowest) / bin_width).max(0.0);
        for &[low, high, volume] in self.bars.values() {
            let (from, to) = (place(low), place(high));
            let (first, end) = ((from as usize).min(last), (to as usize).min(last));
            let Some(bins) = self.bins.get_mut(first..=end) else { continue };
            if first == end {
                bins.iter_mut().for_each(|bin| *bin += volume);
                continue;
            }
            for (bin, left) in bins.iter_mut().zip(first..) {
                let covered = to.min(left as f64 + 1.0) - from.max(left as f64);
                *bin += volume * covered.max(0.0) / (to - from);
            }
        }
    }

    /// The fullest bin, and the first and last bin of the value area.
    fn value_area(&self) -> Option<[usize; 3]> {
        let total: f64 = self.bins.iter().sum();
        let fuller = |best: (usize, f64), (i, &bin): (usize, &f64)| {
            if exceeds(bin, best.1, total) { (i, bin) } else { best }
        };
        let (fullest, mut held) = self.bins.iter().enumerate().fold((0, 0.0), fuller);
        if held <= 0.0 {
            return None;
        }
        let (mut first, mut last) = (fullest, fullest);
        while exceeds(VALUE_AREA * total, held, total) {
            let below = first.checked_sub(1).and_then(|i| self.bins.get(i));
            let above = self.bins.get(last + 1);
            match (below, above) {
                (None, None) => break,
                (Some(below), above) if above.is_none_or(|above| exceeds(*below, *above, total)) => {
                    held += below;
                    first -= 1;
                }
                (_, above) => {
                    held += above.unwrap_or(&0.0);
                    last += 1;
                }
            }
        }
        Some([fullest, first, last])
    }
}

impl Indicator for VolumeProfile {
    type Input = Bar;
    type Output = [f64; 3];

    fn update(&mut self, bar: &Bar) -> Option<[f64; 3]> {
        let bar = finite(bar)?;
        self.bars.push([bar.low, bar.high, bar.volume]);
        if !self.bars.is_full() {
            return None;
        }
        let lowest = self.bars.values().iter().fold(f64::INFINITY, |lowest, [low, ..]| lowest.min(*low));
        let highest =
            self.bars.values().iter().fold(f64::NEG_INFINITY, |highest, [_, high, _]| highest.max(*high));
        let bin_width = (highest - lowest) / self.bins.len() as f64;
        if bin_width <= 0.0 {
            let traded = self.bars.values().iter().any(|[.., volume]| *volume > 0.0);
            return traded.then_some([lowest; 3]);
        }
        self.fill(lowest, bin_width);
        let [fullest, first, last] = self.value_area()?;
        let edge = |bins: f64| lowest + bins * bin_width;
        Some([edge(fullest as f64 + 0.5), edge(last as f64 + 1.0), edge(first as f64)])
    }

    fn warm_up(&self) -> usize {
        self.bars.period()
    }

    fn reset(&mut self) {
        self.bars.clear();
        self.bins.fill(0.0);
    }
}

impl Registered for VolumeProfile {
    const DEFINITION: Definition = Definition {
        name: "profile",
        title: "Volume profile",
        pane: Pane::Price,
        input: Input::PricesAndVolume,
        memory: Memory::Window,
        parameters: &[period(60.0), Parameter { max: 200.0, ..Parameter::bars("bins", 24.0) }],
        outputs: &[price("poc"), price("high"), price("low")],
    };

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0), parameters.whole(1))
    }
}
