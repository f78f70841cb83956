//! `cargo xtask dev`: from a fresh clone to a running dashboard.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process_group};

use crate::{
    build::{self, Profile},
    paths, reload, sim, state, step, tools,
    watch::Watch,
    worker,
};

const SHARED_SOURCES: [&str; 3] = ["shared", "Cargo.toml", "Cargo.lock"];
/// The API's description, and the start of workerd.
const FIXED_STEPS: usize = 2;
const POLL: Duration = Duration::from_millis(500);
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// What the command line asks for.
pub struct Options {
    /// Port on 127.0.0.1.
    pub port: u16,
    /// Replayed time per real time.
    pub speed: Option<f64>,
    /// Live prices of a simulated vendor instead of a replay.
    pub live_sim: bool,
}

/// Runs until Ctrl-C.
///
/// # Errors
/// With one sentence that says what to do.
pub fn run(options: &Options) -> Result<()> {
    let port = options.port;
    // The listener is dropped at once: only whether it can be had matters.
    TcpListener::bind(("127.0.0.1", port)).with_context(|| {
        format!("port {port} is in use: stop what holds it, or choose another with --port")
    })?;
    let missing = tools::missing()?;
    let stop = stop_on_signal()?;
    let root = paths::root();
    let mut edge = watch(&root, &["edge"]);
    let mut frontend = watch(&root, &["frontend", "Trunk.toml"]);
    let mut public = Watch::new(&root, &["public"]);
    let has_page = frontend.is_older_than(&root.join("dist/index.html"));
    let has_worker = edge.is_older_than(&root.join("edge/build/index.js"));
    step::plan(missing.len() + usize::from(!has_page) + usize::from(!has_worker) + FIXED_STEPS);
    tools::install(&missing)?;
    state::take_over()?;
    if has_page {
        build::public()?;
    } else {
        build::frontend(Profile::WasmDev)?;
    }
    if !has_worker {
        worker::build(Profile::WasmDev)?;
    }
    reload::announce()?;
    step::plan(0);

    let simulator = options.live_sim.then(sim::start).transpose()?;
    let mut server = serve(options, simulator.as_ref())?;
    let outcome = wait_until_ready(port, &mut server.0, &stop).and_then(|()| {
        println!("\n  Tickwise runs at \x1b[1mhttp://127.0.0.1:{port}\x1b[0m   (Ctrl-C stops it)");
        if let Some(simulator) = &simulator {
            println!(
                "  Its vendor is simulated at {} and plays {} in New York",
                simulator.url,
                sim::BEGINS_AT
            );
        }
        println!();
        while !stop.load(Ordering::Relaxed) {
            if let Some(status) = server.0.try_wait()? {
                bail!("the server ended by itself with {status}; its messages are above");
            }
            rebuild(&mut edge, || worker::build(Profile::WasmDev));
            rebuild(&mut frontend, || build::frontend(Profile::WasmDev));
            rebuild(&mut public, build::public);
            std::thread::sleep(POLL);
        }
        Ok(())
    });
    drop((server, simulator));
    println!("\nStopped.");
    outcome
}

fn watch(root: &Path, own: &[&str]) -> Watch {
    Watch::new(root, &[own, &SHARED_SOURCES].concat())
}

/// A failed rebuild is shown, and the last good build goes on serving.
fn rebuild(watch: &mut Watch, build: impl Fn() -> Result<()>) {
    if watch.changed()
        && let Err(error) = build().and_then(|()| reload::announce())
    {
        eprintln!("{error:#}");
    }
}

fn stop_on_signal() -> Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let handler = Arc::clone(&stop);
    ctrlc::set_handler(move || {
        // A second signal while something is still being built ends at once.
        if handler.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    })?;
    Ok(stop)
}

/// A program with everything that it starts; dropping it leaves nothing running.
pub struct Server(pub Child);

fn serve(options: &Options, simulator: Option<&sim::Simulator>) -> Result<Server> {
    let port = options.port.to_string();
    let mut wrangler = tools::command("wrangler")?;
    wrangler
        .args(["dev", "--port", &port, "--ip", "127.0.0.1", "--inspector-port", "0", "--log-level", "warn"])
        .arg("--show-interactive-dev-session=false")
        .args(options.speed.map(|speed| format!("--var=REPLAY_SPEED:{speed}")))
        .args(simulator.map(sim::Simulator::settings).transpose()?.unwrap_or_default())
        .stdin(Stdio::null())
        .process_group(0);
    Ok(Server(wrangler.spawn().context("wrangler cannot be started: run `npm ci`")?))
}

impl Drop for Server {
    fn drop(&mut self) {
        let group = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw);
        for signal in [Signal::TERM, Signal::KILL] {
            if let Some(group) = group {
                let _ = kill_process_group(group, signal);
            }
            let deadline = Instant::now() + Duration::from_secs(5);
            while Instant::now() < deadline && matches!(self.0.try_wait(), Ok(None)) {
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    }
}

fn wait_until_ready(port: u16, server: &mut Child, stop: &AtomicBool) -> Result<()> {
    let step = step::begin("start the Worker in workerd");
    let started = Instant::now();
    while !stop.load(Ordering::Relaxed) {
        if is_healthy(port) {
            step.done();
            return Ok(());
        }
        if let Some(status) = server.try_wait()? {
            bail!("wrangler ended with {status}; its messages are above");
        }
        if started.elapsed() > START_TIMEOUT {
            bail!("the Worker did not answer within {} s", START_TIMEOUT.as_secs());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

fn is_healthy(port: u16) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        write!(stream, "GET /api/v1/health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}
