//! Volume.

mod ad;
mod cmf;
mod mfi;
mod obv;
mod profile;
mod vwap;

pub use ad::AccumulationDistribution;
pub use cmf::ChaikinMoneyFlow;
pub use mfi::MoneyFlowIndex;
pub use obv::Obv;
pub use profile::VolumeProfile;
pub use vwap::{AnchoredVwap, SessionVwap};
