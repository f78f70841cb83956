//! Runs a command as a named, timed step.

use std::{
    io::{IsTerminal, Write},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

/// Runs a command, showing its name and how long it took; its output only when
/// it fails, or when the output is no terminal (as in CI, where it is streamed).
///
/// # Errors
/// When the command cannot be started or fails.
pub fn run(name: &str, command: &mut Command) -> Result<()> {
    let streamed = !std::io::stdout().is_terminal();
    let timer = begin(name);
    let outcome = if streamed { stream(command) } else { capture(command) };
    match outcome {
        Ok(()) => timer.done(),
        Err(error) => {
            println!("✗ {name} after {}", seconds(timer.started.elapsed()));
            return Err(error).with_context(|| format!("{name} failed"));
        }
    }
    Ok(())
}

/// A step that is not a command.
pub struct Timer {
    name: String,
    started: Instant,
}

/// Begins a step.
pub fn begin(name: &str) -> Timer {
    print!("▸ {name} …");
    if !std::io::stdout().is_terminal() {
        println!();
    }
    let _ = std::io::stdout().flush();
    Timer { name: name.into(), started: Instant::now() }
}

impl Timer {
    /// Ends it.
    pub fn done(self) {
        self.done_with("");
    }

    /// Ends it with a remark.
    pub fn done_with(self, remark: &str) {
        let clear = if std::io::stdout().is_terminal() { "\r\x1b[2K" } else { "" };
        let Self { name, started } = self;
        let remark = if remark.is_empty() { String::new() } else { format!(" · {remark}") };
        println!("{clear}✓ {name} {}{remark}", seconds(started.elapsed()));
    }
}

/// A duration for people.
pub fn seconds(duration: Duration) -> String {
    match duration.as_secs() {
        s @ 100.. => format!("({} min {:02} s)", s / 60, s % 60),
        _ => format!("({:.1} s)", duration.as_secs_f64()),
    }
}

fn stream(command: &mut Command) -> Result<()> {
    let status = command.stdin(Stdio::null()).status().with_context(|| missing(command))?;
    if !status.success() {
        bail!("{} ended with {status}", shown(command));
    }
    Ok(())
}

fn capture(command: &mut Command) -> Result<()> {
    let output = command.stdin(Stdio::null()).output().with_context(|| missing(command))?;
    if !output.status.success() {
        println!();
        std::io::stdout().write_all(&output.stdout)?;
        std::io::stderr().write_all(&output.stderr)?;
        bail!("{} ended with {}", shown(command), output.status);
    }
    Ok(())
}

fn missing(command: &Command) -> String {
    format!("{} cannot be started", command.get_program().to_string_lossy())
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
