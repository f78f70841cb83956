use jiff::{
    Timestamp,
    civil::{Date, Weekday},
    tz::TimeZone,
};
use libm::{exp, log};
use tickwise_market::{Bar, Calendar};

use crate::{
    ANCHORS, HORIZONS,
    average::Average,
    calendar::{INDICATORS, day_number, indicators},
    econometrics::{Day, days},
    season::{SEASONS, Season},
};

/// The fewest bars that a forecast needs.
pub const MIN_BARS: usize = 100;

/// The most bars that features read.
pub const WINDOW_BARS: usize = 1001;

/// Names of what bars say of the present.
const PRESENT: [&str; 24] = [
    "log_range_ewma_2",
    "log_range_ewma_5",
    "log_range_ewma_15",
    "log_range_ewma_40",
    "log_range_ewma_120",
    "log_range_mean_1000",
    "range_ewma_3",
    "range_ewma_8",
    "range_ewma_60",
    "range_ewma_180",
    "falls_ewma_3",
    "falls_ewma_15",
    "range_1",
    "return_1",
    "return_5",
    "return_22",
    "size_of_return_1",
    "fall_1",
    "range_unrest",
    "volume",
    "volume_unknown",
    "drawdown_250",
    "return_66",
    "return_250",
];

/// Values that one day, or the mean of the days up to an anchor, has: indicators,
/// the same where volume is unknown (foreign exchange), and seasons.
const DAY_VALUES: usize = 2 * INDICATORS.len() + SEASONS.len();

/// Features that do not depend on the horizon: the present and its day.
pub const COMMON_FEATURES: usize = PRESENT.len() + DAY_VALUES;

/// Number of features: the common ones, then those of the days up to each anchor.
pub const FEATURES: usize = COMMON_FEATURES + ANCHORS.len() * DAY_VALUES;

/// Names of the features, in order.
pub fn feature_names() -> Vec<String> {
    let day = |of: String| {
        let indicators = INDICATORS.map(|name| format!("{name}_{of}"));
        let unknown = INDICATORS.map(|name| format!("{name}_{of}_volume_unknown"));
        let seasons = SEASONS.map(|name| format!("season_{name}_{of}"));
        indicators.into_iter().chain(unknown).chain(seasons)
    };
    let days = std::iter::once("today".to_owned()).chain(ANCHORS.map(|horizon| format!("next_{horizon}")));
    PRESENT.map(Into::into).into_iter().chain(days.flat_map(day)).collect()
}

/// Whether the regression of an anchor, by index, reads a feature: what is told of
/// coming days only concerns the anchor that they lead to.
pub fn is_read(feature: usize, anchor: usize) -> bool {
    feature.checked_sub(COMMON_FEATURES).is_none_or(|rest| rest / DAY_VALUES == anchor)
}

/// Half-lives, in days, of averages of the log range variance.
const LOG_HALF_LIVES: [f64; 5] = [2.0, 5.0, 15.0, 40.0, 120.0];
/// Of averages of the range variance.
const HALF_LIVES: [f64; 4] = [3.0, 8.0, 60.0, 180.0];
/// Of averages of squared falls.
const FALL_HALF_LIVES: [f64; 2] = [3.0, 15.0];
/// Of the level that everything else is relative to, and of usual volume.
const LEVEL_HALF_LIFE: f64 = 20.0;
/// Days of the longest average.
const LONG_DAYS: usize = 1000;
/// Share of the usual variance below which squared falls do not go.
const FALL_FLOOR: f64 = 0.02;

/// What the network sees of closed daily bars.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Features {
    /// Dimensionless, in the order of [`feature_names`].
    pub values: [f32; FEATURES],
    /// Logarithm of the level of daily variance that the outputs are relative to.
    pub log_level: f64,
}

