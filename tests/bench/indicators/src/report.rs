//! Timing and printing.

use std::{hint::black_box, time::Instant};

pub struct Report {
    pub reps: usize,
    pub bars: usize,
}

impl Report {
    /// The median time of a pass, which returns its last outputs.
    pub fn measure<const N: usize>(
        &self,
        peer: &str,
        indicator: &str,
        mode: &str,
        mut pass: impl FnMut() -> [f64; N],
    ) {
        let last = pass();
        let mut times: Vec<f64> = (0..self.reps)
            .map(|_| {
                let start = Instant::now();
                black_box(pass());
                start.elapsed().as_nanos() as f64 / self.bars as f64
            })
            .collect();
        times.sort_by(f64::total_cmp);
        println!(
            r#"{{"impl":"{peer}","indicator":"{indicator}","mode":"{mode}","ns_per_bar":{},"last":{last:?}}}"#,
            times[times.len() / 2]
        );
    }

    /// A function of whole columns.
    pub fn batch<const N: usize>(&self, peer: &str, indicator: &str, pass: impl FnMut() -> [f64; N]) {
        self.measure(peer, indicator, "batch", pass);
    }

    /// One update after another, from a state that the caller keeps.
    pub fn stream<const N: usize>(&self, peer: &str, indicator: &str, pass: impl FnMut() -> [f64; N]) {
        self.measure(peer, indicator, "stream", pass);
    }
}

/// Tells the compiler what a step takes.
pub fn step<S, T, const N: usize, F: Fn(&mut S, &T) -> [f64; N]>(
    _: &impl Fn() -> S,
    _: &impl Iterator<Item = T>,
    step: F,
) -> F {
    step
}

/// An indicator that is fed value by value: once filling a column for each of its
/// outputs, once keeping nothing.
#[macro_export]
macro_rules! fed {
    ($report:expr, $peer:expr, $indicator:expr, $inputs:expr, $new:expr, $step:expr, $($column:ident <- $output:ident),+) => {{
        let (report, inputs, new) = ($report, $inputs, $new);
        let step = $crate::report::step(&new, &inputs, $step);
        report.batch($peer, $indicator, || {
            let mut state = new();
            $(let mut $column = Vec::with_capacity(inputs.len());)+
            for input in inputs.clone() {
                let [$($output),+] = step(&mut state, &input);
                $($column.push($output);)+
            }
            std::hint::black_box(($(&$column,)+));
            [$(*$column.last().unwrap()),+]
        });
        report.stream($peer, $indicator, || {
            let mut state = new();
            let mut last = [$({ let $output = f64::NAN; $output }),+];
            for input in inputs.clone() {
                last = step(&mut state, &input);
                // By reference: a box by value would share its place on the stack between
                // inputs and outputs, and loads then wait for the wrong store.
                std::hint::black_box(&last);
            }
            last
        });
    }};
}
