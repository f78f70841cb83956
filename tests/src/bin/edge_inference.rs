//! `cargo xtask bench edge-inference`: forecasts in the real workerd, timed from outside,
//! as the clock of a deployed Worker stands still while it computes. Prints one JSON line.

use std::time::Instant;

use anyhow::{Result, ensure};
use clap::Parser;
use serde::Serialize;
use tickwise_tests::Server;

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

/// All in milliseconds.
#[derive(Serialize)]
struct Measured {
    /// Features, network and simulation at all horizons: median, least, most.
    forecast: [f64; 3],
    /// The refit.
    fit: [f64; 3],
    /// Requests whose answers are known: what the way there and back takes.
    health: [f64; 3],
    prediction: [f64; 3],
    /// First requests to a fresh Worker: one without the model, and a forecast with weights,
    /// recording, fit.
    first_other: [f64; 3],
    first_prediction: [f64; 3],
}

#[tokio::main]
async fn main() -> Result<()> {
    let options = Cli::parse();
    ensure!(options.rounds > 0 && options.count > 1 && options.starts > 0, "at least one of each");
    let server = Server::start(&[("TICKWISE_BENCH", "1")]).await?.quiet();
    let client = reqwest::Client::new();
    let forecast = repeated(&client, &server, "forecast", options.count, options.rounds).await?;
    let fit = repeated(&client, &server, "fit", options.count.min(20), options.rounds).await?;
    let (mut health, mut prediction) = (Vec::new(), Vec::new());
    for _ in 0..10 * options.rounds {
        health.push(request(&client, &server, "/api/v1/health").await?);
        prediction.push(request(&client, &server, "/api/v1/predictions/IBM").await?);
    }
    drop(server);
    let (mut first_other, mut first_prediction) = (Vec::new(), Vec::new());
    for _ in 0..options.starts {
        for (path, times) in
            [("/api/v1/market", &mut first_other), ("/api/v1/predictions/IBM", &mut first_prediction)]
        {
            let server = Server::start_unasked(&[]).await?.quiet();
            times.push(request(&reqwest::Client::new(), &server, path).await?);
        }
    }
    let measured = Measured {
        forecast: spread(forecast),
        fit: spread(fit),
        health: spread(health),
        prediction: spread(prediction),
        first_other: spread(first_other),
        first_prediction: spread(first_prediction),
    };
    println!("{}", serde_json::to_string(&measured)?);
    Ok(())
}

/// Times of one piece of work each, from requests of one and of many.
async fn repeated(
    client: &reqwest::Client,
    server: &Server,
    task: &str,
    count: u32,
    rounds: usize,
) -> Result<Vec<f64>> {
    let path = |count: u32| format!("/api/bench/{task}?count={count}");
    // The engine optimises what has run for a while.
    for _ in 0..3 {
        request(client, server, &path(count)).await?;
    }
    let mut times = Vec::new();
    for _ in 0..rounds {
        let one = request(client, server, &path(1)).await?;
        let many = request(client, server, &path(count)).await?;
        times.push((many - one) / f64::from(count - 1));
    }
    Ok(times)
}

/// How long a successful request takes.
async fn request(client: &reqwest::Client, server: &Server, path: &str) -> Result<f64> {
    let started = Instant::now();
    let response = client.get(server.url(path)).send().await?.error_for_status()?;
    response.bytes().await?;
    Ok(started.elapsed().as_secs_f64() * 1e3)
}

/// Median, least, most.
fn spread(mut times: Vec<f64>) -> [f64; 3] {
    times.sort_by(f64::total_cmp);
    let at = |index: usize| times.get(index).copied().unwrap_or(f64::NAN);
    [at(times.len() / 2), at(0), at(times.len().saturating_sub(1))]
}
