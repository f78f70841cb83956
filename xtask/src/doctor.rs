//! `cargo xtask doctor`: what this machine has, what it lacks, and the command that mends it.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};

use crate::{
    browsers, npm, paths,
    tools::{self, first_line},
};

/// Free disk that a first `cargo xtask dev` and a `cargo xtask test` need, in GB.
const DISK_DEV_GB: f64 = 4.0;
const DISK_TEST_GB: f64 = 16.0;
/// Where `cargo xtask dev` serves unless it is told otherwise.
const PORT: u16 = 8787;
/// As `rust-version` of the workspace.
const OLDEST_RUST: (u32, u32) = (1, 95);
/// The oldest releases that the benchmarks' and fuzzers' peers run on.
const OLDEST_PYTHON: (u32, u32) = (3, 10);
const OLDEST_JAVA: u32 = 17;

/// One thing that something needs.
struct Check {
    name: &'static str,
    /// What needs it.
    why: &'static str,
    found: Found,
}

enum Found {
    /// There, as told.
    Good(String),
    /// Not there; `cargo xtask dev` or `test` fetches it.
    Fetched(String),
    /// Needed by an optional part only, or good enough: what is wrong, and what mends it.
    Note(String, String),
    /// `dev` cannot do without: what is wrong, and what mends it.
    Missing(String, String),
}

/// Prints all of it.
///
/// # Errors
/// When something is missing that `cargo xtask dev` needs and cannot fetch.
pub fn run() -> Result<()> {
    let checks: Vec<_> = needed().into_iter().chain(optional()).collect();
    for check in &checks {
        check.print();
    }
    refuse(&checks)?;
    println!("\nNothing is missing that `cargo xtask dev` cannot fetch.");
    Ok(())
}

/// The part of it that everything needs, without a word where all is well.
///
/// # Errors
/// When something is missing that cannot be fetched.
pub fn require() -> Result<()> {
    refuse(&needed())
}

/// What `cargo xtask test` needs beyond that: the browsers.
///
/// # Errors
/// Naming the packages that are missing.
pub fn require_browsers() -> Result<()> {
    let missing: Vec<_> = browsers::PROGRAMS.iter().filter(|program| !program.is_there()).collect();
    if let Some(first) = missing.first() {
        let packages: Vec<_> = missing.iter().map(|program| program.debian).collect();
        bail!("{} is missing: {}", first.name, browsers::install_command(&packages));
    }
    Ok(())
}

fn refuse(checks: &[Check]) -> Result<()> {
    for check in checks {
        if let Found::Missing(what, cure) = &check.found {
            bail!("{}: {what} ({}); {cure}", check.name, check.why);
        }
    }
    Ok(())
}

fn needed() -> Vec<Check> {
    vec![
        Check { name: "Rust", why: "compiles everything", found: rust() },
        Check { name: "C compiler", why: "links programs for this machine", found: c_compiler() },
        Check { name: "Rust target wasm32", why: "page and Worker run as WebAssembly", found: wasm_target() },
        Check { name: "Node.js", why: "runs wrangler, which runs workerd", found: node() },
        Check { name: "npm packages", why: "wrangler, workerd, esbuild, wasm-opt", found: npm_packages() },
        Check { name: "Trunk", why: "builds the page", found: trunk() },
        Check { name: "Disk", why: "compiled crates", found: disk() },
    ]
}

fn optional() -> Vec<Check> {
    let browsers = browsers::PROGRAMS.iter().map(|program| Check {
        name: program.name,
        why: "`cargo xtask test` opens the page in it",
        found: match program.version() {
            Some(version) => Found::Good(version),
            None if program.debian.is_empty() => Found::Fetched("`cargo xtask test` compiles it".into()),
            None => Found::Note("not found".into(), browsers::install_command(&[program.debian])),
        },
    });
    let port = Check { name: "Port 8787", why: "`cargo xtask dev` serves there", found: port() };
    let python = Check {
        name: "Python",
        why: "`test` runs a client in it; `bench`, `fuzz-api` and `soak` compare with its packages",
        found: python(),
    };
    let java = Check { name: "Java", why: "`fuzz-api` generates clients with it", found: java() };
    [port].into_iter().chain(browsers).chain([python, java]).collect()
}

impl Check {
    fn print(&self) {
        let Self { name, why, found } = self;
        let (mark, text) = match found {
            Found::Good(what) => ("✓", what.clone()),
            Found::Fetched(what) => ("↓", format!("{what} — {why}")),
            Found::Note(what, cure) => ("·", format!("{what} — {why}; {cure}")),
            Found::Missing(what, cure) => ("✗", format!("{what} — {why}; {cure}")),
        };
        println!("{mark} {name:<20} {text}");
    }
}

fn rust() -> Found {
    let advice = "install Rust from https://rustup.rs, then `rustup toolchain install` in this folder";
    let Some(line) = first_line("rustc", &["--version"]) else {
        return Found::Missing("rustc cannot be started".into(), advice.into());
    };
    let version = line.split(' ').nth(1).and_then(two_numbers);
    if version.is_some_and(|version| version >= OLDEST_RUST) {
        return Found::Good(line);
    }
    Found::Missing(format!("{line} is too old"), "`rustup update`".into())
}

