//! Last prices: one, and many.

use tickwise_market::Calendar;
use tickwise_replay::RecordedDay;

use super::{
    answers::{Answer, Question},
    doc::Doc,
    exchange::Exchange,
    extended,
    market::Stock,
    notices,
    series::{self, unpadded},
};

impl Question<'_> {
    pub(super) fn global_quote(&self) -> Answer {
        const NAMES: [&str; 10] = [
            "01. symbol",
            "02. open",
            "03. high",
            "04. low",
            "05. price",
            "06. volume",
            "07. latest trading day",
            "08. previous close",
            "09. change",
            "10. change percent",
        ];
        const CSV: &str = "symbol,open,high,low,price,volume,latestDay,previousClose,change,changePercent";
        if self.parameter("symbol").is_empty() {
            return Answer::Refusal(notices::invalid_call("GLOBAL_QUOTE"));
        }
        let container =
            if self.is_delayed() { "Global Quote - DATA DELAYED BY 15 MINUTES" } else { "Global Quote" };
        let header: Vec<String> = CSV.split(',').map(str::to_owned).collect();
        let days = self.stock().map(|stock| self.days(stock)).unwrap_or_default();
        let (Some(stock), [.., before, day]) = (self.stock(), &days[..]) else {
            return Answer::Table(Doc::one(container, Doc::Object(vec![])), vec![header]);
        };
        let change = day.close - before.close;
        let mut values = vec![stock.symbol.to_string()];
        values.extend(series::padded(day));
        values.push(self.date(day.date));
        values.push(format!("{:.4}", before.close));
        values.push(format!("{change:.4}"));
        values.push(format!("{:.4}%", change / before.close * 100.0));
        let quote = Doc::texts(NAMES.into_iter().zip(values.clone()));
        Answer::Table(Doc::one(container, quote), vec![header, values])
    }

    /// Shares of the United States only: the vendor leaves out all others.
    pub(super) fn bulk_quotes(&self) -> Answer {
        let symbols = self.parameter("symbol").split(',').take(100);
        let stocks = symbols.filter_map(|name| self.market.stocks.get(&name.to_uppercase()));
        let rows = stocks
            .filter(|stock| stock.exchange == Exchange::UnitedStates)
            .filter_map(|stock| self.bulk_quote(stock));
        Answer::Doc(Doc::Object(vec![
            ("endpoint".into(), Doc::text("Realtime Bulk Quotes")),
            ("message".into(), Doc::text("success")),
            ("data".into(), Doc::List(rows.collect())),
        ]))
    }

    fn bulk_quote(&self, stock: &Stock) -> Option<Doc> {
        let days = self.days(stock);
        let [.., before, day] = &days[..] else { return None };
        let close_ms = stock.exchange.session(day.date)?.close_ms;
        let seen_ms = self.seen_ms().unwrap_or(close_ms);
        let extended = stock.last_extended(close_ms, seen_ms);
        let close = day.close;
        let (regular, previous_close) = match is_before_open(stock, seen_ms) {
            true => ([const { String::new() }; 7], close),
            false => (regular(before.close, day), before.close),
        };
        let [open, high, low, last, volume, change, change_percent] = regular;
        let at = self.time(extended.map_or(seen_ms.min(close_ms), |tick| tick.time_ms))?;
        let told = |value: fn(f64, f64) -> f64| {
            extended.map_or_else(String::new, |tick| unpadded((value(tick.price, close) * 1e5).round() / 1e5))
        };
        Some(Doc::texts([
            ("symbol", stock.symbol.to_string()),
            ("timestamp", at.strftime("%Y-%m-%d %H:%M:%S%.3f").to_string()),
            ("open", open),
            ("high", high),
            ("low", low),
            ("close", last),
            ("volume", volume),
            ("previous_close", unpadded(previous_close)),
            ("change", change),
            ("change_percent", change_percent),
            ("extended_hours_quote", told(|price, _| price)),
            ("extended_hours_change", told(|price, close| price - close)),
            ("extended_hours_change_percent", told(|price, close| (price / close - 1.0) * 100.0)),
        ]))
    }
}

/// Open to volume, and the change since the close before.
fn regular(previous_close: f64, day: &RecordedDay) -> [String; 7] {
    let change = day.close - previous_close;
    [
        unpadded(day.open),
        unpadded(day.high),
        unpadded(day.low),
        unpadded(day.close),
        format!("{:.0}", day.volume),
        unpadded((change * 1e4).round() / 1e4),
        unpadded((change / previous_close * 1e7).round() / 1e5),
    ]
}

/// From 04:00 on the regular fields of the new day are there, and empty.
fn is_before_open(stock: &Stock, seen_ms: i64) -> bool {
    let session = Calendar::Nyse.date_at(seen_ms).and_then(|date| stock.exchange.session(date));
    session.is_some_and(|session| (extended::start_ms(&session)..session.open_ms).contains(&seen_ms))
}
