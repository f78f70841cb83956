//! `tickwise`: the offline command.

mod bench;
mod bootstrap;
mod built_in;
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
mod source;
mod training;
mod walk;
mod windows;

use std::{panic, process::ExitCode};

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

#[derive(Parser)]
#[command(
    name = "tickwise",
    version,
    about = "Trains, exports and uses Tickwise's forecast model; computes indicators",
    after_help = "Examples:\n  tickwise ingest AAPL IBM --output bars   # whole histories, with your Alpha Vantage key\n  tickwise train                   # on the recorded bars\n  tickwise export                  # publish what was trained\n  tickwise predict AAPL            # the forecast from the last recorded day, in any folder\n  tickwise predict --data bars --output pred.csv\n  tickwise indicators AAPL --data bars --name 'rsi(14)'\n  tickwise completions --help      # and man --help: how to install them\n\nWithout --data and --model, commands use the files of public/ where the current folder is a checkout of Tickwise, else the model and the recorded bars built into this command, and say which. Results go to stdout, progress and notes to stderr; with --json, results are JSON with all digits."
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
    /// Computes indicators over daily bars
    Indicators(commands::indicators::Options),
    /// Prints the script that completes commands in a shell
    Completions(commands::completions::Options),
    /// Prints man pages, or writes them into a folder
    Man(commands::man::Options),
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

/// The end of every command's help.
const EXIT_STATUS: &str = "Exit status:\n  0  done\n  1  something failed, or does not hold: the message on stderr says what to do\n  2  the command line is wrong";

/// The command line, exit status included.
fn command() -> clap::Command {
    with_exit_status(Cli::command())
}

fn with_exit_status(command: clap::Command) -> clap::Command {
    let text = command.get_after_help().map(|text| format!("{text}\n\n")).unwrap_or_default();
    command.after_help(text + EXIT_STATUS).mut_subcommands(with_exit_status)
}

/// Leaves the panics of decoders unsaid, which `tickwise-files` turns into errors.
fn keep_decoders_quiet() {
    let say = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let file = info.location().map(panic::Location::file).unwrap_or_default();
        if !["/arrow-", "/parquet-"].iter().any(|decoder| file.contains(decoder)) {
            say(info);
        }
    }));
}

fn main() -> ExitCode {
    keep_decoders_quiet();
    let cli = Cli::from_arg_matches(&command().get_matches()).unwrap_or_else(|error| error.exit());
    let outcome = match cli.command {
        Command::Ingest(options) => commands::ingest::run(&options),
        Command::Train(options) => commands::train::run(&options),
        Command::Evaluate(options) => commands::evaluate::run(&options),
        Command::Export(options) => commands::export::run(&options),
        Command::Predict(options) => commands::predict::run(&options),
        Command::VerifyRecord(options) => commands::verify_record::run(&options),
        Command::Indicators(options) => commands::indicators::run(&options),
        Command::Completions(options) => commands::completions::run(&options),
        Command::Man(options) => commands::man::run(&options),
        Command::Bench(Bench::Files(options)) => bench::files::run(&options),
        Command::Bench(Bench::Forecast(options)) => bench::forecast::run(&options),
        Command::Bench(Bench::Indicators(options)) => bench::indicators::run(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            commands::note(format_args!("error: {error:#}"));
            ExitCode::from(if error.is::<commands::Usage>() { 2 } else { 1 })
        }
    }
}