fn c_compiler() -> Found {
    match first_line("cc", &["--version"]) {
        Some(line) => Found::Good(line),
        None => Found::Missing(
            "cc cannot be started".into(),
            "`apt-get install gcc libc6-dev`, on macOS `xcode-select --install`".into(),
        ),
    }
}

fn wasm_target() -> Found {
    if tools::has_wasm_target() {
        return Found::Good("installed".into());
    }
    if first_line("rustup", &["--version"]).is_some() {
        return Found::Fetched("rustup adds it".into());
    }
    let cure = "install the target of your Rust's version by the way Rust came".into();
    Found::Missing(format!("{} is not installed and there is no rustup", tools::WASM_TARGET), cure)
}

fn node() -> Found {
    let advice = "install Node.js 22.12 or newer, with npm: https://nodejs.org".to_owned();
    if first_line("npm", &["--version"]).is_none() {
        return Found::Missing("npm cannot be started".into(), advice);
    }
    let own = npm::own_node().and_then(|node| npm::version(&node.to_string_lossy()));
    let machine = npm::version("node");
    let shown = |(major, minor): (u32, u32)| format!("{major}.{minor}");
    match (own, machine) {
        (_, Some(version)) if version >= npm::OLDEST_NODE => Found::Good(shown(version)),
        (Some(own), Some(version)) => Found::Note(
            format!("{} of this machine is old; {} of the npm packages is used", shown(version), shown(own)),
            "nothing has to be done".into(),
        ),
        (Some(own), None) => Found::Good(format!("{} of the npm packages", shown(own))),
        (None, Some(version)) if npm::brings_node() => Found::Note(
            format!("{} of this machine is old; the npm packages bring a newer one", shown(version)),
            "nothing has to be done".into(),
        ),
        (None, Some(version)) => Found::Missing(format!("{} is too old", shown(version)), advice),
        (None, None) => Found::Missing("node cannot be started".into(), advice),
    }
}

fn npm_packages() -> Found {
    if npm::is_installed() {
        Found::Good("as in package-lock.json".into())
    } else {
        Found::Fetched("`npm ci`".into())
    }
}

fn trunk() -> Found {
    if tools::has_trunk() {
        return Found::Good("installed".into());
    }
    Found::Fetched("compiled once, which takes minutes; with cargo-binstall on the PATH, seconds".into())
}

fn disk() -> Found {
    let free_gb = existing(&paths::target()).and_then(|folder| free_gb(&folder));
    match free_gb {
        Some(free) if free < DISK_DEV_GB => Found::Missing(
            format!("{free:.1} GB are free, {DISK_DEV_GB} are needed"),
            "make room, or set CARGO_TARGET_DIR to a folder on a larger disk".into(),
        ),
        Some(free) if free < DISK_TEST_GB => Found::Note(
            format!("{free:.1} GB are free: enough for `dev`"),
            format!("`cargo xtask test` takes {DISK_TEST_GB}"),
        ),
        Some(free) => Found::Good(format!("{free:.0} GB free")),
        None => Found::Note("how much is free cannot be told".into(), format!("{DISK_DEV_GB} GB are needed")),
    }
}

/// The folder itself, or the nearest above that there is.
fn existing(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().find(|folder| folder.exists()).map(Path::to_owned)
}

fn free_gb(folder: &Path) -> Option<f64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some((disk.f_bavail * disk.f_frsize) as f64 / 1e9)
}

fn port() -> Found {
    if TcpListener::bind(("127.0.0.1", PORT)).is_ok() {
        return Found::Good("free".into());
    }
    Found::Note("in use".into(), "stop what holds it, or `cargo xtask dev --port 9000`".into())
}

fn python() -> Found {
    let advice = "`apt-get install python3 python3-venv`".to_owned();
    let Some(line) = first_line("python3", &["--version"]) else {
        return Found::Note("not found".into(), advice);
    };
    let version = line.split(' ').nth(1).and_then(two_numbers);
    if version.is_some_and(|version| version >= OLDEST_PYTHON) {
        Found::Good(line)
    } else {
        Found::Note(line, advice)
    }
}

fn java() -> Found {
    let advice = "`apt-get install default-jre-headless`".to_owned();
    let Some(line) = first_line("java", &["--version"]) else {
        return Found::Note("not found".into(), advice);
    };
    let version = line.split(' ').nth(1).and_then(|text| text.split('.').next()?.parse::<u32>().ok());
    if version.is_some_and(|version| version >= OLDEST_JAVA) {
        Found::Good(line)
    } else {
        Found::Note(line, advice)
    }
}

fn two_numbers(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_dev_cannot_fetch_is_refused() {
        let check = |found| Check { name: "Node.js", why: "runs wrangler", found };
        let good = [
            check(Found::Good("22.23".into())),
            check(Found::Fetched("npm ci".into())),
            check(Found::Note("old".into(), "nothing".into())),
        ];
        assert!(refuse(&good).is_ok());
        let missing = check(Found::Missing("node cannot be started".into(), "install it".into()));
        assert_eq!(
            refuse(&[missing]).unwrap_err().to_string(),
            "Node.js: node cannot be started (runs wrangler); install it"
        );
    }

    #[test]
    fn disk_is_asked_where_the_target_folder_will_be() {
        let free = free_gb(&existing(Path::new("/no/such/folder")).unwrap()).unwrap();
        assert!(free > 0.0);
    }
}
