use std::cell::{OnceCell, RefCell};

use tickwise_market::Symbol;
use tickwise_protocol::{
    rest::{Forecast, Stock},
    stream::{ServerMessage, SourceState, Status},
};
use worker::{DurableObject, Env, Request, Response, State, durable_object};

use super::{
    history,
    ingest::{Ingest, Ingested},
    live_tape::LiveTape,
    log::{Log, Place},
    now_ms,
    publication::{Frames, JoinRequest, JoinResponse, Publication, PublishResponse, call},
    replay_tape::ReplayTape,
    tape::{Event, Tape},
};
use crate::{
    api::{BarsQuery, IndicatorsQuery, Tabular, respond, respond_in},
    config,
    error::EdgeError,
    inference,
    source::ReplaySource,
};

/// The shortest time between two alarms.
const MIN_ALARM_MS: i64 = 200;

/// The longest time between two alarms while somebody listens.
const MAX_ALARM_MS: i64 = 5_000;

/// One symbol: its sequence of quotes, its bars and its recent events.
#[durable_object]
pub struct Feed {
    state: State,
    env: Env,
    log: OnceCell<Log>,
    tape: RefCell<Option<Playing>>,
    /// The forecast from the last closed day, once computed.
    forecast: RefCell<Option<Forecast>>,
}

/// Where prices come from.
enum Playing {
    Replay(ReplayTape),
    Live(LiveTape),
}

impl Playing {
    fn tape(&mut self) -> &mut dyn Tape {
        match self {
            Self::Replay(tape) => tape,
            Self::Live(tape) => tape,
        }
    }

    fn place(&self) -> Place {
        match self {
            Self::Replay(_) => Place::Replay,
            Self::Live(_) => Place::Live,
        }
    }
}

impl DurableObject for Feed {
    fn new(state: State, env: Env) -> Self {
        Self { state, env, log: OnceCell::new(), tape: RefCell::new(None), forecast: RefCell::new(None) }
    }

    async fn fetch(&self, request: Request) -> worker::Result<Response> {
        respond(self.handle(request).await)
    }

    async fn alarm(&self) -> worker::Result<Response> {
        respond(self.tick().await)
    }
}

impl Feed {
    /// Paths are `/{symbol}/{resource}`; the Worker has checked neither.
    async fn handle(&self, mut request: Request) -> Result<Response, EdgeError> {
        let url = request.url()?;
        let mut segments = url.path().trim_matches('/').split('/');
        let (symbol, resource) = (segments.next().unwrap_or_default(), segments.next().unwrap_or_default());
        let unknown = || EdgeError::UnknownSymbol(symbol.to_owned());
        self.open(&symbol.parse().map_err(|_| unknown())?).await?;
        self.advance().await?;
        match resource {
            "stock" => Ok(Response::from_json(&self.stock()?)?),
            // As text: JavaScript's numbers would not hold every instant.
            "bars" => self.bars(&serde_json::from_str(&request.text().await?)?),
            "indicators" => self.indicators(&serde_json::from_str(&request.text().await?)?),
            "prediction" => Ok(Response::from_json(&self.forecast().await?)?),
            "ingest" => {
                let told = serde_json::from_str(&request.text().await?)?;
                Ok(Response::from_json(&self.ingest(&told).await?)?)
            }
            "join" => Ok(Response::from_json(&self.join(&request.json().await?).await?)?),
            _ => Err(EdgeError::UnknownPath(url.path().to_owned())),
        }
    }

    /// Emits what is due and sets the next alarm. An alarm that fails is logged
    /// and set again: the next reader or listener must not find a dead feed.
    async fn tick(&self) -> Result<Response, EdgeError> {
        if let Some(symbol) = self.log()?.symbol()?.and_then(|text| text.parse().ok()) {
            self.open(&symbol).await?;
            if let Err(error) = self.advance().await {
                worker::console_error!("{symbol}: {error}");
            }
            self.schedule().await?;
        }
        Ok(Response::empty()?)
    }

    fn log(&self) -> Result<&Log, EdgeError> {
        if self.log.get().is_none() {
            let log = Log::open(&self.state.storage())?;
            return Ok(self.log.get_or_init(|| log));
        }
        self.log.get().ok_or_else(|| EdgeError::Recording("the event log is not open".into()))
    }

    /// Reads the source and goes on from the checkpoint, once.
    async fn open(&self, symbol: &Symbol) -> Result<(), EdgeError> {
        if self.tape.borrow().is_some() {
            return Ok(());
        }
        let log = self.log()?;
        if config::is_live(&self.env)? {
            // Clients that have followed a replay of the symbol do not resume in live prices.
            let after = log.checkpoint()?.map_or(0, |checkpoint| checkpoint.seq);
            let tape =
                LiveTape::new(symbol.clone(), log.live_checkpoint()?, after, log.days()?, log.minutes()?);
            log.set_symbol(symbol.as_str())?;
            *self.tape.borrow_mut() = Some(Playing::Live(tape));
            return Ok(());
        }
        let source = ReplaySource::load(&self.env, symbol).await?;
        // Another request may have opened the tape in the meantime.
        if self.tape.borrow().is_none() {
            log.set_symbol(symbol.as_str())?;
            *self.tape.borrow_mut() = Some(Playing::Replay(ReplayTape::new(source, log.checkpoint()?)));
        }
        Ok(())
    }

