use anyhow::Result;
use fantoccini::{Client, ClientBuilder, wd::Capabilities};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpStream;

use crate::{process::ProcessGroup, until};

/// A program that opens and commands a browser by the WebDriver protocol; dropping it ends
/// the browser, too.
pub struct Driver {
    port: u16,
    capabilities: Capabilities,
    _processes: Vec<ProcessGroup>,
    _folder: TempDir,
}

impl Driver {
    /// `processes` are the driver, which listens on `port`, and what it needs, in the order
    /// in which they are to end; `capabilities` say what the browser is asked to be and do;
    /// `folder` is where it writes.
    pub fn new<const N: usize>(
        port: u16,
        capabilities: [(&str, Value); N],
        processes: Vec<ProcessGroup>,
        folder: TempDir,
    ) -> Self {
        let capabilities = capabilities.map(|(name, options)| (name.to_owned(), options));
        let capabilities = capabilities.into_iter().collect();
        Self { port, capabilities, _processes: processes, _folder: folder }
    }

    /// Opens the browser.
    pub async fn connect(&self) -> Result<Client> {
        let address = format!("127.0.0.1:{}", self.port);
        until("the driver", || async { TcpStream::connect(&address).await.ok() }).await?;
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(self.capabilities.clone());
        Ok(builder.connect(&format!("http://{address}")).await?)
    }
}
