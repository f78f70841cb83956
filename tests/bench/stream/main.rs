//! The stream beside a minimal hub, both under wrangler and workerd: how many
//! deliveries a second each carries, and how late they are at four fifths of
//! what the hub can do. `cargo xtask bench stream` builds and runs this.

mod load;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::Result;
use clap::Parser;
use tickwise_tests::{Server, Usage};

use load::{Load, Outcome, Readers, median};

const HUB: &str = include_str!("hub.js");

const HUB_CONFIG: &str = r#"
name = "hub"
main = "hub.js"
compatibility_date = "2026-04-01"
durable_objects = { bindings = [{ name = "HUB", class_name = "Hub" }] }
migrations = [{ tag = "v1", new_sqlite_classes = ["Hub"] }]
"#;

/// More than either carries.
const OVERLOAD: Load = Load { messages_per_sec: 100.0, seconds: 3.0 };

#[derive(Parser)]
struct Options {
    /// Readers of each server
    #[arg(long, default_value_t = 1_000)]
    clients: usize,
    /// Rounds; in each the hub and we are measured once
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Seconds of a measurement at four fifths of the hub's ceiling
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// Go on for so many minutes and watch workerd's memory
    #[arg(long, default_value_t = 0.0)]
    minutes: f64,
}

/// A contender.
struct Contender {
    name: &'static str,
    server: Server,
    acknowledging: bool,
}

/// A measurement, with the processor time that the server spent on it.
struct Measured {
    outcome: Outcome,
    cpu_secs: f64,
    memory_bytes: u64,
}

/// One Gateway, as the hub is one object: more of them share workerd's one thread here.
const VARS: [(&str, &str); 3] = [("TICKWISE_BENCH", "1"), ("SOURCE", "live"), ("GATEWAY_SHARDS", "1")];

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<()> {
    let options = Options::parse();
    let contenders = [
        Contender {
            name: "hub",
            server: Server::start_other(HUB_CONFIG, &[("hub.js", HUB)]).await?.quiet(),
            acknowledging: false,
        },
        Contender {
            name: "tickwise",
            server: Server::start_without_assets(&VARS).await?.quiet(),
            acknowledging: true,
        },
    ];
    let ceilings = rounds(&contenders, &options, OVERLOAD).await?;
    let [hub, _] = &ceilings;
    let hub_ceiling = median(hub.iter().map(|measured| measured.outcome.deliveries_per_sec))?;
    let load =
        Load { messages_per_sec: 0.8 * hub_ceiling / options.clients as f64, seconds: options.seconds };
    let steady = rounds(&contenders, &options, load).await?;
    println!("{}", table(&options, &contenders, &ceilings, &steady)?);
    if options.minutes > 0.0 {
        let [_, ours] = &contenders;
        println!("{}", watch_memory(ours, &options, load).await?);
    }
    Ok(())
}

async fn rounds(contenders: &[Contender; 2], options: &Options, load: Load) -> Result<[Vec<Measured>; 2]> {
    let mut all = [Vec::new(), Vec::new()];
    for _ in 0..options.rounds {
        for (contender, measured) in contenders.iter().zip(&mut all) {
            measured.push(measure(contender, options, load).await?);
        }
    }
    Ok(all)
}

async fn measure(contender: &Contender, options: &Options, load: Load) -> Result<Measured> {
    let Contender { name, server, acknowledging } = contender;
    let readers = Readers::connect(server, options.clients, *acknowledging).await?;
    let before = server.usage();
    let outcome = readers.measure(server, load).await?;
    let Usage { cpu_secs, workerd_bytes } = server.usage();
    let measured = Measured { outcome, cpu_secs: cpu_secs - before.cpu_secs, memory_bytes: workerd_bytes };
    let Outcome { expected, received, p50_ms, p99_ms, deliveries_per_sec, .. } = measured.outcome;
    eprintln!(
        "{name}: {:.1}/s offered, {received} of {expected} delivered, {deliveries_per_sec:.0}/s, p50 {p50_ms:.1} ms, p99 {p99_ms:.1} ms, {:.1} µs each, {:.0} MB",
        load.messages_per_sec,
        1e6 * measured.cpu_secs / received.max(1) as f64,
        measured.memory_bytes as f64 / 1e6,
    );
    // The next measurement begins with closed sockets and an idle server.
    while {
        let before = server.usage().cpu_secs;
        tokio::time::sleep(Duration::from_millis(500)).await;
        server.usage().cpu_secs - before > 0.02
    } {}
    Ok(measured)
}

