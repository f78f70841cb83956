//! Parts of pages.

mod connection;
mod forecast_record;
mod forecast_table;
mod indicator_menu;
mod model_card;
mod origin_note;
mod price_chart;
mod sparkline;
mod status_panel;
mod theme_toggle;
mod watchlist;

pub use connection::{Connection, ConnectionBadge};
pub use forecast_record::ForecastRecord;
pub use forecast_table::ForecastTable;
pub use indicator_menu::IndicatorMenu;
pub use model_card::ModelCard;
pub use origin_note::OriginNote;
pub use price_chart::PriceChart;
pub use sparkline::Sparkline;
pub use status_panel::StatusPanel;
pub use theme_toggle::ThemeToggle;
pub use watchlist::{Watchlist, change_words};
