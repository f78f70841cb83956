//! Answers of Alpha Vantage: the first byte chooses the function, the rest is the body.

use tickwise_alphavantage::{
    BulkSymbols, Function, IntradayInterval, ListingState, NewsQuery, OutputSize, Reply, Request, parse,
};
use tickwise_market::Symbol;

pub fn check(input: &[u8]) -> bool {
    let Some((&first, body)) = input.split_first() else { return false };
    let functions = functions();
    let Some(function) = functions.get(usize::from(first) % functions.len().max(1)) else { return false };
    let reply = parse(&Request::new(function.clone()), 200, "", body);
    match &reply {
        Ok(Reply::Series(series)) => {
            assert!(series.rows.is_sorted_by(|a, b| a.bar.time_ms < b.bar.time_ms), "rows are out of order");
            for row in &series.rows {
                assert_eq!(row.bar.validated(), Ok(row.bar));
                assert!(row.bar.low > 0.0, "{row:?}");
            }
        }
        Ok(Reply::Quote(quote)) => assert!(quote.price.is_finite() && quote.price > 0.0, "{quote:?}"),
        Ok(Reply::Quotes(quotes)) => {
            let closes = quotes.iter().filter_map(|quote| quote.close);
            closes.for_each(|close| assert!(close.is_finite() && close > 0.0, "{quotes:?}"));
        }
        Ok(_) => {}
        Err(failure) => assert!(!failure.to_string().is_empty()),
    }
    reply.is_ok()
}

pub fn seeds() -> Vec<Vec<u8>> {
    let answers = include_str!("alphavantage_answers.txt").split("\n---\n");
    let kinds = u8::try_from(functions().len()).unwrap_or(u8::MAX);
    // Each answer to each function: the right one, and those that are not.
    answers.flat_map(|answer| (0..kinds).map(move |kind| [&[kind], answer.as_bytes()].concat())).collect()
}

fn functions() -> Vec<Function> {
    let Ok(symbol) = "ACME".parse::<Symbol>() else { return Vec::new() };
    let Ok(symbols) = BulkSymbols::new(vec![symbol.clone()]) else { return Vec::new() };
    let size = OutputSize::Compact;
    let intraday = Function::Intraday {
        symbol: symbol.clone(),
        interval: IntradayInterval::Minute,
        adjusted: false,
        extended_hours: true,
        month: None,
        size,
    };
    vec![
        Function::GlobalQuote { symbol: symbol.clone() },
        Function::BulkQuotes { symbols },
        intraday,
        Function::Daily { symbol: symbol.clone(), size },
        Function::DailyAdjusted { symbol: symbol.clone(), size },
        Function::Weekly { symbol: symbol.clone() },
        Function::WeeklyAdjusted { symbol: symbol.clone() },
        Function::Monthly { symbol: symbol.clone() },
        Function::MonthlyAdjusted { symbol: symbol.clone() },
        Function::SymbolSearch { keywords: "acme".into() },
        Function::MarketStatus,
        Function::Overview { symbol: symbol.clone() },
        Function::News(NewsQuery::default()),
        Function::TopMovers,
        Function::Earnings { symbol: symbol.clone() },
        Function::ListingStatus { date: None, state: ListingState::default() },
        Function::ExchangeRate { from: symbol.clone(), to: symbol.clone() },
        Function::FxDaily { from: symbol.clone(), to: symbol.clone(), size },
        Function::CryptoDaily { symbol: symbol.clone(), market: symbol },
    ]
}
