//! Fits the network: a ridge regression, and the members to what it leaves.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
    time::Instant,
};

use anyhow::{Context, Result};
use candle_core::{Device, Tensor, Var};
use candle_nn::{AdamW, Optimizer, ParamsAdamW};
use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tickwise_forecast::{ANCHORS, FEATURES, HIDDEN, LEVELS, MEMBERS, Member, Network, Shape, blend};

use crate::{curve::Curve, linear::Linear, progress, series, shape, windows::Window};

/// How long and how fast.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Seed of starting weights and shuffling.
    pub seed: u64,
    /// Passes over the data.
    pub epochs: usize,
    /// Forecast origins per step.
    pub batch: usize,
    /// Of AdamW at the first step; it falls to zero along half a cosine.
    pub learning_rate: f64,
    /// Of AdamW.
    pub weight_decay: f64,
    /// Share of hidden units that a step leaves out.
    pub dropout: f64,
    /// Weight of the network beside GJR-GARCH, 0 to 1.
    pub blend: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: 7,
            epochs: 15,
            batch: 256,
            learning_rate: 3e-3,
            weight_decay: 0.05,
            dropout: 0.3,
            blend: 0.65,
        }
    }
}

/// Weights of all members.
#[derive(Debug)]
pub struct Fitted {
    /// Tensors by name.
    pub tensors: HashMap<String, Tensor>,
    /// The losses of each member.
    pub curves: Vec<Curve>,
}

/// Inputs and targets of the members as tensors.
struct Examples {
    /// `[example, feature]`, standardised and cut off.
    features: Tensor,
    /// `[example, anchor]`: log variances that the ridge regression leaves.
    rest: Tensor,
    /// `[example, 1]`: symbols with long histories count for less a day.
    weight: Tensor,
}

/// A finished member, so that a run that was interrupted goes on after it.
#[derive(Serialize, Deserialize)]
struct Checkpoint {
    run: String,
    curve: Curve,
}

/// Fits ridge regression, members and shape. A member is taken from
/// `checkpoints` where the same run has left it. The losses on `later` windows
/// are only recorded: nothing is fitted to them or chosen by them.
pub fn fit(
    train: &[Window],
    later: &[Window],
    settings: &Settings,
    checkpoints: Option<&Path>,
) -> Result<Fitted> {
    let linear = Linear::fit(train);
    let later = (!later.is_empty()).then(|| examples(later, &linear)).transpose()?;
    let examples = examples(train, &linear)?;
    let run = fingerprint(train, settings);
    let mut fitted = Fitted { tensors: linear.tensors()?, curves: Vec::new() };
    for member in 0..MEMBERS {
        let saved = checkpoints.and_then(|folder| resume(folder, member, &run));
        let (tensors, curve) = match saved {
            Some(saved) => {
                progress::note(format_args!("network {}: taken from the last run", member + 1));
                saved
            }
            None => {
                let (tensors, curve) = fit_member(&examples, later.as_ref(), train.len(), settings, member)?;
                if let Some(folder) = checkpoints {
                    save(folder, member, &tensors, &Checkpoint { run: run.clone(), curve: curve.clone() })?;
                }
                (tensors, curve)
            }
        };
        fitted.tensors.extend(tensors.into_iter().map(|(name, tensor)| (format!("{member}.{name}"), tensor)));
        fitted.curves.push(curve);
    }
    fitted.tensors.extend(shape_tensors(&Shape::default())?);
    let network = Network::from_tensors(&fitted.tensors)?;
    fitted.tensors.extend(shape_tensors(&shape::fit(train, &deviations(&network, train)?))?);
    Ok(fitted)
}

/// Predicted deviations `[window][anchor]`.
fn deviations(network: &Network, windows: &[Window]) -> Result<Vec<[f64; ANCHORS.len()]>> {
    let output = network.forward(&inputs(windows)?)?.to_vec2::<f32>()?;
    let rows = output.iter().zip(windows);
    Ok(rows.map(|(row, window)| blend::deviations(row, window.features.log_level)).collect())
}

