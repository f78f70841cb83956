//! Technical indicators. Each has one implementation, a streaming update in
//! constant time; a series is a fold over it ([`series`]).
//!
//! ```
//! use tickwise_indicators::{AnyIndicator, Spec};
//!
//! let spec: Spec = "sma(2)".parse().unwrap();
//! let mut sma = AnyIndicator::new(&spec);
//! let bar = |close| tickwise_market::Bar { time_ms: 0, open: close, high: close, low: close, close, volume: 1.0 };
//! assert_eq!(sma.update(&bar(1.0)), None);
//! assert_eq!(sma.update(&bar(2.0)).unwrap().as_slice(), [1.5]);
//! ```

mod any;
pub mod average;
mod indicator;
pub mod momentum;
mod outputs;
mod registry;
pub mod volatility;

pub use any::AnyIndicator;
pub use indicator::{Indicator, series};
pub use outputs::Outputs;
pub use registry::{Definition, InvalidSpec, OutputDefinition, Pane, Parameter, REGISTRY, Spec, Unit};
