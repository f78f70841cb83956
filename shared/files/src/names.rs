//! What columns are called, by whom ever.

use std::fmt;

use crate::{
    FileError, Options,
    error::{Names, shown},
};

/// What a column is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Date, or date and time.
    Date,
    /// Time of the day, beside a date.
    Time,
    /// First price.
    Open,
    /// Highest price.
    High,
    /// Lowest price.
    Low,
    /// Last price.
    Close,
    /// Close adjusted for later splits and dividends.
    AdjClose,
    /// Units traded.
    Volume,
    /// Whose bar it is.
    Symbol,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Date,
        Self::Time,
        Self::Open,
        Self::High,
        Self::Low,
        Self::Close,
        Self::AdjClose,
        Self::Volume,
        Self::Symbol,
    ];

    /// Those without which there are no bars.
    const NEEDED: [Self; 5] = [Self::Date, Self::Open, Self::High, Self::Low, Self::Close];

    /// What it is called, normalised as by [`normal`]. A name of an earlier list outweighs
    /// those of later ones; two of one list are two columns for one thing.
    const fn synonyms(self) -> [&'static [&'static str]; 3] {
        match self {
            Self::Date => [
                &[
                    "date",
                    "datetime",
                    "timestamp",
                    "time",
                    "timems",
                    "timestampms",
                    "tradedate",
                    "tradingdate",
                    "tradingday",
                    "day",
                    "pricedate",
                    "dateutc",
                    "timeutc",
                    "opentime",
                    "windowstart",
                    "gmttime",
                    "datetimeutc",
                    "timestamputc",
                ],
                &["unix", "unixtime", "unixtimestamp", "epoch", "epochms", "ts", "dt", "t"],
                // An index that nobody named.
                &["", "index", "indexlevel0", "unnamed0", "level0"],
            ],
            Self::Time => [&[], &[], &[]],
            Self::Open => [&["open"], &["openprice", "openingprice", "priceopen", "first"], &["o"]],
            Self::High => [&["high"], &["highprice", "pricehigh", "max", "highest"], &["h"]],
            Self::Low => [&["low"], &["lowprice", "pricelow", "min", "lowest"], &["l"]],
            Self::Close => [
                &["close", "closelast"],
                &[
                    "closeprice",
                    "closingprice",
                    "priceclose",
                    "last",
                    "lastprice",
                    "price",
                    "settle",
                    "settlement",
                ],
                &["c"],
            ],
            Self::AdjClose => [
                &[
                    "adjclose",
                    "adjustedclose",
                    "adjcloseprice",
                    "adjclosingprice",
                    "adjustedclosingprice",
                    "closeadj",
                    "closeadjusted",
                ],
                &["adjusted"],
                &[],
            ],
            Self::Volume => [
                &["volume", "vol"],
                &["totalvolume", "tradedvolume", "volumetraded", "sharestraded", "quantity", "qty"],
                &["v"],
            ],
            Self::Symbol => [&["symbol", "ticker"], &[], &[]],
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Date => "date",
            Self::Time => "time",
            Self::Open => "open",
            Self::High => "high",
            Self::Low => "low",
            Self::Close => "close",
            Self::AdjClose => "adj_close",
            Self::Volume => "volume",
            Self::Symbol => "symbol",
        })
    }
}

/// Which column is which, by position; in the order of [`Role::ALL`].
pub type Roles = Vec<(Role, usize)>;

/// Recognises columns.
///
/// # Errors
/// When one that is needed is missing, or there are two for one thing.
pub fn roles(names: &[String], options: &Options) -> Result<Roles, FileError> {
    let mut roles = Vec::new();
    for role in Role::ALL {
        match find(role, names, options)? {
            Some(index) => roles.push((role, index)),
            None if Role::NEEDED.contains(&role) => {
                return Err(FileError::MissingColumn { role, there: Names(names.to_vec()) });
            }
            None => {}
        }
    }
    Ok(roles)
}

/// Whether names are of columns of bars, of whatever kind.
pub fn are_known(names: &[String], options: &Options) -> bool {
    roles(names, options).is_ok() || matches!(roles(names, options), Err(FileError::TwoColumns { .. }))
}

/// How many of the names are known.
pub fn known(names: &[String], options: &Options) -> usize {
    Role::ALL
        .into_iter()
        .filter(|role| find(*role, names, options).is_ok_and(|found| found.is_some()))
        .count()
}

