use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickwise_market::Bar;

/// What a symbol counts for when nobody watches it.
const BACKGROUND_WEIGHT: f64 = 0.05;

/// Daily volatility of a symbol of which nothing is known: that of a usual stock.
const USUAL_VOLATILITY: f64 = 0.02;

/// The weight of a day in the volatility: RiskMetrics' 0.94.
const DECAY: f64 = 0.94;

/// What is known of a symbol's prices, and who wants them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Holding {
    /// Sockets that follow the symbol.
    pub viewers: u32,
    /// They count until then, unless they are reported again.
    pub watched_until_ms: i64,
    /// When its price was last answered.
    pub answered_ms: Option<i64>,
    /// The exchange's time of the last price; for a closing price, the close.
    pub exchange_time_ms: Option<i64>,
    /// The last session of which there is a closing price.
    pub closed: Option<Date>,
    /// The last session of which there is a daily bar.
    pub history_to: Option<Date>,
    /// Standard deviation of daily log returns.
    pub volatility: f64,
    /// Not asked again before.
    pub not_before_ms: i64,
    /// Failures or stale answers in a row.
    pub failures: u32,
    /// Not asked for a quote again before: there was no price yet.
    #[serde(default)]
    pub silent_until_ms: i64,
    /// Answers in a row by which the vendor does not know it, whatever else failed
    /// in between.
    #[serde(default)]
    pub unknowns: u32,
}

impl Default for Holding {
    fn default() -> Self {
        Self {
            viewers: 0,
            watched_until_ms: 0,
            answered_ms: None,
            exchange_time_ms: None,
            closed: None,
            history_to: None,
            volatility: USUAL_VOLATILITY,
            not_before_ms: 0,
            failures: 0,
            silent_until_ms: 0,
            unknowns: 0,
        }
    }
}

impl Holding {
    /// The sockets that follow it now.
    pub fn viewers_at(&self, now_ms: i64) -> u32 {
        if now_ms < self.watched_until_ms { self.viewers } else { 0 }
    }

    /// The vendor has answered about it.
    pub(crate) fn answered(&mut self, now_ms: i64) {
        self.answered_ms = Some(now_ms);
        self.silent_until_ms = 0;
        self.unknowns = 0;
    }

    /// When it may be asked for a quote.
    pub(crate) fn quotable_ms(&self) -> i64 {
        self.not_before_ms.max(self.silent_until_ms)
    }

    /// How much a refresh is worth: the square of the age, times viewers and
    /// volatility. The square, because who refreshes by it spends in proportion to
    /// the root of the weight, which makes the weighted mean age least (Kadota et
    /// al., "Scheduling Policies for Minimizing Age of Information in Broadcast
    /// Wireless Networks", IEEE/ACM Transactions on Networking, 2018).
    pub(crate) fn worth(&self, now_ms: i64, unknown_age_ms: i64) -> f64 {
        let age_ms = self.answered_ms.map_or(unknown_age_ms, |answered| now_ms - answered).max(0) as f64;
        let weight = f64::from(self.viewers_at(now_ms)) + BACKGROUND_WEIGHT;
        weight * self.volatility * age_ms * age_ms
    }

    /// The volatility of closed days, the newest weighing most.
    pub(crate) fn measure(&mut self, bars: &[Bar]) {
        let mut variance: Option<f64> = None;
        for pair in bars.windows(2) {
            let [before, after] = pair else { continue };
            let change = (after.close / before.close).ln();
            if change.is_finite() {
                let square = change * change;
                variance = Some(variance.map_or(square, |v| DECAY * v + (1.0 - DECAY) * square));
            }
        }
        if let Some(variance) = variance.filter(|variance| *variance > 0.0) {
            self.volatility = variance.sqrt();
        }
    }
}
