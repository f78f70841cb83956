use std::{env, path::PathBuf, process::Command};

use anyhow::{Context, Result};
use fantoccini::Client;
use serde_json::json;

use super::{Viewport, driver::Driver};
use crate::process::{ProcessGroup, free_port, root};

pub const NEEDS: &str = "Debian's package `firefox-esr`, and geckodriver by \
    `cargo install geckodriver --version 0.37.1 --locked`";

pub fn start() -> Result<Driver> {
    let port = free_port()?;
    let folder = tempfile::tempdir()?;
    let mut command = Command::new(geckodriver());
    command.args(["--log", "fatal", "--port", &port.to_string(), "--profile-root"]).arg(folder.path());
    // Windows are no larger than the screen, which is 1366 by 768 pixels where nothing is said.
    command.env("MOZ_HEADLESS_WIDTH", "1600").env("MOZ_HEADLESS_HEIGHT", "1200");
    let process = ProcessGroup::start(&mut command)?;
    // As on a phone, scrollbars take no room.
    let preferences = json!({"ui.useOverlayScrollbars": 1});
    let options = json!({"args": ["-headless"], "prefs": preferences});
    Ok(Driver::new(port, [("moz:firefoxOptions", options)], vec![process], folder))
}

/// Among the pinned tools of `cargo xtask`, else on the PATH.
fn geckodriver() -> PathBuf {
    let tools = env::var_os("TICKWISE_TOOLS_DIR").map_or_else(|| root().join(".tools"), PathBuf::from);
    let pinned = tools.join("bin/geckodriver");
    if pinned.exists() { pinned } else { "geckodriver".into() }
}

/// Goes on in a window without bars: others are at least 500 pixels wide.
pub async fn resize(client: &Client, (width, height): Viewport) -> Result<()> {
    let features = json!(format!("popup,width={width},height={height}"));
    client.execute("window.open('about:blank', '', arguments[0])", vec![features]).await?;
    let first = client.window().await?;
    let popup = client.windows().await?.into_iter().find(|window| *window != first);
    Ok(client.switch_to_window(popup.context("no window has opened")?).await?)
}
