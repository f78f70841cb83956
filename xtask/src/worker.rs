//! The Worker: compiled, bound to JavaScript, optimised and bundled into `edge/build`.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result};

use crate::{
    bindgen::{self, Host},
    build::{self, Profile},
    paths, step, wasm_opt,
};

/// The compiler has optimised already. `-O` takes five times as long and compresses to more:
/// 1,415 kB instead of 1,373 (gzip). Panics name file and line without the functions' names.
const PASSES: [&str; 2] = ["-O1", "--strip-debug"];

/// Builds it.
///
/// # Errors
/// When a step fails; what was built before stays.
pub fn build(profile: Profile) -> Result<()> {
    let module = build::compile("tickwise-edge", &["--lib"], profile.worker(), "the Worker")?;
    let built = paths::root().join("edge/build");
    let staging = built.join("staging");
    // Of a build that was interrupted; there may be none.
    let _ = fs::remove_dir_all(&staging);
    bindgen::generate(&module, &staging, "index", Host::Edge).context("binding the Worker to JavaScript")?;
    if profile == Profile::Wasm {
        wasm_opt::run("optimise the Worker", &staging.join("index_bg.wasm"), &PASSES)?;
    }
    bundle(&staging).context("bundling the Worker's JavaScript")?;
    for file in ["index_bg.wasm", "index.js"] {
        fs::rename(staging.join(file), built.join(file)).with_context(|| file.to_owned())?;
    }
    Ok(fs::remove_dir_all(staging)?)
}

/// `worker.js`, wasm-bindgen's JavaScript and the snippets of the crates as one module.
fn bundle(staging: &Path) -> Result<()> {
    fs::copy(paths::root().join("edge/worker.js"), staging.join("worker.js"))?;
    let mut esbuild = Command::new(paths::npm_bin("esbuild"));
    esbuild.current_dir(staging).args([
        "worker.js",
        "--bundle",
        "--minify",
        "--format=esm",
        "--external:./index_bg.wasm",
        "--external:cloudflare:*",
        "--outfile=index.js",
        "--allow-overwrite",
        "--log-level=warning",
    ]);
    step::quietly(&mut esbuild)?;
    // workerd hands out compiled modules by plain imports.
    let script = staging.join("index.js");
    let bundled = fs::read_to_string(&script)?;
    Ok(fs::write(script, bundled.replacen("import source ", "import ", 1))?)
}
