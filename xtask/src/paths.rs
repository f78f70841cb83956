//! Where things are.

use std::{env, path::PathBuf};

/// The repository.
pub fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Pinned build tools: `.tools`, or `TICKWISE_TOOLS_DIR` to share them between clones.
pub fn tools() -> PathBuf {
    env::var_os("TICKWISE_TOOLS_DIR").map_or_else(|| root().join(".tools"), PathBuf::from)
}

/// A tool installed by npm.
pub fn npm_bin(name: &str) -> PathBuf {
    root().join("node_modules/.bin").join(name)
}
