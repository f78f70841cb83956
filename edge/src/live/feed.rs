mod following;
mod watching;

use std::{
    cell::{Cell, OnceCell, RefCell},
    rc::Rc,
};

use futures_util::future::join;
use percent_encoding::percent_decode_str;
use tickwise_forecast::{Forecaster, MIN_BARS};
use tickwise_market::{Bar, Interval, Symbol};
use tickwise_protocol::{
    Origin,
    rest::{Forecast, Stock},
    stream::{ServerMessage, Snapshot, SourceState, Status},
};
use worker::{
    DurableObject, Env, Request, Response, State, WebSocket, WebSocketIncomingMessage, WebSocketPair,
    durable_object,
};

use self::watching::Watching;
use super::{
    alerts::{AlertBook, AlertsCall},
    archive::{Archive, Archived},
    bench::Published,
    fit::Fit,
    history,
    ingest::{Ingest, Ingested},
    live_tape::LiveTape,
    log::{Log, Place},
    now_ms,
    outbox::Outbox,
    publication::{Frames, JoinRequest, JoinResponse},
    record::Record,
    replay_tape::ReplayTape,
    rolling::Rolling,
    scheduler,
    tape::{Event, Tape},
};
use crate::{
    api::{BarsQuery, IndicatorsQuery, RecordQuery, Tabular, respond, respond_in},
    config,
    error::EdgeError,
    inference, lake,
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
    alerts: OnceCell<AlertBook>,
    /// The indicators in use, once read.
    rolling: RefCell<Option<Rolling>>,
    /// Missing where nothing is archived.
    archive: OnceCell<Option<Archive>>,
    /// An alarm is set, as far as this instance knows.
    alarmed: Cell<bool>,
    tape: RefCell<Option<Playing>>,
    outbox: Rc<Outbox>,
    /// The forecast from the last closed day, once computed.
    forecast: RefCell<Option<Forecast>>,
    /// What forecasts stand on, as in the log.
    fit: RefCell<Option<Rc<Fit>>>,
    watching: Watching,
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
        Self {
            state,
            env,
            log: OnceCell::new(),
            alerts: OnceCell::new(),
            rolling: RefCell::new(None),
            archive: OnceCell::new(),
            alarmed: Cell::new(false),
            tape: RefCell::new(None),
            outbox: Rc::default(),
            forecast: RefCell::new(None),
            fit: RefCell::new(None),
            watching: Watching::default(),
        }
    }

    async fn fetch(&self, request: Request) -> worker::Result<Response> {
        respond(self.handle(request).await)
    }

    async fn alarm(&self) -> worker::Result<Response> {
        respond(self.tick().await)
    }

    /// Only load generators hold sockets of a Feed.
    async fn websocket_message(
        &self,
        socket: WebSocket,
        message: WebSocketIncomingMessage,
    ) -> worker::Result<()> {
        let WebSocketIncomingMessage::String(text) = message else { return Ok(()) };
        match self.publish_bench(&text).await {
            Ok(()) => Ok(()),
            Err(error) => socket.close(Some(1003), Some(error.to_string())),
        }
    }

    async fn websocket_close(
        &self,
        socket: WebSocket,
        _: usize,
        reason: String,
        _: bool,
    ) -> worker::Result<()> {
        // Completes the closing handshake; a socket that is gone already says so, which is fine.
        let _ = socket.close(Some(1000), Some(reason));
        Ok(())
    }

    async fn websocket_error(&self, _: WebSocket, _: worker::Error) -> worker::Result<()> {
        Ok(())
    }
}

