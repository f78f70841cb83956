/// Number of equally likely shocks, and of simulated paths.
pub const SHOCKS: usize = 1000;

/// Recent residuals that shocks are drawn from.
const RESIDUALS: usize = 1500;

/// Standardised residuals, oldest first, as [`SHOCKS`] ascending, equally likely
/// values of mean square 1.
pub fn stratified(residuals: Vec<f64>) -> Vec<f32> {
    let mut recent = residuals;
    recent.drain(..recent.len().saturating_sub(RESIDUALS));
    recent.sort_by(f64::total_cmp);
    let last = recent.len().saturating_sub(1) as f64;
    let value = |index: f64| recent.get(index as usize).copied().unwrap_or_default();
    let shocks: Vec<f64> = (0..SHOCKS)
        .map(|i| {
            let position = ((i as f64 + 0.5) / SHOCKS as f64 * (last + 1.0) - 0.5).clamp(0.0, last);
            let below = position.floor();
            value(below) + (position - below) * (value(position.ceil()) - value(below))
        })
        .collect();
    let square = shocks.iter().map(|z| z * z).sum::<f64>() / SHOCKS as f64;
    let unit = square.sqrt().max(1e-6);
    shocks.into_iter().map(|z| (z / unit) as f32).collect()
}
