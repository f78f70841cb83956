//! What each part of the model is worth: the model without it, on the same days.

use std::{collections::HashMap, fs};

use anyhow::{Context, Result};
use candle_core::{Device, Tensor};
use maud::{Markup, html};
use tickwise_forecast::{ANCHORS, Forecaster, Manifest};

use super::{days, skill_cell};
use crate::{
    evaluation,
    published::Published,
    series::{self, Series},
    walk::{self, Origin},
};

type Tensors = HashMap<String, Tensor>;

/// Skill of the model over itself without a part.
#[derive(Clone, Debug, PartialEq)]
pub struct Ablation {
    /// What is left out.
    pub part: &'static str,
    /// At each of [`ANCHORS`], with its interval.
    pub skills: [[f64; 3]; ANCHORS.len()],
    /// The mean of them.
    pub mean: [f64; 3],
}

/// A part, and how manifest and weights lose it.
type Removal = (&'static str, fn(&mut Manifest, &mut Tensors) -> Result<()>);

const REMOVALS: [Removal; 4] = [
    ("GJR-GARCH", |manifest, _| {
        manifest.blend = 1.0;
        Ok(())
    }),
    ("the network (GJR-GARCH alone)", |manifest, _| {
        manifest.blend = 0.0;
        Ok(())
    }),
    ("the perceptrons", |_, tensors| change(tensors, ".head.", |tensor| Ok(tensor.zeros_like()?))),
    ("calendar and seasons", |manifest, tensors| {
        let is_kept = |name: &String| !name.contains("_today") && !name.contains("_next_");
        let kept: Vec<f32> =
            manifest.features.iter().map(|name| f32::from(u8::from(is_kept(name)))).collect();
        let without = |tensor: &Tensor| {
            let rows = tensor.dim(0)?;
            let kept: Vec<f32> = kept.iter().copied().take(rows).collect();
            Ok(tensor.broadcast_mul(&Tensor::from_vec(kept, (rows, 1), &Device::Cpu)?)?)
        };
        change(tensors, "ridge.weight", without)?;
        change(tensors, ".hidden_1.weight", without)
    }),
];

fn change(tensors: &mut Tensors, part: &str, new: impl Fn(&Tensor) -> Result<Tensor>) -> Result<()> {
    let mut found = tensors.iter_mut().filter(|(name, _)| name.contains(part)).peekable();
    found.peek().with_context(|| format!("the weights have no {part}"))?;
    found.try_for_each(|(_, tensor)| {
        *tensor = new(tensor)?;
        Ok(())
    })
}

/// Walks forward without each part: switched off in the finished model, not fitted anew.
///
/// # Errors
/// When the model cannot be read, or a forecast fails.
pub fn measure(
    published: &Published,
    series: &[Series],
    starts: impl Fn(&Series) -> Option<usize>,
    origins: &[Origin],
) -> Result<Vec<Ablation>> {
    let manifest: Manifest = serde_json::from_slice(&published.manifest)?;
    let ablation = |(part, remove): Removal| {
        let mut manifest = manifest.clone();
        let mut tensors = candle_core::safetensors::load_buffer(&published.weights, &Device::Cpu)?;
        remove(&mut manifest, &mut tensors)?;
        let rows = walk::alone(&reassembled(manifest, &tensors)?, series, &starts, part)?;
        let (skills, mean) = evaluation::skills_over(origins, &rows);
        Ok(Ablation { part, skills, mean })
    };
    REMOVALS.into_iter().map(ablation).collect()
}

fn reassembled(mut manifest: Manifest, tensors: &Tensors) -> Result<Forecaster> {
    let file = tempfile::NamedTempFile::new()?;
    candle_core::safetensors::save(tensors, file.path())?;
    let weights = fs::read(file.path())?;
    manifest.weights_sha256 = series::sha256(&weights);
    Ok(Forecaster::load(&serde_json::to_vec(&manifest)?, &weights)?)
}

/// The table.
pub fn section(ablations: Option<&[Ablation]>) -> Markup {
    html! {
        section id="ablations" {
            h2 { "What each part is worth" }
            @if let Some(ablations) = ablations {
                p { "Skill of the whole model over itself without a part. Above zero the part helps. A part is switched off in the finished model, which is not fitted anew, so that the others cannot take its place; features are held at their mean in training." }
                div class="scroll" {
                    table {
                        thead { tr { th { "Without" } @for horizon in ANCHORS { th { (days(horizon)) } } th { "mean" } } }
                        tbody {
                            @for ablation in ablations {
                                tr {
                                    td { (ablation.part) }
                                    @for skill in ablation.skills { td { (skill_cell(skill)) } }
                                    td { (skill_cell(ablation.mean)) }
                                }
                            }
                        }
                    }
                }
            } @else {
                p { "Not measured: " code { "tickwise evaluate --ablations" } " does." }
            }
        }
    }
}