    fn with_playing<T>(&self, read: impl FnOnce(&mut Playing) -> T) -> Result<T, EdgeError> {
        let mut tape = self.tape.borrow_mut();
        tape.as_mut().map(read).ok_or_else(|| EdgeError::Recording("the source is not open".into()))
    }

    fn with_tape<T>(&self, read: impl FnOnce(&mut dyn Tape) -> T) -> Result<T, EdgeError> {
        self.with_playing(|playing| read(playing.tape()))
    }

    /// Takes prices of a live source: stores what is new, then publishes it.
    async fn ingest(&self, told: &Ingest) -> Result<Ingested, EdgeError> {
        let (frames, ingested) = self.store_ingested(told)?;
        self.announce(frames).await?;
        Ok(ingested)
    }

    /// Without an `await`, so that tape and log never part.
    fn store_ingested(&self, told: &Ingest) -> Result<(Vec<Frames>, Ingested), EdgeError> {
        let (done, seq, checkpoint) = self.with_playing(|playing| match playing {
            Playing::Live(tape) => {
                let done = tape.ingest(told);
                Ok((done, tape.seq(), tape.checkpoint()?))
            }
            Playing::Replay(_) => {
                Err(EdgeError::Config { name: "SOURCE", detail: "only live takes prices".into() })
            }
        })??;
        let frames = done.events.iter().map(frames).collect::<Result<Vec<_>, _>>()?;
        if let (Some(checkpoint), true) = (checkpoint, done.accepted > 0) {
            let log = self.log()?;
            log.keep(&done.days, &done.minutes)?;
            log.append(&frames, Place::Live, &checkpoint)?;
        }
        Ok((frames, Ingested { seq, accepted: done.accepted }))
    }

    /// Emits what is due: stores it, then publishes it.
    async fn advance(&self) -> Result<(), EdgeError> {
        let frames = self.store_due_events()?;
        self.announce(frames).await
    }

    /// Publishes stored events; a day that has closed brings a new forecast.
    async fn announce(&self, frames: Vec<Frames>) -> Result<(), EdgeError> {
        if frames.is_empty() {
            return Ok(());
        }
        let mut notices = Vec::new();
        if self.is_forecast_stale()? {
            self.forecast.replace(None);
            if let Ok(forecast) = self.forecast().await {
                notices.push(serde_json::to_string(&ServerMessage::Forecast(Box::new(forecast)))?);
            }
        }
        self.publish(frames, notices).await
    }

    /// Without an `await`, so that tape and log never part.
    fn store_due_events(&self) -> Result<Vec<Frames>, EdgeError> {
        let now_ms = now_ms();
        let (events, place, checkpoint) = self.with_playing(|playing| {
            let events = playing.tape().advance(now_ms);
            (events, playing.place(), playing.tape().checkpoint())
        })?;
        let checkpoint = checkpoint?;
        let frames = events.iter().map(frames).collect::<Result<Vec<_>, _>>()?;
        if let (Some(checkpoint), false) = (checkpoint, frames.is_empty()) {
            self.log()?.append(&frames, place, &checkpoint)?;
        }
        Ok(frames)
    }

    fn is_forecast_stale(&self) -> Result<bool, EdgeError> {
        let Some(forecast) = self.forecast.borrow().clone() else { return Ok(true) };
        self.with_tape(|tape| {
            let closed_ms = tape.days_before().last().map(|bar| bar.time_ms);
            (Some(forecast.origin), Some(forecast.origin_time_ms)) != (tape.day_origin(), closed_ms)
        })
    }

    async fn publish(&self, frames: Vec<Frames>, notices: Vec<String>) -> Result<(), EdgeError> {
        let gateways = self.log()?.gateways()?;
        if gateways.is_empty() {
            return Ok(());
        }
        let symbol = self.with_tape(|tape| tape.symbol().clone())?;
        let publication = Publication { symbol, frames, notices };
        let namespace = self.env.durable_object("GATEWAY")?;
        for gateway in gateways {
            let stub = namespace.id_from_name(&gateway)?.get_stub()?;
            let delivered = async {
                let mut response = call(&stub, "/publish", &publication).await?;
                Ok::<PublishResponse, EdgeError>(response.json().await?)
            };
            match delivered.await {
                Ok(answer) if answer.subscribers == 0 => self.log()?.remove_gateway(&gateway)?,
                Ok(_) => {}
                // The Gateway sees the gap with the next publication and asks for what it missed.
                Err(error) => worker::console_warn!("publishing to {gateway}: {error}"),
            }
        }
        Ok(())
    }

