use worker::{Env, Request, Response};

use crate::{config, error::EdgeError};

/// `GET /api/v1/stream`: hands the WebSocket to one of the Gateways.
pub async fn open(request: Request, env: &Env) -> Result<Response, EdgeError> {
    let shard = shard(&client_address(&request)?, config::gateway_shards(env)?);
    let stub = env.durable_object("GATEWAY")?.id_from_name(&format!("gateway-{shard}"))?.get_stub()?;
    Ok(stub.fetch_with_request(request).await?)
}

/// The address of the client, as the platform tells it.
pub fn client_address(request: &Request) -> Result<String, EdgeError> {
    Ok(request.headers().get("cf-connecting-ip")?.unwrap_or_default())
}

/// Spreads addresses evenly. All connections of one come to the same Gateway,
/// which therefore knows how many there are.
fn shard(address: &str, shards: u32) -> u32 {
    let hash = address
        .bytes()
        .fold(2_166_136_261_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(16_777_619));
    hash % shards
}
