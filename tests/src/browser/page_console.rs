//! The console of a browser whose driver does not tell it, collected in the page.

use anyhow::Result;
use fantoccini::Client;

/// Begins to collect.
pub async fn listen(client: &Client) -> Result<()> {
    client.execute(include_str!("page_console.js"), vec![]).await?;
    Ok(())
}

/// The entries since the last call.
pub async fn entries(client: &Client) -> Result<Vec<String>> {
    let entries = client.execute("return window.consoleEntries.splice(0)", vec![]).await?;
    Ok(serde_json::from_value(entries)?)
}
