use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{AnyIndicator, Spec};

/// An indicator in the middle of a stream, as it is stored. Reading it back
/// checks that the state is one of the indicator that the specification names,
/// with these parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct Saved {
    spec: Spec,
    state: AnyIndicator,
}

/// A state of another indicator, or of other parameters. Retrying does not
/// help: the state has to be built anew from bars.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the stored state is not one of {0}")]
pub struct InvalidState(String);

#[derive(Deserialize)]
struct Stored {
    spec: Spec,
    state: AnyIndicator,
}

impl Saved {
    /// At the start of a stream.
    pub fn new(spec: Spec) -> Self {
        let state = AnyIndicator::new(&spec);
        Self { spec, state }
    }

    /// What it is.
    pub fn spec(&self) -> &Spec {
        &self.spec
    }

    /// The indicator.
    pub fn state(&self) -> &AnyIndicator {
        &self.state
    }

    /// The indicator, to go on with.
    pub fn state_mut(&mut self) -> &mut AnyIndicator {
        &mut self.state
    }
}

impl TryFrom<Stored> for Saved {
    type Error = InvalidState;

    fn try_from(Stored { spec, state }: Stored) -> Result<Self, InvalidState> {
        let mut empty = state.clone();
        empty.reset();
        if empty == AnyIndicator::new(&spec) {
            Ok(Self { spec, state })
        } else {
            Err(InvalidState(spec.to_string()))
        }
    }
}
