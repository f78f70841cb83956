//! Every indicator of the registry, an update at a time: `cargo bench -p tickwise-indicators`.
#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tickwise_indicators::{AnyIndicator, REGISTRY, Spec};
use tickwise_market::Bar;

const BARS: u32 = 10_000;

fn updates(criterion: &mut Criterion) {
    let bars: Vec<Bar> = (0..BARS)
        .map(|i| {
            let close = 100.0 + (f64::from(i) / 7.0).sin() + f64::from(i % 13) / 10.0;
            let time_ms = i64::from(i) * 86_400_000;
            Bar {
                time_ms,
                open: close - 0.2,
                high: close + 0.5,
                low: close - 0.6,
                close,
                volume: f64::from(i % 97),
            }
        })
        .collect();
    let mut group = criterion.benchmark_group("update");
    group.throughput(Throughput::Elements(u64::from(BARS)));
    for definition in REGISTRY {
        let spec: Spec = definition.name.parse().unwrap();
        group.bench_function(definition.name, |bencher| {
            let mut indicator = AnyIndicator::new(&spec);
            bencher.iter(|| {
                for bar in &bars {
                    black_box(indicator.update(black_box(bar)));
                }
            });
        });
    }
    group.finish();
}

criterion_group!(benches, updates);
criterion_main!(benches);
