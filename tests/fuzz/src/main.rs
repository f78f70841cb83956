//! Feeds the targets with as many inputs as one likes.

use std::{fs, path::PathBuf, process::ExitCode};

use anyhow::{Context, Result};
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use sha2::{Digest, Sha256};
use tickwise_fuzz::{Finding, TARGETS, Target, run};

/// Feeds every parser of outside bytes with mutated seeds; an input that breaks one is kept as a file
#[derive(Parser)]
#[command(
    after_help = "Examples:\n  tickwise-fuzz                              # a million inputs for each target\n  tickwise-fuzz --target stream --inputs 10000000 --seed 7\n  tickwise-fuzz --target stream --input target/fuzz/stream-1f3a… # one input again"
)]
struct Cli {
    /// Only this target
    #[arg(long, value_parser = clap::builder::PossibleValuesParser::new(TARGETS.map(|target| target.name)))]
    target: Option<String>,
    /// Inputs for each target
    #[arg(long, default_value_t = 1_000_000)]
    inputs: u64,
    /// The same seed makes the same inputs
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only the input of this file
    #[arg(long)]
    input: Option<PathBuf>,
    /// Where inputs that break a target are kept
    #[arg(long, default_value = "target/fuzz")]
    output: PathBuf,
}

fn main() -> Result<ExitCode> {
    let cli = Cli::parse();
    let chosen =
        TARGETS.into_iter().filter(|target| cli.target.as_ref().is_none_or(|name| name == target.name));
    if let Some(path) = &cli.input {
        let input = fs::read(path).with_context(|| path.display().to_string())?;
        for target in chosen {
            let accepted = (target.check)(&input);
            println!("{:14} {}", target.name, if accepted { "accepts it" } else { "refuses it" });
        }
        return Ok(ExitCode::SUCCESS);
    }
    let mut code = ExitCode::SUCCESS;
    for target in chosen {
        let bar = ProgressBar::new(cli.inputs).with_prefix(target.name);
        bar.set_style(ProgressStyle::with_template(
            "{prefix:14} {wide_bar} {human_pos}/{human_len} {per_sec} {eta}",
        )?);
        match run(&target, cli.inputs, cli.seed, |done| bar.set_position(done)) {
            Ok(()) => {
                let per_sec = cli.inputs as f64 / bar.elapsed().as_secs_f64();
                bar.finish_and_clear();
                println!("{:14} {} inputs, {per_sec:.0} a second", target.name, cli.inputs);
            }
            Err(finding) => {
                bar.abandon();
                eprintln!(
                    "{}: {}\n  {}",
                    target.name,
                    finding.panic,
                    keep(&cli.output, &target, &finding)?.display()
                );
                code = ExitCode::FAILURE;
            }
        }
    }
    Ok(code)
}

fn keep(dir: &PathBuf, target: &Target, finding: &Finding) -> Result<PathBuf> {
    fs::create_dir_all(dir)?;
    let digest: String =
        Sha256::digest(&finding.input).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let path = dir.join(format!("{}-{digest}", target.name));
    fs::write(&path, &finding.input)?;
    Ok(path)
}
