use super::panel::{Panel, WIDTH, pack, three_panels, two_rows};

/// `y = x W + b`.
#[derive(Clone, Debug)]
pub struct Linear {
    inputs: usize,
    outputs: usize,
    weights: Vec<Panel>,
    bias: Vec<f32>,
}

impl Linear {
    /// From `weight` (`[inputs, outputs]`, row by row) and `bias` (`[outputs]`).
    /// `None` when the lengths do not fit, or there are no inputs.
    pub fn new(weight: &[f32], bias: &[f32]) -> Option<Self> {
        let outputs = bias.len();
        let inputs = weight.len().checked_div(outputs)?;
        let fits = inputs > 0 && inputs * outputs == weight.len();
        fits.then(|| Self { inputs, outputs, weights: pack(weight, inputs, outputs), bias: bias.to_vec() })
    }

    /// Features of a row of the input.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Features of a row of the output.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// Maps `[row, inputs]` to `[row, outputs]`; as many rows as both slices have.
    pub fn forward(&self, x: &[f32], y: &mut [f32]) {
        let rows = (x.len() / self.inputs).min(y.len() / self.outputs);
        let (x, y) = (x.get(..rows * self.inputs), y.get_mut(..rows * self.outputs));
        let (Some(x), Some(y)) = (x, y) else { return };
        let mut pairs = x.chunks_exact(2 * self.inputs);
        let mut targets = y.chunks_exact_mut(2 * self.outputs);
        for (rows, targets) in pairs.by_ref().zip(targets.by_ref()) {
            let (first, second) = rows.split_at(self.inputs);
            let (first_target, second_target) = targets.split_at_mut(self.outputs);
            let columns = first_target.chunks_mut(WIDTH).zip(second_target.chunks_mut(WIDTH));
            let panels = self.weights.chunks_exact(self.inputs).zip(self.bias.chunks(WIDTH));
            for ((panel, bias), (a, b)) in panels.zip(columns) {
                let [first, second] = two_rows(first, second, panel);
                add(&first, bias, a);
                add(&second, bias, b);
            }
        }
        let target = targets.into_remainder();
        if !target.is_empty() {
            self.forward_row(pairs.remainder(), target);
        }
    }

    fn forward_row(&self, row: &[f32], target: &mut [f32]) {
        let group = 3 * self.inputs;
        let columns = self.bias.chunks(3 * WIDTH).zip(target.chunks_mut(3 * WIDTH));
        for (panels, (bias, target)) in self.weights.chunks(group).zip(columns) {
            let panel = |index: usize| panels.get(index * self.inputs..).unwrap_or_default();
            let sums = match panels.len() / self.inputs {
                3 => three_panels(row, [panel(0), panel(1), panel(2)]),
                2 => {
                    let [first, _] = two_rows(row, row, panel(0));
                    let [second, _] = two_rows(row, row, panel(1));
                    [first, second, [0.0; WIDTH]]
                }
                _ => [two_rows(row, row, panel(0))[0], [0.0; WIDTH], [0.0; WIDTH]],
            };
            add(sums.as_flattened(), bias, target);
        }
    }
}

fn add(sum: &[f32], bias: &[f32], target: &mut [f32]) {
    target.iter_mut().zip(sum).zip(bias).for_each(|((target, sum), bias)| *target = sum + bias);
}
