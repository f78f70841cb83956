//! `cargo xtask bench edge-inference`: forecasts in the real workerd, timed from outside,
//! as the clock of a deployed Worker stands still while it computes. Prints one JSON line.

use std::time::Instant;

use anyhow::{Result, ensure};
use clap::Parser;
use reqwest::Client;
use serde::{Deserialize, Serialize};
use tickwise_tests::{Server, isolate_start};

/// Requests to a Worker that is warm, of which the median counts, where one is not enough.
const WARM: usize = 20;

#[derive(Parser)]
struct Cli {
    /// Pairs of requests, of which the median counts
    #[arg(long, default_value_t = 21)]
    rounds: usize,
    /// Forecasts in the longer request of a pair
    #[arg(long, default_value_t = 200)]
    count: u32,
    /// Fresh servers
    #[arg(long, default_value_t = 5)]
    starts: usize,
}

/// Median, least, most. All in milliseconds where nothing else is said.
type Spread = [f64; 3];

#[derive(Serialize)]
struct Measured {
    /// Features, network and simulation at all horizons.
    forecast: Spread,
    /// The refit.
    fit: Spread,
    /// Requests whose answers are known: what the way there and back takes.
    health: Spread,
    prediction: Spread,
    /// What workerd takes longer to start with the Worker than with an empty one.
    isolate: Spread,
    /// A forecast from bars and fit in the request: what the first takes longer than later ones.
    model: Spread,
    /// First requests to a fresh Worker, as a client sees them: without the model, of all
    /// stocks, and a forecast with weights, recording and refit.
    first_other: Spread,
    first_stocks: Spread,
    first_prediction: Spread,
    /// The module's memory after a forecast, in bytes: with the model, and with ten years of
    /// bars and a refit.
    model_bytes: u64,
    refit_bytes: u64,
}

/// Part of an answer of `/api/bench`.
#[derive(Deserialize)]
struct Done {
    memory_bytes: u64,
}

#[tokio::main]
async fn main() -> Result<()> {
    let options = Cli::parse();
    ensure!(options.rounds > 0 && options.count > 1 && options.starts > 0, "at least one of each");
    let client = Client::new();
    let server = bench_server().await?;
    let input = get(&client, &server, "/api/bench/input").await?.1;
    let forecast = repeated(&client, &server, "forecast", options.count, options.rounds).await?;
    let fit = repeated(&client, &server, "fit", options.count.min(20), options.rounds).await?;
    let (mut health, mut prediction) = (Vec::new(), Vec::new());
    for _ in 0..10 * options.rounds {
        health.push(get(&client, &server, "/api/v1/health").await?.0);
        prediction.push(get(&client, &server, "/api/v1/predictions/IBM").await?.0);
    }
    let Done { memory_bytes: refit_bytes } =
        serde_json::from_str(&get(&client, &server, "/api/bench/fit?count=1").await?.1)?;
    drop(server);
    let (mut isolate, mut model, mut model_bytes) = (Vec::new(), Vec::new(), 0);
    let mut first: [Vec<f64>; 3] = Default::default();
    for _ in 0..options.starts {
        isolate.push(isolate_start().await?);
        let (ms, bytes) = model_start(&input).await?;
        model.push(ms);
        model_bytes = bytes;
        let paths = ["/api/v1/market", "/api/v1/stocks", "/api/v1/predictions/IBM"];
        for (path, times) in paths.into_iter().zip(&mut first) {
            let server = Server::start_unasked(&[]).await?.quiet();
            times.push(get(&Client::new(), &server, path).await?.0);
        }
    }
    let [first_other, first_stocks, first_prediction] = first.map(spread);
    let measured = Measured {
        forecast: spread(forecast),
        fit: spread(fit),
        health: spread(health),
        prediction: spread(prediction),
        isolate: spread(isolate),
        model: spread(model),
        first_other,
        first_stocks,
        first_prediction,
        model_bytes,
        refit_bytes,
    };
    println!("{}", serde_json::to_string(&measured)?);
    Ok(())
}

async fn bench_server() -> Result<Server> {
    Ok(Server::start_unasked(&[("TICKWISE_BENCH", "1")]).await?.quiet())
}

/// Times of one piece of work each, from requests of one and of many.
async fn repeated(
    client: &Client,
    server: &Server,
    task: &str,
    count: u32,
    rounds: usize,
) -> Result<Vec<f64>> {
    let path = |count: u32| format!("/api/bench/{task}?count={count}");
    // The engine optimises what has run for a while.
    for _ in 0..3 {
        get(client, server, &path(count)).await?;
    }
    let mut times = Vec::new();
    for _ in 0..rounds {
        let (one, _) = get(client, server, &path(1)).await?;
        let (many, _) = get(client, server, &path(count)).await?;
        times.push((many - one) / f64::from(count - 1));
    }
    Ok(times)
}

/// How much longer the first forecast of a fresh Worker takes than later ones, bars and fit
/// being in the request; and the module's memory after the first.
async fn model_start(input: &str) -> Result<(f64, u64)> {
    let (server, client) = (bench_server().await?, Client::new());
    let (first, answer) = post(&client, &server, input).await?;
    let mut later = Vec::new();
    for _ in 0..WARM {
        later.push(post(&client, &server, input).await?.0);
    }
    let [later, ..] = spread(later);
    Ok((first - later, serde_json::from_str::<Done>(&answer)?.memory_bytes))
}

async fn get(client: &Client, server: &Server, path: &str) -> Result<(f64, String)> {
    timed(client.get(server.url(path))).await
}

async fn post(client: &Client, server: &Server, input: &str) -> Result<(f64, String)> {
    timed(client.post(server.url("/api/bench/start")).body(input.to_owned())).await
}

/// How long a successful request takes, and the answer.
async fn timed(request: reqwest::RequestBuilder) -> Result<(f64, String)> {
    let started = Instant::now();
    let text = request.send().await?.error_for_status()?.text().await?;
    Ok((started.elapsed().as_secs_f64() * 1e3, text))
}

/// Median, least, most.
fn spread(mut times: Vec<f64>) -> Spread {
    times.sort_by(f64::total_cmp);
    let at = |index: usize| times.get(index).copied().unwrap_or(f64::NAN);
    [at(times.len() / 2), at(0), at(times.len().saturating_sub(1))]
}
