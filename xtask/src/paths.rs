//! Where things are.

use std::{env, path::PathBuf};

/// The repository in which cargo runs this: clones may share a target directory,
/// and so a binary that was compiled in another one.
pub fn root() -> PathBuf {
    let package = env::var_os("CARGO_MANIFEST_DIR");
    package.map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from).join("..")
}

/// Cargo's target directory.
pub fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Pinned build tools: `.tools`, or `TICKWISE_TOOLS_DIR` to share them between clones.
pub fn tools() -> PathBuf {
    env::var_os("TICKWISE_TOOLS_DIR").map_or_else(|| root().join(".tools"), PathBuf::from)
}

/// A tool installed by npm.
pub fn npm_bin(name: &str) -> PathBuf {
    root().join("node_modules/.bin").join(name)
}
