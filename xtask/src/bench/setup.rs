//! The way from nothing installed to a running page, and to a whole `.ci/run`: this
//! commit beside an earlier one.

use std::{
    fmt::Write as _,
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;

use super::report;
use crate::{dev::Server, paths, step};

/// What `cargo xtask dev` prints when it serves.
const SERVES: &str = "Tickwise runs at";

/// `cargo xtask bench setup`
#[derive(Args)]
pub struct Options {
    /// The commit to compare with
    #[arg(long)]
    base: String,
    /// Leave `.ci/run` out
    #[arg(long)]
    only_dev: bool,
    /// Keep the table in docs/benchmarks.md
    #[arg(long)]
    save: bool,
}

/// A fresh clone with caches of its own, all empty.
struct Side {
    name: String,
    folder: PathBuf,
}

/// How long something took, and its steps.
#[derive(Default)]
struct Run {
    secs: f64,
    steps: Vec<(String, f64)>,
}

/// Measures both commits, one after the other, and prints the tables.
///
/// # Errors
/// When a commit cannot be checked out or something fails there.
pub fn run(options: &Options) -> Result<()> {
    let base = measure("base", &options.base, !options.only_dev)?;
    let head = measure("head", "HEAD", !options.only_dev)?;
    let mut chapter = format!(
        "## Set-up\n\n`cargo xtask bench setup --base {} --save`,\n{}: fresh clones with empty caches (crates, npm,\n\
         tools, build folders), one after the other on the same machine.\n",
        options.base,
        report::circumstances()
    );
    chapter += &table("First `cargo xtask dev`, until the page is served", &base.dev, &head.dev);
    if let (Some(base), Some(head)) = (&base.ci, &head.ci) {
        chapter += &table("`.ci/run`, the browsers being there", base, head);
        chapter += "Its tools are those that `dev` had installed; the time of that is added.\n";
    }
    println!("\n{chapter}");
    if options.save { report::save(&chapter) } else { Ok(()) }
}

/// What a commit takes.
struct Times {
    dev: Run,
    ci: Option<Run>,
}

fn measure(name: &str, commit: &str, with_ci: bool) -> Result<Times> {
    let side = Side::clone(name, commit)?;
    let dev = side.timed("first `cargo xtask dev`", Side::dev)?;
    let mut ci = with_ci.then(|| side.timed("`.ci/run`", Side::ci)).transpose()?;
    if let Some(ci) = &mut ci {
        let tools = dev.steps.iter().filter(|(name, _)| name.starts_with("install "));
        // npm packages are installed into each clone.
        let tools: Vec<_> = tools.filter(|(name, _)| !name.contains("npm")).cloned().collect();
        ci.secs += tools.iter().map(|(_, secs)| secs).sum::<f64>();
        ci.steps.splice(0..0, tools);
    }
    // Tens of gigabytes for both.
    fs::remove_dir_all(&side.folder)?;
    Ok(Times { dev, ci })
}

impl Side {
    fn clone(name: &str, commit: &str) -> Result<Self> {
        let folder = report::work_dir().join("setup").join(name);
        // Of an earlier run; there may be none.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder)?;
        let root = paths::root();
        let mut clone = Command::new("git");
        clone.args(["clone", "--quiet", "--no-checkout"]).arg(&root).arg(folder.join("clone"));
        step::quietly(&mut clone)?;
        let commit = git(&root, &["rev-parse", commit])?;
        git(&folder.join("clone"), &["checkout", "--quiet", &commit])?;
        Ok(Self { name: name.into(), folder })
    }

    fn timed(&self, what: &str, take: fn(&Self) -> Result<Run>) -> Result<Run> {
        let step = step::begin(&format!("{}: {what}", self.name));
        let run = take(self)?;
        step.done();
        Ok(run)
    }

    /// A command in the clone; everything that it downloads or builds is in folders of this side.
    fn command(&self, program: &str, target: &str) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.folder.join("clone"))
            .env("CARGO_HOME", self.folder.join("cargo"))
            .env("npm_config_cache", self.folder.join("npm"))
            .env("TICKWISE_CACHE_DIR", self.folder.join("cache"))
            .env("TICKWISE_TOOLS_DIR", self.folder.join("tools"))
            .env("CARGO_TARGET_DIR", self.folder.join(target))
            .env_remove("CARGO_MANIFEST_DIR")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .process_group(0);
        command
    }

    fn dev(&self) -> Result<Run> {
        // The listener is dropped at once: only a free port is wanted.
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port().to_string();
        let mut command = self.command("cargo", "target-dev");
        self.watch(command.args(["xtask", "dev", "--port", &port]), |line| line.contains(SERVES))
    }

    fn ci(&self) -> Result<Run> {
        for folder in
            ["target-dev", "clone/node_modules", "clone/dist", "clone/edge/build", "clone/.wrangler"]
        {
            fs::remove_dir_all(self.folder.join(folder)).with_context(|| folder.to_owned())?;
        }
        let mut command = self.command("bash", "target-ci");
        self.watch(command.arg(".ci/run"), |line| line.starts_with("Every check passed"))
    }

    /// Runs a command until it prints the line that is waited for.
    fn watch(&self, command: &mut Command, is_last: fn(&str) -> bool) -> Result<Run> {
        let started = Instant::now();
        let log = report::work_dir().join(format!("setup-{}.log", self.name));
        command.stderr(fs::File::create(&log)?);
        let mut process = Server(command.spawn().context("it cannot be started")?);
        let output = process.0.stdout.take().context("no output")?;
        let mut run = Run::default();
        for line in BufReader::new(output).lines() {
            let line = line?;
            run.steps.extend(finished_step(&line));
            if is_last(&line) {
                run.secs = started.elapsed().as_secs_f64();
                return Ok(run);
            }
        }
        bail!("{} ended before its end: {}", self.name, log.display())
    }
}

