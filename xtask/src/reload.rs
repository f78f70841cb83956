//! Makes open pages reload after a rebuild, in development only.

use std::{
    fs,
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::Result;

use crate::paths;

const SCRIPT: &str = include_str!("reload.js");
const TAG: &str = "<script type=\"module\" src=\"/dev-reload.js\"></script>";

/// Tells open pages that there is something new. A file of its own, since the
/// page's Content-Security-Policy allows no inline script.
///
/// # Errors
/// When `dist` cannot be written.
pub fn announce() -> Result<()> {
    let dist = paths::root().join("dist");
    let index = dist.join("index.html");
    let page = fs::read_to_string(&index)?;
    if !page.contains(TAG) {
        fs::write(&index, page.replacen("</head>", &format!("{TAG}</head>"), 1))?;
        fs::write(dist.join("dev-reload.js"), SCRIPT)?;
    }
    let build = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
    Ok(fs::write(dist.join("dev-build"), build.to_string())?)
}
