use worker::{Date, Env, Request, Response};

use crate::{config, error::EdgeError};

/// `GET /api/v1/stream`: hands the WebSocket to one of the Gateways.
pub async fn open(request: Request, env: &Env) -> Result<Response, EdgeError> {
    let shard = shard(&request, config::gateway_shards(env)?)?;
    let stub = env.durable_object("GATEWAY")?.id_from_name(&format!("gateway-{shard}"))?.get_stub()?;
    Ok(stub.fetch_with_request(request).await?)
}

/// Spreads connections evenly by the handshake's random key; the same client
/// may come to another Gateway when it reconnects, which changes nothing for it.
fn shard(request: &Request, shards: u32) -> Result<u32, EdgeError> {
    let key = request.headers().get("sec-websocket-key")?.unwrap_or_else(|| Date::now().to_string());
    let hash = key.bytes().fold(0_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte)));
    Ok(hash % shards)
}