fn shape_tensors(shape: &Shape) -> Result<[(String, Tensor); 2]> {
    let quantiles: Vec<f32> = shape.quantiles.iter().flatten().map(|value| *value as f32).collect();
    let size = shape.size.map(|value| value as f32);
    Ok([
        ("shape.quantiles".into(), Tensor::from_vec(quantiles, (ANCHORS.len(), LEVELS.len()), &Device::Cpu)?),
        ("shape.size".into(), Tensor::new(&size, &Device::Cpu)?),
    ])
}

fn fit_member(
    examples: &Examples,
    later: Option<&Examples>,
    count: usize,
    settings: &Settings,
    member: usize,
) -> Result<(HashMap<String, Tensor>, Curve)> {
    let mut rng = ChaCha8Rng::seed_from_u64(settings.seed);
    rng.set_stream(member as u64);
    let initial = Member::initial(|| standard_normal(&mut rng))?;
    let vars: Vec<(String, Var)> =
        Member::shapes().into_iter().map(|(name, _)| variable(&initial, name)).collect::<Result<_>>()?;
    let current =
        || vars.iter().map(|(name, var)| (name.clone(), var.as_tensor().clone())).collect::<HashMap<_, _>>();
    let network = Member::from_tensors(&current(), "")?;
    let Settings { learning_rate, weight_decay, epochs, batch, dropout, .. } = *settings;
    let parameters = ParamsAdamW { lr: learning_rate, weight_decay, ..Default::default() };
    let mut optimizer = AdamW::new(vars.iter().map(|(_, var)| var.clone()).collect(), parameters)?;

    let mut curve = Curve::default();
    let mut order: Vec<u32> = (0..u32::try_from(count)?).collect();
    let steps = count.div_ceil(batch);
    let bar = progress::bar(epochs, &format!("epochs of network {} of {MEMBERS}", member + 1));
    for epoch in 0..epochs {
        let start = Instant::now();
        order.shuffle(&mut rng);
        let mut sum = 0.0;
        for (step, rows) in order.chunks(batch).enumerate() {
            let done = (epoch * steps + step) as f64 / (epochs * steps) as f64;
            optimizer.set_learning_rate(learning_rate * 0.5 * (1.0 + (std::f64::consts::PI * done).cos()));
            let (rows, count) = (Tensor::new(rows, &Device::Cpu)?, rows.len());
            let masks = masks(&mut rng, count, dropout)?;
            let output = network.forward_masked(&examples.features.index_select(&rows, 0)?, &masks)?;
            let error = (output - examples.rest.index_select(&rows, 0)?)?;
            let loss = loss(&error, &examples.weight.index_select(&rows, 0)?)?;
            sum += f64::from(loss.to_scalar::<f32>()?) / steps as f64;
            optimizer.backward_step(&loss)?;
        }
        let secs = start.elapsed().as_secs_f64();
        curve.training.push(sum);
        let held_out = later.map(|later| later_loss(&network, later)).transpose()?;
        curve.held_out.extend(held_out);
        bar.inc(1);
        let held_out = held_out.map_or(String::new(), |loss| format!(", held out {loss:.5}"));
        bar.suspend(|| {
            progress::note(format_args!(
                "network {} of {MEMBERS}, epoch {} of {epochs}: loss {sum:.5}{held_out}, {secs:.2} s, {:.0} origins/s",
                member + 1,
                epoch + 1,
                count as f64 / secs
            ));
        });
    }
    bar.finish_and_clear();
    let tensors = current().into_iter().map(|(name, tensor)| Ok((name, tensor.copy()?.detach())));
    Ok((tensors.collect::<Result<_>>()?, curve))
}

fn variable(tensors: &HashMap<String, Tensor>, name: String) -> Result<(String, Var)> {
    let tensor = tensors.get(&name).with_context(|| format!("no initial {name}"))?;
    Ok((name, Var::from_tensor(tensor)?))
}

fn inputs(windows: &[Window]) -> Result<Tensor> {
    let values: Vec<f32> = windows.iter().flat_map(|window| window.features.values).collect();
    Ok(Tensor::from_vec(values, (windows.len(), FEATURES), &Device::Cpu)?)
}

