use anyhow::Result;
use tickwise_forecast::ModelSummary;
use tickwise_market::{Bar, Calendar, Interval};
use tickwise_protocol::{
    Origin, Problem,
    rest::{Bars, Forecast, GoldenCheck, Health, Indicators, MAX_PREDICTIONS, Predictions, Stock},
    stream::SourceState,
};
use tickwise_tests::{Server, get, http, send};

const DAY_MS: i64 = 86_400_000;

#[tokio::test]
async fn health_names_the_source_and_the_model() -> Result<()> {
    let server = Server::start(&[]).await?;
    let health: Health = server.get("/api/v1/health").await?;
    assert_eq!((health.status.as_str(), health.source.as_str()), ("ok", "replay"));
    let model = health.model.unwrap();

    let golden: GoldenCheck = server.get(&format!("/api/v1/models/{model}/golden")).await?;
    assert!(golden.ok && golden.max_abs_error <= 1e-5, "{}", golden.max_abs_error);
    assert_eq!((golden.quantiles.len(), golden.quantiles[0].len()), (20, 7));
    let manifest: serde_json::Value = server.get("/api/v1/models/current").await?;
    assert_eq!(manifest["id"], model);

    let models: Vec<ModelSummary> = server.get("/api/v1/models").await?;
    let current: Vec<&str> = models.iter().filter(|row| row.current).map(|row| row.id.as_str()).collect();
    assert_eq!(current, [model.as_str()]);
    let weights = get(server.url(&format!("/models/{model}/model.safetensors"))).await?;
    assert_eq!(weights.headers()["cache-control"], "public, max-age=31536000, immutable");
    Ok(())
}

#[tokio::test]
async fn stocks_come_with_their_last_quote() -> Result<()> {
    let server = Server::start(&[]).await?;
    let stocks: Vec<Stock> = server.get("/api/v1/stocks").await?;
    let symbols: Vec<&str> = stocks.iter().map(|stock| stock.symbol.as_str()).collect();
    assert_eq!(symbols, ["AAPL", "FB", "GOOG", "IBM", "MSFT"]);
    for stock in &stocks {
        assert_eq!(stock.state, SourceState::Streaming);
        let quote = stock.quote.as_ref().unwrap();
        assert!(quote.simulated && quote.price > 0.0 && quote.previous_close.is_some());
        assert!(matches!(&stock.origin, Origin::Replay { date, lap: 0 } if date.to_string() == "2012-09-04"));
    }
    Ok(())
}

#[tokio::test]
async fn bars_of_every_interval_ascend_and_agree() -> Result<()> {
    let server = Server::start(&[]).await?;
    for interval in ["1s", "1m", "5m", "15m", "1h", "1d", "1w", "1mo"] {
        let bars: Bars =
            server.get(&format!("/api/v1/stocks/IBM/bars?interval={interval}&limit=300")).await?;
        assert!(!bars.bars.is_empty() && bars.bars.len() <= 300, "{interval}");
        assert!(bars.bars.windows(2).all(|pair| pair[0].time_ms < pair[1].time_ms), "{interval}");
        assert_eq!(bars.simulated, bars.interval.is_intraday(), "{interval}");
    }

    // A day's minutes make its hours, and both make the recorded day.
    let day = "from=2012-08-31&to=2012-09-01";
    let whole: Bars = server.get(&format!("/api/v1/stocks/IBM/bars?interval=1d&{day}")).await?;
    for interval in ["1m", "1h"] {
        let parts: Bars =
            server.get(&format!("/api/v1/stocks/IBM/bars?interval={interval}&limit=5000&{day}")).await?;
        let sum = merged(&parts.bars);
        let recorded = whole.bars[0];
        assert_eq!(
            (sum.open, sum.high, sum.low, sum.close),
            (recorded.open, recorded.high, recorded.low, recorded.close)
        );
        assert!((sum.volume - recorded.volume).abs() < 1e-6 * recorded.volume);
    }
    Ok(())
}

