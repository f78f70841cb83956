//! Queries of bars and indicators, and who may ask for which format.

use tickwise_edge::api::{BarsQuery, IndicatorsQuery};
use worker::Url;

use super::texts;

/// A query, then, behind a line feed, the `Accept` header.
pub fn check(input: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(input) else { return false };
    let (query, accept) = text.split_once('\n').map_or((text, None), |(query, accept)| (query, Some(accept)));
    let Ok(mut url) = Url::parse("https://tickwise.test/api/v1/stocks/ACME/bars") else { return false };
    url.set_query(Some(query));
    let bars = BarsQuery::parse(&url, accept);
    if let Ok(query) = &bars {
        assert!((1..=5_000).contains(&query.limit) && query.from_ms <= query.to_ms, "{query:?}");
    }
    let indicators = IndicatorsQuery::parse(&url, accept);
    if let Ok(query) = &indicators {
        assert!(!query.specs.is_empty(), "{query:?}");
    }
    bars.is_ok() || indicators.is_ok()
}

pub fn seeds() -> Vec<Vec<u8>> {
    texts([
        "interval=5m&from=2012-01-01&to=2012-07-01&limit=100&format=csv\n",
        "interval=1d&from=1346763600000&to=2012-09-04T13:30:00Z\napplication/json;q=0.5, text/csv",
        "name=rsi(14)&name=bollinger(20%2C2)&limit=5&interval=1mo\napplication/vnd.apache.arrow.stream, */*;q=0.1",
        "name=macd&from=2012-09-04T09:30:00-04:00[America/New_York]",
    ])
}