fn table(
    options: &Options,
    contenders: &[Contender; 2],
    ceilings: &[Vec<Measured>; 2],
    steady: &[Vec<Measured>; 2],
) -> Result<String> {
    let mut text = String::from(
        "| | bytes a quote | ceiling, deliveries/s | at 80 % of the hub's: delivered | p50, ms | p99, ms | holes, repeats | server's CPU, µs a delivery | workerd, MB |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    let mut ratios = Vec::new();
    for ((contender, ceilings), steady) in contenders.iter().zip(ceilings).zip(steady) {
        let of = |read: fn(&Measured) -> f64| median(steady.iter().map(read));
        let sum = |read: fn(&Outcome) -> u64| steady.iter().map(|m| read(&m.outcome)).sum::<u64>();
        let ceiling = median(ceilings.iter().map(|m| m.outcome.deliveries_per_sec))?;
        let p99_ms = of(|m| m.outcome.p99_ms)?;
        ratios.push((ceiling, p99_ms));
        text += &format!(
            "| {} | {} | {ceiling:.0} | {:.4} % | {:.1} | {p99_ms:.1} | {}, {} | {:.1} | {:.0} |\n",
            contender.name,
            of(|m| m.outcome.frame_bytes as f64)?,
            100.0 * sum(|o| o.received) as f64 / sum(|o| o.expected) as f64,
            of(|m| m.outcome.p50_ms)?,
            sum(|o| o.holes),
            sum(|o| o.repeated),
            of(|m| 1e6 * m.cpu_secs / m.outcome.received.max(1) as f64)?,
            of(|m| m.memory_bytes as f64 / 1e6)?,
        );
    }
    if let [(hub_ceiling, hub_p99_ms), (ceiling, p99_ms)] = ratios[..] {
        text += &format!(
            "\n{} readers, median of {} rounds: our ceiling is {:.2} of the hub's, our p99 {:.2} times the hub's.\n",
            options.clients,
            options.rounds,
            ceiling / hub_ceiling,
            p99_ms / hub_p99_ms
        );
    }
    Ok(text)
}

/// Samples memory while a long load runs.
async fn watch_memory(ours: &Contender, options: &Options, load: Load) -> Result<String> {
    let load = Load { seconds: 60.0 * options.minutes, ..load };
    let readers = Readers::connect(&ours.server, options.clients, true).await?;
    let samples = Arc::new(Mutex::new(Vec::new()));
    let sampling = async {
        loop {
            tokio::time::sleep(Duration::from_secs_f64(load.seconds / 10.0)).await;
            let bytes = ours.server.usage().workerd_bytes;
            eprintln!("workerd: {:.0} MB", bytes as f64 / 1e6);
            samples.lock().unwrap_or_else(PoisonError::into_inner).push(bytes);
        }
    };
    let outcome = tokio::select! {
        outcome = readers.measure(&ours.server, load) => outcome?,
        () = sampling => Outcome::default(),
    };
    let samples = samples.lock().unwrap_or_else(PoisonError::into_inner);
    let megabytes: Vec<String> = samples.iter().map(|bytes| format!("{:.0}", *bytes as f64 / 1e6)).collect();
    Ok(format!(
        "{} minutes of it: {} of {} delivered, {} holes, {} repeats, p99 {:.1} ms; workerd's memory in MB, each tenth of the time: {}.\n",
        options.minutes,
        outcome.received,
        outcome.expected,
        outcome.holes,
        outcome.repeated,
        outcome.p99_ms,
        megabytes.join(", ")
    ))
}
