use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use clap::Args;
use tickwise_forecast::{ANCHORS, blend::Anchors};

use crate::{curve, evaluation, predictions, published, report, series, series::Series, walk, walk::Origin};

/// `tickwise evaluate`
#[derive(Args)]
#[command(
    after_help = "Walks forward through every fifth row from the eval_start of the folder's manifest.csv on (else from the day\nafter the model's training), forecasting by the model and by each simple method from the rows up to it.\n\nExample:\n  tickwise evaluate --data bars --reference ensemble.csv.gz --save table.json --report record.html"
)]
pub struct Options {
    /// Folder of CSV, Arrow or Parquet files, one a symbol
    #[arg(long, value_name = "DIR", default_value = "public/replay")]
    data: PathBuf,
    #[command(flatten)]
    reading: series::Reading,
    /// Folder of one model [default: the one that public/models/current names]
    #[arg(long, value_name = "DIR")]
    model: Option<PathBuf>,
    /// Forecasts by others of the same origins, as `tickwise predict --output` writes them; may be packed by gzip
    #[arg(long, value_name = "FILE")]
    reference: Option<PathBuf>,
    /// File for the metrics as JSON
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// File for a page with charts: examples, skill, calibration, learning curves, symbols
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Measure the model without each of its parts too, for the page: takes as long again for each
    #[arg(long, requires = "report")]
    ablations: bool,
}

/// Prints the table.
pub fn run(options: &Options) -> Result<()> {
    let folder = published::folder(options.model.as_deref())?;
    let model = published::load(Some(&folder))?;
    let series::Folder { series, failures } = series::read_folder(&options.data, &options.reading.options())?;
    let trained_until = model.manifest().trained_until;
    let start = |one: &Series| {
        let first = one
            .eval_start
            .map_or(one.until(trained_until), |day| one.dates.partition_point(|date| *date < day));
        (first < one.bars.len()).then_some(first)
    };
    let origins = walk::forward(&model, &series, start)?;
    ensure!(!origins.is_empty(), "no symbol has a day to score after {trained_until}");
    let reference =
        options.reference.as_deref().map(|path| reference(path, &series, &origins)).transpose()?;
    let reference = reference.as_ref().map(|(name, rows)| (name.as_str(), &**rows));
    let metrics = evaluation::evaluate(&origins, reference);
    let in_sample = origins.iter().filter(|origin| origin.date <= trained_until).count();
    if in_sample > 0 {
        println!("{in_sample} of {} origins are in-sample: no evidence of skill.\n", origins.len());
    }
    if let Some(few) = evaluation::few_dates(&origins) {
        println!("{few}\n");
    }
    if let Some(path) = &options.save {
        let json = serde_json::to_string_pretty(&metrics)? + "\n";
        fs::write(path, json).with_context(|| path.display().to_string())?;
    }
    if let Some(path) = &options.report {
        let ablations =
            options.ablations.then(|| report::measure_ablations(&folder, &series, start, &origins));
        let page = report::page(&report::Evaluated {
            model: &model,
            series: &series,
            data: &options.data.file_name().unwrap_or_default().to_string_lossy(),
            origins: &origins,
            reference,
            metrics: &metrics,
            curves: curve::read(&folder)?.as_deref(),
            ablations: ablations.transpose()?.as_deref(),
        })?;
        fs::write(path, page).with_context(|| path.display().to_string())?;
    }
    super::print(&(evaluation::table(&metrics) + "\n"))?;
    failures.finish()
}

/// Name and quantiles of a file of forecasts, one for each origin.
fn reference(path: &Path, series: &[Series], origins: &[Origin]) -> Result<(String, Vec<Anchors>)> {
    let rows: HashMap<_, _> = predictions::read(path)?
        .into_iter()
        .map(|row| ((row.symbol, row.origin, row.horizon), row.quantiles))
        .collect();
    let of = |origin: &Origin| -> Result<Anchors> {
        let symbol = &series.get(origin.series).context("a series of each origin")?.symbol;
        let mut anchors = [[f64::NAN; 7]; ANCHORS.len()];
        for ((quantiles, horizon), outcome) in anchors.iter_mut().zip(ANCHORS).zip(origin.outcomes) {
            match rows.get(&(symbol.clone(), origin.date, horizon)) {
                Some(row) => *quantiles = *row,
                None => ensure!(
                    outcome.is_none(),
                    "{} has no forecast of {symbol} from {} over {horizon} days",
                    path.display(),
                    origin.date
                ),
            }
        }
        Ok(anchors)
    };
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let name = file.split('.').next().unwrap_or_default().to_owned();
    Ok((name, origins.iter().map(of).collect::<Result<_>>()?))
}
