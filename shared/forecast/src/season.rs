//! Earnings seasons, read from past bars: companies report about every 91 days, on days
//! of high variance and volume.

use crate::average::Average;

/// Names of the season's values, in order.
pub const SEASONS: [&str; 4] = ["quarter_ago", "year_ago", "four_quarters", "quarter_and_year_ago"];

/// Calendar days back to the same point of past quarters.
const LAGS: [i64; 4] = [91, 182, 273, 364];
/// Weights of the days around such a point, which reports miss by some days.
const KERNEL: [f64; 7] = [1.0, 2.0, 3.0, 4.0, 3.0, 2.0, 1.0];
/// Half-life of the usual score, in trading days.
const USUAL_HALF_LIFE: f64 = 250.0;

/// How much past days were like days of reports.
#[derive(Clone, Debug)]
pub struct Season {
    /// `(day, score)` of days with a score, oldest first; days count from the Unix epoch.
    scores: Vec<(i64, f64)>,
    usual: Average,
}

impl Default for Season {
    fn default() -> Self {
        Self { scores: Vec::new(), usual: Average::new(USUAL_HALF_LIFE) }
    }
}

impl Season {
    /// Takes a day with how far the logs of its variance and of its volume were above
    /// what was usual before it.
    pub fn update(&mut self, day: i64, variance_surprise: f64, volume_surprise: f64) {
        let score = variance_surprise.clamp(0.0, 3.0) * volume_surprise.clamp(0.0, 1.5);
        self.usual.update(score);
        if score > 0.0 {
            self.scores.push((day, score));
        }
    }

    /// What past quarters say of a day, up to two months after the last that was
    /// taken, relative to the usual score.
    pub fn at(&self, day: i64) -> [f64; SEASONS.len()] {
        let past = LAGS.map(|lag| self.around(day - lag));
        let [quarter, .., year] = past;
        let usual = 2.0 * 5.0 / 7.0 * self.usual.value().unwrap_or_default();
        let mean = past.iter().sum::<f64>() / LAGS.len() as f64;
        let [a, b, c] = [quarter, year, mean].map(|score| (score - usual).clamp(-1.0, 3.0));
        [a, b, c, (quarter * year).sqrt()]
    }

    /// The scores of the days around one.
    fn around(&self, day: i64) -> f64 {
        let reach = (KERNEL.len() / 2) as i64;
        let first = self.scores.partition_point(|(other, _)| *other < day - reach);
        let near = self.scores.iter().skip(first).take_while(|(other, _)| *other <= day + reach);
        let weight = |other: i64| {
            let index = usize::try_from(other - day + reach).ok();
            index.and_then(|index| KERNEL.get(index)).copied().unwrap_or_default()
        };
        near.map(|(other, score)| weight(*other) * score).sum::<f64>() / 8.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_of_past_quarters_announce_the_next() {
        let mut season = Season::default();
        for day in 0..400 {
            let surprise = if day % 91 == 10 { 2.0 } else { 0.0 };
            season.update(day, surprise, 1.0);
        }
        let [quarter, year, mean, both] = season.at(4 * 91 + 10 + 91);
        // A score of 2 with the middle weight 4/8, above a usual score of about 2/91.
        assert!(both == 1.0 && (0.9..1.0).contains(&quarter), "{quarter} {both}");
        assert_eq!((quarter, quarter), (year, mean));
        let [quarter, .., both] = season.at(4 * 91 + 50);
        assert!(quarter < 0.0 && both == 0.0, "between the seasons");
        assert_eq!(Season::default().at(0), [0.0; 4]);
    }
}