impl Feed {
    /// Paths are `/{symbol}/{resource}`; the Worker has checked neither.
    async fn handle(&self, mut request: Request) -> Result<Response, EdgeError> {
        let url = request.url()?;
        let mut segments = url.path().trim_matches('/').split('/');
        let (symbol, resource) = (segments.next().unwrap_or_default(), segments.next().unwrap_or_default());
        let unknown = || EdgeError::UnknownSymbol(symbol.to_owned());
        let parsed: Symbol = percent_decode_str(symbol).decode_utf8_lossy().parse().map_err(|_| unknown())?;
        if resource == "archived" {
            return self.archived(&parsed, &request.json().await?).await;
        }
        if resource == "prediction" {
            // The model is fetched beside the recording; what fails is told below.
            join(self.open(&parsed), inference::current(&self.env)).await.0?;
        } else {
            self.open(&parsed).await?;
        }
        self.advance().await?;
        if !self.alarmed.get() {
            self.schedule().await?;
        }
        match resource {
            "stock" => Ok(Response::from_json(&self.stock()?)?),
            // As text: JavaScript's numbers would not hold every instant.
            "bars" => self.bars(&serde_json::from_str(&request.text().await?)?),
            "indicators" => self.indicators(&serde_json::from_str(&request.text().await?)?),
            "prediction" => Ok(Response::from_json(&self.forecast().await?)?),
            "alerts" => self.answer_alerts(serde_json::from_str(&request.text().await?)?).await,
            "record" => self.answer_record(&serde_json::from_str(&request.text().await?)?).await,
            "ingest" => {
                let told = serde_json::from_str(&request.text().await?)?;
                let ingested = self.ingest(&told).await?;
                if !self.alarmed.get() {
                    self.schedule().await?;
                }
                Ok(Response::from_json(&ingested)?)
            }
            "bench" => self.accept_bench(),
            "join" => {
                let joined = self.join(&serde_json::from_str(&request.text().await?)?).await?;
                Ok(Response::from_json(&joined)?)
            }
            _ => Err(EdgeError::UnknownPath(url.path().to_owned())),
        }
    }

    /// Emits what is due and sets the next alarm. An alarm that fails is logged
    /// and set again: the next reader or listener must not find a dead feed.
    async fn tick(&self) -> Result<Response, EdgeError> {
        self.alarmed.set(false);
        if let Some(symbol) = self.symbol()? {
            let played = match self.is_awaited()? {
                true => self.play(&symbol).await,
                false => Ok(()),
            };
            if let Err(error) = played.and_then(|()| self.send_segments(&symbol)) {
                crate::console::error(format_args!("{symbol}: {error}"));
            }
            self.schedule().await?;
        }
        Ok(Response::empty()?)
    }

    /// Somebody listens, or an alert waits.
    fn is_awaited(&self) -> Result<bool, EdgeError> {
        Ok(!self.log()?.gateways()?.is_empty() || self.alerts()?.is_waiting()?)
    }

    async fn play(&self, symbol: &Symbol) -> Result<(), EdgeError> {
        self.open(symbol).await?;
        self.advance().await?;
        self.renew_watch().await
    }

    /// Where events are kept for good, if they are.
    fn archive(&self) -> Result<Option<&Archive>, EdgeError> {
        if self.archive.get().is_none() {
            self.log()?;
            let storage = self.state.storage();
            let archive = match config::is_archived(&self.env)? {
                true => Some(Archive::open(&storage)?),
                false => Archive::close(&storage).map(|()| None)?,
            };
            return Ok(self.archive.get_or_init(|| archive).as_ref());
        }
        Ok(self.archive.get().and_then(Option::as_ref))
    }

    /// Hands the segments that are due to the Queue, and waits for nothing.
    fn send_segments(&self, symbol: &Symbol) -> Result<(), EdgeError> {
        let Some(archive) = self.archive()? else { return Ok(()) };
        let messages = archive.due(symbol, now_ms())?;
        if messages.is_empty() {
            return Ok(());
        }
        let (queue, symbol) = (lake::events(&self.env)?, symbol.clone());
        self.state.wait_until(async move {
            for message in messages {
                // The alarm sends again what nobody confirms.
                if let Err(error) = lake::send(&queue, &message).await {
                    crate::console::warn(format_args!("{symbol}: a segment for the archive: {error}"));
                }
            }
        });
        Ok(())
    }

