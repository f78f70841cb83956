use thiserror::Error;

/// Why there is no reply.
///
/// Holds nothing of the request's secrets: texts of the provider, which echo
/// the caller's key, are kept only where they are not understood, and redacted.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Failure {
    /// "Invalid API call": an unknown symbol or a bad parameter, for functions
    /// that do not tell them apart; now and then a passing fault of the provider.
    #[error("Alpha Vantage calls the request invalid: unknown symbol or parameter")]
    InvalidCall,
    /// The function is misspelt or retired.
    #[error("Alpha Vantage does not know this function")]
    UnknownFunction,
    /// No such symbol, currency or object, or one without data.
    #[error("Alpha Vantage knows no such symbol")]
    UnknownSymbol,
    /// A valid question without an answer: no news in that range.
    #[error("Alpha Vantage has found nothing")]
    NothingFound,
    /// The key is missing, refused, or the demo key outside its examples.
    #[error("Alpha Vantage refuses the API key")]
    BadKey,
    /// Too many requests within a second.
    #[error("too many requests a second for the plan")]
    PerSecondLimit,
    /// Too many requests within a minute.
    #[error("too many requests a minute for the plan")]
    PerMinuteLimit,
    /// The day's requests are spent.
    #[error("the plan's requests of the day are spent")]
    PerDayLimit,
    /// Too many requests; the answer does not say within what time.
    #[error("too many requests for the plan")]
    UnspecifiedLimit,
    /// The function, or a parameter's value, is not part of the plan.
    #[error("the function is not part of the plan")]
    PremiumOnly,
    /// The plan may have realtime or delayed data, but they are not enabled.
    #[error("the key is not entitled to realtime or delayed data")]
    NotEntitled,
    /// Rows made up by the provider as an example; they have been thrown away.
    #[error("Alpha Vantage sent an artificial sample instead of data: the function is not part of the plan")]
    ArtificialSample,
    /// A refusal in words never seen before.
    #[error("Alpha Vantage refuses: {notice}")]
    Refused {
        /// The beginning of the words, without what could be a key.
        notice: Box<str>,
    },
    /// Truncated, garbled, or of another shape than documented.
    #[error("the answer cannot be read: {0}")]
    Malformed(Box<str>),
    /// Longer than [`crate::MAX_BODY_BYTES`], or of more values than any answer has.
    #[error("the answer is too large")]
    TooLarge,
    /// The provider, or something on the way to it, is in trouble.
    #[error("Alpha Vantage is not available (HTTP status {status})")]
    Unavailable {
        /// HTTP status code; 0 when there was no answer.
        status: u16,
    },
}

/// Whether and when to ask again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// The same request will be refused again, until the plan or the key changes;
    /// a symbol may become known some day.
    Never,
    /// After so many milliseconds.
    AfterMs(u64),
    /// Once, after so many milliseconds; the second refusal is final.
    OnceAfterMs(u64),
    /// When the provider's day turns; which zone's day is not documented.
    WhenDayTurns,
    /// Later and later.
    WithBackoff,
}

/// A [`Failure`] without its words: what a circuit breaker or a counter keys on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "named as the failures")]
pub enum FailureClass {
    InvalidCall,
    UnknownFunction,
    UnknownSymbol,
    NothingFound,
    BadKey,
    PerSecondLimit,
    PerMinuteLimit,
    PerDayLimit,
    UnspecifiedLimit,
    PremiumOnly,
    NotEntitled,
    ArtificialSample,
    Refused,
    Malformed,
    TooLarge,
    Unavailable,
}

impl Failure {
    /// Whether and when to ask again.
    pub fn retry(&self) -> Retry {
        match self {
            Self::UnknownFunction
            | Self::UnknownSymbol
            | Self::NothingFound
            | Self::BadKey
            | Self::PremiumOnly
            | Self::NotEntitled
            | Self::ArtificialSample => Retry::Never,
            Self::InvalidCall => Retry::OnceAfterMs(15 * 60_000),
            Self::PerSecondLimit => Retry::AfterMs(2_000),
            Self::PerMinuteLimit => Retry::AfterMs(60_000),
            Self::PerDayLimit => Retry::WhenDayTurns,
            Self::UnspecifiedLimit
            | Self::Refused { .. }
            | Self::Malformed(_)
            | Self::TooLarge
            | Self::Unavailable { .. } => Retry::WithBackoff,
        }
    }

    /// Its class.
    pub fn class(&self) -> FailureClass {
        match self {
            Self::InvalidCall => FailureClass::InvalidCall,
            Self::UnknownFunction => FailureClass::UnknownFunction,
            Self::UnknownSymbol => FailureClass::UnknownSymbol,
            Self::NothingFound => FailureClass::NothingFound,
            Self::BadKey => FailureClass::BadKey,
            Self::PerSecondLimit => FailureClass::PerSecondLimit,
            Self::PerMinuteLimit => FailureClass::PerMinuteLimit,
            Self::PerDayLimit => FailureClass::PerDayLimit,
            Self::UnspecifiedLimit => FailureClass::UnspecifiedLimit,
            Self::PremiumOnly => FailureClass::PremiumOnly,
            Self::NotEntitled => FailureClass::NotEntitled,
            Self::ArtificialSample => FailureClass::ArtificialSample,
            Self::Refused { .. } => FailureClass::Refused,
            Self::Malformed(_) => FailureClass::Malformed,
            Self::TooLarge => FailureClass::TooLarge,
            Self::Unavailable { .. } => FailureClass::Unavailable,
        }
    }

    pub(crate) fn malformed(what: impl Into<Box<str>>) -> Self {
        Self::Malformed(what.into())
    }
}

impl FailureClass {
    /// The name in logs and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidCall => "invalid_call",
            Self::UnknownFunction => "unknown_function",
            Self::UnknownSymbol => "unknown_symbol",
            Self::NothingFound => "nothing_found",
            Self::BadKey => "bad_key",
            Self::PerSecondLimit => "per_second_limit",
            Self::PerMinuteLimit => "per_minute_limit",
            Self::PerDayLimit => "per_day_limit",
            Self::UnspecifiedLimit => "unspecified_limit",
            Self::PremiumOnly => "premium_only",
            Self::NotEntitled => "not_entitled",
            Self::ArtificialSample => "artificial_sample",
            Self::Refused => "refused",
            Self::Malformed => "malformed",
            Self::TooLarge => "too_large",
            Self::Unavailable => "unavailable",
        }
    }
}
