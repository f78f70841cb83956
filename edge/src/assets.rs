//! Static assets, read through the `ASSETS` binding.

use worker::Env;

use crate::error::EdgeError;

/// The bytes of a static asset; `None` when there is none at `path`.
///
/// # Errors
/// When the platform fails.
pub async fn read(env: &Env, path: &str) -> Result<Option<Vec<u8>>, EdgeError> {
    // The binding wants an absolute URL and ignores its host.
    let mut response = env.assets("ASSETS")?.fetch(format!("https://assets.invalid{path}"), None).await?;
    // A missing file is answered by the page of a single-page application.
    let is_page = response
        .headers()
        .get("content-type")?
        .is_some_and(|content_type| content_type.starts_with("text/html"));
    if response.status_code() != 200 || is_page {
        return Ok(None);
    }
    Ok(Some(response.bytes().await?))
}
