use libm::{exp, lgamma, log};
use serde::{Deserialize, Serialize};

use super::simplex::minimise;

/// Which variance recursion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GarchKind {
    /// GARCH(1,1) (Bollerslev 1986).
    Garch,
    /// With a term of its own for falls (Glosten, Jagannathan and Runkle 1993).
    Gjr,
}

/// `variance' = omega + (alpha + gamma [e < 0]) e² + beta variance` with `e = y -
/// mean` and e / √variance of standardised Student's t. Returns are in percent.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Garch {
    /// Of the return, percent.
    pub mean: f64,
    /// Constant, percent squared.
    pub omega: f64,
    /// Weight of the last squared residual.
    pub alpha: f64,
    /// Added weight of one below zero; 0 for GARCH.
    pub gamma: f64,
    /// Weight of the last variance.
    pub beta: f64,
    /// Degrees of freedom of Student's t, above 2.
    pub nu: f64,
}

/// Parameters by maximum likelihood, and where they leave the variance.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct GarchFit {
    /// The parameters.
    pub params: Garch,
    /// Of the returns, in nats.
    pub log_likelihood: f64,
    /// The variance before the first return, as PyPI `arch` has it.
    pub backcast: f64,
    /// The variance of the day after the last return.
    pub variance: f64,
}

/// The least and most degrees of freedom.
const NU: [f64; 2] = [2.05, 500.0];
/// Weights of the first residuals in the variance before them.
const BACKCAST_DECAY: f64 = 0.94;
const BACKCAST_DAYS: usize = 75;
/// Below this a variance is a price that does not move.
const MIN_VARIANCE: f64 = 1e-6;

impl Garch {
    /// The variance after a day of variance `variance` and return `y`.
    pub fn next(&self, variance: f64, y: f64) -> f64 {
        let e = y - self.mean;
        let weight = if e < 0.0 { self.alpha + self.gamma } else { self.alpha };
        self.omega + weight * e * e + self.beta * variance
    }

    /// The share of a shock to the variance that is left a day later.
    pub fn persistence(&self) -> f64 {
        self.alpha + 0.5 * self.gamma + self.beta
    }

    /// Of the first day.
    fn first(&self, backcast: f64) -> f64 {
        self.omega + self.persistence() * backcast
    }

    /// Log-likelihood of returns.
    pub fn log_likelihood(&self, returns: &[f64], backcast: f64) -> f64 {
        let Self { mean, nu, .. } = *self;
        let constant =
            lgamma(0.5 * (nu + 1.0)) - lgamma(0.5 * nu) - 0.5 * log(std::f64::consts::PI * (nu - 2.0));
        let scale = 1.0 / (nu - 2.0);
        let mut variance = self.first(backcast);
        let mut sum = constant * returns.len() as f64;
        // One logarithm for several days: it costs more than all the rest.
        for days in returns.chunks(8) {
            let (mut variances, mut tails) = (1.0, 1.0);
            for y in days {
                let e = y - mean;
                variances *= variance;
                tails *= 1.0 + e * e * scale / variance;
                variance = self.next(variance, *y);
            }
            sum -= 0.5 * log(variances) + 0.5 * (nu + 1.0) * log(tails);
        }
        sum
    }
}

impl GarchFit {
    /// Fits by maximum likelihood: the best of a few starting points, improved by
    /// a simplex over parameters that cannot leave their bounds.
    pub fn fit(returns: &[f64], kind: GarchKind) -> Self {
        let count = returns.len().max(1) as f64;
        let mean = returns.iter().sum::<f64>() / count;
        let sample = returns.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / count;
        let backcast = backcast(returns, mean).max(MIN_VARIANCE);
        let sample = sample.max(MIN_VARIANCE);
        let cost = |point: &[f64; 6]| -garch(point, kind, mean, sample).log_likelihood(returns, backcast);
        let starts = [(0.05, 0.05, 0.90), (0.01, 0.12, 0.92), (0.10, 0.10, 0.80), (0.02, 0.04, 0.96)];
        let start = starts.map(|start| point(start, kind));
        let start = start.iter().min_by(|a, b| cost(a).total_cmp(&cost(b))).copied().unwrap_or_default();
        let (first, _) = minimise(start, 0.5, 1e-3, 400, cost);
        let (best, value) = minimise(first, 0.2, 1e-5, 400, cost);
        let params = garch(&best, kind, mean, sample);
        let variance = returns.iter().fold(params.first(backcast), |variance, y| params.next(variance, *y));
        Self { params, log_likelihood: -value, backcast, variance }
    }

    /// Returns in units of the deviation that was expected of them.
    pub fn standardised(&self, returns: &[f64]) -> Vec<f64> {
        let mut variance = self.params.first(self.backcast);
        let standardise = |y: &f64| {
            let z = (y - self.params.mean) / variance.sqrt();
            variance = self.params.next(variance, *y);
            z
        };
        returns.iter().map(standardise).collect()
    }
}

/// The parameters of an unbounded point: mean and omega relative to the sample's,
/// logits of the shares that rise, fall and variance have in the next variance
/// (what remains of 1 is the constant's), and the logarithm of the degrees of freedom.
fn garch(point: &[f64; 6], kind: GarchKind, mean: f64, sample: f64) -> Garch {
    let [shift, omega, up, down, old, nu] = *point;
    let down = if kind == GarchKind::Gjr { down } else { up };
    let [up, down, old] = [up, down, old].map(|logit| exp(logit.min(30.0)));
    let total = 1.0 + up + down + old;
    let [alpha, fall, beta] = [2.0 * up / total, 2.0 * down / total, old / total];
    let [least, most] = NU;
    Garch {
        mean: mean + 0.1 * shift * sample.sqrt(),
        omega: sample * exp(omega.clamp(-30.0, 3.0)),
        alpha,
        gamma: fall - alpha,
        beta,
        nu: (least + exp(nu.min(20.0))).min(most),
    }
}

/// The inverse of [`garch`] for typical parameters.
fn point((alpha, fall, beta): (f64, f64, f64), kind: GarchKind) -> [f64; 6] {
    let (alpha, fall) =
        if kind == GarchKind::Gjr { (alpha, fall) } else { (0.5 * (alpha + fall), 0.5 * (alpha + fall)) };
    let rest = 1.0 - 0.5 * alpha - 0.5 * fall - beta;
    let logit = |share: f64| log(share / rest);
    [0.0, log(rest), logit(0.5 * alpha), logit(0.5 * fall), logit(beta), log(6.0)]
}

/// Weighted mean square of the first residuals.
fn backcast(returns: &[f64], mean: f64) -> f64 {
    let (mut weight, mut sum, mut weights) = (1.0, 0.0, 0.0);
    for y in returns.iter().take(BACKCAST_DAYS) {
        sum += weight * (y - mean).powi(2);
        weights += weight;
        weight *= BACKCAST_DECAY;
    }
    if weights > 0.0 { sum / weights } else { 1.0 }
}
