//! What has been fetched, and what has been spent for it: `ingest.json` beside the data.

use std::{
    collections::BTreeMap,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use tickwise_scheduler::{Clock, Ledger};

use super::files;

/// Stored before each request leaves, so that neither a crash nor a lost answer
/// makes it forget one.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Journal {
    /// Requests of the key, as far as this folder knows.
    pub budget: Ledger,
    /// Our clock beside the vendor's.
    pub clock: Clock,
    /// When each history was fetched.
    pub fetched_ms: BTreeMap<String, i64>,
    #[serde(skip)]
    path: PathBuf,
}

impl Journal {
    /// Opens the journal of a folder; one that is not there is empty.
    pub fn open(dir: &Path) -> Result<Self> {
        let path = dir.join("ingest.json");
        let journal = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).with_context(|| {
                format!(
                    "{} cannot be read: remove it to begin anew; what was spent today is then forgotten",
                    path.display()
                )
            })?,
            Err(error) if error.kind() == ErrorKind::NotFound => Self::default(),
            Err(error) => return Err(error).with_context(|| path.display().to_string()),
        };
        Ok(Self { path, ..journal })
    }

    /// Writes it down.
    pub fn save(&self) -> Result<()> {
        files::write(&self.path, &serde_json::to_vec_pretty(self)?)
    }
}