fn examples(windows: &[Window], linear: &Linear) -> Result<Examples> {
    let mut counts: BTreeMap<usize, f64> = BTreeMap::new();
    windows.iter().for_each(|window| *counts.entry(window.series).or_default() += 1.0);
    let weight = |window: &Window| counts.get(&window.series).map_or(1.0, |count| count.powf(-0.3));
    let total: f64 = windows.iter().map(weight).sum();
    let weights = windows.iter().map(|window| (weight(window) * windows.len() as f64 / total) as f32);
    let weights = Tensor::from_vec(weights.collect::<Vec<_>>(), (windows.len(), 1), &Device::Cpu)?;
    let (mut features, mut rest) = (Vec::new(), Vec::new());
    for window in windows {
        let z = linear.standardised(&window.features.values);
        features.extend(z.map(|value| value.clamp(-3.0, 3.0) as f32));
        let targets = window.log_variances.iter().zip(linear.predict(&z));
        rest.extend(targets.map(|(target, y)| (target - window.features.log_level - y) as f32));
    }
    Ok(Examples {
        features: Tensor::from_vec(features, (windows.len(), FEATURES), &Device::Cpu)?,
        rest: Tensor::from_vec(rest, (windows.len(), ANCHORS.len()), &Device::Cpu)?,
        weight: weights,
    })
}

/// On windows that are not trained on.
fn later_loss(network: &Member, later: &Examples) -> Result<f64> {
    let error = (network.forward(&later.features)? - &later.rest)?;
    Ok(loss(&error, &later.weight)?.to_scalar::<f32>()?.into())
}

fn loss(error: &Tensor, weight: &Tensor) -> candle_core::Result<Tensor> {
    huber(error)?.broadcast_mul(weight)?.mean_all()
}

/// Half the square within 1, linear outside (Huber 1964).
fn huber(error: &Tensor) -> candle_core::Result<Tensor> {
    let size = error.abs()?;
    let inner = size.clamp(0.0, 1.0)?;
    (inner.sqr()? * 0.5)? + (size - inner)?
}

/// Dropout masks of the two hidden layers.
fn masks(rng: &mut ChaCha8Rng, rows: usize, dropout: f64) -> Result<Vec<Tensor>> {
    if dropout == 0.0 {
        return Ok(Vec::new());
    }
    let kept = (1.0 / (1.0 - dropout)) as f32;
    let mut mask = || {
        let values =
            (0..rows * HIDDEN).map(|_| if rng.random_range(0.0..1.0) < dropout { 0.0 } else { kept });
        Tensor::from_vec(values.collect::<Vec<f32>>(), (rows, HIDDEN), &Device::Cpu)
    };
    Ok(vec![mask()?, mask()?])
}

/// SHA-256 of data and settings: what makes a run the same.
fn fingerprint(train: &[Window], settings: &Settings) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("{settings:?}"));
    hash.update(Network::ARCHITECTURE);
    for window in train {
        window.features.values.iter().for_each(|value| hash.update(value.to_le_bytes()));
        window.outcomes.iter().for_each(|value| hash.update(value.to_le_bytes()));
    }
    series::hexadecimal(&hash.finalize())
}

fn paths(folder: &Path, member: usize) -> [std::path::PathBuf; 2] {
    [folder.join(format!("network-{member}.safetensors")), folder.join(format!("network-{member}.json"))]
}

fn resume(folder: &Path, member: usize, run: &str) -> Option<(HashMap<String, Tensor>, Curve)> {
    let [weights, about] = paths(folder, member);
    let checkpoint: Checkpoint = serde_json::from_slice(&std::fs::read(about).ok()?).ok()?;
    let tensors = candle_core::safetensors::load(weights, &Device::Cpu).ok()?;
    (checkpoint.run == run).then_some((tensors, checkpoint.curve))
}

fn save(folder: &Path, member: usize, tensors: &HashMap<String, Tensor>, about: &Checkpoint) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let [weights, path] = paths(folder, member);
    candle_core::safetensors::save(tensors, weights)?;
    Ok(std::fs::write(path, serde_json::to_string(about)?)?)
}

