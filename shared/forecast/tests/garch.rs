//! GARCH fits beside those of PyPI `arch`; `golden/garch.py` makes the numbers.
#![cfg(feature = "network")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail loudly")]

use serde::Deserialize;
use tickwise_forecast::econometrics::{Garch, GarchFit, GarchKind};
use tickwise_replay::Recording;

#[derive(Deserialize)]
struct Golden {
    symbol: String,
    kind: String,
    log_likelihood: f64,
    mean: f64,
    omega: f64,
    alpha: f64,
    gamma: f64,
    beta: f64,
    nu: f64,
    next_variance: f64,
}

/// The last 2520 returns in percent.
fn returns(symbol: &str) -> Vec<f64> {
    let path = format!("{}/../../public/replay/{symbol}.arrow", env!("CARGO_MANIFEST_DIR"));
    let recording = Recording::from_arrow(&std::fs::read(path).unwrap()).unwrap();
    let closes: Vec<f64> = recording.days().iter().map(|day| day.adj_close).collect();
    let returns: Vec<f64> = closes.windows(2).map(|pair| 100.0 * (pair[1] / pair[0]).ln()).collect();
    returns[returns.len() - 2520..].to_vec()
}

fn golden() -> Vec<Golden> {
    serde_json::from_str(include_str!("golden/garch.json")).unwrap()
}

#[test]
fn the_likelihood_of_archs_parameters_is_archs() {
    for golden in golden() {
        let returns = returns(&golden.symbol);
        let backcast = GarchFit::fit(&returns, GarchKind::Garch).backcast;
        let Golden { mean, omega, alpha, gamma, beta, nu, .. } = golden;
        let found = Garch { mean, omega, alpha, gamma, beta, nu }.log_likelihood(&returns, backcast);
        assert!((found - golden.log_likelihood).abs() < 1e-3, "{} {}: {found}", golden.symbol, golden.kind);
    }
}

#[test]
fn fits_are_as_likely_as_archs_and_close_to_them() {
    for golden in golden() {
        let kind = if golden.kind == "gjr" { GarchKind::Gjr } else { GarchKind::Garch };
        let fit = GarchFit::fit(&returns(&golden.symbol), kind);
        let name = format!("{} {}: {fit:?}", golden.symbol, golden.kind);
        assert!(fit.log_likelihood > golden.log_likelihood - 1e-3, "{name}");
        let params = fit.params;
        for (found, expected, within) in [
            (params.mean, golden.mean, 0.01),
            (params.alpha, golden.alpha, 0.01),
            (params.gamma, golden.gamma, 0.01),
            (params.beta, golden.beta, 0.01),
            (params.nu / golden.nu, 1.0, 0.05),
            (fit.variance / golden.next_variance, 1.0, 0.02),
        ] {
            assert!((found - expected).abs() < within, "{name}: {found} for {expected}");
        }
    }
}
