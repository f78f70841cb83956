use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use clap::Args;
use jiff::civil::Date;
use serde::Serialize;
use tickwise_forecast::{ANCHORS, HorizonMetrics, Manifest, blend::Anchors};

use crate::{
    evaluation, predictions, published, report,
    series::{self, Series},
    source::Source,
    walk,
    walk::Origin,
};

/// `tickwise evaluate`
#[derive(Args)]
#[command(
    after_help = "Walks forward through every fifth row from the eval_start of the folder's manifest.csv on (else from the day\nafter the model's training), forecasting by the model and by each simple method from the rows up to it.\n\nExamples:\n  tickwise evaluate\n  tickwise evaluate --json | jq '.metrics[] | {horizon, pinball_bp}'\n  tickwise evaluate --data bars --reference ensemble.csv.gz --save table.json --report record.html\n\n--json: model, model_source, bars_source, trained_until, evaluated (first and last origin), origins, in_sample_origins,\ncaution, and metrics by horizon (trading days): forecasts, pinball_bp (basis points of log return), coverage (shares\ninside the central 50, 80 and 90 %), baselines with name, pinball_bp and skill (a share, with its 90 % interval)."
)]
pub struct Options {
    /// Folder of CSV, Arrow or Parquet files, one a symbol [default: the checkout's public/replay, else the bars built in]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    #[command(flatten)]
    reading: series::Reading,
    /// Folder of one model [default: the checkout's current one, else the one built in]
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
    /// Print one JSON document instead of the table
    #[arg(long)]
    json: bool,
}

/// The document of `--json`.
#[derive(Serialize)]
struct Document<'a> {
    model: &'a str,
    model_source: String,
    bars_source: String,
    trained_until: Date,
    /// First and last.
    evaluated: [Date; 2],
    origins: usize,
    in_sample_origins: usize,
    /// What makes the intervals doubtful.
    caution: Option<String>,
    metrics: &'a [HorizonMetrics],
}

/// Prints the table.
pub fn run(options: &Options) -> Result<()> {
    let published = published::read(options.model.as_deref())?;
    let model = published.load()?;
    let source = Source::named_or_recorded(options.data.as_deref(), &options.reading);
    let series::Folder { series, failures } = source.series()?;
    let Manifest { id, trained_until, .. } = model.manifest();
    let start = |one: &Series| {
        let first = one
            .eval_start
            .map_or(one.until(*trained_until), |day| one.dates.partition_point(|date| *date < day));
        (first < one.bars.len()).then_some(first)
    };
    let origins = walk::forward(&model, &series, start)?;
    let dates = || origins.iter().map(|origin| origin.date);
    let evaluated = dates().min().zip(dates().max()).with_context(|| {
        format!("no symbol of {source} has a day to score after {trained_until}; name later bars with --data")
    })?;
    super::note(format_args!(
        "Bars: {source}, origins from {} to {}. Model: {id}, {published}.",
        evaluated.0, evaluated.1
    ));
    let reference =
        options.reference.as_deref().map(|path| reference(path, &series, &origins)).transpose()?;
    let reference = reference.as_ref().map(|(name, rows)| (name.as_str(), &**rows));
    let metrics = evaluation::evaluate(&origins, reference);
    if let Some(path) = &options.save {
        let json = serde_json::to_string_pretty(&metrics)? + "\n";
        fs::write(path, json).with_context(|| path.display().to_string())?;
    }
    if let Some(path) = &options.report {
        let ablations =
            options.ablations.then(|| report::measure_ablations(&published, &series, start, &origins));
        let page = report::page(&report::Evaluated {
            model: &model,
            series: &series,
            data: &source.name(),
            origins: &origins,
            reference,
            metrics: &metrics,
            curves: published.curves()?.as_deref(),
            ablations: ablations.transpose()?.as_deref(),
        })?;
        fs::write(path, page).with_context(|| path.display().to_string())?;
    }
    let document = Document {
        model: id,
        model_source: published.to_string(),
        bars_source: source.to_string(),
        trained_until: *trained_until,
        evaluated: evaluated.into(),
        origins: origins.len(),
        in_sample_origins: dates().filter(|date| date <= trained_until).count(),
        caution: evaluation::few_dates(&origins),
        metrics: &metrics,
    };
    if options.json {
        super::print_json(&document)?
    } else {
        super::print(&text(&document))?
    }
    failures.finish()
}

fn text(document: &Document) -> String {
    let Document { origins, in_sample_origins, caution, metrics, .. } = document;
    let mut text = String::new();
    if *in_sample_origins > 0 {
        text += &format!("{in_sample_origins} of {origins} origins are in-sample: no evidence of skill.\n\n");
    }
    if let Some(caution) = caution {
        text += &format!("{caution}\n\n");
    }
    text + &evaluation::table(metrics) + "\n"
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
