//! What an answer of the vendor means: for the budget, for the Feeds, and for
//! those who asked.

use jiff::civil::Date;
use serde_json::Value;
use tickwise_alphavantage::{self as av, Reply};
use tickwise_market::{Bar, Calendar, Symbol};
use tickwise_protocol::{Origin, service};
use tickwise_scheduler::{Answer, Entitlement, Priced};

use super::store::Named;
use crate::{
    error::EdgeError,
    live::ingest::{Ingest, SourceDay, SourceQuote},
};

const CALENDAR: Calendar = Calendar::Nyse;

/// The longest run of days without a session.
const LONGEST_PAUSE_DAYS: usize = 10;

/// One answer, taken apart.
pub struct Learned {
    /// For the budget; daily bars are in `bars`.
    pub answer: Answer<'static>,
    /// Daily bars, where the answer has them.
    pub bars: Option<Vec<Bar>>,
    /// For the Feeds.
    pub ingests: Vec<(Symbol, Ingest)>,
    /// For those who asked: JSON.
    pub body: Option<Value>,
    /// Symbols that the vendor knows.
    pub names: Vec<Named>,
}

/// Of what, when, and how fresh an answer is.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The symbols asked for.
    pub asked: &'a [Symbol],
    pub received_ms: i64,
    /// How far the vendor's clock is ahead of ours.
    pub clock_ahead_ms: i64,
    /// The vendor is a simulator.
    pub simulated: bool,
    pub entitlement: Entitlement,
}

impl Learned {
    /// Takes a reply apart. `served` says which symbols have Feeds.
    pub fn from_reply(
        reply: Reply,
        served: impl Fn(&Symbol) -> bool,
        context: Context<'_>,
    ) -> Result<Self, EdgeError> {
        let nothing =
            || Self { answer: Answer::Other, bars: None, ingests: Vec::new(), body: None, names: Vec::new() };
        Ok(match reply {
            Reply::Quote(quote) => context.quotes(global_quote(&quote, context).into_iter(), Vec::new()),
            Reply::Quotes(quotes) => {
                let is_silent = |quote: &&av::BulkQuote| bulk_quote(quote).is_none();
                let silent = quotes.iter().filter(is_silent).map(|quote| quote.symbol.clone()).collect();
                context.quotes(quotes.iter().filter_map(bulk_quote), silent)
            }
            Reply::Series(series) => context.days(&series),
            Reply::Movers(movers) => Self {
                body: Some(serde_json::to_value(movers_body(&movers))?),
                ..context.movers(&movers, served)
            },
            Reply::Matches(matches) => Self {
                body: Some(serde_json::to_value(matches.iter().map(found).collect::<Vec<_>>())?),
                names: matches.iter().filter(|found| is_served(found)).map(named).collect(),
                ..nothing()
            },
            Reply::Overview(overview) => Self {
                body: Some(serde_json::to_value(
                    context.asked.first().map(|symbol| overview_body(symbol, *overview)),
                )?),
                ..nothing()
            },
            Reply::News(news) => {
                let articles: Vec<_> = news.articles.into_iter().map(article).collect();
                Self { body: Some(serde_json::to_value(articles)?), ..nothing() }
            }
            _ => nothing(),
        })
    }
}

struct Price {
    symbol: Symbol,
    date: Date,
    quote: SourceQuote,
}

impl Context<'_> {
    fn origin(self, date: Date) -> Origin {
        match self.entitlement {
            Entitlement::Realtime => Origin::Live,
            Entitlement::Delayed => Origin::Delayed { minutes: 15 },
            Entitlement::None => Origin::EndOfDay { date },
        }
    }

    fn ingest(self, origin: Origin) -> Ingest {
        Ingest {
            origin,
            received_ms: self.received_ms,
            clock_ahead_ms: self.clock_ahead_ms,
            simulated: self.simulated,
            quote: None,
            daily: Vec::new(),
            minutes: Vec::new(),
        }
    }

    fn quotes(self, found: impl Iterator<Item = Price>, silent: Vec<Symbol>) -> Learned {
        let mut prices = Vec::new();
        let mut ingests = Vec::new();
        for Price { symbol, date, quote } in found {
            prices.push(Priced { symbol: symbol.clone(), date, exchange_time_ms: quote.exchange_time_ms });
            ingests.push((symbol, Ingest { quote: Some(quote), ..self.ingest(self.origin(date)) }));
        }
        let answer = Answer::Quotes { prices, silent };
        Learned { answer, bars: None, ingests, body: None, names: Vec::new() }
    }

    fn movers(self, movers: &av::Movers, served: impl Fn(&Symbol) -> bool) -> Learned {
        let date = movers.last_updated.local.date();
        let close_ms = CALENDAR.session(date).map_or(movers.last_updated.ms, |session| session.close_ms);
        let rows = movers.gainers.iter().chain(&movers.losers).chain(&movers.most_active);
        let prices = rows.filter(|mover| served(&mover.symbol)).map(|mover| Price {
            symbol: mover.symbol.clone(),
            date,
            quote: SourceQuote {
                price: mover.price,
                volume: mover.volume,
                previous_close: mover.change.map(|change| mover.price - change),
                exchange_time_ms: close_ms.min(movers.last_updated.ms),
                day: None,
            },
        });
        let learned = self.quotes(prices, Vec::new());
        let Answer::Quotes { prices, .. } = learned.answer else { return learned };
        Learned { answer: Answer::Movers { date, prices }, ..learned }
    }

    /// Closed days, and the last of them as a quote.
    fn days(self, series: &av::Series) -> Learned {
        let is_closed = |row: &&av::SeriesRow| {
            CALENDAR.session(row.date()).is_none_or(|session| session.close_ms <= self.received_ms)
        };
        let rows: Vec<&av::SeriesRow> = series.rows.iter().filter(is_closed).collect();
        let daily: Vec<SourceDay> = rows
            .iter()
            .map(|row| SourceDay {
                date: row.date(),
                open: row.bar.open,
                high: row.bar.high,
                low: row.bar.low,
                close: row.bar.close,
                volume: row.bar.volume,
                adjusted_close: row.adjusted_close,
                split: row.split,
            })
            .collect();
        let quote = rows.split_last().and_then(|(last, before)| {
            Some(SourceQuote {
                price: last.bar.close,
                volume: Some(last.bar.volume),
                previous_close: before.last().map(|row| row.bar.close),
                exchange_time_ms: CALENDAR.session(last.date())?.close_ms,
                day: None,
            })
        });
        let ingests = rows.last().zip(self.asked.first()).map(|(last, symbol)| {
            let origin = Origin::EndOfDay { date: last.date() };
            (symbol.clone(), Ingest { quote, daily, ..self.ingest(origin) })
        });
        Learned {
            answer: Answer::Other,
            bars: Some(rows.iter().map(|row| row.bar).collect()),
            ingests: ingests.into_iter().collect(),
            body: None,
            names: Vec::new(),
        }
    }
}

