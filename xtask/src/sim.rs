//! The Alpha Vantage simulator of the `tests` crate: by hand (`cargo xtask sim`),
//! and as the vendor of `cargo xtask dev --live-sim`.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    os::unix::process::CommandExt,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail};

use crate::{dev::Server, paths, step};

/// New York's time when `--live-sim` begins: half an hour after an opening.
pub const BEGINS_AT: &str = "2012-12-04T10:00";

/// The symbols that are recorded.
const SYMBOLS: &str = "AAPL,FB,GOOG,IBM,MSFT";

/// Where wrangler keeps what simulated days leave behind, apart from real ones.
const STORAGE: &str = ".wrangler/live-sim";

/// A simulator in the background.
pub struct Simulator {
    /// Its address.
    pub url: String,
    _process: Server,
}

/// Runs until Ctrl-C.
///
/// # Errors
/// When it ends by itself; its words are on the terminal.
pub fn run(args: &[String]) -> Result<()> {
    let mut simulator = Command::new("cargo");
    simulator.args(["run", "--quiet", "-p", "tickwise-tests", "--bin", "sim", "--"]).args(args);
    let status = simulator.current_dir(paths::root()).status().context("cargo cannot be started")?;
    if !status.success() {
        bail!("the simulator ended with {status}");
    }
    Ok(())
}

/// Starts one with a realtime plan, in the middle of a recorded session.
///
/// # Errors
/// When it cannot be built, or ends by itself.
pub fn start() -> Result<Simulator> {
    let mut build = Command::new("cargo");
    build.args(["build", "--quiet", "-p", "tickwise-tests", "--bin", "sim"]).current_dir(paths::root());
    step::run("build the simulated vendor", &mut build)?;
    let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
    let mut command = Command::new("cargo");
    command
        .args(["run", "--quiet", "-p", "tickwise-tests", "--bin", "sim", "--", "--port", &port.to_string()])
        .args(["--plan", "premium75", "--access", "realtime", "--at", BEGINS_AT])
        .current_dir(paths::root())
        .stdin(Stdio::null())
        .process_group(0);
    let mut process = Server(command.spawn().context("cargo cannot be started")?);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if let Some(status) = process.0.try_wait()? {
            bail!("the simulator ended with {status}");
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(Simulator { url: format!("http://127.0.0.1:{port}"), _process: process })
}

impl Simulator {
    /// What wrangler has to be told to use it. What it has told before goes, since
    /// its day begins again.
    ///
    /// # Errors
    /// When the storage of an earlier run cannot be removed.
    pub fn settings(&self) -> Result<Vec<String>> {
        let storage = paths::root().join(STORAGE);
        if storage.exists() {
            fs::remove_dir_all(&storage).with_context(|| storage.display().to_string())?;
        }
        let vars = [
            ("SOURCE", "live"),
            ("ALPHAVANTAGE_API_KEY", "SIMULATED"),
            ("ALPHAVANTAGE_URL", &self.url),
            ("ALPHAVANTAGE_PLAN", "premium75"),
            ("ALPHAVANTAGE_ENTITLEMENT", "realtime"),
            ("SYMBOLS", SYMBOLS),
        ];
        let vars = vars.map(|(name, value)| format!("--var={name}:{value}"));
        Ok([format!("--persist-to={STORAGE}")].into_iter().chain(vars).collect())
    }
}
