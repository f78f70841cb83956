//! `tickwise evaluate --report`: a model's record as one page without scripts.

mod ablations;
mod calibration;
mod charts;
mod fan;
mod plot;
mod summary;

use anyhow::Result;
use jiff::civil::Date;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use tickwise_forecast::{Forecaster, HorizonMetrics};

use self::{calibration::Calibration, fan::Fan};
pub use ablations::{Ablation, measure as measure_ablations};

use crate::{
    curve::Curve,
    evaluation::{self, Reference, SymbolMetrics},
    series::Series,
    walk::Origin,
};

/// What the page is made from.
pub struct Evaluated<'a> {
    /// The model.
    pub model: &'a Forecaster,
    /// All symbols.
    pub series: &'a [Series],
    /// Name of their folder.
    pub data: &'a str,
    /// Walked forward; at least one.
    pub origins: &'a [Origin],
    /// Forecasts by others.
    pub reference: Option<Reference<'a>>,
    /// Metrics of both.
    pub metrics: &'a [HorizonMetrics],
    /// Learning curves, where training has left any.
    pub curves: Option<&'a [Curve]>,
    /// Variants of the model, where they were measured.
    pub ablations: Option<&'a [Ablation]>,
}

impl Evaluated<'_> {
    /// First and last origin.
    fn days(&self) -> [Date; 2] {
        let dates = || self.origins.iter().map(|origin| origin.date);
        [dates().min().unwrap_or_default(), dates().max().unwrap_or_default()]
    }

    /// Origins that lie inside the training range.
    fn in_sample(&self) -> usize {
        let until = self.model.manifest().trained_until;
        self.origins.iter().filter(|origin| origin.date <= until).count()
    }
}

/// The page.
///
/// # Errors
/// When a forecast or a chart fails.
pub fn page(evaluated: &Evaluated) -> Result<String> {
    let calibrations = Calibration::all(evaluated.origins);
    let means = evaluation::mean_skills(evaluated.origins, evaluated.reference);
    let symbols = evaluation::by_symbol(evaluated.origins, evaluated.reference);
    let fans = fan::examples(evaluated.model, evaluated.series, evaluated.origins)?;
    let id = &evaluated.model.manifest().id;
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                (PreEscaped("<meta charset=\"utf-8\"/><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>"))
                title { "Record of " (id) }
                style {
                    (PreEscaped(include_str!("style.css")))
                    "@media (prefers-color-scheme:dark){" (PreEscaped(plot::dark_rules())) "}"
                }
            }
            body {
                main {
                    (summary::section(evaluated, &means, &calibrations))
                    (fan_section(&fans)?)
                    (skill_section(evaluated.metrics, &means)?)
                    (calibration_section(&calibrations)?)
                    (symbol_section(evaluated, &symbols))
                    (learning_section(evaluated.curves)?)
                    (ablations::section(evaluated.ablations))
                    (provenance_section(evaluated))
                }
            }
        }
    };
    Ok(page.into_string())
}

fn fan_section(fans: &[Fan]) -> Result<Markup> {
    Ok(html! {
        section id="examples" {
            h2 { "Examples" }
            p class="muted" {
                "Chosen by a rule, evenly over symbols and dates, not by how they came out. Percent of the last known close, by trading days. "
            }
            p class="muted" {
                span class="key past" {} "known"
                span class="key" {} "forecast: median, with the central 50, 80 and 90 %"
                span class="key came" {} "what came"
            }
            @if fans.is_empty() { p { "No origin has all of its outcomes yet." } }
            div class="grid" {
                @for fan in fans {
                    figure { figcaption { b { (fan.symbol) } " from " (fan.date) } (charts::fan(fan)?) }
                }
            }
        }
    })
}

