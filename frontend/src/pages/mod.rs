//! One module a page.

mod home;
mod stock;

pub use home::HomePage;
pub use stock::StockPage;