/// `✓ [3/9] install npm packages (12.3 s) · a remark`
fn finished_step(line: &str) -> Option<(String, f64)> {
    let text = line.strip_prefix("✓ ")?;
    let text = text.strip_prefix('[').and_then(|rest| rest.split_once("] ")).map_or(text, |(_, name)| name);
    // Names may have brackets of their own.
    text.rmatch_indices(" (").find_map(|(at, _)| {
        let (name, rest) = text.split_at(at);
        let (time, _) = rest.trim_start_matches(" (").split_once(')')?;
        Some((name.to_owned(), parse_secs(time)?))
    })
}

/// As [`step::seconds`] writes: `12.3 s` or `2 min 05 s`.
fn parse_secs(text: &str) -> Option<f64> {
    let text = text.strip_suffix(" s")?;
    match text.split_once(" min ") {
        Some((minutes, seconds)) => Some(minutes.parse::<f64>().ok()? * 60.0 + seconds.parse::<f64>().ok()?),
        None => text.parse().ok(),
    }
}

fn table(title: &str, base: &Run, head: &Run) -> String {
    let mut table = format!("\n### {title}\n\n| step | before, s | now, s |\n|---|---:|---:|\n");
    let mut names: Vec<&str> = head.steps.iter().map(|(name, _)| name.as_str()).collect();
    for (name, _) in &base.steps {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let cell = |run: &Run, name: &str| {
        let mut of_this_name =
            run.steps.iter().filter(|(step, _)| step == name).map(|(_, secs)| secs).peekable();
        of_this_name.peek()?;
        Some(of_this_name.sum::<f64>())
    };
    let shown = |secs: Option<f64>| secs.map_or("–".to_owned(), |secs| format!("{secs:.0}"));
    for name in names {
        let _ = writeln!(table, "| {name} | {} | {} |", shown(cell(base, name)), shown(cell(head, name)));
    }
    let _ = writeln!(
        table,
        "| **in all, xtask itself included** | **{:.0}** | **{:.0}** |",
        base.secs, head.secs
    );
    let _ = writeln!(
        table,
        "\n{} beside {}: {:.0} %. Steps that ran at the same time are counted in both.",
        minutes(head.secs),
        minutes(base.secs),
        100.0 * head.secs / base.secs
    );
    table
}

fn minutes(secs: f64) -> String {
    let text = step::seconds(Duration::from_secs_f64(secs));
    text.trim_matches(['(', ')']).to_owned()
}

fn git(folder: &Path, args: &[&str]) -> Result<String> {
    let output = Command::new("git").args(args).current_dir(folder).output()?;
    ensure!(output.status.success(), "git {}: {}", args.join(" "), String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finished_steps_are_read_with_and_without_numbers() {
        let step = |name: &str, secs| Some((name.to_owned(), secs));
        assert_eq!(finished_step("✓ lint for wasm (78.0 s)"), step("lint for wasm", 78.0));
        assert_eq!(
            finished_step("✓ [3/9] install trunk 0.21.14 (once) (4 min 20 s)"),
            step("install trunk 0.21.14 (once)", 260.0)
        );
        assert_eq!(finished_step("▸ lint for wasm …"), None);
        assert_eq!(finished_step("✓ Worker 1,400 kB (gzip)"), None);
    }

    #[test]
    fn the_table_has_every_step_of_either_side() {
        let run = |secs, steps: &[(&str, f64)]| Run {
            secs,
            steps: steps.iter().map(|(name, secs)| ((*name).to_owned(), *secs)).collect(),
        };
        let table =
            table("Start", &run(100.0, &[("old", 60.0), ("both", 40.0)]), &run(45.0, &[("both", 45.0)]));
        assert!(table.contains("| old | 60 | – |") && table.contains("| both | 40 | 45 |"), "{table}");
        assert!(table.contains("45.0 s beside 1 min 40 s: 45 %"), "{table}");
    }
}
