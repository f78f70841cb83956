use std::fmt;

use jiff::civil::DateTime;
use tickwise_market::Symbol;

use crate::{
    ExchangeTime, Failure, Zone,
    json::{Fields, Json},
    request::compact_time,
    value,
};

/// Which news.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct NewsQuery {
    /// All of them are mentioned.
    pub tickers: Vec<NewsTicker>,
    /// All of them are covered.
    pub topics: Vec<Topic>,
    /// Not before, UTC, to the minute.
    pub from: Option<DateTime>,
    /// Not after, UTC, to the minute.
    pub to: Option<DateTime>,
    /// Which first.
    pub sort: NewsSort,
    /// How many, at most [`NewsQuery::MAX_LIMIT`]; 0 leaves it to the provider (50).
    pub limit: u16,
}

/// What news are about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum NewsTicker {
    /// A share or fund; class shares as `BRK-B`.
    Stock(Symbol),
    /// A digital currency.
    Crypto(Symbol),
    /// A currency.
    Forex(Symbol),
}

/// Order of news.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum NewsSort {
    #[default]
    Latest,
    Earliest,
    Relevance,
}

/// Topics of news.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Topic {
    Blockchain,
    Earnings,
    Ipo,
    MergersAndAcquisitions,
    FinancialMarkets,
    EconomyFiscal,
    EconomyMonetary,
    EconomyMacro,
    EnergyTransportation,
    Finance,
    LifeSciences,
    Manufacturing,
    RealEstate,
    RetailWholesale,
    Technology,
}

impl Topic {
    /// The parameter's value, and the name in answers since 2026.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Blockchain => "blockchain",
            Self::Earnings => "earnings",
            Self::Ipo => "ipo",
            Self::MergersAndAcquisitions => "mergers_and_acquisitions",
            Self::FinancialMarkets => "financial_markets",
            Self::EconomyFiscal => "economy_fiscal",
            Self::EconomyMonetary => "economy_monetary",
            Self::EconomyMacro => "economy_macro",
            Self::EnergyTransportation => "energy_transportation",
            Self::Finance => "finance",
            Self::LifeSciences => "life_sciences",
            Self::Manufacturing => "manufacturing",
            Self::RealEstate => "real_estate",
            Self::RetailWholesale => "retail_wholesale",
            Self::Technology => "technology",
        }
    }
}

impl fmt::Display for NewsTicker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stock(symbol) => write!(f, "{symbol}"),
            Self::Crypto(code) => write!(f, "CRYPTO:{code}"),
            Self::Forex(code) => write!(f, "FOREX:{code}"),
        }
    }
}

impl NewsQuery {
    /// The most articles of one answer.
    pub const MAX_LIMIT: u16 = 1000;

    pub(crate) fn parameters(&self, pairs: &mut Vec<(&'static str, String)>) {
        let tickers: Vec<String> = self.tickers.iter().map(NewsTicker::to_string).collect();
        let topics: Vec<&str> = self.topics.iter().map(|topic| topic.as_str()).collect();
        let sort = match self.sort {
            NewsSort::Latest => "LATEST",
            NewsSort::Earliest => "EARLIEST",
            NewsSort::Relevance => "RELEVANCE",
        };
        pairs.extend((!tickers.is_empty()).then(|| ("tickers", tickers.join(","))));
        pairs.extend((!topics.is_empty()).then(|| ("topics", topics.join(","))));
        pairs.extend(self.from.map(|time| ("time_from", compact_time(time))));
        pairs.extend(self.to.map(|time| ("time_to", compact_time(time))));
        pairs.push(("sort", sort.into()));
        let limit = self.limit.min(Self::MAX_LIMIT);
        pairs.extend((limit > 0).then(|| ("limit", limit.to_string())));
    }
}

/// News; may be none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct News {
    /// In the order asked for.
    pub articles: Vec<Article>,
}

/// An article.
#[derive(Clone, Debug, PartialEq)]
pub struct Article {
    /// Headline.
    pub title: String,
    /// Where it can be read: `http` or `https`.
    pub url: String,
    /// When it was published.
    pub published: ExchangeTime,
    /// Who wrote it.
    pub authors: Vec<String>,
    /// A few sentences.
    pub summary: String,
    /// Publisher.
    pub source: String,
    /// Topics with their relevance, 0 to 1; spelt as parameters are.
    pub topics: Vec<(String, Option<f64>)>,
    /// From -1 (bearish) to 1 (bullish).
    pub sentiment: Option<f64>,
    /// The same by symbol.
    pub tickers: Vec<TickerSentiment>,
}

/// What an article says of a symbol.
#[derive(Clone, Debug, PartialEq)]
pub struct TickerSentiment {
    /// `IBM`, `CRYPTO:BTC`, `FOREX:USD`.
    pub ticker: String,
    /// 0 to 1.
    pub relevance: Option<f64>,
    /// From -1 (bearish) to 1 (bullish).
    pub sentiment: Option<f64>,
}

impl News {
    pub(crate) fn from_json(json: &Json<'_>) -> Result<Self, Failure> {
        let feed = json.get("feed").ok_or_else(|| Failure::malformed("no feed"))?.list("feed")?;
        let articles: Result<Vec<Option<Article>>, Failure> = feed.iter().map(article).collect();
        Ok(Self { articles: articles?.into_iter().flatten().collect() })
    }
}

/// None when there is nothing to link to: an address of another scheme could
/// run a script in the page that shows it.
fn article(row: &Json<'_>) -> Result<Option<Article>, Failure> {
    let text = |key: &str| row.text_of(key).unwrap_or_default();
    let url = text("url");
    if !(url.starts_with("https://") || url.starts_with("http://")) {
        return Ok(None);
    }
    let published = text("time_published");
    let published = Zone::UTC
        .at(value::compact_date_time(&published)?)
        .ok_or_else(|| value::not_a("time", &published))?;
    let list = |key: &str| row.get(key).map_or(Ok(&[][..]), |value| value.list(key));
    let topic = |row: &Json<'_>| {
        let name = row.text_of("topic").unwrap_or_default().to_lowercase().replace([' ', '&'], "_");
        Ok((name, row.number_of("relevance_score")?))
    };
    let ticker = |row: &Json<'_>| {
        Ok(TickerSentiment {
            ticker: row.text_of("ticker").unwrap_or_default(),
            relevance: row.number_of("relevance_score")?,
            sentiment: row.number_of("ticker_sentiment_score")?,
        })
    };
    Ok(Some(Article {
        title: text("title"),
        url,
        published,
        authors: list("authors")?.iter().filter_map(|name| value::text(name.as_text()?)).collect(),
        summary: text("summary"),
        source: text("source"),
        topics: list("topics")?.iter().map(topic).collect::<Result<_, Failure>>()?,
        sentiment: row.number_of("overall_sentiment_score")?,
        tickers: list("ticker_sentiment")?.iter().map(ticker).collect::<Result<_, Failure>>()?,
    }))
}