impl Features {
    /// The features as of the last of closed daily bars with positive prices,
    /// oldest first, of which the last [`WINDOW_BARS`] are read.
    pub fn of(bars: &[Bar]) -> Option<Self> {
        let bars = bars.get(bars.len().saturating_sub(WINDOW_BARS)..)?;
        let mut state = State::default();
        for (day, bar) in days(bars).into_iter().zip(bars.iter().skip(1)) {
            state.update(day, bar.time_ms);
        }
        (bars.len() > 1).then(|| state.features())
    }

    /// The features as of each bar but the first.
    pub fn all(bars: &[Bar]) -> Vec<Self> {
        let mut state = State::default();
        let rows = days(bars).into_iter().zip(bars.iter().skip(1));
        rows.map(|(day, bar)| {
            state.update(day, bar.time_ms);
            state.features()
        })
        .collect()
    }
}

/// What bars say of the present.
struct Present {
    values: [f64; PRESENT.len()],
    log_level: f64,
}

/// What past days leave behind: cheap to update, as only the last day's features
/// are asked for.
#[derive(Clone, Debug)]
struct State {
    level: Average,
    logs: [Average; LOG_HALF_LIVES.len()],
    ranges: [Average; HALF_LIVES.len()],
    falls: [Average; FALL_HALF_LIVES.len()],
    usual: Average,
    unrest: Average,
    volume: Average,
    unknown: Average,
    /// Shares of weekends, and of other days on which New York's exchange is closed.
    weekends: Average,
    holidays: Average,
    /// Logarithm of the last day's range variance.
    log_variance: f64,
    /// Logarithm of its volume less the average up to it; 0 where unknown.
    volume_over_usual: f64,
    /// The last two days.
    dates: [Date; 2],
    season: Season,
    /// Sums of returns and of log range variances up to each day.
    returns: Vec<f64>,
    log_ranges: Vec<f64>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            level: Average::new(LEVEL_HALF_LIFE),
            logs: LOG_HALF_LIVES.map(Average::new),
            ranges: HALF_LIVES.map(Average::new),
            falls: FALL_HALF_LIVES.map(Average::new),
            usual: Average::new(90.0),
            unrest: Average::new(40.0),
            volume: Average::new(LEVEL_HALF_LIFE),
            unknown: Average::new(250.0),
            weekends: Average::new(250.0),
            holidays: Average::new(250.0),
            log_variance: 0.0,
            volume_over_usual: 0.0,
            dates: [Date::default(); 2],
            season: Season::default(),
            returns: Vec::new(),
            log_ranges: Vec::new(),
        }
    }
}

impl State {
    fn update(&mut self, day: Day, time_ms: i64) {
        let variance = day.range_variance;
        let log_variance = log(variance);
        let before = self.logs.get(2).and_then(Average::value);
        let surprise = before.map_or(0.0, |before| log_variance - before);
        self.level.update(variance);
        self.unrest.update(surprise * surprise);
        self.logs.iter_mut().for_each(|average| average.update(log_variance));
        self.ranges.iter_mut().for_each(|average| average.update(variance));
        self.usual.update(variance);
        let fall = day.change.min(0.0).powi(2);
        self.falls.iter_mut().for_each(|average| average.update(fall));
        let total = |sums: &[f64]| sums.last().copied().unwrap_or_default();
        self.log_ranges.push(total(&self.log_ranges) + log_variance);
        self.returns.push(total(&self.returns) + day.change);
        let is_unknown = day.volume <= 0.0;
        self.unknown.update(f64::from(u8::from(is_unknown)));
        let mut volume_surprise = 0.0;
        self.volume_over_usual = 0.0;
        if !is_unknown {
            let log_volume = log(day.volume);
            let over = |average: &Average| average.value().map_or(0.0, |usual| log_volume - usual);
            volume_surprise = over(&self.volume);
            self.volume.update(log_volume);
            self.volume_over_usual = over(&self.volume);
        }
        let [_, yesterday] = self.dates;
        let today = date(time_ms);
        self.dates = [yesterday, today];
        let is_weekend = matches!(today.weekday(), Weekday::Saturday | Weekday::Sunday);
        let is_holiday = !is_weekend && !Calendar::Nyse.is_planned(today);
        self.weekends.update(f64::from(u8::from(is_weekend)));
        self.holidays.update(f64::from(u8::from(is_holiday)));
        self.season.update(day_number(today), surprise, volume_surprise);
        self.log_variance = log_variance;
    }

