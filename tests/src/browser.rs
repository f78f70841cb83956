use std::{fs, path::PathBuf, process::Command};

use anyhow::{Context, Result};
use fantoccini::{
    Client, ClientBuilder, Locator,
    wd::{Capabilities, WebDriverCompatibleCommand},
};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use url::Url;

use crate::{
    process::{ProcessGroup, free_port, root},
    until,
};

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

/// Chromium, driven by ChromeDriver.
pub struct Browser {
    client: Client,
    _driver: ProcessGroup,
    _profile: TempDir,
}

impl Browser {
    /// Opens a page in a window of `width` by `height` CSS pixels.
    ///
    /// # Errors
    /// When Chromium or ChromeDriver is missing.
    pub async fn open(url: &str, (width, height): (u32, u32)) -> Result<Self> {
        let port = free_port()?;
        let driver = ProcessGroup::start(
            Command::new("chromedriver").args([&format!("--port={port}"), "--log-level=OFF"]),
        )?;
        let profile = tempfile::tempdir()?;
        let mut flags: Vec<String> = FLAGS.map(String::from).into();
        flags.push(format!("--user-data-dir={}", profile.path().display()));
        // Headless Chromium refuses windows narrower than 500 pixels: phones are emulated.
        let device = json!({"width": width, "height": height, "pixelRatio": 1.0, "touch": width < 500});
        let capabilities: Capabilities = [
            (
                "goog:chromeOptions".to_owned(),
                json!({"args": flags, "mobileEmulation": {"deviceMetrics": device}}),
            ),
            ("goog:loggingPrefs".to_owned(), json!({"browser": "ALL"})),
        ]
        .into_iter()
        .collect();
        let address = format!("http://127.0.0.1:{port}");
        let client = until("ChromeDriver", || async {
            let mut builder = ClientBuilder::new(HttpConnector::new());
            builder.capabilities(capabilities.clone()).connect(&address).await.ok()
        })
        .await?;
        client.goto(url).await?;
        Ok(Self { client, _driver: driver, _profile: profile })
    }

    /// The value of a JavaScript expression.
    ///
    /// # Errors
    /// When it throws.
    pub async fn eval(&self, expression: &str) -> Result<Value> {
        let script = format!("return ({expression})");
        self.client.execute(&script, vec![]).await.with_context(|| expression.to_owned())
    }

    /// Waits until a JavaScript expression is true.
    ///
    /// # Errors
    /// With what the page shows, when it does not become true.
    pub async fn wait_for(&self, expression: &str) -> Result<()> {
        let seen = until(expression, || async {
            (self.eval(expression).await.ok()? == Value::Bool(true)).then_some(())
        })
        .await;
        if seen.is_err() {
            let body = self.eval("document.body.innerText").await.unwrap_or_default();
            let log = self.console().await.unwrap_or_default();
            return seen.with_context(|| format!("{body}\n{log:#?}"));
        }
        seen
    }

    /// Clicks on an element.
    ///
    /// # Errors
    /// When there is none.
    pub async fn click(&self, selector: &str) -> Result<()> {
        self.client.find(Locator::Css(selector)).await?.click().await?;
        Ok(())
    }

    /// Types into an element.
    ///
    /// # Errors
    /// When there is none.
    pub async fn type_into(&self, selector: &str, text: &str) -> Result<()> {
        self.client.find(Locator::Css(selector)).await?.send_keys(text).await?;
        Ok(())
    }

    /// What the page has written to the console since the last call, and what
    /// the browser complains of: failed requests, violated policies.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn console(&self) -> Result<Vec<String>> {
        let entries = self.client.issue_cmd(ReadLog).await?;
        let text = |entry: &Value| format!("{}: {}", entry["level"], entry["message"]);
        Ok(entries.as_array().map(|entries| entries.iter().map(text).collect()).unwrap_or_default())
    }

    /// Keeps a picture of the page in `target/screenshots`.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn screenshot(&self, name: &str) -> Result<PathBuf> {
        let dir = root().join("target/screenshots");
        fs::create_dir_all(&dir)?;
        let path = dir.join(format!("{name}.png"));
        fs::write(&path, self.client.screenshot().await?)?;
        Ok(path)
    }

    /// Ends the session and the browser.
    ///
    /// # Errors
    /// When the browser is gone already.
    pub async fn close(self) -> Result<()> {
        Ok(self.client.close().await?)
    }
}

/// ChromeDriver's own command: the console's entries.
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
