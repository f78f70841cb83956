//! Builds the dashboard (Trunk) and the Worker (worker-build).

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result};

use crate::{budget, paths, step, tools};

/// How much time the compiler may spend on making the result small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// As deployed.
    Wasm,
    /// For development.
    WasmDev,
}

impl Profile {
    fn name(self) -> &'static str {
        match self {
            Self::Wasm => "wasm",
            Self::WasmDev => "wasm-dev",
        }
    }
}

/// Of WebAssembly, as used by worker-build and by our own loops.
const WASM_FEATURES: [&str; 8] = [
    "bulk-memory",
    "exception-handling",
    "multivalue",
    "mutable-globals",
    "nontrapping-float-to-int",
    "reference-types",
    "sign-ext",
    "simd",
];

/// Both parts as deployed, within their budgets.
///
/// # Errors
/// When a build fails or a budget is exceeded.
pub fn release() -> Result<()> {
    frontend(Profile::Wasm)?;
    edge(Profile::Wasm)?;
    budget::check()
}

/// The dashboard, into `dist`.
///
/// # Errors
/// When the build fails.
pub fn frontend(profile: Profile) -> Result<()> {
    let mut trunk = tools::command("trunk")?;
    trunk.args(["build", "--offline", "--cargo-profile"]);
    // Only what Trunk calls a release goes through wasm-opt.
    trunk.args(if profile == Profile::Wasm { &["wasm-page", "--release"][..] } else { &["wasm-dev"] });
    step::run("build the dashboard", &mut trunk)?;
    public()
}

/// Static assets beside the dashboard: models, recordings, headers, the
/// description of the API.
///
/// # Errors
/// When a file cannot be copied.
pub fn public() -> Result<()> {
    let root = paths::root();
    copy_tree(&root.join("public"), &root.join("dist")).context("copying public/ to dist/")?;
    list_models(&root.join("dist/models")).context("listing dist/models")?;
    let mut describe = Command::new("cargo");
    describe.args(["run", "--quiet", "-p", "tickwise-openapi", "--", "dist"]).current_dir(root);
    step::run("describe the API", &mut describe)
}

/// `index.json`: the Worker cannot list folders.
fn list_models(models: &Path) -> Result<()> {
    let mut ids = Vec::new();
    for entry in fs::read_dir(models)? {
        let entry = entry?;
        if entry.path().join("manifest.json").exists() {
            ids.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    ids.sort();
    fs::write(models.join("index.json"), format!("{ids:?}\n"))?;
    Ok(())
}

/// The Worker, into `edge/build`.
///
/// # Errors
/// When the build fails.
pub fn edge(profile: Profile) -> Result<()> {
    let mut worker_build = tools::command("worker-build")?;
    worker_build.args(["edge", "--profile", profile.name()]);
    worker_build.args((profile == Profile::WasmDev).then_some("--no-opt"));
    step::run("build the Worker", &mut worker_build)?;
    if profile == Profile::Wasm {
        strip_names(&paths::root().join("edge/build/index_bg.wasm"))
    } else {
        Ok(())
    }
}

/// Takes the functions' names out of a module, a tenth of what an isolate downloads.
/// worker-build keeps them for stack traces; panics name file and line without them.
fn strip_names(module: &Path) -> Result<()> {
    let mut strip = Command::new(paths::npm_bin("wasm-opt"));
    strip.args(WASM_FEATURES.map(|name| format!("--enable-{name}"))).arg("--strip-debug");
    strip.arg(module).arg("-o").arg(module);
    step::run("take the functions' names out of it", &mut strip)
}

/// A package as a WebAssembly module, with the flags and the profile of what is deployed,
/// and its JavaScript for `target` (`nodejs`, `web`), into a folder.
///
/// # Errors
/// When the build fails.
pub fn module(package: &str, target: &str, folder: &Path) -> Result<()> {
    let triple = "wasm32-unknown-unknown";
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--profile", "wasm", "--target", triple, "-p", package]);
    step::run(&format!("build {package} for WebAssembly"), cargo.current_dir(paths::root()))?;
    let file = format!("{}.wasm", package.replace('-', "_"));
    let mut bindgen = tools::command("wasm-bindgen")?;
    bindgen.args(["--target", target, "--no-typescript", "--out-dir"]).arg(folder);
    bindgen.arg(paths::target().join(triple).join("wasm").join(file));
    step::run("write its JavaScript", &mut bindgen)
}

/// The forecaster as a module for the tests of the page, into `target/golden`.
///
/// # Errors
/// When the build fails.
pub fn golden() -> Result<()> {
    module("tickwise-golden", "web", &paths::root().join("target/golden"))
}

fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