    /// The features as of the last day.
    fn features(&self) -> Features {
        self.with_days(&self.present())
    }

    fn present(&self) -> Present {
        let mean = |average: &Average| average.value().unwrap_or_default();
        let level = log(mean(&self.level));
        let floor = FALL_FLOOR * mean(&self.usual);
        let count = self.returns.len();
        let total = self.log_ranges.last().copied().unwrap_or_default();
        let days = LONG_DAYS.min(count);
        let earlier = (count.checked_sub(days + 1)).and_then(|i| self.log_ranges.get(i)).copied();
        let long = (total - earlier.unwrap_or_default()) / days as f64;
        let change = self.returns.last().copied().unwrap_or_default();
        let unit = exp(0.5 * level);
        let over = |n: usize, limit: f64| {
            let n = n.min(count);
            let before = count.checked_sub(n + 1).and_then(|i| self.returns.get(i)).copied();
            ((change - before.unwrap_or_default()) / (unit * (n as f64).sqrt())).clamp(-limit, limit)
        };
        let year = self.returns.get(count.saturating_sub(250)..).unwrap_or_default();
        let high = year.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let latest = over(1, 4.0);
        let [l2, l5, l15, l40, l120] = self.logs.each_ref().map(|average| mean(average) - level);
        let [e3, e8, e60, e180] = self.ranges.each_ref().map(|average| log(mean(average)) - level);
        let [f3, f15] = self.falls.each_ref().map(|average| log(mean(average).max(floor)) - level);
        let values = [
            l2,
            l5,
            l15,
            l40,
            l120,
            long - level,
            e3,
            e8,
            e60,
            e180,
            f3,
            f15,
            self.log_variance - level,
            latest,
            over(5, 4.0),
            over(22, 4.0),
            latest.abs(),
            latest.min(0.0),
            log(mean(&self.unrest) + 0.05),
            self.volume_over_usual.clamp(-2.0, 2.0),
            f64::from(u8::from(mean(&self.unknown) > 0.5)),
            ((change - high) / (unit * 250_f64.sqrt())).clamp(-3.0, 0.0),
            over(66, 3.0),
            over(250, 3.0),
        ];
        Present { values, log_level: level }
    }

    /// Adds the present day, and the means of the days foreseen up to each anchor.
    fn with_days(&self, present: &Present) -> Features {
        let is_unknown = self.unknown.value().is_some_and(|share| share > 0.5);
        let calendar = self.calendar();
        let [before, today] = self.dates;
        let mut features = Vec::with_capacity(FEATURES);
        features.extend(present.values);
        features.extend(self.day(today, before, is_unknown));
        let (mut sum, mut before) = ([0.0; DAY_VALUES], today);
        for (index, day) in calendar.planned_after(today).take(HORIZONS).enumerate() {
            let values = self.day(day, before, is_unknown);
            sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
            before = day;
            if ANCHORS.contains(&(index + 1)) {
                features.extend(sum.map(|sum| sum / (index + 1) as f64));
            }
        }
        let mut values = [0.0; FEATURES];
        values.iter_mut().zip(features).for_each(|(value, feature)| *value = feature as f32);
        Features { values, log_level: present.log_level }
    }

    /// The calendar of the series' own days: a coin's Friday is followed by Saturday.
    fn calendar(&self) -> Calendar {
        // A week has 2 weekend days in 7, a year 9 holidays in 260.
        let is_above = |average: &Average, share: f64| average.value().is_some_and(|value| value > share);
        if is_above(&self.weekends, 0.1) {
            Calendar::AlwaysOpen
        } else if is_above(&self.holidays, 0.005) {
            Calendar::Fx
        } else {
            Calendar::Nyse
        }
    }

