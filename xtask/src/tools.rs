//! Pinned tools: installed once, into a folder that git ignores.

use std::{env, fs, path::PathBuf, process::Command};

use anyhow::{Context, Result, bail};

use crate::{paths, step};

/// A tool from crates.io.
struct CargoTool {
    name: &'static str,
    version: &'static str,
    /// Whether its own lock file can be used.
    locked: bool,
}

const CARGO_TOOLS: [CargoTool; 3] = [
    // Equal to the wasm-bindgen in Cargo.lock. Its own lock file names a yanked dependency.
    CargoTool { name: "wasm-bindgen-cli", version: "0.2.130", locked: false },
    CargoTool { name: "worker-build", version: "0.8.7", locked: true },
    CargoTool { name: "trunk", version: "0.21.14", locked: true },
];

const WASM_TARGET: &str = "wasm32-unknown-unknown";
const OLDEST_NODE: u32 = 20;

/// Installs what is missing.
///
/// # Errors
/// With one sentence that says what to do.
pub fn ensure() -> Result<()> {
    check_node()?;
    ensure_wasm_target()?;
    for tool in &CARGO_TOOLS {
        ensure_cargo_tool(tool)?;
    }
    ensure_npm_packages()
}

/// A command that finds the pinned tools before anything else.
pub fn command(program: &str) -> Result<Command> {
    let bin = paths::tools().join("bin");
    let own = bin.join(program);
    let mut command = Command::new(if own.exists() { own } else { PathBuf::from(program) });
    let inherited = env::var_os("PATH").unwrap_or_default();
    let path = [bin.clone(), paths::root().join("node_modules/.bin")]
        .into_iter()
        .chain(env::split_paths(&inherited));
    command
        .current_dir(paths::root())
        .env("PATH", env::join_paths(path)?)
        // worker-build would download these.
        .env("WASM_BINDGEN_BIN", bin.join("wasm-bindgen"))
        .env("WASM_OPT_BIN", paths::npm_bin("wasm-opt"))
        .env("ESBUILD_BIN", paths::npm_bin("esbuild"))
        .env("WRANGLER_SEND_METRICS", "false")
        // Nothing about the visitor's network is needed, so nothing is asked of Cloudflare.
        .env("CLOUDFLARE_CF_FETCH_ENABLED", "false");
    Ok(command)
}

fn check_node() -> Result<()> {
    let advice = format!("Node.js {OLDEST_NODE} or newer is needed: https://nodejs.org");
    let output = Command::new("node").arg("--version").output().with_context(|| advice.clone())?;
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| major < OLDEST_NODE) {
        bail!("{advice} (found {version})");
    }
    Ok(())
}

fn ensure_wasm_target() -> Result<()> {
    let root = paths::root();
    let installed = Command::new("rustc")
        .args(["--print", "target-libdir", "--target", WASM_TARGET])
        .current_dir(&root)
        .output()
        .context("rustc cannot be started: install Rust from https://rustup.rs")?;
    let libdir = PathBuf::from(String::from_utf8_lossy(&installed.stdout).trim());
    if libdir.is_dir() {
        return Ok(());
    }
    let mut add = Command::new("rustup");
    add.args(["target", "add", WASM_TARGET]).current_dir(&root);
    step::run(&format!("install the Rust target {WASM_TARGET}"), &mut add).context(NETWORK)
}

const NETWORK: &str = "is the network reachable? what is missing has to be downloaded once";

fn ensure_cargo_tool(tool: &CargoTool) -> Result<()> {
    let CargoTool { name, version, locked } = tool;
    let root = paths::tools();
    let installed = fs::read_to_string(root.join(".crates.toml")).unwrap_or_default();
    if installed.contains(&format!("\"{name} {version} ")) {
        return Ok(());
    }
    let binstall =
        Command::new("cargo").args(["binstall", "-V"]).output().is_ok_and(|out| out.status.success());
    let mut install = Command::new("cargo");
    if binstall {
        install
            .args(["binstall", "--no-confirm", "--force", "--root"])
            .arg(&root)
            .arg(format!("{name}@{version}"));
    } else {
        install.args(["install", "--force", name, "--version", version, "--root"]).arg(&root);
        install.args(locked.then_some("--locked"));
        // Tools run for seconds and compile for minutes: optimise for the latter.
        install
            .env("CARGO_TARGET_DIR", root.join("target"))
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
            .env("CARGO_PROFILE_RELEASE_DEBUG", "0");
    }
    // Not our workspace's toolchain settings and flags.
    install.current_dir(env::temp_dir());
    fs::create_dir_all(&root)?;
    step::run(&format!("install {name} {version} (once, takes minutes)"), &mut install).context(NETWORK)
}

fn ensure_npm_packages() -> Result<()> {
    let root = paths::root();
    let lock = fs::read(root.join("package-lock.json"))?;
    let marker = root.join("node_modules/.installed-lock");
    if fs::read(&marker).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--no-audit", "--no-fund"]).current_dir(&root);
    step::run("install npm packages", &mut npm).context(NETWORK)?;
    Ok(fs::write(marker, lock)?)
}
