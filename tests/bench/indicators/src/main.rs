//! Times the crates `ta`, `yata` and `kand`: `indicator-peers --bars FILE --reps R`.
//! Prints what `tickwise bench indicators` prints.

mod bars;
mod kand;
mod report;
mod ta;
mod yata;

use report::Report;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name).expect("--bars FILE --reps R");
        arguments.get(at + 1).expect("a value")
    };
    let bars = bars::Bars::read(value("--bars"));
    let report = Report { reps: value("--reps").parse().expect("a number"), bars: bars.close.len() };
    ta::run(&report, &bars);
    yata::run(&report, &bars);
    kand::run(&report, &bars);
}
