use tickwise_market::Symbol;
use tickwise_replay::Catalogue;
use worker::Env;

use super::load_catalogue;
use crate::{
    config,
    error::EdgeError,
    live::scheduler::{self, Named},
};

/// The symbols there are.
#[derive(Debug)]
pub enum Served {
    /// Those that are recorded.
    Replay(Catalogue),
    /// Those of the settings, and those that people have found by searching.
    Live,
}

impl Served {
    /// By the source that the settings name.
    ///
    /// # Errors
    /// When the settings cannot be used or the recordings are missing.
    pub async fn load(env: &Env) -> Result<Self, EdgeError> {
        Ok(if config::is_live(env)? { Self::Live } else { Self::Replay(load_catalogue(env).await?) })
    }

    /// Asked first, so that no Feed is ever created for a symbol that does not exist.
    ///
    /// # Errors
    /// [`EdgeError::UnknownSymbol`].
    pub async fn expect(&self, env: &Env, symbol: &Symbol) -> Result<(), EdgeError> {
        match self {
            Self::Replay(catalogue) if catalogue.entry(symbol).is_some() => Ok(()),
            Self::Replay(_) => Err(EdgeError::UnknownSymbol(symbol.to_string())),
            Self::Live => scheduler::expect_served(env, symbol).await,
        }
    }

    /// All of them.
    ///
    /// # Errors
    /// When the platform fails.
    pub async fn all(&self, env: &Env) -> Result<Vec<Named>, EdgeError> {
        match self {
            Self::Replay(catalogue) => Ok(names(catalogue)),
            Self::Live => {
                let mut all = scheduler::symbols(env).await?;
                // The vendor tells names only when it is asked; some are known from the recordings.
                let known = load_catalogue(env).await.map(|catalogue| names(&catalogue)).unwrap_or_default();
                for served in all.iter_mut().filter(|served| served.name.is_empty()) {
                    let same = known.iter().find(|known| known.symbol == served.symbol);
                    served.name = same.map(|known| known.name.clone()).unwrap_or_default();
                }
                Ok(all)
            }
        }
    }
}

fn names(catalogue: &Catalogue) -> Vec<Named> {
    let named = |entry: &tickwise_replay::CatalogueEntry| Named {
        symbol: entry.symbol.clone(),
        name: entry.name.clone(),
    };
    catalogue.recordings.iter().map(named).collect()
}
