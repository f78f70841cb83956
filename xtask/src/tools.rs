//! Pinned tools: installed once, into folders that git ignores.

use std::{env, fs, path::PathBuf, process::Command};

use anyhow::Result;

use crate::{bindgen, doctor, npm, paths, step};

const TRUNK: &str = "0.21.14";
/// A Rust target of the page and the Worker.
pub const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// Installs what is missing, after a look at what cannot be installed from here.
///
/// # Errors
/// With one sentence that says what to do.
pub fn ensure() -> Result<()> {
    install(&missing()?)
}

/// Something that a machine may lack and that can be fetched.
pub struct Tool {
    is_there: fn() -> bool,
    install: fn() -> Result<()>,
}

const TOOLS: [Tool; 4] = [
    Tool { is_there: has_wasm_target, install: add_wasm_target },
    Tool { is_there: has_crates, install: fetch_crates },
    Tool { is_there: npm::is_installed, install: npm::install },
    Tool { is_there: has_trunk, install: install_trunk },
];

/// What has to be installed.
///
/// # Errors
/// When something is missing that cannot be fetched.
pub fn missing() -> Result<Vec<&'static Tool>> {
    doctor::require()?;
    Ok(TOOLS.iter().filter(|tool| !(tool.is_there)()).collect())
}

/// Installs it, a step each.
///
/// # Errors
/// When the network cannot be reached.
pub fn install(missing: &[&Tool]) -> Result<()> {
    missing.iter().try_for_each(|tool| (tool.install)())
}

/// A command that finds the pinned tools before anything else.
///
/// # Errors
/// When the folder of xtask's own commands cannot be written.
pub fn command(program: &str) -> Result<Command> {
    let folders =
        [paths::tools().join("bin"), bindgen::command_folder()?, paths::root().join("node_modules/.bin")];
    let own = folders.iter().map(|folder| folder.join(program)).find(|path| path.exists());
    let mut command = Command::new(own.unwrap_or_else(|| PathBuf::from(program)));
    let inherited = env::var_os("PATH").unwrap_or_default();
    command
        .current_dir(paths::root())
        .env("PATH", env::join_paths(folders.into_iter().chain(env::split_paths(&inherited)))?)
        .env("WRANGLER_SEND_METRICS", "false")
        // Nothing about the visitor's network is needed, so nothing is asked of Cloudflare.
        .env("CLOUDFLARE_CF_FETCH_ENABLED", "false")
        // wrangler would keep a trace of every request in `.wrangler/state`, and with it the
        // vendor's addresses, which have the key in them.
        .env("X_LOCAL_OBSERVABILITY", "false");
    Ok(command)
}

/// What a program says first; `None` where it cannot be started or fails.
pub fn first_line(program: &str, args: &[&str]) -> Option<String> {
    let output = command(program).ok()?.args(args).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    output.status.success().then(|| text.lines().next().unwrap_or_default().trim().to_owned())
}

/// Whether a program is among the tools or on the PATH.
pub fn is_on_path(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    let own = paths::tools().join("bin");
    std::iter::once(own).chain(env::split_paths(&path)).any(|folder| folder.join(program).is_file())
}

/// Whether [`WASM_TARGET`] is installed.
pub fn has_wasm_target() -> bool {
    let rustc = Command::new("rustc")
        .args(["--print", "target-libdir", "--target", WASM_TARGET])
        .current_dir(paths::root())
        .output();
    rustc.is_ok_and(|out| PathBuf::from(String::from_utf8_lossy(&out.stdout).trim()).is_dir())
}

fn add_wasm_target() -> Result<()> {
    let mut add = Command::new("rustup");
    add.args(["target", "add", WASM_TARGET]).current_dir(paths::root());
    step::fetch(&format!("install the Rust target {WASM_TARGET}"), &mut add)
}

/// Without a network it is better to know before anything is built.
fn fetch() -> Command {
    let mut fetch = Command::new("cargo");
    fetch
        .args(["fetch", "--locked", "--target", WASM_TARGET, "--target", "host-tuple"])
        .current_dir(paths::root());
    fetch
}

fn has_crates() -> bool {
    fetch().arg("--offline").output().is_ok_and(|output| output.status.success())
}

fn fetch_crates() -> Result<()> {
    step::fetch("download crates", &mut fetch())
}

/// Whether Trunk is among the tools.
pub fn has_trunk() -> bool {
    has_crate("trunk", TRUNK)
}

fn install_trunk() -> Result<()> {
    // Its default features are TLS and a search for newer versions of itself.
    install_crate("trunk", TRUNK, &["--no-default-features"])
}

/// Whether this version of a program from crates.io is among the tools.
pub fn has_crate(name: &str, version: &str) -> bool {
    let installed = fs::read_to_string(paths::tools().join(".crates.toml")).unwrap_or_default();
    installed.contains(&format!("\"{name} {version} "))
}

/// Installs a program from crates.io among the tools, by its own lock file.
///
/// # Errors
/// When it cannot be downloaded or compiled.
pub fn install_crate(name: &str, version: &str, args: &[&str]) -> Result<()> {
    let root = paths::tools();
    let binstall =
        Command::new("cargo").args(["binstall", "-V"]).output().is_ok_and(|out| out.status.success());
    let mut install = Command::new("cargo");
    if binstall {
        install.args(["binstall", "--no-confirm", "--force", "--root"]).arg(&root);
        install.arg(format!("{name}@{version}"));
    } else {
        install.args(["install", "--force", "--locked", name, "--version", version, "--root"]).arg(&root);
        // It runs for a moment and compiles for minutes: nothing is optimised.
        install.args(["--profile", "dev"]).args(args);
        install
            .env("CARGO_TARGET_DIR", root.join("target"))
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("CARGO_PROFILE_DEV_INCREMENTAL", "false");
    }
    // Not our workspace's toolchain settings and flags.
    install.current_dir(env::temp_dir());
    fs::create_dir_all(&root)?;
    step::fetch(&format!("install {name} {version} (once)"), &mut install)?;
    // Hundreds of megabytes that nothing reads again; there are none where binstall was at work.
    let _ = fs::remove_dir_all(root.join("target"));
    Ok(())
}
