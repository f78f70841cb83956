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
//!
//! [`REGISTRY`] is the one table behind menus, queries and commands. Every
//! indicator is serialisable; [`Saved`] reads a state back and checks it.
//!
//! Inputs that are not finite are passed over: they change nothing and give
//! nothing. So are prices of which a logarithm is needed and that have none.

pub mod average;
pub mod batch;
mod definition;
mod extremum;
mod indicator;
pub mod levels;
pub mod momentum;
mod outputs;
mod registry;
pub mod risk;
mod rolling;
mod saved;
mod spec;
mod tie;
mod trading_day;
pub mod trend;
pub mod volatility;
pub mod volume;

pub use definition::{
    Definition, Input, Memory, OutputDefinition, Pane, Parameter, Parameters, Registered, Unit,
};
pub use indicator::{Indicator, OfBar, series};
pub use outputs::Outputs;
pub use registry::{AnyIndicator, REGISTRY};
pub use saved::{InvalidState, Saved};
pub use spec::{InvalidSpec, Spec};
