use std::{
    fs,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Command, Stdio},
};

use anyhow::{Context, Result};
use fantoccini::Client;
use serde_json::json;

use super::{Viewport, driver::Driver};
use crate::process::{ProcessGroup, free_port};

pub const NEEDS: &str = "Debian's packages `webkit2gtk-driver` and `xvfb`";

/// Larger than any window of a test.
const SCREEN: &str = "1600x1200x24";

/// The window's own buttons would keep it from being as narrow as a phone.
const NARROW_BUTTONS: &str = "* { min-width: 0; margin: 0; padding: 0; }";

pub fn start() -> Result<Driver> {
    let port = free_port()?;
    let folder = tempfile::tempdir()?;
    fs::create_dir(folder.path().join("gtk-3.0"))?;
    fs::write(folder.path().join("gtk-3.0/gtk.css"), NARROW_BUTTONS)?;
    // WebKit has no headless mode.
    let (screen, display) = start_screen()?;
    let mut command = Command::new("WebKitWebDriver");
    command.arg(format!("--port={port}")).env("DISPLAY", display).env("XDG_CONFIG_HOME", folder.path());
    let process = ProcessGroup::start(&mut command)?;
    let options = json!({"binary": mini_browser()?, "args": ["--automation"]});
    Ok(Driver::new(port, [("webkitgtk:browserOptions", options)], vec![process, screen], folder))
}

/// An X server without hardware, and the name of its display: the first free one.
fn start_screen() -> Result<(ProcessGroup, String)> {
    let mut command = Command::new("Xvfb");
    command.args(["-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp"]);
    let mut screen = ProcessGroup::start(command.stdout(Stdio::piped()).stderr(Stdio::null()))?;
    let mut number = String::new();
    BufReader::new(screen.stdout().context("Xvfb has no output")?).read_line(&mut number)?;
    Ok((screen, format!(":{}", number.trim())))
}

/// Debian keeps it in the library folder of the machine's architecture.
fn mini_browser() -> Result<PathBuf> {
    let folders = fs::read_dir("/usr/lib")?.flatten().map(|entry| entry.path());
    let mut programs = folders.map(|folder| folder.join("webkit2gtk-4.1/MiniBrowser"));
    programs.find(|program| program.exists()).context("there is no /usr/lib/*/webkit2gtk-4.1/MiniBrowser")
}

/// Adds what the window has around the page.
pub async fn resize(client: &Client, (width, height): Viewport) -> Result<()> {
    client.set_window_size(width, height).await?;
    let inner = client.execute("return [innerWidth, innerHeight]", vec![]).await?;
    let (inner_width, inner_height): Viewport = serde_json::from_value(inner)?;
    let (beside, above) = (width.saturating_sub(inner_width), height.saturating_sub(inner_height));
    Ok(client.set_window_size(width + beside, height + above).await?)
}
