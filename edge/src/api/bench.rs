use worker::{Env, Request, Response};

use crate::error::EdgeError;

/// Where load generators publish; only with `TICKWISE_BENCH=1`, nothing otherwise.
pub const PATH: &str = "/bench/publish";

/// The symbol they publish.
const SYMBOL: &str = "AAPL";

/// Hands the WebSocket to the Feed of the symbol.
pub async fn publish(request: Request, env: &Env) -> Result<Response, EdgeError> {
    if request.headers().get("upgrade")?.is_none_or(|value| !value.eq_ignore_ascii_case("websocket")) {
        return Err(EdgeError::UpgradeRequired);
    }
    let stub = env.durable_object("FEED")?.id_from_name(SYMBOL)?.get_stub()?;
    let mut to_feed = Request::new(&format!("https://object.invalid/{SYMBOL}/bench"), worker::Method::Get)?;
    to_feed.headers_mut()?.set("upgrade", "websocket")?;
    Ok(stub.fetch_with_request(to_feed).await?)
}
