use leptos::prelude::*;
use tickwise_market::iso_date;
use tickwise_protocol::rest::Forecast;

use super::ForecastRecord;
use crate::format;

/// Horizons shown, in trading days.
const HORIZONS: [usize; 4] = [1, 5, 10, 20];

/// The forecast in numbers: what the fan shows, for those who do not see it.
#[component]
pub fn ForecastTable(forecast: Forecast) -> impl IntoView {
    let rows = HORIZONS.into_iter().filter_map(|horizon| {
        let row = forecast.quantiles.get(horizon - 1)?;
        let price = |level: usize| Some(format::price(forecast.origin_close * row.get(level)?.exp()));
        Some(view! {
            <tr>
                <th scope="row">{horizon} {if horizon == 1 { " day" } else { " days" }}</th>
                <td class="number">{price(0)?} " – " {price(6)?}</td>
                <td class="number">{price(2)?} " – " {price(4)?}</td>
                <td class="number">{price(3)?}</td>
            </tr>
        })
    });
    let rows = rows.collect_view();
    view! {
        <section class="card" data-testid="forecast">
            <h2>"Forecast"</h2>
            <p>
                "From the close of " {format::price(forecast.origin_close)} " on " {iso_date::format(forecast.origin_date)} ", by "
                <code>{forecast.model.clone()}</code> "."
            </p>
            {forecast.in_sample.then(|| view! {
                <p class="warning">"In-sample: the model was trained on this date, so this says nothing about its skill."</p>
            })}
            {forecast.has_short_history.then(|| view! {
                <p class="warning">"Only " {forecast.bars} " days are known: the ranges are wider, and the model's record does not apply."</p>
            })}
            <table>
                <thead>
                    <tr>
                        <th scope="col">"In"</th>
                        <th scope="col" class="number">"90 % of outcomes"</th>
                        <th scope="col" class="number">"50 %"</th>
                        <th scope="col" class="number">"Median"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            <ForecastRecord symbol=forecast.symbol.clone() />
            <p class="fine"><strong>{forecast.disclaimer.clone()}</strong> " A distribution of closing prices, not a promise."</p>
        </section>
    }
}
