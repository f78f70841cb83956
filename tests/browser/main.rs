//! The dashboard in the browsers that it is promised for, over the real Worker.
//! `cargo test -p tickwise-tests --test browser firefox::` runs one of them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests may fail loudly"
)]

mod chart;
mod forecasts;
mod pages;
mod policy;
mod prices;

use tickwise_tests::Viewport;

/// A test of each journey in each engine.
macro_rules! in_every_engine {
    ($($subject:ident: $($journey:ident),+;)+) => {
        in_every_engine!(@of chromium Chromium $($($subject $journey)+)+);
        in_every_engine!(@of firefox Firefox $($($subject $journey)+)+);
        in_every_engine!(@of webkit WebKit $($($subject $journey)+)+);
    };
    (@of $module:ident $engine:ident $($subject:ident $journey:ident)+) => {
        mod $module {
            $(#[tokio::test]
            async fn $journey() -> anyhow::Result<()> {
                crate::$subject::$journey(tickwise_tests::Engine::$engine).await
            })+
        }
    };
}

in_every_engine! {
    chart: the_chart_is_painted_with_its_fan_and_changes_with_ticks, the_chart_answers_pointer_keys_and_menu;
    forecasts: without_weights_the_page_says_why_there_is_no_forecast,
        a_young_stock_says_what_its_forecast_needs_or_stands_on, the_golden_forecast_is_the_same;
    pages: everything_fits_a_phone_and_both_themes, unknown_addresses_and_symbols_have_a_way_back,
        a_browser_that_is_too_old_is_told_so;
    policy: the_policy_is_strict_and_no_request_leaves_the_origin, the_console_is_heard;
    prices: prices_move_within_five_seconds_of_load, after_kill_9_the_page_says_so_and_recovers,
        a_simulated_vendor_is_never_shown_as_a_real_one;
}

const DESKTOP: Viewport = (1280, 900);
const PHONE: Viewport = (360, 760);

const PRICE: &str = "document.querySelector('[data-testid=price-AAPL]')";
const CHART: &str = "document.querySelector('[data-testid=chart]')";
const CONNECTION: &str = "document.querySelector('[data-testid=connection]')";

/// Counts the canvas's colours: one before anything is painted.
const COLOURS: &str = "(() => { const c = document.querySelector('canvas'); if (!c.width) return 0; \
    const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; const s = new Set(); \
    for (let i = 0; i < d.length; i += 4) s.add(d[i] << 16 | d[i + 1] << 8 | d[i + 2]); return s.size })()";
