//! `tickwise`: the offline command.

mod bench;
mod bootstrap;
mod commands;
mod curve;
mod evaluation;
mod ingest;
mod learners;
mod linear;
mod methods;
mod predictions;
mod progress;
mod published;
mod report;
mod series;
mod shape;
mod training;
mod walk;
mod windows;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(
    name = "tickwise",
    version,
    about = "Trains, exports and uses Tickwise's forecast model; computes indicators",
    after_help = "Examples:\n  tickwise ingest AAPL IBM --output bars   # whole histories, with your Alpha Vantage key\n  tickwise train                   # on the recorded bars, into target/training\n  tickwise export                  # publish it under public/models\n  tickwise predict AAPL            # the forecast from the last recorded day\n  tickwise predict --data bars --output pred.csv\n  tickwise indicators AAPL --data bars --name 'rsi(14)'"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Fetches histories from Alpha Vantage, or makes them from an archive
    Ingest(commands::ingest::Options),
    /// Fits a network to recorded bars and measures it on later days
    Train(commands::train::Options),
    /// Scores the model beside simple methods, walking forward
    Evaluate(commands::evaluate::Options),
    /// Publishes a trained model: manifest, weights and golden forecast
    Export(commands::export::Options),
    /// Prints the forecast for a symbol
    Predict(commands::predict::Options),
    /// Recomputes the hash chain and the scores of a forecast record
    VerifyRecord(commands::verify_record::Options),
    /// Computes indicators over daily bars from CSV files
    Indicators(commands::indicators::Options),
    /// Measures speed
    #[command(subcommand)]
    Bench(Bench),
}

#[derive(Subcommand)]
enum Bench {
    /// Files of bars
    Files(bench::files::Options),
    /// Fits and forecasts of one symbol; writes a folder of bars to be forecast
    Forecast(bench::forecast::Options),
    /// Indicators over a file of bars, in batch and streaming
    Indicators(bench::indicators::Options),
}

fn main() -> std::process::ExitCode {
    let outcome = match Cli::parse().command {
        Command::Ingest(options) => commands::ingest::run(&options),
        Command::Train(options) => commands::train::run(&options),
        Command::Evaluate(options) => commands::evaluate::run(&options),
        Command::Export(options) => commands::export::run(&options),
        Command::Predict(options) => commands::predict::run(&options),
        Command::VerifyRecord(options) => commands::verify_record::run(&options),
        Command::Indicators(options) => commands::indicators::run(&options),
        Command::Bench(Bench::Files(options)) => bench::files::run(&options),
        Command::Bench(Bench::Forecast(options)) => bench::forecast::run(&options),
        Command::Bench(Bench::Indicators(options)) => bench::indicators::run(&options),
    };
    match outcome {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}
