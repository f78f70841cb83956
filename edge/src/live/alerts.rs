//! The alerts on a symbol, in its Feed's SQLite and evaluated in its sequence.

use std::cell::RefCell;

use serde::{Deserialize, Serialize};
use tickwise_market::Interval;
use tickwise_protocol::{
    Origin, Quote,
    alerts::{Alert, Fired, MAX_ALERTS_PER_SYMBOL, MAX_ALERTS_PER_TOKEN, Watch},
    stream::{ClosedBar, ServerMessage},
};
use worker::{Env, SqlStorage, SqlStorageValue, Storage};

use super::{publication::call, rolling::Rolling};
use crate::error::EdgeError;

const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS alerts (id TEXT PRIMARY KEY, owner TEXT NOT NULL, \
    expires_ms INTEGER NOT NULL, json TEXT NOT NULL)";

/// What the Worker asks a Feed about alerts. An owner is the hash of a token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum AlertsCall {
    /// A new one.
    Create {
        /// Whose.
        owner: String,
        /// What, with a condition that has been checked.
        alert: Alert,
    },
    /// All of an owner.
    List {
        /// Whose.
        owner: String,
    },
    /// One less.
    Delete {
        /// Whose.
        owner: String,
        /// Which.
        id: String,
    },
}

/// A fired alert on its way to the sockets that have shown its token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertNotice {
    /// Whose.
    pub owner: String,
    /// A [`ServerMessage::Alert`].
    pub text: String,
}

impl AlertNotice {
    /// Sends it to a Gateway.
    pub async fn send(self, env: Env, gateway: String) {
        let sent = async {
            let stub = env.durable_object("GATEWAY")?.id_from_name(&gateway)?.get_stub()?;
            call(&stub, "/alert", &self).await
        };
        if let Err(error) = sent.await {
            crate::console::warn(format_args!("an alert to {gateway}: {error}"));
        }
    }
}

/// The alerts of a Feed. What one call writes lasts or fails as a whole.
#[derive(Debug)]
pub struct AlertBook {
    sql: SqlStorage,
    /// Those not fired yet, once read.
    pending: RefCell<Option<Vec<Pending>>>,
    /// Fired and stored, not yet sent.
    fired: RefCell<Vec<AlertNotice>>,
}

#[derive(Debug)]
struct Pending {
    owner: String,
    alert: Alert,
    watch: Watch,
}

#[derive(Deserialize)]
struct Row {
    owner: String,
    json: String,
}

#[derive(Deserialize)]
struct Count {
    count: usize,
}

impl AlertBook {
    /// Opens it, creating its table where it is missing.
    ///
    /// # Errors
    /// When the platform fails.
    pub fn open(storage: &Storage) -> Result<Self, EdgeError> {
        let sql = storage.sql();
        sql.exec(SCHEMA, None)?;
        Ok(Self { sql, pending: RefCell::default(), fired: RefCell::default() })
    }

    /// Does what is asked; answers with the alerts concerned.
    ///
    /// # Errors
    /// [`EdgeError::TooManyAlerts`], [`EdgeError::UnknownAlert`], or when the platform fails.
    pub fn answer(&self, call: AlertsCall, now_ms: i64) -> Result<Vec<Alert>, EdgeError> {
        self.sql.exec("DELETE FROM alerts WHERE expires_ms <= ?", vec![SqlStorageValue::Integer(now_ms)])?;
        match call {
            AlertsCall::Create { owner, alert } => self.create(owner, alert),
            AlertsCall::List { owner } => self.of(&owner),
            AlertsCall::Delete { owner, id } => self.delete(&owner, &id),
        }
    }

    /// Whether any waits to be met.
    ///
    /// # Errors
    /// When the platform fails.
    pub fn is_waiting(&self) -> Result<bool, EdgeError> {
        self.load()?;
        Ok(self.pending.borrow().as_ref().is_some_and(|pending| !pending.is_empty()))
    }

    /// Takes the indicators into use that alerts watch on bars of an interval.
    ///
    /// # Errors
    /// When the platform fails.
    pub fn take_watched(&self, interval: Interval, rolling: &mut Rolling) -> Result<(), EdgeError> {
        self.load()?;
        let pending = self.pending.borrow();
        let watched = pending.iter().flatten().filter_map(|pending| pending.watch.indicator());
        for (spec, _) in watched.filter(|(_, watched)| *watched == interval) {
            rolling.take(spec, interval);
        }
        Ok(())
    }

    /// Fires what a quote meets, and stores that it did; to be stored together with it.
    ///
    /// # Errors
    /// When the platform fails.
    pub fn evaluate_quote(&self, quote: &Quote, now_ms: i64) -> Result<(), EdgeError> {
        let (seq, at_ms, origin) = (quote.seq, quote.exchange_time_ms, &quote.origin);
        self.fire(now_ms, (seq, at_ms, origin), |watch| watch.met_by(quote))
    }

