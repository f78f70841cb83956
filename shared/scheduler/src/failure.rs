use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{FailureClass, Limit};

/// How a request came to nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Failure {
    /// No answer, or the answer of a broken server.
    #[error("no answer: {detail}")]
    Upstream {
        /// What happened.
        detail: String,
    },
    /// An answer that is not what it should be.
    #[error("an answer that cannot be read: {detail}")]
    Malformed {
        /// What is wrong with it.
        detail: String,
    },
    /// A limit of the plan has been reached.
    #[error("the vendor's limit a {} is reached", limit.as_str())]
    Limited {
        /// Which one.
        limit: Limit,
    },
    /// The vendor does not know the symbol, or has nothing of the kind for it.
    #[error("the vendor knows nothing of it")]
    Unknown,
    /// The plan does not include the function.
    #[error("the plan does not include it")]
    NotInPlan,
    /// The key may not see prices that fresh.
    #[error("the key is not entitled to prices that fresh")]
    NotEntitled,
    /// The key is refused.
    #[error("the key is refused")]
    Key,
    /// A refusal that nobody has seen before.
    #[error("refused: {detail}")]
    Refused {
        /// Its text, without the key.
        detail: String,
    },
}

impl Failure {
    /// The class whose circuit it counts for; none where the cause is the request
    /// itself, or a limit.
    pub fn class(&self) -> Option<FailureClass> {
        match self {
            Self::Upstream { .. } => Some(FailureClass::Upstream),
            Self::Malformed { .. } => Some(FailureClass::Malformed),
            Self::Key => Some(FailureClass::Key),
            Self::Refused { .. } => Some(FailureClass::Refused),
            Self::Limited { .. } | Self::Unknown | Self::NotInPlan | Self::NotEntitled => None,
        }
    }
}

impl Limit {
    fn as_str(self) -> &'static str {
        match self {
            Self::Second => "second",
            Self::Minute => "minute",
            Self::Day => "day",
        }
    }
}
