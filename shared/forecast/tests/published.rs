//! The published model as it is loaded natively: its golden forecast, and damaged files.
#![cfg(feature = "network")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail loudly")]

use std::{fs, path::PathBuf};

use sha2::{Digest, Sha256};
use tickwise_forecast::{ForecastError, Forecaster, Golden, HORIZONS, LEVELS, LoadError};

fn file(name: &str) -> Vec<u8> {
    let models = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../public/models");
    let id = fs::read_to_string(models.join("current")).unwrap();
    fs::read(models.join(id.trim()).join(name)).unwrap()
}

fn golden() -> Golden {
    serde_json::from_slice(&file("golden.json")).unwrap()
}

/// The manifest with one entry replaced.
fn manifest_with(entry: &str, value: serde_json::Value) -> Vec<u8> {
    let mut manifest: serde_json::Value = serde_json::from_slice(&file("manifest.json")).unwrap();
    assert_ne!(manifest[entry], value);
    manifest[entry] = value;
    serde_json::to_vec(&manifest).unwrap()
}

/// Loads weights whose checksum the manifest has.
fn load_as_told(weights: &[u8]) -> Result<Forecaster, LoadError> {
    let found: String = Sha256::digest(weights).iter().map(|byte| format!("{byte:02x}")).collect();
    Forecaster::load(&manifest_with("weights_sha256", found.into()), weights)
}

#[test]
fn the_golden_forecast_is_recomputed_at_every_horizon_and_level() {
    let (golden, model) =
        (golden(), Forecaster::load(&file("manifest.json"), &file("model.safetensors")).unwrap());
    let computed = model.forecast(&golden.bars).unwrap().quantiles;
    assert_eq!((golden.quantiles.len(), computed.len()), (HORIZONS, HORIZONS));
    for (horizon, (ours, theirs)) in computed.iter().zip(&golden.quantiles).enumerate() {
        assert_eq!(theirs.len(), LEVELS.len());
        for (ours, theirs) in ours.iter().zip(theirs) {
            assert!((ours - theirs).abs() <= 1e-9, "{horizon}: {ours} {theirs}");
        }
    }
}

#[test]
fn a_fit_of_before_gives_the_same_forecast_and_refuses_other_bars() {
    let (bars, model) =
        (golden().bars, Forecaster::load(&file("manifest.json"), &file("model.safetensors")).unwrap());
    let fitted = model.fit(&bars).unwrap();
    assert!(fitted.serves(&bars));
    assert_eq!(model.forecast_fitted(&bars, &fitted).unwrap(), model.forecast(&bars).unwrap());
    assert!(!fitted.serves(&bars[..510]), "another quarter");
    assert!(!fitted.serves(&bars[..450]), "so few are fitted to at every bar");
}

#[test]
fn weights_cut_off_anywhere_are_refused() {
    let weights = file("model.safetensors");
    for length in [0, 7, 8, 100, weights.len() / 2, weights.len() - 4, weights.len() - 1] {
        let cut = &weights[..length];
        let refused = Forecaster::load(&file("manifest.json"), cut);
        assert!(matches!(refused, Err(LoadError::Checksum { .. })), "{length}");
        assert!(matches!(load_as_told(cut), Err(LoadError::Weights(_))), "{length}");
    }
}

#[test]
fn weights_of_another_model_are_refused() {
    let weights = String::from_utf8_lossy(&file("model.safetensors")).into_owned();
    assert!(weights.contains("ridge.bias"));
    let replaced = |from: &[u8], to: &[u8]| {
        let mut bytes = file("model.safetensors");
        let at = bytes.windows(from.len()).position(|window| window == from).unwrap();
        bytes[at..at + from.len()].copy_from_slice(to);
        bytes
    };
    let renamed = load_as_told(&replaced(b"ridge.bias", b"other.bias"));
    assert!(matches!(renamed, Err(LoadError::MissingTensor(name)) if name == "ridge.bias"));
    let transposed = load_as_told(&replaced(b"[134,4]", b"[4,134]"));
    assert!(matches!(transposed, Err(LoadError::Shape { name, .. }) if name == "ridge.weight"));
    for (entry, value) in [
        ("architecture", "mlp".into()),
        ("features", serde_json::json!(["close"])),
        ("horizons", 5.into()),
        ("anchors", serde_json::json!([1, 2])),
    ] {
        let refused = Forecaster::load(&manifest_with(entry, value), &file("model.safetensors"));
        assert!(matches!(refused, Err(LoadError::Unsupported { what, .. }) if what == entry), "{entry}");
    }
    assert!(matches!(Forecaster::load(b"{", &[]), Err(LoadError::Manifest(_))));
}

#[test]
fn a_hundred_bars_are_enough_and_say_so_and_one_fewer_names_what_is_needed() {
    let (bars, model) =
        (golden().bars, Forecaster::load(&file("manifest.json"), &file("model.safetensors")).unwrap());
    let last = |count: usize| model.forecast(&bars[bars.len() - count..]);
    assert!(matches!(last(99), Err(ForecastError::NotEnoughBars { needed: 100, have: 99 })));
    for count in [100, 250, 499] {
        let young = last(count).unwrap();
        assert!(young.has_short_history);
        for row in &young.quantiles {
            assert!(row.windows(2).all(|pair| pair[0] < pair[1]), "{row:?}");
        }
    }
    assert!(!last(500).unwrap().has_short_history);
}