/// The answer names the day only: the last price is as old as the plan makes it,
/// and after the close it is the close.
fn global_quote(quote: &av::GlobalQuote, context: Context<'_>) -> Option<Price> {
    let date = quote.latest_trading_day;
    let session = CALENDAR.session(date)?;
    let delay_ms =
        quote.delay_minutes.map_or(context.entitlement.delay_ms(), |minutes| i64::from(minutes) * 60_000);
    let time_ms = match context.entitlement {
        Entitlement::None => session.close_ms,
        _ => session.close_ms.min(context.received_ms - delay_ms),
    };
    Some(Price {
        symbol: quote.symbol.clone(),
        date,
        quote: SourceQuote {
            price: quote.price,
            volume: quote.volume,
            previous_close: quote.previous_close,
            exchange_time_ms: time_ms,
            day: quote.open.zip(quote.high).zip(quote.low).map(|((open, high), low)| [open, high, low]),
        },
    })
}

/// Before the first trade of a session there may be no price.
fn bulk_quote(quote: &av::BulkQuote) -> Option<Price> {
    let (date, exchange_time_ms) = in_session(quote.time.ms)?;
    Some(Price {
        symbol: quote.symbol.clone(),
        date,
        quote: SourceQuote {
            price: quote.close?,
            volume: quote.volume,
            previous_close: quote.previous_close,
            exchange_time_ms,
            day: quote.open.zip(quote.high).zip(quote.low).map(|((open, high), low)| [open, high, low]),
        },
    })
}

/// The trading day of a price, and its time: the close, where the session is over,
/// since prices of extended hours come beside the regular one.
fn in_session(time_ms: i64) -> Option<(Date, i64)> {
    let today = CALENDAR.date_at(time_ms)?;
    let days = std::iter::successors(Some(today), |date| date.yesterday().ok()).take(LONGEST_PAUSE_DAYS);
    let session =
        days.filter_map(|date| CALENDAR.session(date)).find(|session| session.open_ms <= time_ms)?;
    Some((session.date, time_ms.min(session.close_ms)))
}

fn movers_body(movers: &av::Movers) -> service::Movers {
    let rows = |rows: &[av::Mover]| {
        let mover = |mover: &av::Mover| service::Mover {
            symbol: mover.symbol.clone(),
            price: mover.price,
            change_percent: mover.change_percent,
            volume: mover.volume,
        };
        rows.iter().map(mover).collect()
    };
    service::Movers {
        updated_ms: movers.last_updated.ms,
        gainers: rows(&movers.gainers),
        losers: rows(&movers.losers),
        most_active: rows(&movers.most_active),
    }
}

/// Symbols whose exchange keeps other hours, or counts in another currency, have no Feed.
fn is_served(found: &av::Match) -> bool {
    found.currency == "USD" && found.region == "United States"
}

fn named(found: &av::Match) -> Named {
    Named { symbol: found.symbol.clone(), name: found.name.clone() }
}

fn found(found: &av::Match) -> service::Found {
    service::Found {
        symbol: found.symbol.clone(),
        name: found.name.clone(),
        kind: found.kind.clone(),
        region: found.region.clone(),
        currency: found.currency.clone(),
    }
}

fn overview_body(symbol: &Symbol, overview: av::Overview) -> service::Overview {
    service::Overview {
        symbol: symbol.clone(),
        name: overview.name,
        description: overview.description,
        exchange: overview.exchange,
        currency: overview.currency,
        sector: overview.sector,
        industry: overview.industry,
        market_capitalization: overview.market_capitalization,
        pe_ratio: overview.pe_ratio,
        eps: overview.eps,
        dividend_yield: overview.dividend_yield,
        beta: overview.beta,
        high_52_weeks: overview.high_52_weeks,
        low_52_weeks: overview.low_52_weeks,
        shares_outstanding: overview.shares_outstanding,
    }
}

fn article(article: av::Article) -> service::Article {
    service::Article {
        title: article.title,
        url: article.url,
        published_ms: article.published.ms,
        source: article.source,
        summary: article.summary,
        sentiment: article.sentiment,
    }
}