/// A standard normal by the Box–Muller transform.
fn standard_normal(rng: &mut ChaCha8Rng) -> f64 {
    let radius = (-2.0 * rng.random_range(f64::MIN_POSITIVE..1.0).ln()).sqrt();
    radius * (std::f64::consts::TAU * rng.random_range(0.0..1.0)).cos()
}

#[cfg(test)]
mod tests {
    use tickwise_forecast::Features;

    use super::*;

    /// The variance depends on the product of two features, which no line can tell.
    fn windows(count: usize) -> Vec<Window> {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut window = |series| {
            let values: [f32; FEATURES] = std::array::from_fn(|_| standard_normal(&mut rng) as f32);
            let log_variance = f64::from(values[0] * values[1]) - 9.0;
            let unit = (0.5 * log_variance).exp();
            let outcomes = ANCHORS.map(|horizon| unit * (horizon as f64).sqrt() * standard_normal(&mut rng));
            let features = Features { values, log_level: -9.0 };
            Window { series, features, outcomes, log_variances: [log_variance; ANCHORS.len()] }
        };
        (0..count).map(|index| window(index % 3)).collect()
    }

    const SETTINGS: Settings = Settings {
        seed: 3,
        epochs: 2,
        batch: 32,
        learning_rate: 1e-2,
        weight_decay: 0.0,
        dropout: 0.1,
        blend: 1.0,
    };

    fn last(fitted: &Fitted) -> Vec<f32> {
        fitted.tensors["2.head.bias"].to_vec1::<f32>().unwrap()
    }

    #[test]
    fn the_same_seed_gives_the_same_weights_and_another_does_not() {
        let train = windows(300);
        let fit = |seed| last(&fit(&train, &[], &Settings { seed, ..SETTINGS }, None).unwrap());
        assert_eq!(fit(3), fit(3));
        assert_ne!(fit(3), fit(4));
    }

    #[test]
    fn an_interrupted_run_goes_on_and_another_begins_anew() {
        let dir = tempfile::tempdir().unwrap();
        let train = windows(300);
        let whole = fit(&train, &[], &SETTINGS, Some(dir.path())).unwrap();
        paths(dir.path(), 2).iter().for_each(|path| std::fs::remove_file(path).unwrap());
        let resumed = fit(&train, &[], &SETTINGS, Some(dir.path())).unwrap();
        assert_eq!(last(&whole), last(&resumed));
        let other = fit(&train, &[], &Settings { seed: 4, ..SETTINGS }, Some(dir.path())).unwrap();
        assert_ne!(last(&whole), last(&other));
    }

    #[test]
    fn windows_held_out_are_recorded_and_change_nothing() {
        let all = windows(300);
        let (train, later) = all.split_at(200);
        let blind = fit(train, &[], &SETTINGS, None).unwrap();
        let watched = fit(train, later, &SETTINGS, None).unwrap();
        assert_eq!(last(&blind), last(&watched));
        let counts = |fitted: &Fitted| fitted.curves.iter().map(|curve| curve.held_out.len()).sum::<usize>();
        assert_eq!((counts(&blind), counts(&watched)), (0, MEMBERS * SETTINGS.epochs));
    }

    #[test]
    fn training_learns_what_a_line_cannot_and_finds_the_shape() {
        let train = windows(3000);
        let fitted = fit(&train, &[], &Settings { epochs: 20, ..SETTINGS }, None).unwrap();
        let falls = |curve: &Curve| curve.training[19] < 0.5 * curve.training[0];
        assert!(fitted.curves.iter().all(falls), "{:?}", fitted.curves);
        let network = Network::from_tensors(&fitted.tensors).unwrap();
        let Shape { quantiles, size } = network.shape();
        for (row, size) in quantiles.iter().zip(size) {
            // The normal's 95 % quantile and mean size.
            assert!((row[6] * size - 1.645).abs() < 0.15 && (size - 0.798).abs() < 0.08, "{row:?} {size}");
        }
    }
}
