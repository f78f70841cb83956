//! Whose day an instant is that is known in UTC only.

use jiff::civil::{Date, Time, time};
use tickwise_market::Calendar;

use super::{Moment, Zone};
use crate::{FileError, Options, table::Places};

/// When the New York day of trading begins and ends at the most: before and after the session,
/// too, but so that no other exchange's midnight lies within (that of Tokyo is 10:00, on the day
/// before, which is then a Sunday once a week).
const BEGINS: Time = time(4, 0, 0, 0);
const ENDS: Time = time(17, 0, 0, 0);

/// The days of moments in UTC: of the zone that the user names; else UTC's or New York's where
/// each is midnight in one of them or in New York's hours on a trading day.
pub fn days(
    moments: &[Moment],
    rows: &[usize],
    places: &Places,
    options: &Options,
) -> Result<Vec<Date>, FileError> {
    let new_york = Zone::new_york();
    let day = |(moment, row): (&Moment, &usize)| {
        let named = options.zone.as_ref().map(|zone| zone.at(moment.ms()).map(|at| at.local.date()));
        named.unwrap_or_else(|| day(*moment, &new_york)).ok_or_else(|| FileError::WhoseDay {
            place: places.of(*row),
            found: format!("{}Z", moment.local),
        })
    };
    moments.iter().zip(rows).map(day).collect()
}

fn day(moment: Moment, new_york: &Zone) -> Option<Date> {
    let midnight = Time::midnight();
    if moment.local.time() == midnight {
        return Some(moment.local.date());
    }
    let there = new_york.at(moment.ms())?.local;
    let is_in_hours =
        || (BEGINS..=ENDS).contains(&there.time()) && Calendar::Nyse.session(there.date()).is_some();
    (there.time() == midnight || is_in_hours()).then_some(there.date())
}
