//! Notices changed source files, by looking at modification times: a few
//! hundred files, twice a second, on every platform alike.

use std::{
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// The newest modification below some paths.
#[derive(Debug)]
pub struct Watch {
    paths: Vec<PathBuf>,
    seen: Option<SystemTime>,
}

impl Watch {
    /// Watches files and folders from now on.
    pub fn new(root: &Path, paths: &[&str]) -> Self {
        let paths: Vec<PathBuf> = paths.iter().map(|path| root.join(path)).collect();
        let seen = newest(&paths);
        Self { paths, seen }
    }

    /// Whether something has changed since the last call that said so.
    pub fn changed(&mut self) -> bool {
        let now = newest(&self.paths);
        let changed = now > self.seen;
        self.seen = now;
        changed
    }

    /// Whether everything is older than `artifact`.
    pub fn is_older_than(&self, artifact: &Path) -> bool {
        newest(&[artifact.to_owned()]).is_some_and(|built| self.seen.is_some_and(|seen| seen < built))
    }
}

fn newest(paths: &[PathBuf]) -> Option<SystemTime> {
    paths.iter().filter_map(|path| newest_below(path)).max()
}

fn newest_below(path: &Path) -> Option<SystemTime> {
    let metadata = fs::metadata(path).ok()?;
    if !metadata.is_dir() {
        return metadata.modified().ok();
    }
    let entries = fs::read_dir(path).ok()?.flatten();
    let sources = entries.filter(|entry| !matches!(entry.file_name().to_str(), Some("build" | "target")));
    sources.filter_map(|entry| newest_below(&entry.path())).max()
}
