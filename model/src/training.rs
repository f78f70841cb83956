//! Fits the network by the pinball loss, stopping early on later days.

use std::collections::HashMap;

use anyhow::{Context, Result};
use candle_core::{Device, Tensor, Var};
use candle_nn::{AdamW, Optimizer, ParamsAdamW};
use indicatif::{ProgressBar, ProgressStyle};
use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use tickwise_forecast::{FEATURES, HORIZONS, LEVELS, Network};

use crate::windows::Window;

/// How long and how fast.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Seed of starting weights and shuffling.
    pub seed: u64,
    /// At most so many passes over the data.
    pub epochs: usize,
    /// Stop after so many passes without a better validation loss.
    pub patience: usize,
    /// Forecast origins per step.
    pub batch: usize,
    /// Of AdamW.
    pub learning_rate: f64,
    /// Of AdamW.
    pub weight_decay: f64,
}

/// The best weights, by validation loss.
#[derive(Debug)]
pub struct Fitted {
    /// Tensors by name.
    pub tensors: HashMap<String, Tensor>,
    /// Validation loss before the first and after every epoch.
    pub losses: Vec<f64>,
    /// Epoch of the best.
    pub best_epoch: usize,
}

/// Inputs and targets of windows as tensors.
struct Examples {
    /// `[example, feature]`
    features: Tensor,
    /// `[example, horizon]`, in units of `volatility * sqrt(horizon)`
    outcomes: Tensor,
}

/// Fits a network to `train`, keeping the weights that are best on `validation`.
pub fn fit(train: &[Window], validation: &[Window], settings: &Settings) -> Result<Fitted> {
    let mut rng = ChaCha8Rng::seed_from_u64(settings.seed);
    let (train_set, validation_set) = (examples(train)?, examples(validation)?);
    let initial = Network::initial(|| standard_normal(&mut rng))?;
    let vars: Vec<(String, Var)> =
        Network::shapes().into_iter().map(|(name, _)| variable(&initial, name)).collect::<Result<_>>()?;
    let current =
        || vars.iter().map(|(name, var)| (name.clone(), var.as_tensor().clone())).collect::<HashMap<_, _>>();
    let network = Network::from_tensors(&current())?;
    let parameters =
        ParamsAdamW { lr: settings.learning_rate, weight_decay: settings.weight_decay, ..Default::default() };
    let mut optimizer = AdamW::new(vars.iter().map(|(_, var)| var.clone()).collect(), parameters)?;

    let mut losses = vec![pinball(&network, &validation_set)?.to_scalar::<f32>()?.into()];
    let mut best = Fitted { tensors: snapshot(&current())?, losses: Vec::new(), best_epoch: 0 };
    let mut order: Vec<u32> = (0..u32::try_from(train.len())?).collect();
    let bar = progress(settings.epochs);
    for epoch in 1..=settings.epochs {
        order.shuffle(&mut rng);
        for batch in order.chunks(settings.batch) {
            let batch = Tensor::new(batch, &Device::Cpu)?;
            let examples = Examples {
                features: train_set.features.index_select(&batch, 0)?,
                outcomes: train_set.outcomes.index_select(&batch, 0)?,
            };
            optimizer.backward_step(&pinball(&network, &examples)?)?;
        }
        let loss = f64::from(pinball(&network, &validation_set)?.to_scalar::<f32>()?);
        if losses.iter().all(|earlier| loss < *earlier) {
            best.tensors = snapshot(&current())?;
            best.best_epoch = epoch;
        }
        losses.push(loss);
        bar.set_message(format!("validation loss {loss:.5}, best in epoch {}", best.best_epoch));
        bar.inc(1);
        if epoch - best.best_epoch >= settings.patience {
            break;
        }
    }
    bar.finish();
    Ok(Fitted { losses, ..best })
}

/// Quantiles `[window][horizon][level]` of the log return.
pub fn forecasts(network: &Network, windows: &[Window]) -> Result<Vec<Vec<[f64; 7]>>> {
    let output = network.forward(&examples(windows)?.features)?.to_vec3::<f32>()?;
    let scaled = |(rows, window): (Vec<Vec<f32>>, &Window)| {
        let row = |(index, row): (usize, Vec<f32>)| {
            let unit = window.features.volatility * (index as f64 + 1.0).sqrt();
            std::array::from_fn(|level| f64::from(row.get(level).copied().unwrap_or(f32::NAN)) * unit)
        };
        rows.into_iter().enumerate().map(row).collect()
    };
    Ok(output.into_iter().zip(windows).map(scaled).collect())
}

