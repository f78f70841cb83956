use futures_util::StreamExt;
use worker::Request;

use crate::error::EdgeError;

/// Of a body that is too large so much is still read and thrown away: workerd's local
/// server lets the next request wait for what has been begun and not finished.
const MAX_DRAINED_BYTES: usize = 1 << 20;

/// The body, refused before more of it is held than allowed.
pub async fn read(mut request: Request, max_bytes: usize) -> Result<Vec<u8>, EdgeError> {
    if request.inner().body().is_none() {
        return Ok(Vec::new());
    }
    let told = request.headers().get("content-length")?.and_then(|length| length.parse::<usize>().ok());
    if told.is_some_and(|length| length > max_bytes) {
        return Err(EdgeError::BodyTooLarge { max_bytes });
    }
    let mut stream = request.stream()?;
    let (mut body, mut read) = (Vec::new(), 0);
    while let Some(chunk) = stream.next().await {
        let chunk = chunk?;
        read += chunk.len();
        if read <= max_bytes {
            body.extend_from_slice(&chunk);
        } else if read > max_bytes.max(MAX_DRAINED_BYTES) {
            break;
        }
    }
    if read > max_bytes { Err(EdgeError::BodyTooLarge { max_bytes }) } else { Ok(body) }
}
