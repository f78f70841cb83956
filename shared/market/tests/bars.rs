//! Bars of markets with other days than New York's, of half days, and of ticks out of order.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail loudly")]

use jiff::Timestamp;
use proptest::prelude::*;
use tickwise_market::{Bar, BarBuilder, Calendar, Interval, Tick};

fn ms(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap().as_millisecond()
}

fn built(calendar: Calendar, interval: Interval, bars: &[Bar]) -> (Vec<Bar>, u64) {
    let mut builder = BarBuilder::new(calendar, interval);
    let mut built: Vec<Bar> = bars.iter().filter_map(|bar| builder.push_bar(bar)).collect();
    built.extend(builder.finish());
    (built, builder.dropped())
}

/// Starts of the bars that trades at these instants make, and how many trades were dropped.
fn starts(calendar: Calendar, interval: Interval, times: &[&str]) -> (Vec<i64>, u64) {
    let trades: Vec<Bar> = times.iter().map(|time| Bar::from_trade(ms(time), 1.0, 1.0)).collect();
    let (bars, dropped) = built(calendar, interval, &trades);
    (bars.iter().map(|bar| bar.time_ms).collect(), dropped)
}

#[test]
fn an_fx_week_goes_from_sunday_to_friday_evening_in_new_york_in_summer_and_in_winter() {
    // Daylight saving ended on Sunday 2012-11-04 at 02:00.
    let trades = [
        "2012-10-28T20:59:59Z",
        "2012-10-28T21:00:00Z",
        "2012-11-02T20:59:59Z",
        "2012-11-02T21:00:00Z",
        "2012-11-04T21:59:59Z",
        "2012-11-04T22:00:00Z",
        "2012-11-09T21:59:59Z",
        "2012-11-09T22:00:00Z",
    ];
    let weeks = vec![ms("2012-10-28T21:00:00Z"), ms("2012-11-04T22:00:00Z")];
    assert_eq!(starts(Calendar::Fx, Interval::Week, &trades), (weeks, 4));
    // November's first day begins on the last evening of October.
    let months = vec![ms("2012-09-30T21:00:00Z"), ms("2012-10-31T21:00:00Z")];
    let trades = ["2012-10-31T20:59:59Z", "2012-10-31T21:00:00Z", "2012-11-30T21:59:59Z"];
    assert_eq!(starts(Calendar::Fx, Interval::Month, &trades), (months, 0));
}

#[test]
fn what_never_closes_has_weeks_from_monday_and_months_of_all_days() {
    let trades = ["2012-12-30T23:59:59Z", "2012-12-31T00:00:00Z", "2013-01-06T23:59:59Z"];
    let weeks = vec![ms("2012-12-24T00:00:00Z"), ms("2012-12-31T00:00:00Z")];
    assert_eq!(starts(Calendar::AlwaysOpen, Interval::Week, &trades), (weeks, 0));
    let months = vec![ms("2012-12-01T00:00:00Z"), ms("2013-01-01T00:00:00Z")];
    assert_eq!(starts(Calendar::AlwaysOpen, Interval::Month, &trades), (months, 0));
    // No day is longer or shorter for daylight saving.
    let trades = ["2012-11-04T23:59:59Z", "2012-11-05T00:00:00Z"];
    let days = vec![ms("2012-11-04T00:00:00Z"), ms("2012-11-05T00:00:00Z")];
    assert_eq!(starts(Calendar::AlwaysOpen, Interval::Day, &trades), (days, 0));
}

#[test]
fn a_half_day_ends_with_half_an_hour_and_at_one() {
    // Friday 2012-11-23, the day after Thanksgiving.
    let trades =
        ["2012-11-23T14:30:00Z", "2012-11-23T17:30:00Z", "2012-11-23T17:59:59Z", "2012-11-23T18:00:00Z"];
    let hours = vec![ms("2012-11-23T14:30:00Z"), ms("2012-11-23T17:30:00Z")];
    assert_eq!(starts(Calendar::Nyse, Interval::Hour, &trades), (hours, 1));
    assert_eq!(starts(Calendar::Nyse, Interval::Day, &trades), (vec![ms("2012-11-23T14:30:00Z")], 1));
}

