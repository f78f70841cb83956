//! The local runtime's state and the version of workerd that has written it.
//!
//! workerd reads what older versions have stored and does not start on what newer ones
//! have: the way back is a copy, and a sentence instead of a crash.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::{build, paths};

/// Takes `.wrangler/state` over for the installed workerd; what an older one has left is
/// copied beside it first.
///
/// # Errors
/// When a newer workerd has written it.
pub fn take_over() -> Result<()> {
    let package = fs::read_to_string(paths::root().join("node_modules/workerd/package.json"))
        .context("workerd is not installed")?;
    let Package { version } = serde_json::from_str(&package)?;
    State::below(&paths::root().join(".wrangler")).take_over(&version)
}

/// Of a package.json.
#[derive(Deserialize)]
struct Package {
    version: String,
}

struct State {
    folder: PathBuf,
    /// Names the newest version that was started on it.
    marker: PathBuf,
}

impl State {
    fn below(wrangler: &Path) -> Self {
        Self { folder: wrangler.join("state"), marker: wrangler.join("workerd-version") }
    }

    fn take_over(&self, version: &str) -> Result<()> {
        let writer = fs::read_to_string(&self.marker).unwrap_or_default().trim().to_owned();
        if writer == version {
            return Ok(());
        }
        if numbers(&writer) > numbers(version) {
            bail!(
                "{} was written by workerd {writer}, and this checkout has the older {version}, which cannot read \
                 it: go back to the newer checkout, or move the folder away (copies made before an upgrade lie \
                 beside it)",
                self.folder.display()
            );
        }
        if self.folder.exists() {
            let writer = if writer.is_empty() { "older".into() } else { writer };
            let copy = self.folder.with_file_name(format!("state-of-workerd-{writer}"));
            build::copy_tree(&self.folder, &copy).context("copying the state of the older workerd")?;
            println!("The state of workerd {writer} is kept in {}", copy.display());
        }
        fs::create_dir_all(self.marker.parent().context("no folder")?)?;
        Ok(fs::write(&self.marker, version)?)
    }
}

/// `1.20261117.1`, to be compared.
fn numbers(version: &str) -> Vec<u64> {
    version.split('.').filter_map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_state_is_copied_and_newer_state_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let state = State::below(dir.path());
        fs::create_dir(&state.folder).unwrap();
        fs::write(state.folder.join("object"), "first").unwrap();
        state.take_over("1.20260426.1").unwrap();
        assert_eq!(fs::read(dir.path().join("state-of-workerd-older/object")).unwrap(), b"first");
        state.take_over("1.20261117.1").unwrap();
        assert!(dir.path().join("state-of-workerd-1.20260426.1").is_dir());
        state.take_over("1.20261117.1").unwrap();
        let refused = state.take_over("1.20261030.1").unwrap_err().to_string();
        assert!(refused.contains("was written by workerd 1.20261117.1"), "{refused}");
        assert_eq!(fs::read(state.folder.join("object")).unwrap(), b"first");
    }

    #[test]
    fn a_first_start_leaves_no_copy() {
        let dir = tempfile::tempdir().unwrap();
        let wrangler = dir.path().join(".wrangler");
        State::below(&wrangler).take_over("1.20261117.1").unwrap();
        assert_eq!(fs::read_dir(wrangler).unwrap().count(), 1);
    }
}