    /// The consumer of the Queue has stored a segment: there is room for the next.
    async fn archived(&self, symbol: &Symbol, stored: &Archived) -> Result<Response, EdgeError> {
        if let Some(archive) = self.archive()? {
            archive.confirm(*stored)?;
            self.send_segments(symbol)?;
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

    /// The symbol that this object was made for, once it has been asked for anything.
    fn symbol(&self) -> Result<Option<Symbol>, EdgeError> {
        match &mut *self.tape.borrow_mut() {
            Some(playing) => Ok(Some(playing.tape().symbol().clone())),
            None => Ok(self.log()?.symbol()?.and_then(|text| text.parse().ok())),
        }
    }

    /// Reads the source and goes on from the checkpoint, once.
    async fn open(&self, symbol: &Symbol) -> Result<(), EdgeError> {
        if self.tape.borrow().is_some() {
            return Ok(());
        }
        if config::is_live(&self.env)? {
            // Gateways ask for whatever a client names. Asking also wakes the Scheduler.
            if scheduler::served(&self.env, symbol).await?.is_none() {
                return Err(EdgeError::UnknownSymbol(symbol.to_string()));
            }
            if self.tape.borrow().is_some() {
                return Ok(());
            }
            let log = self.log()?;
            let (place, after) = (log.live_checkpoint()?, log.last_seq()?);
            let mut tape = LiveTape::new(symbol.clone(), place, after, log.days()?, log.minutes()?);
            if log.serve(Place::Live, now_ms())? {
                tape.cut();
                if let Some(checkpoint) = tape.checkpoint()? {
                    log.set_checkpoint(Place::Live, &checkpoint)?;
                }
            }
            log.set_symbol(symbol.as_str())?;
            *self.tape.borrow_mut() = Some(Playing::Live(tape));
            return Ok(());
        }
        let source = ReplaySource::load(&self.env, symbol).await?;
        let log = self.log()?;
        // Another request may have opened the tape in the meantime.
        if self.tape.borrow().is_none() {
            log.set_symbol(symbol.as_str())?;
            let place = if log.serve(Place::Replay, now_ms())? { None } else { log.checkpoint()? };
            let tape = ReplayTape::new(source, place, log.last_seq()?);
            *self.tape.borrow_mut() = Some(Playing::Replay(tape));
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

    fn is_live(&self) -> Result<bool, EdgeError> {
        self.with_playing(|playing| matches!(playing, Playing::Live(_)))
    }

    /// Takes prices of a live source: stores what is new, then publishes it.
    async fn ingest(&self, told: &Ingest) -> Result<Ingested, EdgeError> {
        let (frames, ingested) = self.store_ingested(told, None)?;
        self.announce(&frames)?;
        if !frames.is_empty() {
            self.renew_forecast().await?;
        }
        self.announce_state()?;
        Ok(ingested)
    }

    fn accept_bench(&self) -> Result<Response, EdgeError> {
        let WebSocketPair { client, server } = WebSocketPair::new()?;
        self.state.accept_web_socket(&server);
        Ok(Response::from_websocket(client)?)
    }

    /// What a load generator publishes goes the way of live prices.
    async fn publish_bench(&self, text: &str) -> Result<(), EdgeError> {
        if let Some(symbol) = self.symbol()? {
            self.open(&symbol).await?;
        }
        let published: Published = serde_json::from_str(text)?;
        let told = self.with_tape(|tape| published.ingest(tape.quote(), now_ms()))?;
        let (frames, _) = self.store_ingested(&told, Some(published))?;
        self.announce(&frames)
    }

    /// Without an `await`, so that tape and log never part.
    fn store_ingested(
        &self,
        told: &Ingest,
        bench: Option<Published>,
    ) -> Result<(Vec<Rc<Frames>>, Ingested), EdgeError> {
        let (done, seq, checkpoint) = self.with_playing(|playing| match playing {
            Playing::Live(tape) => {
                let done = tape.ingest(told);
                Ok((done, tape.seq(), tape.checkpoint()?))
            }
            Playing::Replay(_) => {
                Err(EdgeError::Config { name: "SOURCE", detail: "only live takes prices".into() })
            }
        })??;
        let mut frames = self.frames(&done.events)?;
        if let Some(published) = bench {
            published.stamp(&mut frames);
        }
        if let (Some(checkpoint), true) = (checkpoint, done.accepted > 0) {
            let log = self.log()?;
            log.keep(&done.days, &done.minutes)?;
            log.append(&frames, Place::Live, &checkpoint)?;
        }
        self.follow(&done.events, now_ms())?;
        Ok((frames, Ingested { seq, accepted: done.accepted }))
    }

    /// Emits what is due: stores it, then publishes it. Where nobody listens, who
    /// asks for prices does not wait for a forecast.
    async fn advance(&self) -> Result<(), EdgeError> {
        let mut is_due = false;
        loop {
            let frames = self.store_due_events()?;
            if frames.is_empty() {
                break;
            }
            self.announce(&frames)?;
            is_due = true;
        }
        if is_due && self.is_awaited()? { self.renew_forecast().await } else { Ok(()) }
    }

    /// Publishes stored events.
    fn announce(&self, frames: &[Rc<Frames>]) -> Result<(), EdgeError> {
        if frames.is_empty() {
            return Ok(());
        }
        self.publish(frames, &[])?;
        self.publish_alerts()
    }

    /// A day that has closed brings a new forecast, if there can be one.
    async fn renew_forecast(&self) -> Result<(), EdgeError> {
        if self.is_forecast_stale()? {
            self.forecast.replace(None);
            if let Ok(forecast) = self.forecast().await {
                let notice = serde_json::to_string(&ServerMessage::Forecast(Box::new(forecast)))?;
                self.publish(&[], &[notice.into()])?;
            }
        }
        Ok(())
    }

    /// Without an `await`, so that tape and log never part.
    fn store_due_events(&self) -> Result<Vec<Rc<Frames>>, EdgeError> {
        let now_ms = now_ms();
        let (events, place, checkpoint) = self.with_playing(|playing| {
            let events = playing.tape().advance(now_ms);
            (events, playing.place(), playing.tape().checkpoint())
        })?;
        let checkpoint = checkpoint?;
        let frames = self.frames(&events)?;
        if let (Some(checkpoint), false) = (checkpoint, frames.is_empty()) {
            self.log()?.append(&frames, place, &checkpoint)?;
        }
        self.follow(&events, now_ms)?;
        Ok(frames)
    }

    /// Events as they are stored and sent.
    fn frames(&self, events: &[Event]) -> Result<Vec<Rc<Frames>>, EdgeError> {
        let epoch = self.log()?.epoch()?;
        let frames = |event: &Event| {
            let texts =
                event.messages.iter().map(|message| text(message, epoch)).collect::<Result<_, _>>()?;
            Ok(Rc::new(Frames { seq: event.seq, texts }))
        };
        events.iter().map(frames).collect()
    }

    fn is_forecast_stale(&self) -> Result<bool, EdgeError> {
        let (closed_ms, origin) = self.with_tape(|tape| (tape.last_day_before_ms(), tape.day_origin()))?;
        Ok(match self.forecast.borrow().as_ref() {
            Some(forecast) => {
                (Some(&forecast.origin), Some(forecast.origin_time_ms)) != (origin.as_ref(), closed_ms)
            }
            // Without a closed day there is nothing to forecast from.
            None => closed_ms.is_some(),
        })
    }

    /// Hands stored events to whoever listens, without waiting for them.
    fn publish(&self, frames: &[Rc<Frames>], notices: &[Rc<str>]) -> Result<(), EdgeError> {
        let log = self.log()?;
        for gateway in log.gateways()? {
            if self.outbox.push(&gateway, frames, notices) {
                let symbol = self.with_tape(|tape| tape.symbol().clone())?;
                let outbox = Rc::clone(&self.outbox);
                self.state.wait_until(outbox.send(self.env.clone(), log.clone(), symbol, gateway));
            }
        }
        Ok(())
    }

    /// Tells Gateways of alerts that have fired. One that is not reached asks
    /// when a client shows its token again.
    fn publish_alerts(&self) -> Result<(), EdgeError> {
        for notice in self.alerts()?.take_fired() {
            for gateway in self.log()?.gateways()? {
                self.state.wait_until(notice.clone().send(self.env.clone(), gateway));
            }
        }
        Ok(())
    }

    /// Sets the alarm for the next tick while the symbol is awaited or the archive waits.
    async fn schedule(&self) -> Result<(), EdgeError> {
        let now_ms = now_ms();
        let mut wait_ms = match self.archive()? {
            Some(archive) => archive.wait_ms(now_ms)?.map(|wait_ms| wait_ms.max(MIN_ALARM_MS)),
            None => None,
        };
        if self.is_awaited()? {
            let next_ms = self.with_tape(|tape| tape.next_event_wall_ms()).ok().flatten().unwrap_or(i64::MAX);
            // Of a live symbol nothing comes by itself; its viewers are counted now and then.
            let longest_ms = if self.is_live().unwrap_or(false) { watching::RENEW_MS } else { MAX_ALARM_MS };
            let tick_ms = next_ms.saturating_sub(now_ms).clamp(MIN_ALARM_MS, longest_ms);
            wait_ms = Some(wait_ms.map_or(tick_ms, |wait_ms| wait_ms.min(tick_ms)));
        }
        let Some(wait_ms) = wait_ms else { return Ok(()) };
        self.alarmed.set(true);
        // A number is an offset from now, not an instant.
        Ok(self.state.storage().set_alarm(wait_ms).await?)
    }

    /// What a client gets first; from now on the Gateway gets what is published.
    async fn join(&self, request: &JoinRequest) -> Result<JoinResponse, EdgeError> {
        let log = self.log()?;
        // Of thousands that join at once, only the first of a Gateway writes.
        let is_new = !log.gateways()?.contains(&request.gateway);
        if is_new {
            log.add_gateway(&request.gateway)?;
        }
        self.outbox.join(&request.gateway);
        let last = self.with_tape(|tape| tape.seq())?;
        // What is numbered in another epoch is unknown here.
        let since = request.since.map(|since| Ok::<_, EdgeError>(since.seq_in(log.epoch()?)));
        let since = since.transpose()?.flatten();
        let mut response = match (since, self.missed(since)?) {
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
        self.watched().await?;
        // The alarm of a Feed that nobody listened to is the archive's, and may be a minute away.
        if is_new || self.state.storage().get_alarm().await?.is_none() {
            self.schedule().await?;
        }
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
        let Some(snapshot) = self.with_tape(|tape| tape.snapshot())? else { return Ok(None) };
        let message = ServerMessage::Snapshot(Snapshot { epoch: self.log()?.epoch()?, ..snapshot });
        Ok(Some(serde_json::to_string(&message)?))
    }

    fn status(&self) -> Result<Status, EdgeError> {
        self.with_tape(|tape| {
            let (state, origin) = tape.state(now_ms());
            let of_simulator = !origin.is_simulated() && tape.quote().is_some_and(|quote| quote.simulated);
            let detail = match state {
                SourceState::Streaming | SourceState::Closed if of_simulator => {
                    "A simulated vendor tells these prices: recorded days on a simulated path."
                }
                SourceState::Streaming if matches!(origin, Origin::EndOfDay { .. }) => {
                    "Closing prices: they move once a day, after the close."
                }
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
        let epoch = self.log()?.epoch()?;
        let bars = self.with_tape(|tape| history::bars(tape, query, epoch, now_ms()))??;
        self.written(&bars, query)
    }

    fn indicators(&self, query: &IndicatorsQuery) -> Result<Response, EdgeError> {
        let epoch = self.log()?.epoch()?;
        let indicators =
            self.with_rolling(|rolling, tape| history::indicators(tape, rolling, query, epoch, now_ms()))?;
        self.written(&indicators, &query.bars)
    }

    /// In the format asked for; what lies before the last quote may be kept.
    fn written(&self, answer: &impl Tabular, query: &BarsQuery) -> Result<Response, EdgeError> {
        let is_past = self.with_tape(|tape| history::is_past(tape, query))? && !answer.is_forming();
        respond_in(query.format, answer, is_past)
    }

    fn alerts(&self) -> Result<&AlertBook, EdgeError> {
        if self.alerts.get().is_none() {
            let alerts = AlertBook::open(&self.state.storage())?;
            return Ok(self.alerts.get_or_init(|| alerts));
        }
        self.alerts.get().ok_or_else(|| EdgeError::Recording("the alerts are not open".into()))
    }

    async fn answer_alerts(&self, call: AlertsCall) -> Result<Response, EdgeError> {
        let alerts = self.alerts()?.answer(call, now_ms())?;
        self.schedule().await?;
        Ok(Response::from_json(&alerts)?)
    }

    fn record(&self) -> Result<Record, EdgeError> {
        Record::open(&self.state.storage())
    }

    async fn answer_record(&self, query: &RecordQuery) -> Result<Response, EdgeError> {
        self.renew_forecast().await?;
        let symbol = self.with_tape(|tape| tape.symbol().clone())?;
        query.respond(&self.record()?.answer(symbol, query.limit)?)
    }

    /// The forecast from the last closed day, computed once per day and model.
    async fn forecast(&self) -> Result<Forecast, EdgeError> {
        let model = inference::current(&self.env).await?;
        if let Some(cached) = self.forecast.borrow().as_ref()
            && cached.model == model.manifest().id
            && !self.is_forecast_stale()?
        {
            return Ok(cached.clone());
        }
        let (last, origin) = self.with_tape(|tape| {
            let none =
                || EdgeError::NotEnoughBars { symbol: tape.symbol().to_string(), needed: MIN_BARS, have: 0 };
            let last = *tape.days_before().last().ok_or_else(none)?;
            Ok::<_, EdgeError>((last, tape.day_origin().ok_or_else(none)?))
        })??;
        let (symbol, bars, revision) = self.with_tape(|tape| {
            (tape.symbol().clone(), tape.total_return_days_before(), tape.revision(Interval::Day))
        })?;
        let fit = self.fit(&model, &symbol, &bars, revision)?;
        let forecast = inference::forecast(&model, symbol, &bars, fit.fitted(), last.close, origin)?;
        // Written before anybody is told.
        self.record()?.write(&forecast, &bars, now_ms())?;
        self.forecast.replace(Some(forecast.clone()));
        Ok(forecast)
    }

    /// What forecasts stand on: from memory, from the log, or fitted anew, for a
    /// quarter as a rule.
    fn fit(
        &self,
        model: &Forecaster,
        symbol: &Symbol,
        bars: &[Bar],
        revision: u64,
    ) -> Result<Rc<Fit>, EdgeError> {
        let known = match self.fit.borrow().clone() {
            None => self.log()?.fit()?.map(Rc::new),
            known => known,
        };
        if let Some(fit) = known.filter(|fit| fit.serves(model, bars, revision)) {
            self.fit.replace(Some(Rc::clone(&fit)));
            return Ok(fit);
        }
        let fit = Fit::new(model, bars, revision).map_err(|error| inference::refused(symbol, error))?;
        self.log()?.set_fit(&fit)?;
        let fit = Rc::new(fit);
        self.fit.replace(Some(Rc::clone(&fit)));
        Ok(fit)
    }
}

/// The text of a message of a tape, which knows no epoch.
fn text(message: &ServerMessage, epoch: u64) -> serde_json::Result<String> {
    match message {
        ServerMessage::Snapshot(snapshot) => {
            serde_json::to_string(&ServerMessage::Snapshot(Snapshot { epoch, ..snapshot.clone() }))
        }
        message => serde_json::to_string(message),
    }
}
