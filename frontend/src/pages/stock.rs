use std::{cell::RefCell, rc::Rc};

use leptos::prelude::*;
use tickwise_indicators::Spec;
use tickwise_market::{Interval, Symbol, Tick};
use tickwise_protocol::{
    Origin, Quote,
    rest::{Bars, Forecast},
    stream::{Point, ServerMessage},
};

use crate::{
    app::Shared,
    chart::state::ChartState,
    components::{ForecastTable, IndicatorMenu, ModelCard, OriginNote, PriceChart},
    format,
    net::rest::{self, FetchError},
    route::Link,
};

/// Bars loaded at once.
const BARS: usize = 1_000;

/// Shown until the reader chooses others.
const DEFAULT_INDICATORS: [&str; 4] = ["sma(20)", "ema(50)", "bollinger(20,2)", "rsi(14)"];

const INTERVALS: [Interval; 7] = [
    Interval::Minute,
    Interval::FiveMinutes,
    Interval::FifteenMinutes,
    Interval::Hour,
    Interval::Day,
    Interval::Week,
    Interval::Month,
];

/// One symbol: chart, indicators, forecast.
#[component]
pub fn StockPage(symbol: Symbol) -> impl IntoView {
    document().set_title(&format!("{symbol} – Tickwise"));
    on_cleanup(|| document().set_title("Tickwise"));
    let model = StockModel::new(symbol.clone());
    let StockModel { interval, chart, quote, error, forecast, forecast_error, indicators, .. } = model;
    let pickers = INTERVALS.map(|choice| {
        let pressed = move || (interval.get() == choice).to_string();
        view! { <button type="button" aria-pressed=pressed on:click=move |_| interval.set(choice)>{choice.as_str()}</button> }
    });
    let title = symbol.to_string();
    let label = {
        let symbol = symbol.clone();
        Signal::derive(move || format!("{symbol}, {} bars. {}", interval.get(), chart.with(description)))
    };
    view! {
        <p class="crumbs"><Link to="/">"← Watchlist"</Link></p>
        <h1>
            {title} " "
            <span class="price" data-testid=format!("price-{symbol}") data-seq=move || quote.read().as_ref().map(|q| q.seq.to_string())>
                {move || quote.read().as_ref().map_or_else(|| "–".into(), |quote| format::price(quote.price))}
            </span>
            <small>{move || crate::components::change_words(quote.read().as_ref())}</small>
        </h1>
        <OriginNote quote />
        <div class="toolbar">
            <div class="group" role="group" aria-label="Interval">{pickers}</div>
            <IndicatorMenu chosen=indicators />
        </div>
        {move || error.get().map(|error| view! {
            <p class="error" role="alert">{error} " "<button on:click=move |_| interval.notify()>"Try again"</button></p>
        })}
        <p class="legend" data-testid="legend">{move || chart.with(legend)}</p>
        <PriceChart state=chart label />
        <p class="fine">
            "Drag to pan, wheel or pinch to zoom, arrow keys for the cursor. Prices are adjusted for splits, times are New York's. "
            {move || (interval.get() != Interval::Day).then_some("The forecast is drawn on the 1d chart.")}
        </p>
        <div class="cards">
            {move || match (forecast.get(), forecast_error.get()) {
                (Some(forecast), _) => view! { <ForecastTable forecast /> }.into_any(),
                (None, Some(error)) => view! {
                    <section class="card" data-testid="forecast-error"><h2>"Forecast"</h2><p class="error">{error}</p></section>
                }.into_any(),
                (None, None) => view! { <section class="card"><h2>"Forecast"</h2><p role="status">"Loading…"</p></section> }.into_any(),
            }}
            <ModelCard />
        </div>
    }
}

/// The bar under the cursor, or the newest. The chart itself names the indicators.
fn legend(state: &ChartState) -> String {
    let Some(bar) = state.bars.get(state.pointed_at()) else { return "Loading bars…".into() };
    format!(
        "{}  O {}  H {}  L {}  C {}  V {}",
        format::bar_time(bar.time_ms, state.interval),
        format::price(bar.open),
        format::price(bar.high),
        format::price(bar.low),
        format::price(bar.close),
        format::volume(bar.volume)
    )
}

/// The same with the indicators, for those who do not see the chart.
fn description(state: &ChartState) -> String {
    let mut text = legend(state);
    for overlay in &state.overlays {
        let values: Vec<String> = overlay
            .drawn_outputs()
            .filter_map(|output| overlay.value(state.pointed_at(), output))
            .map(format::price)
            .collect();
        if !values.is_empty() {
            text.push_str(&format!("  {} {}", overlay.spec, values.join(" / ")));
        }
    }
    text
}

/// The page's state, and how messages and choices change it.
#[derive(Clone, Copy)]
struct StockModel {
    symbol: StoredValue<Symbol>,
    /// Kept, as messages of the stream arrive where there is no context.
    shared: Shared,
    interval: RwSignal<Interval>,
    chart: RwSignal<ChartState, LocalStorage>,
    quote: RwSignal<Option<Quote>>,
    error: RwSignal<Option<String>>,
    forecast: RwSignal<Option<Forecast>>,
    forecast_error: RwSignal<Option<String>>,
    indicators: RwSignal<Vec<Spec>>,
    /// Counts loads, so that an answer that comes too late is not used.
    generation: StoredValue<u32>,
    /// Quotes that arrive while bars are being loaded.
    pending: StoredValue<Option<Rc<RefCell<Vec<Quote>>>>, LocalStorage>,
}

