//! Announcements that move markets, on days that are known long before.

use jiff::civil::{Date, Weekday};

/// Days on which the Federal Open Market Committee announces its decision: the last
/// day of each scheduled meeting, `[year][meeting]` as month and day, from
/// [`FOMC_FROM`] on. Source: the Federal Reserve's public calendar of meetings
/// (federalreserve.gov/monetarypolicy/fomccalendars.htm and fomc_historical_year.htm).
/// Meetings that were called at short notice are not in it: nobody knew of them. The
/// dates of 2027 are those of the Federal Reserve's announcement of 5 September 2025.
const FOMC: [[u16; 8]; 30] = [
    [204, 331, 519, 701, 818, 929, 1117, 1222],
    [203, 330, 518, 630, 824, 1005, 1116, 1221],
    [202, 321, 516, 628, 822, 1003, 1115, 1219],
    [131, 320, 515, 627, 821, 1002, 1106, 1211],
    [130, 319, 507, 626, 813, 924, 1106, 1210],
    [129, 318, 506, 625, 812, 916, 1028, 1209],
    [128, 316, 504, 630, 810, 921, 1110, 1214],
    [202, 322, 503, 630, 809, 920, 1101, 1213],
    [131, 328, 510, 629, 808, 920, 1025, 1212],
    [131, 321, 509, 628, 807, 918, 1031, 1211],
    [130, 318, 430, 625, 805, 916, 1029, 1216],
    [128, 318, 429, 624, 812, 923, 1104, 1216],
    [127, 316, 428, 623, 810, 921, 1103, 1214],
    [126, 315, 427, 622, 809, 921, 1102, 1213],
    [125, 313, 425, 620, 801, 913, 1024, 1212],
    [130, 320, 501, 619, 731, 918, 1030, 1218],
    [129, 319, 430, 618, 730, 917, 1029, 1217],
    [128, 318, 429, 617, 729, 917, 1028, 1216],
    [127, 316, 427, 615, 727, 921, 1102, 1214],
    [201, 315, 503, 614, 726, 920, 1101, 1213],
    [131, 321, 502, 613, 801, 926, 1108, 1219],
    [130, 320, 501, 619, 731, 918, 1030, 1211],
    [129, 318, 429, 610, 729, 916, 1105, 1216],
    [127, 317, 428, 616, 728, 922, 1103, 1215],
    [126, 316, 504, 615, 727, 921, 1102, 1214],
    [201, 322, 503, 614, 726, 920, 1101, 1213],
    [131, 320, 501, 612, 731, 918, 1107, 1218],
    [129, 319, 507, 618, 730, 917, 1029, 1210],
    [128, 318, 429, 617, 729, 916, 1028, 1209],
    [127, 317, 428, 609, 728, 915, 1027, 1208],
];

/// First year of the table of FOMC decisions.
pub const FOMC_FROM: i16 = 1998;

/// Last year of the table of FOMC decisions: later ones are not announced.
pub const FOMC_UNTIL: i16 = FOMC_FROM + FOMC.len() as i16 - 1;

/// Whether a scheduled meeting of the Federal Open Market Committee ends; `None` where
/// that is not known, outside the years [`FOMC_FROM`] to [`FOMC_UNTIL`].
pub fn is_fomc_decision(day: Date) -> Option<bool> {
    let days = FOMC.get(usize::try_from(day.year() - FOMC_FROM).ok()?)?;
    let month_and_day = u16::from(day.month().unsigned_abs()) * 100 + u16::from(day.day().unsigned_abs());
    Some(days.contains(&month_and_day))
}

/// Whether the Bureau of Labor Statistics publishes payrolls: by its rule, the
/// first Friday of the month. It makes a few exceptions a decade.
pub fn is_payrolls(day: Date) -> bool {
    day.weekday() == Weekday::Friday && day.day() <= 7
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn decisions_are_on_weekdays_eight_a_year_in_order() {
        for (year, days) in (FOMC_FROM..).zip(FOMC) {
            assert!(days.windows(2).all(|pair| pair[0] < pair[1]), "{year}");
            for day in days {
                let day = date(year, (day / 100) as i8, (day % 100) as i8);
                assert_eq!(is_fomc_decision(day), Some(true), "{day}");
                assert!(!matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday), "{day}");
            }
        }
        assert_eq!(is_fomc_decision(date(2008, 10, 8)), Some(false), "a cut between meetings");
        assert_eq!(FOMC_UNTIL, 2027);
        assert_eq!(is_fomc_decision(date(2027, 12, 8)), Some(true));
        for unknown in [date(1997, 12, 16), date(2028, 1, 26)] {
            assert_eq!(is_fomc_decision(unknown), None);
        }
    }

    #[test]
    fn payrolls_are_on_the_first_friday() {
        let days = [date(2013, 1, 4), date(2013, 1, 11), date(2013, 2, 1), date(2013, 2, 7)];
        assert_eq!(days.map(is_payrolls), [true, false, true, false]);
    }
}
