use std::cell::Cell;

use leptos::{ev, html::Canvas, prelude::*};
use plotters_canvas::CanvasBackend;
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{HtmlCanvasElement, KeyboardEvent, PointerEvent, WheelEvent};

use crate::{
    app::Shared,
    chart::{items, paint, state::ChartState},
};

/// One step of the wheel or the plus and minus keys.
const ZOOM_STEP: f64 = 1.2;

/// Draws a chart state, once an animation frame at most, and lets pointer,
/// wheel and keys move it.
#[component]
pub fn PriceChart(
    state: RwSignal<ChartState, LocalStorage>,
    #[prop(into)] label: Signal<String>,
) -> impl IntoView {
    let theme = expect_context::<Shared>().theme;
    let canvas = NodeRef::<Canvas>::new();
    let draws = RwSignal::new(0_u32);
    let size = RwSignal::new((0_u32, 0_u32));
    let is_scheduled = StoredValue::new(false);

    let draw = move || {
        is_scheduled.set_value(false);
        // A page left behind has disposed its signals; its last frame draws nothing.
        let Some(canvas) = canvas.try_get_untracked().flatten() else { return };
        let palette = theme.palette();
        let drawn = state.try_with_untracked(|state| draw_on(&canvas, state, &palette)).flatten();
        if drawn.is_some() {
            let _ = draws.try_update(|draws| *draws = draws.wrapping_add(1));
        }
    };
    Effect::new(move |_| {
        state.track();
        size.track();
        theme.is_dark();
        if canvas.get().is_some() && !is_scheduled.get_value() {
            is_scheduled.set_value(true);
            request_animation_frame(draw);
        }
    });
    let resized =
        window_event_listener(ev::resize, move |_| size.update(|size| size.0 = size.0.wrapping_add(1)));
    on_cleanup(move || resized.remove());

    let drag = StoredValue::new_local(Gesture::default());
    let fan =
        Memo::new_with_compare(move |_| state.with(|state| state.forecast_origin().is_some()), |a, b| a != b);
    view! {
        <canvas
            node_ref=canvas
            class="chart"
            tabindex="0"
            role="img"
            aria-label=label
            data-testid="chart"
            data-draws=draws
            data-fan=move || fan.get().to_string()
            on:pointerdown=move |event| drag.with_value(|drag| drag.down(&event))
            on:pointermove=move |event| drag.with_value(|drag| drag.moved(&event, state))
            on:pointerup=move |event| drag.with_value(|drag| drag.up(&event))
            on:pointercancel=move |event| drag.with_value(|drag| drag.up(&event))
            on:pointerleave=move |_| state.update(|state| state.cursor = None)
            on:wheel=move |event| wheel(&event, state)
            on:keydown=move |event| key(&event, state)
        ></canvas>
    }
}

/// Draws on the canvas at the screen's resolution.
fn draw_on(canvas: &HtmlCanvasElement, state: &ChartState, palette: &crate::chart::Palette) -> Option<()> {
    let scale = device_pixels();
    let (width, height) =
        (f64::from(canvas.client_width()) * scale, f64::from(canvas.client_height()) * scale);
    let (columns, rows) = (width.round() as u32, height.round() as u32);
    if columns == 0 || rows == 0 {
        return None;
    }
    if (canvas.width(), canvas.height()) != (columns, rows) {
        canvas.set_width(columns);
        canvas.set_height(rows);
    }
    let mut backend = CanvasBackend::with_canvas_object(canvas.clone())?;
    paint::paint(&mut backend, &items::items(state, palette, width, height, scale), scale).ok()
}

fn device_pixels() -> f64 {
    web_sys::window().map_or(1.0, |window| window.device_pixel_ratio())
}

fn canvas_of(event: &web_sys::Event) -> Option<HtmlCanvasElement> {
    event.current_target()?.dyn_into().ok()
}

/// Up to two pointers: one drags, two pinch.
#[derive(Default)]
struct Gesture {
    first: Cell<Option<(i32, f64)>>,
    second: Cell<Option<(i32, f64)>>,
}

