//! Programs from PyPI, each in an environment of its own among the tools.

use std::{path::PathBuf, process::Command};

use anyhow::Result;

use crate::{paths, step};

/// A package at a version, `name==1.2.3`, and the program of it that is wanted.
pub struct Package {
    /// As pip takes it, extras included.
    pub requirement: &'static str,
    /// Its executable.
    pub program: &'static str,
}

impl Package {
    /// Installs it where it, or this version of it, is missing.
    ///
    /// # Errors
    /// When there is no Python or no network.
    pub fn ensure(&self) -> Result<PathBuf> {
        let version = self.requirement.split_once("==").map_or("", |(_, version)| version);
        let venv = paths::tools().join(format!("{}-{version}", self.program));
        let program = venv.join("bin").join(self.program);
        if !program.exists() {
            step::run("make a Python environment", Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
            let mut pip = Command::new(venv.join("bin/python"));
            pip.args(["-m", "pip", "install", "--quiet", self.requirement]);
            step::run(&format!("install {}", self.requirement), &mut pip)?;
        }
        Ok(program)
    }
}
