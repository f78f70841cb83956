//! Splits and dividends.

use crate::Bar;

/// What changes the price of a share without changing its value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CorporateAction {
    /// Start of the first bar at the new terms: the ex-date.
    pub ex_ms: i64,
    /// What happened.
    pub kind: ActionKind,
}

/// Kinds of corporate action.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ActionKind {
    /// So many new shares for one: 2 halves the price.
    Split(f64),
    /// So much cash a share, in the terms of the ex-date.
    Dividend(f64),
}

/// Bars as if all actions had happened before the first of them, oldest first:
/// what went before a split is divided by its ratio, and its volume multiplied;
/// what went before a dividend loses the share that the dividend had in the last
/// close before it (CRSP's rule), so that returns of the adjusted closes are total
/// returns. Actions before the first bar, and ratios and dividends that leave no
/// positive price, change nothing.
pub fn adjusted(bars: &[Bar], actions: &[CorporateAction]) -> Vec<Bar> {
    let mut actions = actions.to_vec();
    actions.sort_by_key(|action| std::cmp::Reverse(action.ex_ms));
    let mut pending = actions.into_iter().peekable();
    // Of prices, and of volumes.
    let (mut price, mut volume) = (1.0, 1.0);
    let mut adjusted: Vec<Bar> = bars
        .iter()
        .rev()
        .map(|bar| {
            while let Some(action) = pending.next_if(|action| bar.time_ms < action.ex_ms) {
                match action.kind {
                    ActionKind::Split(ratio) if ratio > 0.0 && ratio.is_finite() => {
                        price /= ratio;
                        volume *= ratio;
                    }
                    ActionKind::Dividend(cash) if (0.0..bar.close).contains(&cash) => {
                        price *= 1.0 - cash / bar.close;
                    }
                    _ => {}
                }
            }
            Bar { volume: bar.volume * volume, ..bar.with_close(bar.close * price) }
        })
        .collect();
    adjusted.reverse();
    adjusted
}

/// A bar with its prices in proportion to an adjusted close, and its volume the other
/// way, so that the value traded stays as it was: for sources that tell the adjusted
/// close alone and not what it is adjusted for. Of a split that is exact; a dividend,
/// which is part of the factor too, raises the volume before it by its yield.
pub fn adjusted_to(bar: Bar, adjusted_close: f64) -> Bar {
    let factor = adjusted_close / bar.close;
    Bar { volume: bar.volume / factor, ..bar.with_close(adjusted_close) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bar(time_ms: i64, close: f64) -> Bar {
        Bar { time_ms, open: close - 1.0, high: close + 1.0, low: close - 2.0, close, volume: 100.0 }
    }

    #[test]
    fn what_went_before_a_split_is_divided() {
        // Microsoft, 2 for 1 on 2003-02-18: 48.30 before, 24.96 after.
        let actions = [CorporateAction { ex_ms: 2, kind: ActionKind::Split(2.0) }];
        let [before, after] = adjusted(&[bar(1, 48.30), bar(2, 24.96)], &actions)[..] else { panic!() };
        assert_eq!((before.close, before.high, before.volume), (24.15, 24.65, 200.0));
        assert_eq!(after, bar(2, 24.96));
    }

    #[test]
    fn returns_over_a_dividend_are_total_returns() {
        let actions = [CorporateAction { ex_ms: 2, kind: ActionKind::Dividend(2.0) }];
        let bars = adjusted(&[bar(1, 100.0), bar(2, 99.0)], &actions);
        assert_eq!(bars[0].close, 98.0);
        // 99 and 2 of cash, from 100, is 1 %; from 98 to 99 is 1.02 %, by CRSP's rule.
        assert!((bars[1].close / bars[0].close - 99.0 / 98.0).abs() < 1e-12);
    }

    #[test]
    fn an_adjusted_close_scales_the_volume_too() {
        // Twenty for one.
        let before =
            Bar { time_ms: 0, open: 2188.8, high: 2192.8, low: 2181.6, close: 2190.0, volume: 346_558.0 };
        let after = adjusted_to(before, 109.5);
        assert!((after.high - 109.64).abs() < 1e-12 && (after.volume - 6_931_160.0).abs() < 1e-6);
        assert_eq!(adjusted_to(before, before.close), before);
    }

    #[test]
    fn what_cannot_be_changes_nothing() {
        let bars = [bar(1, 10.0), bar(2, 10.0)];
        for kind in [
            ActionKind::Split(0.0),
            ActionKind::Split(f64::NAN),
            ActionKind::Dividend(10.0),
            ActionKind::Dividend(-1.0),
        ] {
            assert_eq!(adjusted(&bars, &[CorporateAction { ex_ms: 2, kind }]), bars);
        }
    }

    proptest! {
        /// Value traded, price times volume, does not depend on splits; the newest bar never moves.
        #[test]
        fn splits_keep_the_value_traded(closes in prop::collection::vec(10.0..100.0_f64, 2..30), splits in prop::collection::vec((0_i64..30, 0.1..10.0_f64), 0..4)) {
            let bars: Vec<Bar> = closes.iter().zip(0..).map(|(close, time_ms)| bar(time_ms, *close)).collect();
            let last_ms = bars[bars.len() - 1].time_ms;
            let actions: Vec<CorporateAction> = splits.into_iter()
                .map(|(ex_ms, ratio)| CorporateAction { ex_ms: ex_ms.min(last_ms), kind: ActionKind::Split(ratio) }).collect();
            let adjusted = adjusted(&bars, &actions);
            for (a, b) in adjusted.iter().zip(&bars) {
                prop_assert!((a.close * a.volume - b.close * b.volume).abs() < 1e-9 * b.close * b.volume);
            }
            prop_assert_eq!(adjusted.last(), bars.last());
        }
    }
}