fn skill_section(metrics: &[HorizonMetrics], means: &[(String, [f64; 3])]) -> Result<Markup> {
    let scored: Vec<HorizonMetrics> =
        metrics.iter().filter(|metrics| metrics.forecasts > 0).cloned().collect();
    Ok(html! {
        section id="skill" {
            h2 { "Skill by horizon" }
            p {
                "Percent by which the model's pinball loss is lower than that of each method on the same days, the geometric mean over symbols, with the 90 % interval of a block bootstrap over dates (blocks of 8). Right of zero the model is better."
            }
            p class="muted" {
                span class="key" {} "better" span class="key none" {} "undecided" span class="key came" {} "worse"
            }
            div class="grid four" {
                @for metrics in &scored {
                    figure { figcaption { b { (days(metrics.horizon)) } " ahead, %" } (charts::skill(metrics, &scored)?) }
                }
            }
            div class="scroll" {
                table {
                    thead {
                        tr { th { "Skill over" } @for m in &scored { th { (days(m.horizon)) } } th { "mean" } }
                    }
                    tbody {
                        @for (index, (name, mean)) in means.iter().enumerate() {
                            tr {
                                td { (name) }
                                @for m in &scored { td { (m.baselines.get(index).map_or_else(missing, |b| skill_cell(b.skill))) } }
                                td { (skill_cell(*mean)) }
                            }
                        }
                        tr {
                            td { "Pinball loss, basis points" }
                            @for m in &scored { td { (number(m.pinball_bp, 2)) } }
                            td { }
                        }
                        tr {
                            td { "Forecasts" }
                            @for m in &scored { td { (m.forecasts) } }
                            td { }
                        }
                    }
                }
            }
        }
    })
}

fn calibration_section(calibrations: &[Calibration]) -> Result<Markup> {
    Ok(html! {
        section id="reliability" {
            h2 { "Reliability" }
            p { "Share of outcomes that did not exceed each forecast quantile (up) against its probability (right), with 90 % intervals. On the diagonal a probability means what it says." }
            div class="grid four" {
                @for c in calibrations { figure { figcaption { b { (days(c.horizon)) } " ahead" } (charts::reliability(c)?) } }
            }
        }
        section id="pit" {
            h2 { "PIT histogram" }
            p { "Where in its forecast distribution each outcome fell (the probability integral transform), between the seven quantiles. 1.0 throughout is calibrated; a hill in the middle means forecasts too wide, a valley too narrow, a slope a wrong drift." }
            div class="grid four" {
                @for c in calibrations { figure { figcaption { b { (days(c.horizon)) } " ahead, density" } (charts::pit(c)?) } }
            }
        }
        section id="coverage" {
            h2 { "Coverage" }
            p { "Share of outcomes inside the central 50, 80 and 90 % less that share, in percentage points, with 90 % intervals by the same bootstrap." }
            p class="muted" {
                span class="key" {} "the nominal share lies inside the interval" span class="key came" {} "it does not"
            }
            div class="grid four" {
                @for c in calibrations { figure { figcaption { b { (days(c.horizon)) } " ahead, points" } (charts::coverage(c, calibrations)?) } }
            }
            div class="scroll" {
                table {
                    thead { tr { th { "Inside" } @for c in calibrations { th { (days(c.horizon)) } } } }
                    tbody {
                        @for (index, nominal) in calibration::CENTRAL.iter().enumerate() {
                            tr {
                                td { (number(100.0 * nominal, 0)) " %" }
                                @for c in calibrations { td { (c.inside.get(index).map_or_else(missing, |share| share_cell(*share))) } }
                            }
                        }
                        tr { td { "Sign of the median right" } @for c in calibrations { td { (share_cell(c.signs)) } } }
                        tr { td { "Rises" } @for c in calibrations { td { (share_cell(c.rises)) } } }
                    }
                }
            }
        }
    })
}

