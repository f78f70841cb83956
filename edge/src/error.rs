use thiserror::Error;
use tickwise_protocol::Problem;

/// When an address may have closed a connection.
const CLOSING_SECS: u32 = 10;

/// When an operator may have repaired a model.
const REPAIR_SECS: u32 = 300;

/// Why a request got no answer.
#[derive(Debug, Error)]
pub enum EdgeError {
    /// No resource at this path.
    #[error("nothing is served at {0}")]
    UnknownPath(String),
    /// The path exists, but not for this method.
    #[error("supported here: {allow}")]
    MethodNotAllowed {
        /// What does, as the `Allow` header lists it.
        allow: String,
    },
    /// No such symbol.
    #[error("{0:?} is not among the symbols served")]
    UnknownSymbol(String),
    /// No such model.
    #[error("there is no model {0:?}")]
    UnknownModel(String),
    /// None of the formats there are is wanted.
    #[error("there is {offered}, and {wanted:?} wants none of them")]
    NotAcceptable {
        /// The `Accept` header.
        wanted: String,
        /// Media types.
        offered: String,
    },
    /// The token is missing or wrong.
    #[error("a valid bearer token is needed")]
    Unauthorized,
    /// A page of another origin, which is not allowed here.
    #[error("pages of {0:?} may not open the stream; CORS_ORIGINS lists which other origins may")]
    ForeignOrigin(String),
    /// The token of alerts is missing or is none.
    #[error("the header x-alert-token has to carry the token that the first alert was answered with")]
    NoAlertToken,
    /// No such alert of this token.
    #[error("there is no alert {0:?} of this token")]
    UnknownAlert(String),
    /// As many alerts as there may be.
    #[error("a {of} has at most {allowed} alerts: delete some, or wait until they expire")]
    TooManyAlerts {
        /// The limit.
        allowed: usize,
        /// Of what.
        of: &'static str,
    },
    /// The range asked for begins behind the end.
    #[error("there are {length} bytes, and none in the range asked for")]
    NoSuchRange {
        /// Bytes.
        length: usize,
    },
    /// One address asks too often.
    #[error("too many requests from this address; wait {retry_after_secs} s")]
    TooManyRequests {
        /// When it may ask again.
        retry_after_secs: u32,
    },
    /// A query parameter that cannot be understood.
    #[error("{parameter}: {detail}")]
    BadParameter {
        /// Its name.
        parameter: &'static str,
        /// What is expected.
        detail: String,
    },
    /// A replay has no vendor to ask.
    #[error("this server plays recorded days and has no live source to ask")]
    NoLiveSource,
    /// The vendor has nothing of the kind.
    #[error("the vendor knows nothing of it")]
    NothingKnown,
    /// The vendor cannot be asked now, and nothing is known from before.
    #[error("not available now: {detail}")]
    LiveUnavailable {
        /// Why.
        detail: String,
        /// When it may be.
        retry_after_secs: u32,
    },
    /// The body is no JSON of the expected shape.
    #[error("the body cannot be read: {0}")]
    BadBody(String),
    /// The body is longer than it ever needs to be.
    #[error("the body is longer than {max_bytes} bytes")]
    BodyTooLarge {
        /// Allowed.
        max_bytes: usize,
    },
    /// The request has to be a WebSocket upgrade.
    #[error("this path speaks WebSocket: send an Upgrade request")]
    UpgradeRequired,
    /// The address holds as many WebSockets as one may.
    #[error("one address holds at most {allowed} connections: close some")]
    TooManyConnections {
        /// The limit.
        allowed: usize,
    },
    /// Too few closed bars for a forecast.
    #[error("a forecast needs {needed} closed daily bars, {symbol} has {have}")]
    NotEnoughBars {
        /// Symbol.
        symbol: String,
        /// Required.
        needed: usize,
        /// Present.
        have: usize,
    },
    /// The model's files are missing or damaged. Everything else works.
    #[error("no forecast: {0}")]
    Model(String),
    /// Recorded bars are missing or damaged.
    #[error("recorded bars cannot be read: {0}")]
    Recording(String),
    /// A setting in `wrangler.toml` or the environment that cannot be used.
    #[error("setting {name}: {detail}")]
    Config {
        /// Its name.
        name: &'static str,
        /// What is expected.
        detail: String,
    },
    /// The platform failed; trying again may help.
    #[error("the platform failed: {0}")]
    Platform(#[from] worker::Error),
    /// Our own data does not parse.
    #[error("stored data does not parse: {0}")]
    Stored(#[from] serde_json::Error),
}

impl EdgeError {
    /// The HTTP status that fits.
    pub fn status(&self) -> u16 {
        match self {
            Self::UnknownPath(_)
            | Self::UnknownSymbol(_)
            | Self::UnknownModel(_)
            | Self::UnknownAlert(_)
            | Self::NothingKnown => 404,
            Self::MethodNotAllowed { .. } => 405,
            Self::NotAcceptable { .. } => 406,
            Self::Unauthorized | Self::NoAlertToken => 401,
            Self::ForeignOrigin(_) => 403,
            Self::TooManyRequests { .. } => 429,
            Self::BadParameter { .. } | Self::BadBody(_) => 400,
            Self::BodyTooLarge { .. } => 413,
            Self::NoSuchRange { .. } => 416,
            Self::UpgradeRequired => 426,
            Self::TooManyConnections { .. } => 429,
            Self::NotEnoughBars { .. } | Self::NoLiveSource | Self::TooManyAlerts { .. } => 409,
            Self::Model(_) | Self::LiveUnavailable { .. } => 503,
            Self::Recording(_) | Self::Config { .. } | Self::Platform(_) | Self::Stored(_) => 500,
        }
    }

    fn kind(&self) -> (&'static str, &'static str) {
        match self {
            Self::UnknownPath(_) => ("unknown-path", "Unknown path"),
            Self::MethodNotAllowed { .. } => ("method-not-allowed", "Method not allowed"),
            Self::UnknownSymbol(_) => ("unknown-symbol", "Unknown symbol"),
            Self::UnknownModel(_) => ("unknown-model", "Unknown model"),
            Self::NotAcceptable { .. } => ("not-acceptable", "Not acceptable"),
            Self::Unauthorized => ("unauthorized", "Unauthorized"),
            Self::ForeignOrigin(_) => ("foreign-origin", "Origin not allowed"),
            Self::NoAlertToken => ("no-alert-token", "No alert token"),
            Self::UnknownAlert(_) => ("unknown-alert", "Unknown alert"),
            Self::TooManyAlerts { .. } => ("too-many-alerts", "Too many alerts"),
            Self::TooManyRequests { .. } => ("too-many-requests", "Too many requests"),
            Self::BadParameter { .. } => ("bad-parameter", "Bad parameter"),
            Self::NoLiveSource => ("no-live-source", "No live source"),
            Self::NothingKnown => ("nothing-known", "Nothing known"),
            Self::LiveUnavailable { .. } => ("live-unavailable", "Live source not available"),
            Self::BadBody(_) => ("bad-body", "Bad body"),
            Self::BodyTooLarge { .. } => ("body-too-large", "Body too large"),
            Self::NoSuchRange { .. } => ("no-such-range", "No such range"),
            Self::UpgradeRequired => ("upgrade-required", "Upgrade required"),
            Self::TooManyConnections { .. } => ("too-many-connections", "Too many connections"),
            Self::NotEnoughBars { .. } => ("not-enough-bars", "Not enough history"),
            Self::Model(_) => ("no-model", "No forecast model"),
            Self::Recording(_) | Self::Config { .. } => ("misconfigured", "Misconfigured server"),
            Self::Platform(_) | Self::Stored(_) => ("internal", "Internal error"),
        }
    }

    /// The header that goes with the status.
    pub fn header(&self) -> Option<(&'static str, String)> {
        match self {
            Self::MethodNotAllowed { allow } => Some(("allow", allow.clone())),
            Self::Unauthorized => Some(("www-authenticate", "Bearer".into())),
            Self::NoSuchRange { length } => Some(("content-range", format!("bytes */{length}"))),
            Self::TooManyRequests { retry_after_secs } | Self::LiveUnavailable { retry_after_secs, .. } => {
                Some(("retry-after", retry_after_secs.to_string()))
            }
            Self::TooManyConnections { .. } => Some(("retry-after", CLOSING_SECS.to_string())),
            Self::Model(_) => Some(("retry-after", REPAIR_SECS.to_string())),
            Self::UpgradeRequired => Some(("upgrade", "websocket".into())),
            _ => None,
        }
    }

    /// The problem+json body. Platform errors are logged, not told.
    pub fn problem(&self) -> Problem {
        let (kind, title) = self.kind();
        let told = !matches!(self, Self::Platform(_) | Self::Stored(_));
        Problem {
            kind: format!("/docs/problems#{kind}"),
            title: title.into(),
            status: self.status(),
            detail: told.then(|| self.to_string()),
            parameter: match self {
                Self::BadParameter { parameter, .. } => Some((*parameter).into()),
                _ => None,
            },
            request_id: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_explained_where_its_type_leads() {
        let page = include_str!("../../public/docs/problems.html");
        let text = String::new;
        for error in [
            EdgeError::UnknownPath(text()),
            EdgeError::MethodNotAllowed { allow: text() },
            EdgeError::UnknownSymbol(text()),
            EdgeError::UnknownModel(text()),
            EdgeError::NotAcceptable { wanted: text(), offered: text() },
            EdgeError::Unauthorized,
            EdgeError::ForeignOrigin(text()),
            EdgeError::NoAlertToken,
            EdgeError::UnknownAlert(text()),
            EdgeError::TooManyAlerts { allowed: 20, of: "token" },
            EdgeError::TooManyRequests { retry_after_secs: 1 },
            EdgeError::BadParameter { parameter: "limit", detail: text() },
            EdgeError::NoLiveSource,
            EdgeError::NothingKnown,
            EdgeError::LiveUnavailable { detail: text(), retry_after_secs: 1 },
            EdgeError::NoSuchRange { length: 1 },
            EdgeError::BadBody(text()),
            EdgeError::BodyTooLarge { max_bytes: 1 },
            EdgeError::UpgradeRequired,
            EdgeError::TooManyConnections { allowed: 1 },
            EdgeError::NotEnoughBars { symbol: text(), needed: 65, have: 1 },
            EdgeError::Model(text()),
            EdgeError::Recording(text()),
            EdgeError::Config { name: "REPLAY_SPEED", detail: text() },
            EdgeError::Platform(worker::Error::Infallible),
        ] {
            let problem = error.problem();
            let says_when = error.header().is_some_and(|(name, _)| name == "retry-after");
            assert_eq!(says_when, [429, 503].contains(&problem.status), "{error}");
            let row = format!("id=\"{}\"", problem.kind.trim_start_matches("/docs/problems#"));
            let line = page.lines().find(|line| line.contains(&row));
            assert!(line.is_some_and(|line| line.contains(&format!("<td>{}</td>", problem.status))), "{row}");
        }
    }

    #[test]
    fn what_the_platform_says_is_not_told() {
        let problem = EdgeError::Platform(worker::Error::RustError("secret".into())).problem();
        assert_eq!((problem.status, problem.detail), (500, None));
    }
}