fn merged(bars: &[Bar]) -> Bar {
    Bar {
        time_ms: bars[0].time_ms,
        open: bars[0].open,
        high: bars.iter().map(|bar| bar.high).fold(f64::MIN, f64::max),
        low: bars.iter().map(|bar| bar.low).fold(f64::MAX, f64::min),
        close: bars[bars.len() - 1].close,
        volume: bars.iter().map(|bar| bar.volume).sum(),
    }
}

#[tokio::test]
async fn from_is_inclusive_to_is_exclusive_and_limit_keeps_the_newest() -> Result<()> {
    let server = Server::start(&[]).await?;
    let all: Bars = server.get("/api/v1/stocks/AAPL/bars?limit=30&to=2012-09-01").await?;
    let (first, last) = (all.bars[10].time_ms, all.bars[20].time_ms);
    let some: Bars = server.get(&format!("/api/v1/stocks/AAPL/bars?from={first}&to={last}")).await?;
    assert_eq!(some.bars, all.bars[10..20]);
    let newest: Bars =
        server.get(&format!("/api/v1/stocks/AAPL/bars?from={first}&to={last}&limit=3")).await?;
    assert_eq!(newest.bars, all.bars[17..20]);
    let later: Bars = server.get("/api/v1/stocks/AAPL/bars?from=2030-01-01").await?;
    assert!(later.bars.is_empty());
    Ok(())
}

#[tokio::test]
async fn forecasts_are_ordered_quantiles_from_the_last_closed_day() -> Result<()> {
    let server = Server::start(&[]).await?;
    let forecast: Forecast = server.get("/api/v1/predictions/AAPL").await?;
    assert_eq!(forecast.levels, [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95]);
    assert_eq!(forecast.quantiles.len(), 20);
    for row in &forecast.quantiles {
        assert!(row.windows(2).all(|pair| pair[0] < pair[1]), "{row:?}");
    }
    let daily: Bars = server.get("/api/v1/stocks/AAPL/bars?to=2012-09-04&limit=1").await?;
    assert_eq!(daily.bars[0].time_ms, forecast.origin_time_ms);
    assert_eq!(daily.bars[0].close, forecast.origin_close);
    assert!(!forecast.in_sample && forecast.disclaimer.contains("Not investment advice"));
    assert!(!forecast.has_short_history && forecast.bars > 500);
    Ok(())
}

#[tokio::test]
async fn a_short_history_widens_the_forecast_and_a_shorter_one_says_what_is_needed() -> Result<()> {
    // Facebook has traded since 2012-05-18: 74 days before the replay begins, 112 before November.
    let server = Server::start(&[]).await?;
    let (status, problem) = server.problem("/api/v1/predictions/FB").await?;
    assert_eq!((status, problem.kind.as_str()), (409, "/docs/problems#not-enough-bars"));
    assert_eq!(problem.detail.unwrap(), "a forecast needs 100 closed daily bars, FB has 74");

    let server = Server::start(&[("REPLAY_FROM", "2012-11-01")]).await?;
    let young: Forecast = server.get("/api/v1/predictions/FB").await?;
    assert!(young.has_short_history && (100..120).contains(&young.bars), "{}", young.bars);
    let seasoned: Forecast = server.get("/api/v1/predictions/IBM").await?;
    assert!(!seasoned.has_short_history);
    Ok(())
}

#[tokio::test]
async fn after_a_restart_the_forecast_is_the_same_from_the_stored_fit() -> Result<()> {
    let mut server = Server::start(&[("REPLAY_SPEED", "1")]).await?;
    let before: Forecast = server.get("/api/v1/predictions/IBM").await?;
    server.kill();
    server.restart().await?;
    let after: Forecast = server.get("/api/v1/predictions/IBM").await?;
    assert_eq!((after.origin_date, after.bars), (before.origin_date, before.bars));
    for (after, before) in after.quantiles.iter().flatten().zip(before.quantiles.iter().flatten()) {
        assert!((after - before).abs() < 1e-12, "{after} {before}");
    }
    Ok(())
}

