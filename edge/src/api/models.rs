use tickwise_forecast::{Manifest, ModelSummary};
use tickwise_protocol::rest::Health;
use worker::{Env, Response};

use crate::{assets, config, error::EdgeError, inference};

/// `GET /api/v1/health`: also answers when there is no model.
pub async fn health(env: &Env) -> Result<Response, EdgeError> {
    let model = inference::current(env).await;
    Ok(Response::from_json(&Health {
        status: if model.is_ok() { "ok" } else { "degraded" }.into(),
        version: env!("CARGO_PKG_VERSION").into(),
        source: match config::is_live(env) {
            Ok(true) => "live".into(),
            Ok(false) => "replay".into(),
            Err(error) => error.to_string(),
        },
        model_error: model.as_ref().err().map(ToString::to_string),
        model: model.ok().map(|model| model.manifest().id.clone()),
    })?)
}

/// `GET /api/v1/models`: those that the build has found under `public/models`.
pub async fn list(env: &Env) -> Result<Response, EdgeError> {
    let missing = |path: &str| EdgeError::Model(format!("{path} is missing"));
    let index = "/models/index.json";
    let ids = assets::read(env, index).await?.ok_or_else(|| missing(index))?;
    let ids: Vec<String> = serde_json::from_slice(&ids)?;
    let current = inference::resolve(env, "current").await?;
    let mut models = Vec::with_capacity(ids.len());
    for id in ids {
        let path = format!("/models/{id}/manifest.json");
        let manifest = assets::read(env, &path).await?.ok_or_else(|| missing(&path))?;
        let manifest: Manifest = serde_json::from_slice(&manifest)?;
        models.push(ModelSummary::new(manifest, id == current));
    }
    Ok(Response::from_json(&models)?)
}

/// `GET /api/v1/models/{id}`: the manifest; `current` is the one in use.
pub async fn manifest(env: &Env, id: &str) -> Result<Response, EdgeError> {
    let (_, manifest) = known(env, id).await?;
    let manifest: serde_json::Value = serde_json::from_slice(&manifest)?;
    Ok(Response::from_json(&manifest)?)
}

/// `GET /api/v1/models/{id}/golden`: recomputes the exported forecast here.
pub async fn golden(env: &Env, id: &str) -> Result<Response, EdgeError> {
    let (id, _) = known(env, id).await?;
    Ok(Response::from_json(&inference::golden(env, &id).await?)?)
}

/// The id of a model that is there, and its manifest.
async fn known(env: &Env, id: &str) -> Result<(String, Vec<u8>), EdgeError> {
    let id = inference::resolve(env, id).await?;
    match assets::read(env, &format!("/models/{id}/manifest.json")).await? {
        Some(manifest) => Ok((id, manifest)),
        None => Err(EdgeError::UnknownModel(id)),
    }
}
