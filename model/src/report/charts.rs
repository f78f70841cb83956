//! The charts of the report.

use std::ops::Range;

use anyhow::Result;
use maud::Markup;
use plotters::{
    coord::types::RangedCoordf64,
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};
use tickwise_forecast::{Baseline, HorizonMetrics, LEVELS};

use super::{
    calibration::{CENTRAL, Calibration},
    fan::Fan,
    plot::{Area, GRID, INK, MODEL, MUTED, OUTCOME, range, svg, text},
};
use crate::curve::Curve;

/// What an axis covers, and how its values are written.
struct Axis<'a> {
    range: Range<f64>,
    label: &'a dyn Fn(&f64) -> String,
}

type Plane<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// An empty chart with both axes.
fn plane<'a, 'b>(area: &'a Area<'b>, x: Axis, y: Axis) -> Result<Plane<'a, 'b>> {
    let mut chart = ChartBuilder::on(area)
        .margin(6)
        .margin_right(16)
        .x_label_area_size(24)
        .y_label_area_size(52)
        .build_cartesian_2d(x.range, y.range)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .axis_style(GRID)
        .label_style(text(MUTED))
        .x_labels(5)
        .y_labels(5)
        .x_label_formatter(x.label)
        .y_label_formatter(y.label)
        .draw()?;
    Ok(chart)
}

/// A forecast, the closes before it, and what came.
pub fn fan(fan: &Fan) -> Result<Markup> {
    let label = format!("Forecast of {} from {}, and what came", fan.symbol, fan.date);
    svg(&label, 220, |area| draw_fan(area, fan))
}

fn draw_fan(area: &Area, fan: &Fan) -> Result<()> {
    let outer = fan.quantiles.iter().flatten();
    let y = range(outer.chain(&fan.past).chain(&fan.after).copied());
    let first = -(fan.past.len().saturating_sub(1) as f64);
    let mut chart = plane(
        area,
        Axis { range: first..fan.quantiles.len() as f64, label: &|day| format!("{day:+.0}") },
        Axis { range: y, label: &|percent| format!("{percent:+.0}%") },
    )?;
    for low in 0..3 {
        let edge = |level: usize| {
            let rows = fan.quantiles.iter().zip(1..);
            rows.filter_map(move |(row, day)| Some((f64::from(day), *row.get(level)?)))
        };
        let lower = std::iter::once((0.0, 0.0)).chain(edge(low));
        let upper: Vec<(f64, f64)> = edge(LEVELS.len() - 1 - low).collect();
        let outline: Vec<(f64, f64)> = lower.chain(upper.into_iter().rev()).collect();
        chart.draw_series(std::iter::once(Polygon::new(outline, MODEL.mix(0.18))))?;
    }
    let median = fan.quantiles.iter().zip(1..).filter_map(|(row, day)| Some((f64::from(day), *row.get(3)?)));
    chart.draw_series(LineSeries::new(std::iter::once((0.0, 0.0)).chain(median), MODEL.stroke_width(2)))?;
    let past = fan.past.iter().zip(0..).map(|(percent, day)| (first + f64::from(day), *percent));
    chart.draw_series(LineSeries::new(past, INK.stroke_width(2)))?;
    let after = fan.after.iter().zip(1..).map(|(percent, day)| (f64::from(day), *percent));
    chart.draw_series(LineSeries::new(std::iter::once((0.0, 0.0)).chain(after), OUTCOME.stroke_width(2)))?;
    Ok(())
}

/// Skill over each method at one horizon, in percent, with its interval. All
/// horizons have the same axis.
pub fn skill(metrics: &HorizonMetrics, all: &[HorizonMetrics]) -> Result<Markup> {
    let percent = |baseline: &Baseline| baseline.skill.map(|skill| 100.0 * skill);
    let x = range(all.iter().flat_map(|m| m.baselines.iter().flat_map(percent)).chain([0.0]));
    let rows: Vec<(&str, [f64; 3])> =
        metrics.baselines.iter().map(|baseline| (baseline.name.as_str(), percent(baseline))).collect();
    let label = format!("Skill over each method, {} days ahead", metrics.horizon);
    svg(&label, forest_height(rows.len()), |area| {
        forest(area, &rows, x, 126, &|[_, low, high]| match () {
            () if low > 0.0 => MODEL,
            () if high < 0.0 => OUTCOME,
            () => MUTED,
        })
    })
}

fn forest_height(rows: usize) -> u32 {
    40 + 24 * u32::try_from(rows).unwrap_or(0)
}

