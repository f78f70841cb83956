use std::process::Command;

use anyhow::Result;
use fantoccini::{Client, wd::WebDriverCompatibleCommand};
use serde_json::{Value, json};
use url::Url;

use super::{Viewport, driver::Driver};
use crate::process::{ProcessGroup, free_port};

pub const NEEDS: &str = "Debian's packages `chromium` and `chromium-driver`";

const FLAGS: [&str; 10] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
];

pub fn start((width, height): Viewport) -> Result<Driver> {
    let port = free_port()?;
    let mut command = Command::new("chromedriver");
    let process = ProcessGroup::start(command.args([&format!("--port={port}"), "--log-level=OFF"]))?;
    let folder = tempfile::tempdir()?;
    let mut flags: Vec<String> = FLAGS.map(String::from).into();
    flags.push(format!("--user-data-dir={}", folder.path().display()));
    // Headless Chromium refuses windows narrower than 500 pixels: phones are emulated.
    let device = json!({"width": width, "height": height, "pixelRatio": 1.0, "touch": width < 500});
    let options = json!({"args": flags, "mobileEmulation": {"deviceMetrics": device}});
    let capabilities = [("goog:chromeOptions", options), ("goog:loggingPrefs", json!({"browser": "ALL"}))];
    Ok(Driver::new(port, capabilities, vec![process], folder))
}

/// The console's entries since the last call.
pub async fn console(client: &Client) -> Result<Vec<String>> {
    let entries = client.issue_cmd(ReadLog).await?;
    let text = |entry: &Value| format!("{}: {}", entry["level"], entry["message"]);
    Ok(entries.as_array().map(|entries| entries.iter().map(text).collect()).unwrap_or_default())
}

/// ChromeDriver's own command.
#[derive(Debug)]
struct ReadLog;

impl WebDriverCompatibleCommand for ReadLog {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(json!({"type": "browser"}).to_string()))
    }
}
