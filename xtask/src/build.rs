//! Builds the dashboard (Trunk) and the Worker, and modules for tests and benchmarks.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use anyhow::{Context, Result, anyhow};

use crate::{
    bindgen::{self, Host},
    budget, paths, step,
    tools::{self, WASM_TARGET},
    worker,
};

/// How much time the compiler may spend on making the result small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// As deployed.
    Wasm,
    /// For development.
    WasmDev,
}

impl Profile {
    /// Cargo's profile of the Worker.
    pub fn worker(self) -> &'static str {
        match self {
            Self::Wasm => "wasm",
            Self::WasmDev => "wasm-dev",
        }
    }

    /// Cargo's profile of the page.
    fn page(self) -> &'static str {
        match self {
            Self::Wasm => "wasm-page",
            Self::WasmDev => "wasm-dev",
        }
    }
}

/// Both parts as deployed, within their budgets.
///
/// # Errors
/// When a build fails or a budget is exceeded.
pub fn release() -> Result<()> {
    // Each ends with minutes on one processor, and they share no build folder.
    thread::scope(|scope| {
        let page = scope.spawn(|| frontend(Profile::Wasm));
        let worker = worker::build(Profile::Wasm);
        page.join().map_err(|_| anyhow!("building the dashboard panicked"))?.and(worker)
    })?;
    budget::check()
}

/// The dashboard, into `dist`.
///
/// # Errors
/// When the build fails.
pub fn frontend(profile: Profile) -> Result<()> {
    let mut trunk = tools::command("trunk")?;
    trunk.args(["build", "--offline", "--cargo-profile", profile.page()]);
    // Only what Trunk calls a release goes through wasm-opt.
    trunk.args((profile == Profile::Wasm).then_some("--release"));
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

/// Compiles a package for WebAssembly; the module that cargo made.
///
/// # Errors
/// When it does not compile.
pub fn compile(package: &str, args: &[&str], profile: &str, name: &str) -> Result<PathBuf> {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--target", WASM_TARGET, "--profile", profile, "-p", package]).args(args);
    step::run(&format!("compile {name}"), cargo.current_dir(paths::root()))?;
    let file = format!("{}.wasm", package.replace('-', "_"));
    Ok(paths::target().join(WASM_TARGET).join(profile).join(file))
}

/// A package as a module with the profile of what is deployed, and its JavaScript, into a folder.
///
/// # Errors
/// When the build fails.
pub fn module(package: &str, host: Host, folder: &Path) -> Result<()> {
    let module = compile(package, &[], Profile::Wasm.worker(), &format!("{package} for WebAssembly"))?;
    bindgen::generate(&module, folder, &package.replace('-', "_"), host)
}

/// The forecaster as a module for the tests of the page, into `target/golden`.
///
/// # Errors
/// When the build fails.
pub fn golden() -> Result<()> {
    module("tickwise-golden", Host::Browser, &paths::root().join("target/golden"))
}

/// Copies a folder with everything in it.
///
/// # Errors
/// When something cannot be read or written.
pub fn copy_tree(from: &Path, to: &Path) -> Result<()> {
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
