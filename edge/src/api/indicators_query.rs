use serde::{Deserialize, Serialize};
use tickwise_indicators::Spec;
use tickwise_market::Calendar;
use tickwise_protocol::rest::MAX_INDICATORS;
use worker::Url;

use super::{
    bars_query::BarsQuery,
    query::{bad, values},
};
use crate::error::EdgeError;

/// `?name=&name=…` and what [`BarsQuery`] takes, checked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IndicatorsQuery {
    /// Which indicators.
    pub specs: Vec<Spec>,
    /// Of which bars.
    pub bars: BarsQuery,
}

impl IndicatorsQuery {
    /// Reads the query of a URL.
    ///
    /// # Errors
    /// [`EdgeError::BadParameter`] naming the first parameter at fault, or
    /// [`EdgeError::NotAcceptable`].
    pub fn parse(url: &Url, accept: Option<&str>) -> Result<Self, EdgeError> {
        let specs = values(url, "name").map(|text| text.parse::<Spec>());
        let specs = specs.collect::<Result<Vec<_>, _>>().map_err(|error| bad("name", error.to_string()))?;
        if !(1..=MAX_INDICATORS).contains(&specs.len()) {
            return Err(bad("name", format!("expected 1 to {MAX_INDICATORS} of them, such as name=rsi(14)")));
        }
        let bars = BarsQuery::parse(url, accept)?;
        let specs = specs.iter().map(|spec| spec.on(bars.interval, Calendar::Nyse)).collect();
        Ok(Self { specs, bars })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(query: &str) -> Result<IndicatorsQuery, EdgeError> {
        IndicatorsQuery::parse(&Url::parse(&format!("https://x.invalid/?{query}")).unwrap(), None)
    }

    #[test]
    fn several_names_and_the_parameters_of_bars() {
        let query = parse("name=rsi(14)&limit=3&name=bollinger(20,2.5)").unwrap();
        let names: Vec<String> = query.specs.iter().map(ToString::to_string).collect();
        assert_eq!(
            (names.as_slice(), query.bars.limit),
            (["rsi(14)".into(), "bollinger(20,2.5)".into()].as_slice(), 3)
        );
    }

    #[test]
    fn a_year_has_the_bars_of_the_interval() {
        for (interval, name) in [("1m", "volatility(20,98280)"), ("1d", "volatility(20,252)")] {
            let query = parse(&format!("name=volatility&interval={interval}")).unwrap();
            assert_eq!(query.specs[0].to_string(), name);
        }
    }

    #[test]
    fn errors_name_the_parameter() {
        let many = vec!["name=sma"; MAX_INDICATORS + 1].join("&");
        for (query, name) in [
            ("", "name"),
            ("name=", "name"),
            ("name=rsi(0)", "name"),
            ("name=nothing", "name"),
            (many.as_str(), "name"),
            ("name=rsi&limit=0", "limit"),
        ] {
            match parse(query) {
                Err(EdgeError::BadParameter { parameter, .. }) => assert_eq!(parameter, name, "{query}"),
                other => panic!("{query}: {other:?}"),
            }
        }
    }
}