impl Gesture {
    fn down(&self, event: &PointerEvent) {
        let pointer = Some((event.pointer_id(), f64::from(event.offset_x())));
        if self.first.get().is_none() {
            self.first.set(pointer)
        } else {
            self.second.set(pointer)
        }
        if let Some(canvas) = canvas_of(event) {
            let _ = canvas.set_pointer_capture(event.pointer_id());
        }
    }

    fn up(&self, event: &PointerEvent) {
        let left = |pointer: Option<(i32, f64)>| pointer.filter(|(id, _)| *id != event.pointer_id());
        let (first, second) = (left(self.first.get()), left(self.second.get()));
        self.first.set(first.or(second));
        self.second.set(first.and(second));
    }

    fn moved(&self, event: &PointerEvent, state: RwSignal<ChartState, LocalStorage>) {
        let Some(canvas) = canvas_of(event) else { return };
        let x = f64::from(event.offset_x());
        let width = f64::from(canvas.client_width()).max(1.0);
        match (self.first.get(), self.second.get()) {
            (Some((one, from)), Some((other, to))) => {
                let before = (to - from).abs().max(1.0);
                if event.pointer_id() == one {
                    self.first.set(Some((one, x)))
                } else {
                    self.second.set(Some((other, x)))
                }
                let (from, to) =
                    (self.first.get().map_or(from, |p| p.1), self.second.get().map_or(to, |p| p.1));
                state.update(|state| {
                    state.zoom(before / (to - from).abs().max(1.0), (from + to) / 2.0 / width)
                });
            }
            (Some((id, from)), None) if id == event.pointer_id() => {
                self.first.set(Some((id, x)));
                state.update(|state| state.pan((x - from) / width * state.view().1));
            }
            _ => {}
        }
        let scale = device_pixels();
        let (y, height) = (f64::from(event.offset_y()) * scale, f64::from(canvas.client_height()) * scale);
        state.update(|state| {
            state.cursor = items::bar_at(state, x * scale, width * scale, height, scale);
            state.cursor_y = y;
        });
    }
}

fn wheel(event: &WheelEvent, state: RwSignal<ChartState, LocalStorage>) {
    event.prevent_default();
    let width = canvas_of(event).map_or(1.0, |canvas| f64::from(canvas.client_width()).max(1.0));
    let anchor = f64::from(event.offset_x()) / width;
    if event.delta_x().abs() > event.delta_y().abs() {
        state.update(|state| state.pan(-event.delta_x() / width * state.view().1));
    } else {
        let factor = if event.delta_y() > 0.0 { ZOOM_STEP } else { 1.0 / ZOOM_STEP };
        state.update(|state| state.zoom(factor, anchor));
    }
}

fn key(event: &KeyboardEvent, state: RwSignal<ChartState, LocalStorage>) {
    let page = state.with_untracked(|state| state.view().1) / 2.0;
    let change: Box<dyn Fn(&mut ChartState)> = match event.key().as_str() {
        "ArrowLeft" => Box::new(|state| state.move_cursor(-1)),
        "ArrowRight" => Box::new(|state| state.move_cursor(1)),
        "PageUp" => Box::new(move |state| state.pan(page)),
        "PageDown" => Box::new(move |state| state.pan(-page)),
        "+" | "=" => Box::new(|state| state.zoom(1.0 / ZOOM_STEP, 1.0)),
        "-" => Box::new(|state| state.zoom(ZOOM_STEP, 1.0)),
        "End" | "Home" => Box::new(ChartState::show_newest),
        "Escape" => Box::new(|state| state.cursor = None),
        _ => return,
    };
    event.prevent_default();
    state.update(|state| change(state));
}

/// Calls back before the next paint; not at all in a hidden tab, where the last
/// request waits until the tab is shown.
fn request_animation_frame(callback: impl FnOnce() + 'static) {
    let callback = Closure::once_into_js(callback);
    if let Some(window) = web_sys::window() {
        let _ = window.request_animation_frame(callback.unchecked_ref());
    }
}
