//! What each function answers.

use std::collections::BTreeMap;

use jiff::{
    ToSpan,
    civil::{Date, DateTime},
};
use tickwise_market::{Calendar, Session};
use tickwise_replay::RecordedDay;

use super::{
    doc::Doc,
    exchange::Exchange,
    market::{Market, Stock, shifted},
    notices,
    series::{self, Rows, unpadded},
    settings::{Access, Plan, Settings},
};

/// A body before faults and formats.
pub enum Answer {
    /// JSON, also where CSV was asked for.
    Doc(Doc),
    /// A refusal.
    Refusal(Doc),
    /// JSON or CSV.
    Rows(Rows),
    /// CSV only, or JSON and CSV of one row.
    Table(Doc, Vec<Vec<String>>),
}

/// One question.
pub struct Question<'a> {
    pub market: &'a Market,
    pub settings: &'a Settings,
    pub parameters: &'a BTreeMap<String, String>,
    /// Time of the market.
    pub now_ms: i64,
}

const CURRENCIES: [&str; 6] = ["USD", "EUR", "GBP", "JPY", "CHF", "CAD"];
const COINS: [&str; 2] = ["BTC", "ETH"];

impl Question<'_> {
    /// Answers a function that exists.
    pub fn answer(&self, function: &str) -> Option<Answer> {
        if let Some(refusal) = self.refused(function) {
            return Some(Answer::Refusal(refusal));
        }
        Some(match function {
            "GLOBAL_QUOTE" => self.global_quote(),
            "REALTIME_BULK_QUOTES" => self.bulk_quotes(),
            "TIME_SERIES_INTRADAY" => self.stock_or_invalid(function, |stock| self.intraday(stock)),
            "TIME_SERIES_DAILY" => self.stock_or_invalid(function, |stock| Some(self.daily(stock, false))),
            "TIME_SERIES_DAILY_ADJUSTED" => {
                self.stock_or_invalid(function, |stock| Some(self.daily(stock, true)))
            }
            "TIME_SERIES_WEEKLY"
            | "TIME_SERIES_WEEKLY_ADJUSTED"
            | "TIME_SERIES_MONTHLY"
            | "TIME_SERIES_MONTHLY_ADJUSTED" => {
                self.stock_or_invalid(function, |stock| Some(self.period(stock, function)))
            }
            "SYMBOL_SEARCH" => self.search(),
            "MARKET_STATUS" => self.market_status(),
            "OVERVIEW" => self.overview(),
            "NEWS_SENTIMENT" => self.news(),
            "TOP_GAINERS_LOSERS" => self.movers(),
            "EARNINGS" => self.earnings(),
            "LISTING_STATUS" => self.listings(),
            "CURRENCY_EXCHANGE_RATE" => self.exchange_rate(),
            "FX_DAILY" => self.rates(function, "from_symbol", "to_symbol"),
            "DIGITAL_CURRENCY_DAILY" => self.rates(function, "symbol", "market"),
            _ => return None,
        })
    }

    fn refused(&self, function: &str) -> Option<Doc> {
        let is_free = self.settings.plan == Plan::Free;
        let is_full = self.parameter("outputsize") == "full";
        match function {
            "REALTIME_BULK_QUOTES" if is_free && self.settings.artificial_bulk => {
                return Some(notices::artificial());
            }
            "TIME_SERIES_INTRADAY" | "TIME_SERIES_DAILY_ADJUSTED" | "REALTIME_BULK_QUOTES" if is_free => {
                return Some(notices::premium_function());
            }
            "TIME_SERIES_DAILY" if is_free && is_full => return Some(notices::premium_full()),
            _ => {}
        }
        let entitlement = self.parameter("entitlement");
        let has = match entitlement {
            "realtime" => self.settings.access == Access::Realtime,
            "delayed" => self.settings.access != Access::EndOfDay,
            _ => true,
        };
        (!has).then(|| notices::not_entitled(entitlement))
    }

    pub(super) fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }

    pub(super) fn stock(&self) -> Option<&Stock> {
        self.market.stocks.get(&self.parameter("symbol").to_uppercase())
    }

    fn stock_or_invalid(&self, function: &str, rows: impl FnOnce(&Stock) -> Option<Rows>) -> Answer {
        let rows = self.stock().and_then(rows).filter(|rows| !rows.rows.is_empty());
        rows.map_or_else(|| Answer::Refusal(notices::invalid_call(function)), Answer::Rows)
    }

    pub(super) fn is_delayed(&self) -> bool {
        self.parameter("entitlement") == "delayed"
    }

    /// The moment whose prices are shown: of today with an entitlement.
    pub(super) fn seen_ms(&self) -> Option<i64> {
        let bulk_is_realtime = self.parameter("function") == "REALTIME_BULK_QUOTES";
        match self.parameter("entitlement") {
            "delayed" => Some(self.now_ms - 15 * 60_000),
            "realtime" => Some(self.now_ms),
            _ => (bulk_is_realtime && self.settings.access == Access::Realtime).then_some(self.now_ms),
        }
    }

    /// Days that are shown, oldest first, the forming one last.
    pub(super) fn days(&self, stock: &Stock) -> Vec<RecordedDay> {
        let lag_ms = self.settings.close_lag_minutes * 60_000;
        let seen_ms = self.seen_ms();
        let mut days = stock.closed_days(seen_ms.unwrap_or(self.now_ms - lag_ms)).to_vec();
        let is_quote = self.parameter("function") == "GLOBAL_QUOTE";
        let shows_today = self.settings.provisional_bar || (self.settings.fresh_global_quote && is_quote);
        let forming_ms = seen_ms.or_else(|| shows_today.then_some(self.now_ms));
        days.extend(forming_ms.and_then(|ms| stock.today(ms)).map(|today| today.so_far()));
        days
    }

    pub(super) fn date(&self, date: Date) -> String {
        shifted(date, self.settings.shift_weeks).to_string()
    }

    pub(super) fn time(&self, ms: i64) -> Option<DateTime> {
        Calendar::Nyse.local(ms)?.checked_add((self.settings.shift_weeks * 7).days()).ok()
    }

    pub(super) fn decorated(&self, information: &str) -> String {
        let suffix = if self.is_delayed() { " - DATA DELAYED BY 15 MINUTES" } else { "" };
        format!("{information}{suffix}")
    }

    fn daily(&self, stock: &Stock, is_adjusted: bool) -> Rows {
        let is_full = self.parameter("outputsize") == "full";
        let mut days = self.days(stock);
        days.reverse();
        days.truncate(if is_full { usize::MAX } else { 100 });
        let values = |day| if is_adjusted { series::adjusted(stock, day) } else { series::padded(day) };
        let rows: Vec<_> = days.iter().map(|day| (self.date(day.date), values(day))).collect();
        let information = if is_adjusted {
            "Daily Time Series with Splits and Dividend Events"
        } else {
            "Daily Prices (open, high, low, close) and Volumes"
        };
        Rows {
            meta: vec![
                ("1. Information", self.decorated(information)),
                ("2. Symbol", stock.symbol.to_string()),
                ("3. Last Refreshed", rows.first().map(|(date, _)| date.clone()).unwrap_or_default()),
                ("4. Output Size", if is_full { "Full size" } else { "Compact" }.into()),
                ("5. Time Zone", "US/Eastern".into()),
            ],
            container: "Time Series (Daily)".into(),
            columns: if is_adjusted { series::DAILY_ADJUSTED } else { series::BARS },
            rows,
        }
    }

    fn period(&self, stock: &Stock, function: &str) -> Rows {
        let is_weekly = function.contains("WEEKLY");
        let is_adjusted = function.ends_with("ADJUSTED");
        let week = |date: Date| date.iso_week_date().first_of_week().ok();
        let same_week = |a: Date, b: Date| week(a).map(|w| w.date()) == week(b).map(|w| w.date());
        let same_month = |a: Date, b: Date| (a.year(), a.month()) == (b.year(), b.month());
        let days = self.days(stock);
        let mut periods =
            if is_weekly { series::periods(&days, same_week) } else { series::periods(&days, same_month) };
        periods.reverse();
        let values = |period: &RecordedDay| {
            let mut values = series::padded(period);
            if is_adjusted {
                values.insert(4, format!("{:.4}", period.adj_close));
                let is_in = |date: Date| {
                    if is_weekly { same_week(date, period.date) } else { same_month(date, period.date) }
                };
                let dividends = days.iter().filter(|day| is_in(day.date)).map(|day| stock.dividend(day.date));
                values.push(format!("{:.4}", dividends.sum::<f64>()));
            }
            values
        };
        let rows: Vec<_> = periods.iter().map(|period| (self.date(period.date), values(period))).collect();
        let name = if is_weekly { "Weekly" } else { "Monthly" };
        let (information, container) = if is_adjusted {
            (format!("{name} Adjusted Prices and Volumes"), format!("{name} Adjusted Time Series"))
        } else {
            (format!("{name} Prices (open, high, low, close) and Volumes"), format!("{name} Time Series"))
        };
        Rows {
            meta: vec![
                ("1. Information", information),
                ("2. Symbol", stock.symbol.to_string()),
                ("3. Last Refreshed", rows.first().map(|(date, _)| date.clone()).unwrap_or_default()),
                ("4. Time Zone", "US/Eastern".into()),
            ],
            container,
            columns: if is_adjusted { series::PERIOD_ADJUSTED } else { series::BARS },
            rows,
        }
    }

    fn search(&self) -> Answer {
        const NAMES: [(&str, &str); 9] = [
            ("1. symbol", "symbol"),
            ("2. name", "name"),
            ("3. type", "type"),
            ("4. region", "region"),
            ("5. marketOpen", "marketOpen"),
            ("6. marketClose", "marketClose"),
            ("7. timezone", "timezone"),
            ("8. currency", "currency"),
            ("9. matchScore", "matchScore"),
        ];
        let words = self.parameter("keywords").to_lowercase();
        if words.is_empty() {
            return Answer::Refusal(notices::invalid_call("SYMBOL_SEARCH"));
        }
        let found = self.market.stocks.values().filter_map(|stock| {
            let symbol = stock.symbol.to_string();
            let is_exact = symbol.to_lowercase() == words;
            let is_found =
                symbol.to_lowercase().starts_with(&words) || stock.name.to_lowercase().contains(&words);
            let score = if is_exact { "1.0000" } else { "0.8000" };
            let name = stock.name.replace(',', " ");
            is_found.then(|| {
                let exchange = stock.exchange;
                let [opens, closes] = exchange.hours().map(|at| at.strftime("%H:%M").to_string());
                let offset = exchange.utc_offset(self.now_ms);
                let (region, currency) = (exchange.region(), exchange.currency());
                [&symbol, &name, "Equity", region, &opens, &closes, &offset, currency, score]
                    .map(str::to_owned)
            })
        });
        let mut rows: Vec<[String; 9]> = found.take(10).collect();
        rows.sort_by(|a, b| b[8].cmp(&a[8]));
        let doc =
            rows.iter().map(|row| Doc::texts(NAMES.iter().map(|(name, _)| *name).zip(row.clone()))).collect();
        let header = NAMES.map(|(_, name)| name.to_owned()).to_vec();
        let csv = std::iter::once(header).chain(rows.into_iter().map(Vec::from)).collect();
        Answer::Table(Doc::one("bestMatches", Doc::List(doc)), csv)
    }

    fn market_status(&self) -> Answer {
        let status = |session: Option<Session>| if session.is_some() { "open" } else { "closed" };
        let of = |calendar: Calendar| status(calendar.session_at(self.now_ms));
        let london = status(Exchange::London.session_at(self.now_ms));
        let row = |kind: &str, region: &str, exchanges: &str, hours: [&str; 2], status: &str| {
            let [open, close] = hours;
            Doc::texts([
                ("market_type", kind),
                ("region", region),
                ("primary_exchanges", exchanges),
                ("local_open", open),
                ("local_close", close),
                ("current_status", status),
                ("notes", ""),
            ])
        };
        let markets = vec![
            row(
                "Equity",
                "United States",
                "NASDAQ, NYSE, AMEX, BATS",
                ["09:30", "16:15"],
                of(Calendar::Nyse),
            ),
            row("Equity", "United Kingdom", "London", ["08:00", "16:30"], london),
            row("Forex", "Global", "Global", ["00:00", "23:59"], of(Calendar::Fx)),
            row("Cryptocurrency", "Global", "Global", ["00:00", "23:59"], of(Calendar::AlwaysOpen)),
        ];
        Answer::Doc(Doc::Object(vec![
            ("endpoint".into(), Doc::text("Global Market Open & Close Status")),
            ("markets".into(), Doc::List(markets)),
        ]))
    }

    fn overview(&self) -> Answer {
        let is_known = |stock: &&Stock| stock.exchange == Exchange::UnitedStates;
        let Some(stock) = self.stock().filter(is_known) else { return Answer::Doc(Doc::Object(vec![])) };
        let days = self.days(stock);
        let year = days.get(days.len().saturating_sub(252)..).unwrap_or_default();
        let high = year.iter().map(|day| day.high).fold(0.0, f64::max);
        let low = year.iter().map(|day| day.low).fold(f64::MAX, f64::min);
        Answer::Doc(Doc::texts([
            ("Symbol", stock.symbol.to_string()),
            ("AssetType", "Common Stock".into()),
            ("Name", stock.name.clone()),
            ("Description", format!("{}. Made-up figures of a simulator.", stock.name)),
            ("Exchange", "NASDAQ".into()),
            ("Currency", "USD".into()),
            ("Country", "USA".into()),
            ("Sector", "TECHNOLOGY".into()),
            ("Industry", "None".into()),
            ("LatestQuarter", "2012-09-30".into()),
            ("MarketCapitalization", "123456789012".into()),
            ("PERatio", "15.2".into()),
            ("DividendYield", "0.0308".into()),
            ("TrailingPE", "-".into()),
            ("EVToEBITDA", "-".into()),
            ("Beta", "None".into()),
            ("52WeekHigh", unpadded(high)),
            ("52WeekLow", unpadded(low)),
            ("DividendDate", "None".into()),
            ("ExDividendDate", "None".into()),
            ("SimulatedField", "never documented".into()),
        ]))
    }

    fn news(&self) -> Answer {
        let tickers: Vec<&str> =
            self.parameter("tickers").split(',').filter(|name| !name.is_empty()).collect();
        let is_known = |name: &&str| name.contains(':') || self.market.stocks.contains_key::<str>(name);
        if !tickers.iter().all(is_known) {
            return Answer::Refusal(notices::invalid_news());
        }
        let limit = self.parameter("limit").parse().unwrap_or(50_usize).min(1000);
        let article = |i: usize| {
            let at = self.time(self.now_ms - i as i64 * 3_600_000).unwrap_or_default();
            // Answers have been seen with either spelling.
            let topic = if i.is_multiple_of(2) { "life_sciences" } else { "Life Sciences" };
            let sentiment = |ticker: &&str| {
                Doc::texts([
                    ("ticker", *ticker),
                    ("relevance_score", "0.512300"),
                    ("ticker_sentiment_score", "0.061509"),
                    ("ticker_sentiment_label", "Neutral"),
                ])
            };
            let image = if i.is_multiple_of(16) {
                Doc::Raw("null".into())
            } else {
                Doc::text("https://example.test/i.png")
            };
            let authors = if i.is_multiple_of(3) { vec![] } else { vec![Doc::text("A. Author")] };
            Doc::Object(vec![
                ("title".into(), Doc::text(format!("Made-up headline {i}"))),
                ("url".into(), Doc::text(format!("https://example.test/{i}"))),
                ("time_published".into(), Doc::text(at.strftime("%Y%m%dT%H%M%S").to_string())),
                ("authors".into(), Doc::List(authors)),
                ("summary".into(), Doc::text("Nothing of this has happened.")),
                ("banner_image".into(), image),
                ("source".into(), Doc::text("Simulator")),
                (
                    "topics".into(),
                    Doc::List(vec![Doc::texts([("topic", topic), ("relevance_score", "0.846949")])]),
                ),
                ("overall_sentiment_score".into(), Doc::Raw("0.22902".into())),
                ("overall_sentiment_label".into(), Doc::text("Somewhat-Bullish")),
                ("ticker_sentiment".into(), Doc::List(tickers.iter().map(sentiment).collect())),
            ])
        };
        let feed: Vec<Doc> = (0..limit.min(60)).map(article).collect();
        Answer::Doc(Doc::Object(vec![
            ("items".into(), Doc::text(feed.len().to_string())),
            ("sentiment_score_definition".into(), Doc::text("x <= -0.35: Bearish; ...")),
            ("feed".into(), Doc::List(feed)),
        ]))
    }

    fn movers(&self) -> Answer {
        struct Move<'a>(&'a Stock, RecordedDay, f64);
        let mut moves: Vec<Move<'_>> = Vec::new();
        for stock in self.market.us_stocks() {
            if let [.., before, day] = &self.days(stock)[..] {
                moves.push(Move(stock, *day, before.close));
            }
        }
        let rows = |moves: &[Move<'_>]| {
            let row = |Move(stock, day, before): &Move<'_>| {
                let change = ((day.close - before) * 1e4).round() / 1e4;
                Doc::texts([
                    ("ticker", stock.symbol.to_string()),
                    ("price", unpadded(day.close)),
                    ("change_amount", unpadded(change)),
                    ("change_percentage", format!("{}%", unpadded((change / before * 1e6).round() / 1e4))),
                    ("volume", format!("{:.0}", day.volume)),
                ])
            };
            Doc::List(moves.iter().take(20).map(row).collect())
        };
        let last = moves.iter().map(|Move(_, day, _)| day.date).max().unwrap_or_default();
        moves.sort_by(|a, b| (b.1.close / b.2).total_cmp(&(a.1.close / a.2)));
        let gainers = rows(&moves);
        moves.reverse();
        let losers = rows(&moves);
        moves.sort_by(|a, b| b.1.volume.total_cmp(&a.1.volume));
        Answer::Doc(Doc::Object(vec![
            ("metadata".into(), Doc::text("Top gainers, losers, and most actively traded US tickers")),
            ("last_updated".into(), Doc::text(format!("{} 16:16:00 US/Eastern", self.date(last)))),
            ("top_gainers".into(), gainers),
            ("top_losers".into(), losers),
            ("most_actively_traded".into(), rows(&moves)),
        ]))
    }

    fn earnings(&self) -> Answer {
        let Some(stock) = self.stock() else { return Answer::Doc(Doc::Object(vec![])) };
        let annual = Doc::texts([("fiscalDateEnding", "2011-12-31"), ("reportedEPS", "9.61")]);
        let quarter = |ending: &str, estimate: &str| {
            Doc::texts([
                ("fiscalDateEnding", ending),
                ("reportedDate", ending),
                ("reportedEPS", "2.31"),
                ("estimatedEPS", estimate),
                ("surprise", "None"),
                ("surprisePercentage", "None"),
                ("reportTime", "post-market"),
            ])
        };
        Answer::Doc(Doc::Object(vec![
            ("symbol".into(), Doc::text(stock.symbol.to_string())),
            ("annualEarnings".into(), Doc::List(vec![annual])),
            (
                "quarterlyEarnings".into(),
                Doc::List(vec![quarter("2012-09-30", "2.2"), quarter("2012-06-30", "None")]),
            ),
        ]))
    }

    fn listings(&self) -> Answer {
        let header = "symbol,name,exchange,assetType,ipoDate,delistingDate,status";
        let is_delisted = self.parameter("state") == "delisted";
        let row = |stock: &Stock| {
            let first = stock.recording.days().first().map(|day| self.date(day.date)).unwrap_or_default();
            let name = stock.name.replace(',', " ");
            [stock.symbol.as_str(), &name, "NASDAQ", "Stock", &first, "null", "Active"]
                .map(str::to_owned)
                .to_vec()
        };
        let rows = self.market.us_stocks().filter(|_| !is_delisted).map(row);
        let csv = std::iter::once(header.split(',').map(str::to_owned).collect()).chain(rows).collect();
        Answer::Table(Doc::Object(vec![]), csv)
    }

    fn exchange_rate(&self) -> Answer {
        let (from, to) = (self.parameter("from_currency"), self.parameter("to_currency"));
        let Some(day) = self.rate_days(from, to).and_then(|days| days.last().copied()) else {
            return Answer::Refusal(notices::invalid_call("CURRENCY_EXCHANGE_RATE"));
        };
        let at = self.time(self.now_ms).unwrap_or_default().strftime("%Y-%m-%d %H:%M:%S").to_string();
        Answer::Doc(Doc::one(
            "Realtime Currency Exchange Rate",
            Doc::texts([
                ("1. From_Currency Code", from.to_owned()),
                ("2. From_Currency Name", from.to_owned()),
                ("3. To_Currency Code", to.to_owned()),
                ("4. To_Currency Name", to.to_owned()),
                ("5. Exchange Rate", format!("{:.8}", day.close)),
                ("6. Last Refreshed", at),
                ("7. Time Zone", "UTC".into()),
                ("8. Bid Price", "-".into()),
                ("9. Ask Price", "-".into()),
            ]),
        ))
    }

    /// Made-up rates that move as a recorded share does.
    fn rate_days(&self, from: &str, to: &str) -> Option<Vec<RecordedDay>> {
        let is_known = |code: &str| CURRENCIES.contains(&code) || COINS.contains(&code);
        if !is_known(from) || !is_known(to) || from == to {
            return None;
        }
        let stock = self.market.stocks.values().next()?;
        let scale = 1.0 / stock.recording.days().first()?.open;
        let rate = |day: RecordedDay| RecordedDay {
            open: day.open * scale,
            high: day.high * scale,
            low: day.low * scale,
            close: day.close * scale,
            ..day
        };
        Some(self.days(stock).into_iter().map(rate).collect())
    }

    fn rates(&self, function: &str, from: &str, to: &str) -> Answer {
        let (from, to) = (self.parameter(from), self.parameter(to));
        let Some(mut days) = self.rate_days(from, to) else {
            return Answer::Refusal(notices::invalid_call(function));
        };
        let is_fx = function == "FX_DAILY";
        days.reverse();
        days.truncate(if !is_fx {
            350
        } else if self.parameter("outputsize") == "full" {
            usize::MAX
        } else {
            100
        });
        let decimals = if is_fx { 5 } else { 8 };
        let values = |day: &RecordedDay| {
            let prices = [day.open, day.high, day.low, day.close].map(|price| format!("{price:.decimals$}"));
            let volume = (!is_fx).then(|| format!("{:.8}", day.volume / 1e6));
            prices.into_iter().chain(volume).collect()
        };
        let rows: Vec<_> = days.iter().map(|day| (self.date(day.date), values(day))).collect();
        let refreshed = rows.first().map(|(date, _)| date.clone()).unwrap_or_default();
        let meta = if is_fx {
            vec![
                ("1. Information", "Forex Daily Prices (open, high, low, close)".into()),
                ("2. From Symbol", from.into()),
                ("3. To Symbol", to.into()),
                ("4. Output Size", "Compact".into()),
                ("5. Last Refreshed", refreshed),
                ("6. Time Zone", "UTC".into()),
            ]
        } else {
            vec![
                ("1. Information", "Daily Prices and Volumes for Digital Currency".into()),
                ("2. Digital Currency Code", from.into()),
                ("3. Digital Currency Name", from.into()),
                ("4. Market Code", to.into()),
                ("5. Market Name", to.into()),
                ("6. Last Refreshed", refreshed),
                ("7. Time Zone", "UTC".into()),
            ]
        };
        let container = if is_fx { "Time Series FX (Daily)" } else { "Time Series (Digital Currency Daily)" };
        let columns = if is_fx { series::RATES } else { series::BARS };
        Answer::Rows(Rows { meta, container: container.into(), columns, rows })
    }
}