fn find(role: Role, names: &[String], options: &Options) -> Result<Option<usize>, FileError> {
    if let Some(wanted) = options.columns.of(role) {
        let same = |name: &String| name.trim() == wanted;
        let alike = |name: &String| name.trim().eq_ignore_ascii_case(wanted);
        let found = names.iter().position(same).or_else(|| names.iter().position(alike));
        let none = || FileError::NoSuchColumn { role, name: wanted.to_owned(), there: Names(names.to_vec()) };
        return found.map(Some).ok_or_else(none);
    }
    if role == Role::Time {
        return Ok(time_of_day(names, options));
    }
    let has_time = time_of_day(names, options).is_some();
    let is_taken = |name: &str| {
        let named = Role::ALL.into_iter().filter_map(|role| options.columns.of(role));
        named.into_iter().any(|named| named.eq_ignore_ascii_case(name.trim()))
            || role == Role::Date && has_time && normal(name) == "time"
    };
    let ranks: Vec<Option<usize>> =
        names.iter().map(|name| if is_taken(name) { None } else { rank(role, name) }).collect();
    let Some(best) = ranks.iter().flatten().min() else { return Ok(None) };
    let mut found = names.iter().zip(0..).zip(&ranks).filter(|(_, rank)| rank.as_ref() == Some(best));
    match (found.next(), found.next()) {
        (Some(((first, _), _)), Some(((second, _), _))) => {
            Err(FileError::TwoColumns { role, first: shown(first), second: shown(second) })
        }
        (first, _) => Ok(first.map(|((_, index), _)| index)),
    }
}

/// How certain a name is a role's, 0 the most; `None` where it is not.
fn rank(role: Role, name: &str) -> Option<usize> {
    let lists = role.synonyms();
    let position = |name: &str| lists.iter().position(|list| list.contains(&normal(name).as_str()));
    position(name).or_else(|| {
        // `AAPL.Open` of R, where nothing is called `Open`.
        let last = name.rsplit(['.', '_']).next().filter(|last| last.len() < name.len())?;
        let is_piece = role != Role::Date && !is_whole_name(name) && position(last)? < 2;
        is_piece.then_some(lists.len())
    })
}

/// Whether a name is that of some column as it stands, or of one that is adjusted.
fn is_whole_name(name: &str) -> bool {
    let name = normal(name);
    name.starts_with("adj")
        || Role::ALL.into_iter().any(|role| role.synonyms().iter().any(|list| list.contains(&name.as_str())))
}

/// `time` beside `date` is the time of the day.
fn time_of_day(names: &[String], options: &Options) -> Option<usize> {
    if options.columns.of(Role::Date).is_some_and(|date| normal(date) == "time") {
        return None;
    }
    let position = |wanted: &str| names.iter().position(|name| normal(name) == wanted);
    position("date").and(position("time"))
}

/// A name in lower case, of letters and digits only, and without what counts or nests columns:
/// `<DATE>`, `Adj. Close`, `4. close` of Alpha Vantage and `('Close', 'AAPL')` of pandas.
fn normal(name: &str) -> String {
    let name = name.trim();
    let name = name.strip_prefix("('").and_then(|rest| rest.split('\'').next()).unwrap_or(name);
    let name = match name.split_once(". ") {
        Some((number, rest)) if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) => rest,
        _ => name,
    };
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(names: &str) -> Result<Vec<(String, String)>, FileError> {
        let names: Vec<String> = names.split(',').map(str::to_owned).collect();
        let roles = roles(&names, &Options::default())?;
        Ok(roles.into_iter().map(|(role, index)| (role.to_string(), names[index].clone())).collect())
    }

    #[test]
    fn headers_of_sites_and_libraries_are_known() {
        for (names, date, close) in [
            ("Date,Open,High,Low,Close,Adj Close,Volume", "Date", "Close"),
            ("Date,Close/Last,Volume,Open,High,Low", "Date", "Close/Last"),
            ("<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>", "<DATE>", "<CLOSE>"),
            ("__index_level_0__,OPEN,HIGH,LOW,CLOSE", "__index_level_0__", "CLOSE"),
            (",date,open,high,low,close", "date", "close"),
            (",open,high,low,close", "", "close"),
            ("date,1. open,2. high,3. low,4. close,5. volume", "date", "4. close"),
            ("Date,Price,Open,High,Low,Vol.,Change %", "Date", "Price"),
            ("Date,('Open', 'A'),('High', 'A'),('Low', 'A'),('Close', 'A')", "Date", "('Close', 'A')"),
            ("index,AAPL.Open,AAPL.High,AAPL.Low,AAPL.Close,AAPL.Adjusted", "index", "AAPL.Close"),
            ("Date,Open,High,Low,Close,Adj. Open,Adj. High,Adj. Low,Adj. Close", "Date", "Close"),
            ("unix,date,open,high,low,close,Volume BTC", "date", "close"),
        ]
        .map(|(names, date, close)| (names.replace("', '", "'; '"), date, close.replace("', '", "'; '")))
        {
            let found = of(&names).unwrap();
            let has = |role: &str, name: &str| found.contains(&(role.to_owned(), name.to_owned()));
            assert!(has("date", date) && has("close", &close), "{names}: {found:?}");
        }
    }

    #[test]
    fn two_columns_for_one_thing_are_refused() {
        for names in ["date,open,high,low,close,Close", "date,timestamp,open,high,low,close"] {
            assert!(matches!(of(names), Err(FileError::TwoColumns { .. })), "{names}");
        }
        assert!(matches!(
            of("date,open,high,low,adj_close"),
            Err(FileError::MissingColumn { role: Role::Close, .. })
        ));
        assert!(matches!(of("date,open,high,low"), Err(FileError::MissingColumn { role: Role::Close, .. })));
    }
}
