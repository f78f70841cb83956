//! Size budgets of what is downloaded.

use std::{fs, io::Write, path::Path};

use anyhow::{Result, bail};

use crate::paths;

/// Dashboard: wasm, scripts and styles together, brotli.
const FIRST_LOAD_MAX_KB: f64 = 250.0;

/// Worker: everything uploaded, gzip. Of this the live source (parsers of the
/// vendor's answers, the budget's decisions) is 170 kB, archive, record and alerts
/// 190 kB; Cloudflare takes 3 MB on the free plan.
const WORKER_MAX_KB: f64 = 1450.0;

/// Prints every file's size and refuses what is above the budget.
///
/// # Errors
/// Naming the budget that is exceeded.
pub fn check() -> Result<()> {
    let root = paths::root();
    let first_load = total("First load, brotli", &root.join("dist"), &["wasm", "js", "css"], brotli)?;
    let worker = total("Worker, gzip", &root.join("edge/build"), &["wasm", "js", "mjs"], gzip)?;
    enforce("first load", first_load, FIRST_LOAD_MAX_KB)?;
    enforce("Worker", worker, WORKER_MAX_KB)
}

fn enforce(name: &str, kb: f64, max_kb: f64) -> Result<()> {
    if kb > max_kb {
        bail!("the {name} is {kb:.1} kB, above its budget of {max_kb} kB");
    }
    Ok(())
}

/// Sum over the files of a folder, in kB (1000 bytes).
fn total(title: &str, dir: &Path, extensions: &[&str], compress: fn(&[u8]) -> Result<usize>) -> Result<f64> {
    println!("\n{title}");
    let mut total = 0.0;
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if !path.extension().is_some_and(|extension| extensions.iter().any(|e| extension == *e)) {
            continue;
        }
        let bytes = fs::read(&path)?;
        let kb = compress(&bytes)? as f64 / 1000.0;
        total += kb;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        println!("  {kb:8.1} kB  ({:.1} kB raw)  {name}", bytes.len() as f64 / 1000.0);
    }
    println!("  {total:8.1} kB  in all");
    Ok(total)
}

fn brotli(bytes: &[u8]) -> Result<usize> {
    let mut compressed = Vec::new();
    brotli::CompressorWriter::new(&mut compressed, 1 << 16, 11, 22).write_all(bytes)?;
    Ok(compressed.len())
}

fn gzip(bytes: &[u8]) -> Result<usize> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}
