//! Binaryen's optimiser over modules that a page or an isolate downloads.

use std::{path::Path, process::Command};

use anyhow::Result;

use crate::{paths, step};

/// Of WebAssembly, as every runtime that we support has them. Named one by one: with
/// `--all-features` a newer Binaryen would write encodings that nobody reads yet.
const FEATURES: [&str; 8] = [
    "bulk-memory",
    "exception-handling",
    "multivalue",
    "mutable-globals",
    "nontrapping-float-to-int",
    "reference-types",
    "sign-ext",
    "simd",
];

/// Rewrites a module.
///
/// # Errors
/// When it cannot be read or written.
pub fn run(name: &str, module: &Path, passes: &[&str]) -> Result<()> {
    let mut command = Command::new(paths::npm_bin("wasm-opt"));
    command.args(FEATURES.map(|feature| format!("--enable-{feature}"))).args(passes);
    step::run(name, command.arg(module).arg("-o").arg(module))
}
