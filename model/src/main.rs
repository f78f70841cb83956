//! `tickwise`: trains, exports and uses the forecast model offline.

mod baseline;
mod commands;
mod data;
mod evaluation;
mod training;
mod windows;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(
    name = "tickwise",
    version,
    about = "Trains, exports and uses Tickwise's forecast model",
    after_help = "Examples:\n  tickwise train                   # on the recorded bars, into target/training\n  tickwise export                  # publish it under public/models\n  tickwise predict AAPL            # the forecast from the last recorded day\n  tickwise predict IBM --as-of 2012-09-04"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Fits a network to recorded bars and measures it on later days
    Train(commands::train::Options),
    /// Publishes a trained model: manifest, weights and golden forecast
    Export(commands::export::Options),
    /// Prints the forecast for a symbol
    Predict(commands::predict::Options),
}

fn main() -> std::process::ExitCode {
    let outcome = match Cli::parse().command {
        Command::Train(options) => commands::train::run(&options),
        Command::Export(options) => commands::export::run(&options),
        Command::Predict(options) => commands::predict::run(&options),
    };
    match outcome {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}