    /// Sets the alarm for the next tick while somebody listens.
    async fn schedule(&self) -> Result<(), EdgeError> {
        if self.log()?.gateways()?.is_empty() {
            return Ok(());
        }
        let now_ms = now_ms();
        let next_ms = self.with_tape(|tape| tape.next_event_wall_ms())?.unwrap_or(i64::MAX);
        let wait_ms = next_ms.saturating_sub(now_ms).clamp(MIN_ALARM_MS, MAX_ALARM_MS);
        // A number is an offset from now, not an instant.
        Ok(self.state.storage().set_alarm(wait_ms).await?)
    }

    /// What a client gets first; from now on the Gateway gets what is published.
    async fn join(&self, request: &JoinRequest) -> Result<JoinResponse, EdgeError> {
        let log = self.log()?;
        log.add_gateway(&request.gateway)?;
        let last = self.with_tape(|tape| tape.seq())?;
        let mut response = match (request.since, self.missed(request.since)?) {
            (Some(from), Some(missed)) => {
                let seq = missed.last().map_or(from, |frames| frames.seq);
                let texts = missed.into_iter().flat_map(|frames| frames.texts).collect();
                JoinResponse { texts, from, seq, more: seq < last }
            }
            _ => {
                let texts = self.snapshot_text()?.into_iter().collect();
                JoinResponse { texts, from: last.saturating_sub(1), seq: last, more: false }
            }
        };
        if !response.more {
            response.texts.push(serde_json::to_string(&ServerMessage::Status(self.status()?))?);
        }
        self.schedule().await?;
        Ok(response)
    }

    /// The first of the events after `since`, if the client can go on from there.
    fn missed(&self, since: Option<u64>) -> Result<Option<Vec<Frames>>, EdgeError> {
        let (from, last) = self.with_tape(|tape| (tape.resumable_from(), tape.seq()))?;
        match since {
            Some(since) if last > 0 && (from..=last).contains(&since) => self.log()?.after(since, last),
            _ => Ok(None),
        }
    }

    fn snapshot_text(&self) -> Result<Option<String>, EdgeError> {
        let snapshot = self.with_tape(|tape| tape.snapshot())?.map(ServerMessage::Snapshot);
        Ok(snapshot.map(|message| serde_json::to_string(&message)).transpose()?)
    }

    fn status(&self) -> Result<Status, EdgeError> {
        self.with_tape(|tape| {
            let (state, origin) = tape.state(now_ms());
            let detail = match state {
                SourceState::Streaming if !origin.is_simulated() => "Prices as the source tells them.",
                SourceState::Streaming => "Replaying a recorded day: its open, high, low, close and volume are recorded, the path between them is simulated.",
                SourceState::Closed => "The market is closed.",
                SourceState::Ended => "The recording has ended.",
                SourceState::NotListed => "The symbol has no prices yet.",
            };
            Status { symbol: tape.symbol().clone(), state, detail: detail.into(), origin }
        })
    }

    fn stock(&self) -> Result<Stock, EdgeError> {
        self.with_tape(|tape| {
            let (state, origin) = tape.state(now_ms());
            let symbol = tape.symbol().clone();
            Stock { symbol, name: String::new(), state, quote: tape.quote().cloned(), origin }
        })
    }

    fn bars(&self, query: &BarsQuery) -> Result<Response, EdgeError> {
        let bars = self.with_tape(|tape| history::bars(tape, query, now_ms()))??;
        self.written(&bars, query)
    }

    fn indicators(&self, query: &IndicatorsQuery) -> Result<Response, EdgeError> {
        let indicators = self.with_tape(|tape| history::indicators(tape, query, now_ms()))??;
        self.written(&indicators, &query.bars)
    }

    /// In the format asked for; what lies before the last quote may be kept.
    fn written(&self, answer: &impl Tabular, query: &BarsQuery) -> Result<Response, EdgeError> {
        let now_ms = self.with_tape(|tape| tape.quote().map_or(i64::MIN, |quote| quote.exchange_time_ms))?;
        respond_in(query.format, answer, query.to_ms <= now_ms)
    }

    /// The forecast from the last closed day, computed once per day and model.
    async fn forecast(&self) -> Result<Forecast, EdgeError> {
        let model = inference::current(&self.env).await?;
        let (symbol, bars, last, origin) = self
            .with_tape(|tape| {
                let last = *tape.days_before().last()?;
                Some((tape.symbol().clone(), tape.total_return_days_before(), last, tape.day_origin()?))
            })?
            .ok_or_else(|| EdgeError::NotListed("the symbol".into()))?;
        if let Some(cached) = self.forecast.borrow().as_ref()
            && cached.origin == origin
            && cached.origin_time_ms == last.time_ms
            && cached.model == model.manifest().id
        {
            return Ok(cached.clone());
        }
        let forecast = inference::forecast(&model, symbol, &bars, last.close, origin)?;
        self.forecast.replace(Some(forecast.clone()));
        Ok(forecast)
    }
}

fn frames(event: &Event) -> Result<Frames, EdgeError> {
    let texts = event.messages.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
    Ok(Frames { seq: event.seq, texts })
}
