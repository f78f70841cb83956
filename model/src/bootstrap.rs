//! The 90 % interval of a statistic by resampling circular blocks of origin dates,
//! so that symbols of one date and overlapping outcomes stay together (Künsch 1989;
//! Politis and Romano 1992).

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Origin dates in one block.
const BLOCK: usize = 8;
const RESAMPLES: usize = 400;

/// On fewer origin dates than ten blocks the interval is too narrow to judge by, and on
/// one block it is a point.
pub const MIN_DATES: usize = 10 * BLOCK;

/// Value over all dates, 0 to `dates`, and the ends of its interval.
pub fn interval(dates: usize, statistic: impl Fn(&mut dyn Iterator<Item = usize>) -> f64) -> [f64; 3] {
    let count = dates.max(1);
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let mut resampled: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            let starts: Vec<usize> = (0..count.div_ceil(BLOCK)).map(|_| rng.random_range(0..count)).collect();
            let days = starts.iter().flat_map(|start| (0..BLOCK).map(move |day| (start + day) % count));
            statistic(&mut days.take(count))
        })
        .collect();
    resampled.sort_by(f64::total_cmp);
    let at = |share: f64| resampled.get((share * RESAMPLES as f64) as usize).copied().unwrap_or(f64::NAN);
    [statistic(&mut (0..dates)), at(0.05), at(0.95)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_of_a_constant_is_a_point_and_a_mean_lies_inside_its_own() {
        assert_eq!(interval(50, |_| 2.0), [2.0; 3]);
        let mean = |chosen: &mut dyn Iterator<Item = usize>| {
            let (sum, count) =
                chosen.fold((0.0, 0.0), |(sum, count), day| (sum + (day % 7) as f64, count + 1.0));
            sum / count
        };
        let [value, low, high] = interval(70, mean);
        assert!((value - 3.0).abs() < 1e-12 && low < value && value < high, "{low} {value} {high}");
    }
}
