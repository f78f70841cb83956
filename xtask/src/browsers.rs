//! The browsers in which the page is tested, and their drivers.

use anyhow::Result;

use crate::tools;

const GECKODRIVER: &str = "0.37.1";

/// A program that the browsers' tests start.
pub struct Program {
    /// For people.
    pub name: &'static str,
    /// Any of these on the PATH.
    commands: &'static [&'static str],
    /// Debian's package; empty where there is none.
    pub debian: &'static str,
}

/// All of them.
pub const PROGRAMS: [Program; 6] = [
    Program { name: "Chromium", commands: &["chromium"], debian: "chromium" },
    Program { name: "ChromeDriver", commands: &["chromedriver"], debian: "chromium-driver" },
    Program { name: "Firefox", commands: &["firefox-esr", "firefox"], debian: "firefox-esr" },
    Program { name: "geckodriver", commands: &["geckodriver"], debian: "" },
    Program { name: "WebKit's driver", commands: &["WebKitWebDriver"], debian: "webkit2gtk-driver" },
    Program { name: "Xvfb", commands: &["Xvfb"], debian: "xvfb" },
];

impl Program {
    /// Whether it is there, or compiled by [`ensure_geckodriver`].
    pub fn is_there(&self) -> bool {
        self.debian.is_empty() || self.commands.iter().any(|command| tools::is_on_path(command))
    }

    /// What it says of itself.
    pub fn version(&self) -> Option<String> {
        let command = self.commands.iter().find(|command| tools::is_on_path(command))?;
        let said = tools::first_line(command, &["--version"]).filter(|line| !line.is_empty());
        Some(said.unwrap_or_else(|| "installed".into()))
    }
}

/// How Debian installs packages.
pub fn install_command(packages: &[&str]) -> String {
    format!("`apt-get install --no-install-recommends {}`", packages.join(" "))
}

/// Whether geckodriver has to be compiled.
pub fn lacks_geckodriver() -> bool {
    !tools::has_crate("geckodriver", GECKODRIVER) && !tools::is_on_path("geckodriver")
}

/// Compiles geckodriver, which Debian has not.
///
/// # Errors
/// When it cannot be downloaded or compiled.
pub fn ensure_geckodriver() -> Result<()> {
    if lacks_geckodriver() { tools::install_crate("geckodriver", GECKODRIVER, &[]) } else { Ok(()) }
}