/// A row for each name: a value and its interval, in percent, beside zero.
fn forest(
    area: &Area,
    rows: &[(&str, [f64; 3])],
    x: Range<f64>,
    names_px: i32,
    colour: &dyn Fn([f64; 3]) -> RGBColor,
) -> Result<()> {
    let count = rows.len() as f64;
    let mut chart = ChartBuilder::on(area)
        .margin(6)
        .margin_right(16)
        .x_label_area_size(24)
        .y_label_area_size(names_px)
        .build_cartesian_2d(x.clone(), 0.0..count.max(1.0))?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .disable_y_axis()
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .axis_style(GRID)
        .label_style(text(MUTED))
        .x_labels(5)
        .x_label_formatter(&|percent| format!("{percent:+.0}"))
        .draw()?;
    chart.draw_series(LineSeries::new([(0.0, 0.0), (0.0, count)], INK.stroke_width(1)))?;
    for ((name, interval), row) in rows.iter().rev().zip(0..) {
        let y = f64::from(row) + 0.5;
        let [value, low, high] = *interval;
        if interval.iter().all(|value| value.is_finite()) {
            let colour = colour(*interval);
            chart.draw_series(LineSeries::new([(low, y), (high, y)], colour.stroke_width(2)))?;
            chart.draw_series([Circle::new((value, y), 4, colour.filled())])?;
        }
        let (_, y_px) = chart.backend_coord(&(x.start, y));
        area.draw_text(name, &text(INK).pos(Pos::new(HPos::Right, VPos::Center)), (names_px, y_px))?;
    }
    Ok(())
}

/// Share of outcomes below each quantile against its level.
pub fn reliability(calibration: &Calibration) -> Result<Markup> {
    let label = format!("Reliability, {} days ahead", calibration.horizon);
    svg(&label, 240, |area| {
        let percent = |percent: &f64| format!("{percent:.0}%");
        let axis = || Axis { range: 0.0..100.0, label: &percent };
        let mut chart = plane(area, axis(), axis())?;
        chart.draw_series(LineSeries::new([(0.0, 0.0), (100.0, 100.0)], MUTED.stroke_width(1)))?;
        for (share, level) in calibration.below.iter().zip(LEVELS) {
            let ([share, low, high], level) = (share.map(|share| 100.0 * share), 100.0 * level);
            chart.draw_series(LineSeries::new([(level, low), (level, high)], MODEL.stroke_width(2)))?;
            chart.draw_series([Circle::new((level, share), 4, MODEL.filled())])?;
        }
        Ok(())
    })
}

/// Density of outcomes between the levels; 1 everywhere is perfect.
pub fn pit(calibration: &Calibration) -> Result<Markup> {
    let label =
        format!("Histogram of the probability integral transform, {} days ahead", calibration.horizon);
    let edges: Vec<f64> = std::iter::once(0.0).chain(LEVELS).chain([1.0]).collect();
    let classes: Vec<(f64, f64, [f64; 3])> = edges
        .iter()
        .zip(edges.iter().skip(1))
        .zip(calibration.classes)
        .map(|((from, to), share)| (100.0 * from, 100.0 * to, share.map(|share| share / (to - from))))
        .collect();
    let highest = classes.iter().map(|(_, _, [_, _, high])| *high).fold(1.5, f64::max);
    svg(&label, 220, |area| {
        let mut chart = plane(
            area,
            Axis { range: 0.0..100.0, label: &|percent| format!("{percent:.0}%") },
            Axis { range: 0.0..1.05 * highest, label: &|density| format!("{density:.1}") },
        )?;
        for (from, to, [density, low, high]) in &classes {
            let bar = Rectangle::new([(from + 0.3, 0.0), (to - 0.3, *density)], MODEL.mix(0.35).filled());
            chart.draw_series([bar])?;
            let middle = 0.5 * (from + to);
            chart.draw_series(LineSeries::new([(middle, *low), (middle, *high)], MODEL.stroke_width(2)))?;
        }
        Ok(chart.draw_series(LineSeries::new([(0.0, 1.0), (100.0, 1.0)], INK.stroke_width(1))).map(|_| ())?)
    })
}

/// How far the share inside each central interval is from what it should be, in
/// percentage points. All horizons have the same axis.
pub fn coverage(calibration: &Calibration, all: &[Calibration]) -> Result<Markup> {
    let points = |c: &Calibration| {
        let rows = c.inside.iter().zip(CENTRAL);
        rows.map(|(share, nominal)| share.map(|share| 100.0 * (share - nominal))).collect::<Vec<_>>()
    };
    let x = range(all.iter().flat_map(&points).flatten().chain([-2.0, 2.0]));
    let label = format!("Coverage less its nominal share, {} days ahead", calibration.horizon);
    let names = CENTRAL.map(|nominal| format!("{:.0} %", 100.0 * nominal));
    let rows = names.iter().map(String::as_str).zip(points(calibration));
    let rows: Vec<(&str, [f64; 3])> = rows.collect();
    svg(&label, forest_height(rows.len()), |area| {
        forest(area, &rows, x, 56, &|[_, low, high]| if low <= 0.0 && 0.0 <= high { MODEL } else { OUTCOME })
    })
}

/// Losses of one network by epoch.
pub fn curve(curve: &Curve, number: usize) -> Result<Markup> {
    let label = format!("Losses of network {number} by epoch");
    let y = range(curve.training.iter().chain(&curve.held_out).copied());
    svg(&label, 220, |area| {
        let mut chart = plane(
            area,
            Axis { range: 1.0..curve.training.len().max(2) as f64, label: &|epoch| format!("{epoch:.0}") },
            Axis { range: y, label: &|loss| format!("{loss:.3}") },
        )?;
        for (losses, colour) in [(&curve.training, MODEL), (&curve.held_out, OUTCOME)] {
            let points = losses.iter().zip(1..).map(|(loss, epoch)| (f64::from(epoch), *loss));
            chart.draw_series(LineSeries::new(points, colour.stroke_width(2)))?;
        }
        Ok(())
    })
}
