use tickwise_protocol::rest::Health;
use worker::{Env, Response};

use crate::{assets, error::EdgeError, inference};

/// `GET /api/v1/health`: also answers when there is no model.
pub async fn health(env: &Env) -> Result<Response, EdgeError> {
    let model = inference::current(env).await;
    Ok(Response::from_json(&Health {
        status: if model.is_ok() { "ok" } else { "degraded" }.into(),
        version: env!("CARGO_PKG_VERSION").into(),
        source: "replay".into(),
        model_error: model.as_ref().err().map(ToString::to_string),
        model: model.ok().map(|model| model.manifest().id.clone()),
    })?)
}

/// `GET /api/v1/models/{id}`: the manifest; `current` is the one in use.
pub async fn manifest(env: &Env, id: &str) -> Result<Response, EdgeError> {
    let id = inference::resolve(env, id).await?;
    let bytes = assets::read(env, &format!("/models/{id}/manifest.json")).await?;
    let bytes = bytes.ok_or_else(|| EdgeError::UnknownModel(id))?;
    let manifest: serde_json::Value = serde_json::from_slice(&bytes)?;
    Ok(Response::from_json(&manifest)?)
}

/// `GET /api/v1/models/{id}/golden`: recomputes the exported forecast here.
pub async fn golden(env: &Env, id: &str) -> Result<Response, EdgeError> {
    let id = inference::resolve(env, id).await?;
    Ok(Response::from_json(&inference::golden(env, &id).await?)?)
}
