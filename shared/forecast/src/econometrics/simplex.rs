/// Minimises a function by the simplex of Nelder and Mead (1965), from `start`
/// with first steps of `step`, until the values of the simplex differ by less
/// than `tolerance` or so many values have been computed. Best point and value.
pub fn minimise<const N: usize>(
    start: [f64; N],
    step: f64,
    tolerance: f64,
    max_evaluations: usize,
    mut value: impl FnMut(&[f64; N]) -> f64,
) -> ([f64; N], f64) {
    let mut evaluations = 0;
    let mut evaluate = |point: [f64; N]| {
        evaluations += 1;
        let found = value(&point);
        (point, if found.is_nan() { f64::INFINITY } else { found }, evaluations)
    };
    let mut simplex = vec![vertex(evaluate(start))];
    for axis in 0..N {
        let mut point = start;
        if let Some(coordinate) = point.get_mut(axis) {
            *coordinate += step;
        }
        simplex.push(vertex(evaluate(point)));
    }
    loop {
        simplex.sort_by(|a, b| a.1.total_cmp(&b.1));
        let (Some(&best), Some(&worst)) = (simplex.first(), simplex.last()) else { return (start, f64::NAN) };
        let second_worst = simplex.iter().rev().nth(1).map_or(worst.1, |vertex| vertex.1);
        let mut centre = [0.0; N];
        for (point, _) in simplex.iter().take(N) {
            centre.iter_mut().zip(point).for_each(|(sum, x)| *sum += x / N as f64);
        }
        let along = |t: f64| std::array::from_fn(|i| at(&centre, i) + t * (at(&worst.0, i) - at(&centre, i)));
        let (point, reflected, count) = evaluate(along(-1.0));
        if worst.1 - best.1 < tolerance || count >= max_evaluations {
            return if reflected < best.1 { (point, reflected) } else { best };
        }
        let replacement = if reflected < best.1 {
            let expanded = vertex(evaluate(along(-2.0)));
            if expanded.1 < reflected { Some(expanded) } else { Some((point, reflected)) }
        } else if reflected < second_worst {
            Some((point, reflected))
        } else {
            let contracted = vertex(evaluate(along(if reflected < worst.1 { -0.5 } else { 0.5 })));
            (contracted.1 < worst.1.min(reflected)).then_some(contracted)
        };
        match (replacement, simplex.last_mut()) {
            (Some(replacement), Some(last)) => *last = replacement,
            _ => {
                for other in simplex.iter_mut().skip(1) {
                    let halfway = std::array::from_fn(|i| 0.5 * (at(&best.0, i) + at(&other.0, i)));
                    *other = vertex(evaluate(halfway));
                }
            }
        }
    }
}

fn vertex<const N: usize>((point, value, _): ([f64; N], f64, usize)) -> ([f64; N], f64) {
    (point, value)
}

fn at<const N: usize>(point: &[f64; N], index: usize) -> f64 {
    point.get(index).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_bottom_of_rosenbrocks_valley() {
        let valley = |[x, y]: &[f64; 2]| (1.0 - x).powi(2) + 100.0 * (y - x * x).powi(2);
        let ([x, y], value) = minimise([-1.2, 1.0], 0.5, 1e-14, 2000, valley);
        assert!((x - 1.0).abs() < 1e-5 && (y - 1.0).abs() < 1e-5 && value < 1e-10, "{x} {y} {value}");
    }

    #[test]
    fn walks_away_from_where_there_is_no_value() {
        let ([x], _) =
            minimise([1.0], 0.5, 1e-12, 500, |[x]| if *x < 0.5 { f64::NAN } else { (x - 0.7).powi(2) });
        assert!((x - 0.7).abs() < 1e-5, "{x}");
    }
}