    fn day(&self, day: Date, before: Date, is_unknown: bool) -> [f64; DAY_VALUES] {
        let indicators = indicators(day, before);
        let unknown = indicators.map(|value| if is_unknown { value } else { 0.0 });
        let mut all = indicators.into_iter().chain(unknown).chain(self.season.at(day_number(day)));
        std::array::from_fn(|_| all.next().unwrap_or_default())
    }
}

/// The trading day of a bar. A session of foreign exchange opens on the evening
/// before it, 21:00 or 22:00 UTC.
fn date(time_ms: i64) -> Date {
    const EVENING_MS: i64 = 3 * 3_600_000;
    let instant = Timestamp::from_millisecond(time_ms.saturating_add(EVENING_MS)).unwrap_or_default();
    TimeZone::UTC.to_datetime(instant).date()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn walk(steps: &[(f64, f64)]) -> Vec<Bar> {
        let mut close = 100.0;
        let mut bars = Vec::new();
        for (i, (step, range)) in steps.iter().enumerate() {
            let open = close;
            close *= step.exp();
            let (low, high) = (open.min(close) * (1.0 - range), open.max(close) * (1.0 + range));
            bars.push(Bar { time_ms: i as i64 * 86_400_000, open, high, low, close, volume: 1e6 + i as f64 });
        }
        bars
    }

    fn steps(count: usize) -> impl Strategy<Value = Vec<(f64, f64)>> {
        prop::collection::vec((-0.1..0.1_f64, 0.001..0.02_f64), count)
    }

    proptest! {
        #[test]
        fn what_comes_later_changes_nothing(steps in steps(150), cut in 2_usize..149) {
            let bars = walk(&steps);
            prop_assert_eq!(Features::all(&bars)[cut - 2], Features::of(&bars[..cut]).unwrap());
        }

        #[test]
        fn the_price_level_does_not_matter(steps in steps(120), factor in 0.001..1000.0_f64) {
            let bars = walk(&steps);
            let scaled: Vec<Bar> = bars.iter().map(|bar| Bar { volume: bar.volume, ..bar.rescaled(factor) }).collect();
            let (a, b) = (Features::of(&bars).unwrap(), Features::of(&scaled).unwrap());
            for (a, b) in a.values.iter().zip(b.values) {
                prop_assert!((a - b).abs() < 1e-4, "{} {}", a, b);
            }
        }
    }

    #[test]
    fn a_series_is_forecast_on_its_own_days() {
        let calendar = |trades: fn(Date) -> bool, volume: f64| {
            let mut state = State::default();
            let days = std::iter::successors(Some(date(0)), |day| day.tomorrow().ok());
            let bars: Vec<Bar> = days
                .filter(|day| trades(*day))
                .take(130)
                .map(|day| Bar { time_ms: day_number(day) * 86_400_000, volume, ..walk(&[(0.01, 0.01)])[0] })
                .collect();
            super::days(&bars)
                .into_iter()
                .zip(bars.iter().skip(1))
                .for_each(|(day, bar)| state.update(day, bar.time_ms));
            state.calendar()
        };
        assert_eq!(calendar(|_| true, 1.0), Calendar::AlwaysOpen);
        assert_eq!(calendar(|day| Calendar::Fx.is_planned(day), 0.0), Calendar::Fx);
        // Whether its volume is known or not.
        assert_eq!(calendar(|day| Calendar::Nyse.is_planned(day), 0.0), Calendar::Nyse);
    }

    #[test]
    fn a_price_that_never_moves_is_finite() {
        let features = Features::of(&walk(&[(0.0, 0.0); 150])).unwrap();
        assert!(features.values.iter().all(|value| value.is_finite()), "{features:?}");
        assert!(Features::of(&[]).is_none());
    }
}
