use futures_util::StreamExt;
use worker::Request;

use crate::error::EdgeError;

/// The body, refused before more of it is held than allowed.
pub async fn read(mut request: Request, max_bytes: usize) -> Result<Vec<u8>, EdgeError> {
    let too_large = || EdgeError::BodyTooLarge { max_bytes };
    if request.inner().body().is_none() {
        return Ok(Vec::new());
    }
    let mut stream = request.stream()?;
    let mut body = Vec::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk?;
        if body.len() + chunk.len() > max_bytes {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
