use jiff::civil::Date;
use tickwise_market::Symbol;

use crate::{
    Failure,
    json::{Fields, Json},
    parse::check_symbol,
    value,
};

/// Earnings per share, newest first as the provider sends them.
#[derive(Clone, Debug, PartialEq)]
pub struct Earnings {
    /// By fiscal year; the first may be of a year in progress.
    pub annual: Vec<AnnualEarnings>,
    /// By quarter.
    pub quarterly: Vec<QuarterlyEarnings>,
}

/// A fiscal year.
#[derive(Clone, Debug, PartialEq)]
pub struct AnnualEarnings {
    /// Its last day.
    pub fiscal_date_ending: Date,
    /// Earnings per share, in the reporting currency.
    pub reported_eps: Option<f64>,
}

/// A fiscal quarter.
#[derive(Clone, Debug, PartialEq)]
pub struct QuarterlyEarnings {
    /// Its last day.
    pub fiscal_date_ending: Date,
    /// When the result became known.
    pub reported_date: Option<Date>,
    /// Earnings per share.
    pub reported_eps: Option<f64>,
    /// What analysts expected.
    pub estimated_eps: Option<f64>,
    /// Reported less estimated.
    pub surprise: Option<f64>,
    /// The same in percent of the estimate.
    pub surprise_percent: Option<f64>,
    /// Before or after the session of `reported_date`.
    pub report_time: Option<ReportTime>,
}

/// When in a day a result is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportTime {
    /// Before the market opens.
    PreMarket,
    /// After it closes.
    PostMarket,
}

impl Earnings {
    pub(crate) fn from_json(json: &Json<'_>, symbol: &Symbol) -> Result<Self, Failure> {
        check_symbol(json.get("symbol").and_then(Json::as_text), symbol)?;
        let rows =
            |key: &str| json.get(key).ok_or_else(|| Failure::malformed(format!("no {key}")))?.list(key);
        Ok(Self {
            annual: rows("annualEarnings")?.iter().map(annual).collect::<Result<_, _>>()?,
            quarterly: rows("quarterlyEarnings")?.iter().map(quarterly).collect::<Result<_, _>>()?,
        })
    }
}

fn date(row: &Json<'_>, key: &str) -> Result<Option<Date>, Failure> {
    row.get(key).and_then(Json::as_text).map_or(Ok(None), value::date)
}

fn ending(row: &Json<'_>) -> Result<Date, Failure> {
    date(row, "fiscalDateEnding")?.ok_or_else(|| Failure::malformed("earnings without a fiscal date"))
}

fn annual(row: &Json<'_>) -> Result<AnnualEarnings, Failure> {
    Ok(AnnualEarnings { fiscal_date_ending: ending(row)?, reported_eps: row.number_of("reportedEPS")? })
}

fn quarterly(row: &Json<'_>) -> Result<QuarterlyEarnings, Failure> {
    Ok(QuarterlyEarnings {
        fiscal_date_ending: ending(row)?,
        reported_date: date(row, "reportedDate")?,
        reported_eps: row.number_of("reportedEPS")?,
        estimated_eps: row.number_of("estimatedEPS")?,
        surprise: row.number_of("surprise")?,
        surprise_percent: row.number_of("surprisePercentage")?,
        report_time: match row.get("reportTime").and_then(Json::as_text) {
            Some("pre-market") => Some(ReportTime::PreMarket),
            Some("post-market") => Some(ReportTime::PostMarket),
            _ => None,
        },
    })
}