    /// Fires what a bar meets that has closed, by the indicators after it.
    ///
    /// # Errors
    /// When the platform fails.
    pub fn evaluate_bar(
        &self,
        seq: u64,
        closed: &ClosedBar,
        rolling: &Rolling,
        now_ms: i64,
    ) -> Result<(), EdgeError> {
        self.fire(now_ms, (seq, closed.bar.time_ms, &closed.origin), |watch| {
            let (spec, interval) = watch.indicator().filter(|(_, watched)| *watched == closed.interval)?;
            let [before, at_last] = rolling.state(spec, interval)?.outputs_at(closed.bar.time_ms)?;
            watch.crossed(before.as_ref(), at_last.as_ref())
        })
    }

    /// What has fired and was not taken yet.
    pub fn take_fired(&self) -> Vec<AlertNotice> {
        self.fired.take()
    }

    fn create(&self, owner: String, alert: Alert) -> Result<Vec<Alert>, EdgeError> {
        if self.of(&owner)?.len() >= MAX_ALERTS_PER_TOKEN {
            return Err(EdgeError::TooManyAlerts { allowed: MAX_ALERTS_PER_TOKEN, of: "token" });
        }
        let counts: Vec<Count> = self.sql.exec("SELECT COUNT(*) AS count FROM alerts", None)?.to_array()?;
        if counts.iter().any(|row| row.count >= MAX_ALERTS_PER_SYMBOL) {
            return Err(EdgeError::TooManyAlerts { allowed: MAX_ALERTS_PER_SYMBOL, of: "symbol" });
        }
        self.store(&owner, &alert)?;
        self.pending.replace(None);
        Ok(vec![alert])
    }

    fn of(&self, owner: &str) -> Result<Vec<Alert>, EdgeError> {
        let query = "SELECT owner, json FROM alerts WHERE owner = ? ORDER BY rowid";
        let rows: Vec<Row> = self.sql.exec(query, vec![owner.to_owned().into()])?.to_array()?;
        Ok(rows.iter().filter_map(|row| serde_json::from_str(&row.json).ok()).collect())
    }

    fn delete(&self, owner: &str, id: &str) -> Result<Vec<Alert>, EdgeError> {
        let deleted = self.of(owner)?.into_iter().find(|alert| alert.id == id);
        let deleted = deleted.ok_or_else(|| EdgeError::UnknownAlert(id.to_owned()))?;
        self.sql.exec("DELETE FROM alerts WHERE id = ?", vec![id.to_owned().into()])?;
        self.pending.replace(None);
        Ok(vec![deleted])
    }

    fn store(&self, owner: &str, alert: &Alert) -> Result<(), EdgeError> {
        let row = vec![
            alert.id.clone().into(),
            owner.to_owned().into(),
            SqlStorageValue::Integer(alert.expires_ms),
            serde_json::to_string(alert)?.into(),
        ];
        let query =
            "INSERT INTO alerts VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET json = excluded.json";
        self.sql.exec(query, row)?;
        Ok(())
    }

    fn load(&self) -> Result<(), EdgeError> {
        if self.pending.borrow().is_some() {
            return Ok(());
        }
        let rows: Vec<Row> =
            self.sql.exec("SELECT owner, json FROM alerts ORDER BY rowid", None)?.to_array()?;
        let mut pending = Vec::new();
        for Row { owner, json } in rows {
            // One of another version waits for nothing.
            let Ok(alert) = serde_json::from_str::<Alert>(&json) else { continue };
            if let (None, Ok(watch)) = (&alert.fired, alert.condition.watch()) {
                pending.push(Pending { owner, alert, watch });
            }
        }
        self.pending.replace(Some(pending));
        Ok(())
    }

    fn fire(
        &self,
        now_ms: i64,
        (seq, exchange_time_ms, origin): (u64, i64, &Origin),
        met: impl Fn(&Watch) -> Option<f64>,
    ) -> Result<(), EdgeError> {
        self.load()?;
        let mut pending = self.pending.borrow_mut();
        for Pending { owner, alert, watch } in pending.iter_mut().flatten() {
            let value = met(watch).filter(|_| alert.fired.is_none() && now_ms < alert.expires_ms);
            let Some(value) = value else { continue };
            alert.fired = Some(Fired { seq, value, exchange_time_ms, origin: origin.clone() });
            self.store(owner, alert)?;
            let text = serde_json::to_string(&ServerMessage::Alert(Box::new(alert.clone())))?;
            self.fired.borrow_mut().push(AlertNotice { owner: owner.clone(), text });
        }
        if let Some(pending) = pending.as_mut() {
            pending.retain(|pending| pending.alert.fired.is_none() && now_ms < pending.alert.expires_ms);
        }
        Ok(())
    }
}