fn variable(tensors: &HashMap<String, Tensor>, name: String) -> Result<(String, Var)> {
    let tensor = tensors.get(&name).with_context(|| format!("no initial {name}"))?;
    Ok((name, Var::from_tensor(tensor)?))
}

/// Copies that later steps do not change.
fn snapshot(tensors: &HashMap<String, Tensor>) -> Result<HashMap<String, Tensor>> {
    tensors.iter().map(|(name, tensor)| Ok((name.clone(), tensor.copy()?.detach()))).collect()
}

fn examples(windows: &[Window]) -> Result<Examples> {
    let features: Vec<f32> =
        windows.iter().flat_map(|w| w.features.values).map(|value| value as f32).collect();
    let outcomes = windows.iter().flat_map(|window| {
        let unit = move |index: usize| window.features.volatility * (index as f64 + 1.0).sqrt();
        window.outcomes.iter().enumerate().map(move |(index, outcome)| (outcome / unit(index)) as f32)
    });
    Ok(Examples {
        features: Tensor::from_vec(features, (windows.len(), FEATURES.len()), &Device::Cpu)?,
        outcomes: Tensor::from_vec(outcomes.collect::<Vec<f32>>(), (windows.len(), HORIZONS), &Device::Cpu)?,
    })
}

/// Mean pinball loss over examples, horizons and levels (Koenker and Bassett 1978).
fn pinball(network: &Network, examples: &Examples) -> candle_core::Result<Tensor> {
    let quantiles = network.forward(&examples.features)?;
    let errors = examples.outcomes.unsqueeze(2)?.broadcast_sub(&quantiles)?;
    let levels = Tensor::new(LEVELS.map(|level| level as f32).as_slice(), &Device::Cpu)?;
    let over = errors.relu()?.broadcast_mul(&levels)?;
    let under = errors.neg()?.relu()?.broadcast_mul(&levels.affine(-1.0, 1.0)?)?;
    (over + under)?.mean_all()
}

fn progress(epochs: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} epoch {pos}/{len} {per_sec} {elapsed} {msg}");
    ProgressBar::new(epochs as u64).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// A standard normal by the Box–Muller transform.
fn standard_normal(rng: &mut ChaCha8Rng) -> f64 {
    let radius = (-2.0 * rng.random_range(f64::MIN_POSITIVE..1.0).ln()).sqrt();
    radius * (std::f64::consts::TAU * rng.random_range(0.0..1.0)).cos()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use tickwise_forecast::Features;

    use super::*;

    fn windows(count: usize) -> Vec<Window> {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut window = || {
            let values = std::array::from_fn(|_| standard_normal(&mut rng));
            let outcomes = std::array::from_fn(|_| 0.02 * standard_normal(&mut rng));
            let features = Features { values, volatility: 0.01 };
            Window { series: 0, at: 0, date: date(2011, 1, 3), features, outcomes }
        };
        (0..count).map(|_| window()).collect()
    }

    const SETTINGS: Settings =
        Settings { seed: 3, epochs: 4, patience: 9, batch: 32, learning_rate: 1e-2, weight_decay: 0.0 };

    #[test]
    fn the_same_seed_gives_the_same_weights_and_another_does_not() {
        let (train, validation) = (windows(200), windows(50));
        let fit = |seed| {
            let fitted = fit(&train, &validation, &Settings { seed, ..SETTINGS }).unwrap();
            fitted.tensors["head.bias"].to_vec1::<f32>().unwrap()
        };
        assert_eq!(fit(3), fit(3));
        assert_ne!(fit(3), fit(4));
    }

    #[test]
    fn training_learns_that_outcomes_are_twice_as_wide() {
        let (train, validation) = (windows(1000), windows(200));
        let fitted = fit(&train, &validation, &Settings { epochs: 20, ..SETTINGS }).unwrap();
        let first = fitted.losses[0];
        assert!(fitted.losses[fitted.best_epoch] < 0.99 * first);
        let network = Network::from_tensors(&fitted.tensors).unwrap();
        for rows in forecasts(&network, &validation).unwrap().iter().flatten() {
            assert!(rows.windows(2).all(|pair| pair[0] < pair[1]), "quantiles cross: {rows:?}");
        }
    }
}
