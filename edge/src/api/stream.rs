use worker::{Env, Request, Response};

use super::{cors::Cors, rate_limit};
use crate::{config, error::EdgeError};

/// `GET /api/v1/stream`: hands the WebSocket to one of the Gateways.
pub async fn open(request: Request, env: &Env, cors: &Cors) -> Result<Response, EdgeError> {
    // Programs name no origin.
    if let Some(origin) = request.headers().get("origin")?
        && !cors.allows_socket(&origin, &request.url()?)
    {
        return Err(EdgeError::ForeignOrigin(origin));
    }
    let shard = shard(&client_network(&request)?, config::gateway_shards(env)?);
    let stub = env.durable_object("GATEWAY")?.id_from_name(&format!("gateway-{shard}"))?.get_stub()?;
    Ok(stub.fetch_with_request(request).await?)
}

/// The address of the client, as the platform tells it: of IPv6 its network, which a
/// host has all of.
pub fn client_network(request: &Request) -> Result<String, EdgeError> {
    Ok(rate_limit::network(&request.headers().get("cf-connecting-ip")?.unwrap_or_default()))
}

/// Spreads networks evenly. All connections of one come to the same Gateway,
/// which therefore knows how many there are.
fn shard(network: &str, shards: u32) -> u32 {
    let hash = network
        .bytes()
        .fold(2_166_136_261_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(16_777_619));
    hash % shards
}