impl StockModel {
    fn new(symbol: Symbol) -> Self {
        let shared = expect_context::<Shared>();
        let defaults = DEFAULT_INDICATORS.iter().filter_map(|text| text.parse().ok()).collect::<Vec<Spec>>();
        let model = Self {
            symbol: StoredValue::new(symbol.clone()),
            shared,
            interval: RwSignal::new(Interval::Day),
            chart: RwSignal::new_local(ChartState::new(Interval::Day, bars_in_view())),
            quote: RwSignal::new(None),
            error: RwSignal::new(None),
            forecast: RwSignal::new(None),
            forecast_error: RwSignal::new(None),
            indicators: RwSignal::new(defaults),
            generation: StoredValue::new(0),
            pending: StoredValue::new_local(None),
        };
        shared.stream().listen(&symbol, move |message| model.receive(message));
        Effect::new(move |_| {
            model.interval.track();
            model.load();
        });
        Effect::new(move |_| {
            let specs = model.indicators.get();
            model.chart.update(|chart| chart.set_overlays(specs));
        });
        model.load_forecast();
        model
    }

    /// Loads the bars; quotes that arrive meanwhile wait for them, so that there
    /// is neither a hole nor an overlap between bars and stream.
    fn load(self) {
        let stream = self.shared.stream();
        let (symbol, interval) = (self.symbol.get_value(), self.interval.get_untracked());
        let generation = self.generation.get_value() + 1;
        self.generation.set_value(generation);
        let pending = Rc::new(RefCell::new(Vec::new()));
        self.pending.set_value(Some(Rc::clone(&pending)));
        leptos::task::spawn_local(async move {
            let loaded = rest::bars(&symbol, interval, BARS).await;
            if self.generation.try_get_value() != Some(generation) {
                return;
            }
            self.pending.set_value(None);
            if let Ok(bars) = &loaded {
                let since = Point { epoch: bars.epoch, seq: bars.seq };
                stream.follow(&symbol, Some(since), bars.quote.clone());
            }
            self.show(loaded, &pending.borrow());
        });
    }

    fn show(self, loaded: Result<Bars, FetchError>, pending: &[Quote]) {
        match loaded {
            Ok(bars) => {
                let seq = bars.seq;
                if self.quote.with_untracked(|quote| quote.as_ref().is_none_or(|quote| quote.seq < seq)) {
                    self.quote.set(bars.quote.clone());
                }
                self.error.set(bars.bars.is_empty().then(|| "There are no bars yet.".into()));
                self.chart.update(|chart| {
                    chart.load(bars);
                    pending.iter().filter(|quote| quote.seq > seq).for_each(|quote| chart.push(&tick(quote)));
                    chart.show_newest();
                });
            }
            Err(error) => self.error.set(Some(error.to_string())),
        }
    }

    fn load_forecast(self) {
        let symbol = self.symbol.get_value();
        leptos::task::spawn_local(async move {
            match rest::forecast(&symbol).await {
                Ok(forecast) => self.show_forecast(forecast),
                Err(error) => {
                    let _ = self.forecast_error.try_set(Some(error.to_string()));
                }
            }
        });
    }

    fn show_forecast(self, forecast: Forecast) {
        let _ = self.chart.try_update(|chart| chart.set_forecast(forecast.clone()));
        let _ = self.forecast.try_set(Some(forecast));
    }

    fn receive(self, message: &ServerMessage) {
        match message {
            ServerMessage::Quote(quote) => self.receive_quote(quote),
            ServerMessage::Snapshot(snapshot) => {
                let is_first = self.quote.with_untracked(Option::is_none);
                if let Some(quote) = &snapshot.quote {
                    self.quote.set(Some(quote.clone()));
                }
                // The stream has jumped: what lies between is only in the bars.
                if !is_first {
                    self.load();
                }
            }
            ServerMessage::Forecast(forecast) => self.show_forecast((**forecast).clone()),
            _ => {}
        }
    }

    fn receive_quote(self, quote: &Quote) {
        let restarted =
            self.quote.with_untracked(|last| last.as_ref().is_some_and(|last| lap(last) != lap(quote)));
        self.quote.set(Some(quote.clone()));
        let pending = self.pending.get_value();
        match pending {
            Some(pending) => pending.borrow_mut().push(quote.clone()),
            // Another lap begins in the past: these are other days. And where there were no
            // bars, a vendor tells them together with the first price.
            None if restarted || self.error.with_untracked(Option::is_some) => self.load(),
            None => self.chart.update(|chart| chart.push(&tick(quote))),
        }
    }
}

/// As many candles as can be told apart at the window's width.
fn bars_in_view() -> f64 {
    let width_px = window().inner_width().ok().and_then(|width| width.as_f64()).unwrap_or(1_000.0);
    (width_px / 7.0).clamp(60.0, 140.0)
}

fn lap(quote: &Quote) -> Option<u64> {
    if let Origin::Replay { lap, .. } = quote.origin { Some(lap) } else { None }
}

fn tick(quote: &Quote) -> Tick {
    Tick { time_ms: quote.exchange_time_ms, price: quote.price, size: quote.size }
}