#[test]
fn days_of_new_york_begin_an_hour_later_in_utc_once_daylight_saving_has_ended() {
    let trades =
        ["2012-11-02T13:30:00Z", "2012-11-02T19:59:59Z", "2012-11-05T14:29:59Z", "2012-11-05T14:30:00Z"];
    let days = vec![ms("2012-11-02T13:30:00Z"), ms("2012-11-05T14:30:00Z")];
    assert_eq!(starts(Calendar::Nyse, Interval::Day, &trades), (days, 1));
}

#[test]
fn intervals_without_trades_are_left_out_through_weekends_and_holidays() {
    // Good Friday and the weekend lie between.
    let trades = ["2013-03-28T19:59:00Z", "2013-04-01T13:30:00Z"];
    for interval in [Interval::Minute, Interval::Hour, Interval::Day, Interval::Week, Interval::Month] {
        let (bars, dropped) = starts(Calendar::Nyse, interval, &trades);
        assert_eq!((bars.len(), dropped), (2, 0), "{interval}");
    }
}

/// Trades over some six weeks around the end of daylight saving, in whole cents and units.
fn trades() -> impl Strategy<Value = Vec<Bar>> {
    prop::collection::vec((0_i64..40_000_000, 1_u32..1000, 1_u32..100), 1..200).prop_map(|steps| {
        let mut time_ms = ms("2012-10-19T12:00:00Z");
        let trade = |(step_ms, cents, size)| {
            time_ms += step_ms;
            Bar::from_trade(time_ms, f64::from(cents) / 100.0, f64::from(size))
        };
        steps.into_iter().map(trade).collect()
    })
}

proptest! {
    /// By way of every shorter interval, whatever the market.
    #[test]
    fn resampling_is_associative_in_every_market(trades in trades()) {
        for calendar in Calendar::ALL {
            for long in Interval::ALL {
                let (direct, _) = built(calendar, long, &trades);
                for pair in direct.windows(2) {
                    prop_assert!(pair[0].time_ms < pair[1].time_ms);
                }
                // Weeks do not divide months.
                let nests = |short: &Interval| *short < long && !(*short == Interval::Week && long == Interval::Month);
                for short in Interval::ALL.into_iter().filter(nests) {
                    let (shorter, _) = built(calendar, short, &trades);
                    prop_assert_eq!(&built(calendar, long, &shorter).0, &direct, "{:?}: {} to {}", calendar, short, long);
                }
            }
        }
    }

    /// Every trade is in a bar, or counted as dropped.
    #[test]
    fn no_trade_is_lost_uncounted(trades in trades(), order in any::<prop::sample::Index>()) {
        let mut shuffled = trades.clone();
        let far = order.index(shuffled.len());
        shuffled.rotate_left(far);
        for calendar in Calendar::ALL {
            for interval in Interval::ALL {
                let mut builder = BarBuilder::new(calendar, interval);
                let mut counted = 0;
                for trade in &shuffled {
                    let bar = builder.push(&Tick { time_ms: trade.time_ms, price: trade.close, size: 1.0 });
                    counted += bar.map_or(0, |bar| bar.volume as u64);
                }
                counted += builder.finish().map_or(0, |bar| bar.volume as u64);
                prop_assert_eq!(counted + builder.dropped(), trades.len() as u64);
            }
        }
    }

    /// Within a bar the order of arrival changes nothing but the open.
    #[test]
    fn out_of_order_within_a_bar_the_latest_is_the_close(cents in prop::collection::vec(1_u32..1000, 2..40), from in any::<prop::sample::Index>()) {
        let opening_ms = ms("2012-09-04T13:30:00Z");
        let trades: Vec<Bar> = (0..).zip(&cents).map(|(second, cents)| Bar::from_trade(opening_ms + 1_000 * second, f64::from(*cents), 1.0)).collect();
        let mut late = trades.clone();
        late.rotate_left(from.index(trades.len()));
        let (in_order, _) = built(Calendar::Nyse, Interval::Hour, &trades);
        let (out_of_order, dropped) = built(Calendar::Nyse, Interval::Hour, &late);
        prop_assert_eq!(dropped, 0);
        prop_assert_eq!(out_of_order, vec![Bar { open: late[0].open, ..in_order[0] }]);
    }
}