#[tokio::test]
async fn many_predictions_are_those_of_each_symbol_and_a_bad_one_spoils_no_other() -> Result<()> {
    let server = Server::start(&[]).await?;
    let response = post(&server, r#"{"symbols":["MSFT","NOPE","aapl"," "]}"#).await?;
    assert_eq!(response.status(), 200);
    let answers = response.json::<Predictions>().await?.predictions;
    let asked: Vec<&str> = answers.iter().map(|answer| answer.symbol.as_str()).collect();
    assert_eq!(asked, ["MSFT", "NOPE", "aapl", " "]);
    for (answer, symbol) in [(&answers[0], "MSFT"), (&answers[2], "AAPL")] {
        let alone: Forecast = server.get(&format!("/api/v1/predictions/{symbol}")).await?;
        assert_eq!((&answer.forecast, &answer.problem), (&Some(alone), &None));
    }
    for answer in [&answers[1], &answers[3]] {
        let problem = answer.problem.as_ref().unwrap();
        assert_eq!((problem.status, problem.kind.as_str()), (404, "/docs/problems#unknown-symbol"));
        assert_eq!(answer.forecast, None);
    }

    let many: Vec<String> = (0..=MAX_PREDICTIONS).map(|i| format!("S{i}")).collect();
    let most = serde_json::json!({ "symbols": many[1..] }).to_string();
    let answers = post(&server, &most).await?.json::<Predictions>().await?.predictions;
    assert_eq!(answers.len(), MAX_PREDICTIONS);
    assert!(answers.iter().all(|answer| answer.problem.as_ref().unwrap().status == 404));

    let too_many = serde_json::json!({ "symbols": many }).to_string();
    let too_long = format!("{{\"symbols\":[\"{}\"]}}", "A".repeat(100_000));
    for (body, status, parameter) in [
        ("", 400, None),
        (r#"{"symbols":["AAPL""#, 400, None),
        (r#"{"symbols":"AAPL"}"#, 400, None),
        (r#"{"symbols":[]}"#, 400, Some("symbols")),
        (r#"{"symbols":["AAPL","IBM","AAPL"]}"#, 400, Some("symbols")),
        (&too_many, 400, Some("symbols")),
        (&too_long, 413, None),
    ] {
        let response = post(&server, body).await?;
        let shown = body.get(..40).unwrap_or(body);
        assert_eq!(response.status(), status, "{shown}");
        assert_eq!(response.headers()["content-type"], "application/problem+json", "{shown}");
        let problem: Problem = response.json().await?;
        assert_eq!((problem.status, problem.parameter.as_deref()), (status, parameter), "{shown}");
    }
    Ok(())
}

async fn post(server: &Server, body: &str) -> Result<reqwest::Response> {
    let request = http().post(server.url("/api/v1/predictions"));
    send(request.header("content-type", "application/json").body(body.to_owned())).await
}

#[tokio::test]
async fn a_forecast_inside_the_training_data_says_so() -> Result<()> {
    let server = Server::start(&[("REPLAY_FROM", "2010-06-01")]).await?;
    let forecast: Forecast = server.get("/api/v1/predictions/MSFT").await?;
    assert!(forecast.in_sample);
    // Facebook was not listed in 2010.
    let stocks: Vec<Stock> = server.get("/api/v1/stocks").await?;
    let fb = stocks.iter().find(|stock| stock.symbol.as_str() == "FB").unwrap();
    assert_eq!((fb.state, &fb.quote), (SourceState::NotListed, &None));
    assert_eq!(server.problem("/api/v1/predictions/FB").await?.0, 409);
    Ok(())
}

#[tokio::test]
async fn indicators_are_those_of_the_bars_before_and_in_the_answer() -> Result<()> {
    let server = Server::start(&[]).await?;
    let query = "name=sma(20)&name=macd&to=2012-09-01&limit=30";
    let answer: Indicators = server.get(&format!("/api/v1/stocks/IBM/indicators?{query}")).await?;
    let all: Bars = server.get("/api/v1/stocks/IBM/bars?to=2012-09-01&limit=5000").await?;
    let bars = &all.bars[all.bars.len() - 30..];
    assert_eq!(answer.times_ms, bars.iter().map(|bar| bar.time_ms).collect::<Vec<_>>());
    let names: Vec<&str> = answer.indicators.iter().map(|indicator| indicator.name.as_str()).collect();
    assert_eq!((names, answer.forming), (vec!["sma(20)", "macd(12,26,9)"], false));
    // The first of thirty bars already has an average: of it and the nineteen before.
    let window = &all.bars[all.bars.len() - 49..=all.bars.len() - 30];
    let mean = window.iter().map(|bar| bar.close).sum::<f64>() / 20.0;
    let first = answer.indicators[0].outputs[0].values[0].unwrap();
    assert!((first - mean).abs() < 1e-9, "{first} not {mean}");
    let [macd, signal, histogram] = &answer.indicators[1].outputs[..] else { panic!("three outputs") };
    for ((macd, signal), histogram) in macd.values.iter().zip(&signal.values).zip(&histogram.values) {
        assert!((macd.unwrap() - signal.unwrap() - histogram.unwrap()).abs() < 1e-12);
    }

    let forming: Indicators =
        server.get("/api/v1/stocks/IBM/indicators?name=rsi&interval=1m&limit=5").await?;
    assert!(forming.forming && forming.simulated && forming.times_ms.len() <= 5);
    let list: serde_json::Value = server.get("/api/v1/indicators").await?;
    assert!(list.as_array().unwrap().iter().any(|entry| entry["name"] == "rsi" && entry["pane"] == "own"));
    Ok(())
}

#[tokio::test]
async fn refusals_are_problems_that_name_what_is_wrong() -> Result<()> {
    let server = Server::start(&[]).await?;
    for path in [
        "/api/v1/stocks/NOPE/bars",
        "/api/v1/stocks/NOPE/indicators?name=rsi",
        "/api/v1/predictions/NOPE",
        "/api/v1/predictions/%20",
        "/api/v1/nope",
        "/api/v1/models/nope",
        "/api/bench/forecast",
    ] {
        let (status, problem) = server.problem(path).await?;
        assert_eq!((status, problem.status), (404, 404), "{path}");
    }
    for (query, parameter) in [
        ("interval=2m", "interval"),
        ("from=yesterday", "from"),
        ("from=2013&to=2012", "to"),
        ("limit=0", "limit"),
        ("limit=x", "limit"),
        ("intervall=1d", "query"),
    ] {
        let (status, problem) = server.problem(&format!("/api/v1/stocks/AAPL/bars?{query}")).await?;
        assert_eq!((status, problem.parameter.as_deref()), (400, Some(parameter)), "{query}");
    }
    for (query, parameter) in
        [("", "name"), ("name=rsi(0)", "name"), ("name=nothing", "name"), ("name=rsi&limit=0", "limit")]
    {
        let (status, problem) = server.problem(&format!("/api/v1/stocks/AAPL/indicators?{query}")).await?;
        assert_eq!((status, problem.parameter.as_deref()), (400, Some(parameter)), "{query}");
    }
    assert_eq!(server.problem("/api/v1/stream").await?.0, 426);
    let refused = send(http().post(server.url("/api/v1/stocks"))).await?;
    assert_eq!(refused.status(), 405);
    Ok(())
}

#[tokio::test]
async fn a_split_leaves_no_jump_behind() -> Result<()> {
    // Apple's shares were split two for one on 2005-02-28.
    let server = Server::start(&[]).await?;
    let bars: Bars = server.get("/api/v1/stocks/AAPL/bars?from=2005-02-22&to=2005-03-05").await?;
    assert!(bars.split_adjusted && bars.interval == Interval::Day);
    for pair in bars.bars.windows(2) {
        assert!((pair[1].open / pair[0].close - 1.0).abs() < 0.05, "{pair:?}");
    }
    let sessions =
        bars.bars.iter().filter(|bar| Calendar::Nyse.session_at(bar.time_ms + DAY_MS / 24).is_some());
    assert_eq!(sessions.count(), bars.bars.len());
    Ok(())
}