fn symbol_section(evaluated: &Evaluated, symbols: &[SymbolMetrics]) -> Markup {
    let names: Vec<&str> = evaluated
        .metrics
        .first()
        .map_or(Vec::new(), |m| m.baselines.iter().map(|b| b.name.as_str()).collect());
    let name =
        |one: &SymbolMetrics| evaluated.series.get(one.series).map_or("", |series| series.symbol.as_str());
    html! {
        section id="symbols" {
            h2 { "By symbol" }
            p { "Skill over each method, the geometric mean of all horizons, and coverage over all horizons, in percent. The noise of one symbol is larger than most of these differences." }
            div class="scroll" {
                table {
                    thead {
                        tr {
                            th { "Symbol" } th { "Origins" }
                            @for name in &names { th { (name) } }
                            th { "inside 50 / 80 / 90" }
                        }
                    }
                    tbody {
                        @for one in symbols {
                            tr {
                                td { (name(one)) } td { (one.forecasts) }
                                @for skill in &one.skills { td { (signed(100.0 * skill, 1)) } }
                                td { @for (index, share) in one.coverage.iter().enumerate() { @if index > 0 { " / " } (number(100.0 * share, 0)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn learning_section(curves: Option<&[Curve]>) -> Result<Markup> {
    Ok(html! {
        section id="learning" {
            h2 { "Learning curves" }
            @match curves {
                Some(curves) if curves.iter().any(|curve| !curve.training.is_empty()) => {
                    p { "Huber loss of the log variance that the regression leaves, after each epoch. Nothing is fitted to the days after training or chosen by them. The training loss is taken with dropout, on other days: only the course of each line says something." }
                    p class="muted" { span class="key" {} "training" span class="key came" {} "days after the training range" }
                    div class="grid" {
                        @for (number, curve) in (1..).zip(curves) {
                            figure { figcaption { b { "Network " (number) } ", loss by epoch" } (charts::curve(curve, number)?) }
                        }
                    }
                }
                _ => p { "This model has no record of its training losses: there is no " code { "curves.json" } " beside it." }
            }
        }
    })
}

fn provenance_section(evaluated: &Evaluated) -> Markup {
    let manifest = evaluated.model.manifest();
    let [first, last] = evaluated.days();
    let bars: usize = evaluated.series.iter().map(|one| one.bars.len()).sum();
    html! {
        section id="provenance" {
            h2 { "Model and data" }
            dl {
                dt { "Model" } dd { (manifest.id) }
                dt { "Architecture" } dd { (manifest.architecture) }
                dt { "Weights" } dd { (manifest.parameters) ", SHA-256 " (manifest.weights_sha256) }
                dt { "Trained on" } dd { (manifest.data.len()) " files, up to " (manifest.trained_until) ", seed " (manifest.seed) }
                dt { "Scored on" } dd { (evaluated.data) ": " (evaluated.series.len()) " symbols, " (bars) " bars, every fifth day from " (first) " to " (last) ", " (evaluated.origins.len()) " origins" }
                @if let Some((name, _)) = evaluated.reference { dt { "Reference" } dd { (name) } }
                dt { "Limits" } dd { @for limit in &manifest.limits { (limit) " " } }
            }
            p { b { "Not investment advice." } " Past skill does not carry over to days, symbols or markets that are not in this record." }
        }
    }
}

fn days(horizon: usize) -> String {
    if horizon == 1 { "1 day".into() } else { format!("{horizon} days") }
}

fn missing() -> Markup {
    html! { "–" }
}

/// A number, or a dash for what could not be measured.
fn number(value: f64, digits: usize) -> String {
    if value.is_finite() { format!("{value:.digits$}") } else { "–".into() }
}

fn signed(value: f64, digits: usize) -> String {
    if value.is_finite() { format!("{value:+.digits$}") } else { "–".into() }
}

fn skill_cell(skill: [f64; 3]) -> Markup {
    let [value, low, high] = skill.map(|value| signed(100.0 * value, 2));
    html! { (value) " %" small { (low) " to " (high) } }
}

fn share_cell(share: [f64; 3]) -> Markup {
    let [value, low, high] = share.map(|value| number(100.0 * value, 1));
    html! { (value) " %" small { (low) " to " (high) } }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::{published, series};

    fn folder() -> PathBuf {
        let models = Path::new("../public/models");
        models.join(std::fs::read_to_string(models.join("current")).unwrap().trim())
    }

    fn page_of(origins: &[Origin], curves: Option<&[Curve]>, ablations: Option<&[Ablation]>) -> String {
        let model = published::read(Some(&folder())).unwrap().load().unwrap();
        let all = series::read_folder(Path::new("../public/replay"), &Default::default()).unwrap().series;
        let series: Vec<Series> = all.into_iter().filter(|one| one.bars.len() > 3000).collect();
        let metrics = evaluation::evaluate(origins, None);
        let (model, series, metrics) = (&model, &series[..], &metrics[..]);
        let data = "bars <&> \"more\"";
        page(&Evaluated { model, series, data, origins, reference: None, metrics, curves, ablations })
            .unwrap()
    }

    /// Parses as XML, which is stricter than a browser; returns all text.
    fn checked(page: &str) -> String {
        let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
        let document = roxmltree::Document::parse_with_options(page, options).unwrap();
        let ids: Vec<&str> = document.descendants().filter_map(|node| node.attribute("id")).collect();
        let sections = [
            "summary",
            "examples",
            "skill",
            "reliability",
            "pit",
            "coverage",
            "symbols",
            "learning",
            "ablations",
            "provenance",
        ];
        assert_eq!(ids, sections);
        assert!(!document.descendants().any(|node| node.has_tag_name("script")));
        let is_outside = |node: roxmltree::Node| {
            node.attributes().any(|a| a.value().starts_with("http") && !a.name().starts_with("xmlns"))
        };
        assert!(!document.descendants().any(is_outside), "nothing is loaded from elsewhere");
        let text: String =
            document.descendants().filter_map(|node| node.text()).collect::<Vec<_>>().join("\n");
        assert!(!page.contains("NaN") && !text.contains("inf "), "{text}");
        assert!(text.contains("Not investment advice."));
        text
    }

    #[test]
    fn the_page_is_well_formed_and_complete() {
        let curves = [Curve { training: vec![0.3, 0.2, 0.19], held_out: vec![0.31, 0.25, 0.26] }];
        let ablations =
            [Ablation { part: "a part", skills: [[0.01, -0.02, 0.03]; 4], mean: [0.01, 0.0, 0.02] }];
        let page = page_of(&calibration::tests::origins(400), Some(&curves), Some(&ablations));
        let text = checked(&page);
        // Six fans; skill, reliability, PIT and coverage at four horizons; one curve.
        assert_eq!(page.matches("<svg").count(), 6 + 4 * 4 + 1);
        for part in ["400 forecast origins", "bars <&>", "Network 1", "a part", "Reliability"] {
            assert!(text.contains(part) || text.replace('\n', "").contains(part), "{part}");
        }
    }

    #[test]
    fn a_page_of_next_to_nothing_says_so() {
        let mut origins = calibration::tests::origins(1);
        let text = checked(&page_of(&origins, None, None));
        assert!(text.contains("too few for a verdict") && !text.contains("better over all horizons"));
        assert!(text.contains("has no record of its training losses") && text.contains("Not measured"));
        origins.iter_mut().for_each(|origin| origin.outcomes = [None; 4]);
        let text = checked(&page_of(&origins, Some(&[]), None));
        assert!(
            text.contains("No outcome is known yet") && text.contains("No origin has all of its outcomes")
        );
    }

    #[test]
    fn a_verdict_needs_days_however_many_symbols_there_are() {
        let origins = calibration::tests::origins(160);
        assert_eq!(evaluation::few_dates(&origins), None);
        let few = evaluation::few_dates(&origins[2..]);
        assert!(few.is_some_and(|text| text.contains("79 days")));
    }

    #[test]
    fn a_model_without_a_part_forecasts_something_else() {
        let all = series::read_folder(Path::new("../public/replay"), &Default::default()).unwrap().series;
        let mut series: Vec<Series> = all.into_iter().filter(|one| one.symbol.as_str() == "IBM").collect();
        series[0].bars.truncate(650);
        let model = published::read(Some(&folder())).unwrap().load().unwrap();
        let starts = |_: &Series| Some(600);
        let origins = crate::walk::forward(&model, &series, starts).unwrap();
        let ablations =
            measure_ablations(&published::read(Some(&folder())).unwrap(), &series, starts, &origins).unwrap();
        assert_eq!(ablations.len(), 4);
        for ablation in ablations {
            assert!(
                ablation.skills.iter().all(|[skill, ..]| skill.is_finite() && *skill != 0.0),
                "{ablation:?}"
            );
        }
    }
}
