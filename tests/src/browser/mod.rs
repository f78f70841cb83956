//! Real browsers, each driven by its own WebDriver.

mod chromium;
mod driver;
mod firefox;
mod page_console;
mod webkit;

use std::{fmt, fs, path::PathBuf};

use anyhow::{Context, Result};
use fantoccini::{Client, Locator};
use serde_json::Value;

use self::driver::Driver;
use crate::{process::root, until};

/// Width and height of what a page is laid out in, in CSS pixels.
pub type Viewport = (u32, u32);

/// A browser engine that the page is promised for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Of Chrome and Edge.
    Chromium,
    /// Gecko.
    Firefox,
    /// Of Safari, here in GTK's MiniBrowser.
    WebKit,
}

impl Engine {
    fn start(self, viewport: Viewport) -> Result<Driver> {
        match self {
            Self::Chromium => chromium::start(viewport),
            Self::Firefox => firefox::start(),
            Self::WebKit => webkit::start(),
        }
    }

    /// Gives the first window its size.
    async fn resize(self, client: &Client, viewport: Viewport) -> Result<()> {
        match self {
            // By a capability, when it started.
            Self::Chromium => Ok(()),
            Self::Firefox => firefox::resize(client, viewport).await,
            Self::WebKit => webkit::resize(client, viewport).await,
        }
    }

    /// What has to be installed.
    fn needs(self) -> &'static str {
        match self {
            Self::Chromium => chromium::NEEDS,
            Self::Firefox => firefox::NEEDS,
            Self::WebKit => webkit::NEEDS,
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self:?}")
    }
}

/// A browser with one page.
pub struct Browser {
    engine: Engine,
    client: Client,
    _driver: Driver,
}

impl Browser {
    /// Opens a page.
    ///
    /// # Errors
    /// When the browser or its driver is missing, with what to install.
    pub async fn open(engine: Engine, url: &str, viewport: Viewport) -> Result<Self> {
        let opening = async {
            let driver = engine.start(viewport)?;
            let client = driver.connect().await?;
            engine.resize(&client, viewport).await?;
            anyhow::Ok((driver, client))
        };
        let (driver, client) = opening
            .await
            .with_context(|| format!("{engine} cannot be opened: install {}", engine.needs()))?;
        client.goto(url).await?;
        if engine != Engine::Chromium {
            page_console::listen(&client).await?;
        }
        Ok(Self { engine, client, _driver: driver })
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

    /// What the page has written to the console since the last call, and what the browser
    /// complains of: errors and violated policies; in Chromium also failed requests. Chromium
    /// tells it from the first byte on, the others from when the page has loaded.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn console(&self) -> Result<Vec<String>> {
        match self.engine {
            Engine::Chromium => chromium::console(&self.client).await,
            Engine::Firefox | Engine::WebKit => page_console::entries(&self.client).await,
        }
    }

    /// Keeps a picture of the page in `target/screenshots`.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn screenshot(&self, name: &str) -> Result<PathBuf> {
        let dir = root().join("target/screenshots");
        fs::create_dir_all(&dir)?;
        let engine = self.engine.to_string().to_lowercase();
        let path = dir.join(format!("{name}-{engine}.png"));
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
