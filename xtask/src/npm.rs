//! Node.js and the packages of package-lock.json.
//!
//! wrangler wants a newer Node than many machines have. The packages bring one for the
//! usual platforms, pinned like everything else, and npm puts it before the machine's own
//! for whatever is run from `node_modules/.bin`, `npx wrangler` included.

use std::{fs, path::PathBuf, process::Command};

use anyhow::Result;

use crate::{paths, step};

/// What wrangler asks for.
pub const OLDEST_NODE: (u32, u32) = (22, 12);

/// The `node` of the packages, where there is one for this platform.
pub fn own_node() -> Option<PathBuf> {
    Some(paths::npm_bin("node")).filter(|node| node.exists())
}

/// Whether package-lock.json names a `node` for this platform.
pub fn brings_node() -> bool {
    let platform = (std::env::consts::OS, std::env::consts::ARCH);
    matches!(platform, ("linux", "x86_64" | "aarch64") | ("macos", "x86_64" | "aarch64"))
}

/// Major and minor version of a `node`; `None` where it cannot be started.
pub fn version(node: &str) -> Option<(u32, u32)> {
    let output = Command::new(node).arg("--version").output().ok()?;
    parse_version(&String::from_utf8_lossy(&output.stdout))
}

fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.trim().strip_prefix('v')?.split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??))
}

/// Whether the packages are those of package-lock.json.
pub fn is_installed() -> bool {
    let lock = fs::read(paths::root().join("package-lock.json")).ok();
    lock.is_some() && fs::read(marker()).ok() == lock
}

/// Installs them.
///
/// # Errors
/// When they cannot be downloaded.
pub fn install() -> Result<()> {
    let mut npm = Command::new("npm");
    // The engine's warnings are about the machine's Node, which runs none of them.
    npm.args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(paths::root());
    step::fetch("install npm packages", &mut npm)?;
    Ok(fs::copy(paths::root().join("package-lock.json"), marker()).map(drop)?)
}

fn marker() -> PathBuf {
    paths::root().join("node_modules/.installed-lock")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert_eq!(parse_version("v22.23.3\n"), Some((22, 23)));
        assert!(parse_version("v22.9.0").unwrap() < OLDEST_NODE);
        assert!(parse_version("v24.0.0").unwrap() > OLDEST_NODE);
        assert_eq!(parse_version("command not found"), None);
    }
}
