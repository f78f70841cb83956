//! Products with a panel: some columns of a matrix, stored so that the inner
//! loop reads memory in order and keeps its sums in vector registers.

/// Columns of a panel: four vectors of four numbers.
pub const WIDTH: usize = 16;

/// One row of a panel.
pub type Panel = [f32; WIDTH];

/// Stores `matrix` (`[inputs, outputs]`, row by row) as one panel of `inputs`
/// rows after another; the last is filled up with zeros.
pub fn pack(matrix: &[f32], inputs: usize, outputs: usize) -> Vec<Panel> {
    let mut panels = vec![[0.0; WIDTH]; inputs * outputs.div_ceil(WIDTH)];
    if inputs == 0 || outputs == 0 {
        return panels;
    }
    for (row, values) in matrix.chunks_exact(outputs).enumerate() {
        let targets = panels.iter_mut().skip(row).step_by(inputs);
        for (target, values) in targets.zip(values.chunks(WIDTH)) {
            target.iter_mut().zip(values).for_each(|(target, value)| *target = *value);
        }
    }
    panels
}

/// Products of two rows with a panel.
#[inline]
pub fn two_rows(first: &[f32], second: &[f32], panel: &[Panel]) -> [Panel; 2] {
    let (mut a, mut b) = ([0.0; WIDTH], [0.0; WIDTH]);
    for ((x, y), weights) in first.iter().zip(second).zip(panel) {
        for ((a, b), weight) in a.iter_mut().zip(&mut b).zip(weights) {
            *a += x * weight;
            *b += y * weight;
        }
    }
    [a, b]
}

/// Products of one row with three panels: twelve sums in flight, as many as there
/// are registers for.
#[inline]
pub fn three_panels(row: &[f32], [first, second, third]: [&[Panel]; 3]) -> [Panel; 3] {
    let [mut a, mut b, mut c] = [[0.0; WIDTH]; 3];
    for (((x, first), second), third) in row.iter().zip(first).zip(second).zip(third) {
        a.iter_mut().zip(first).for_each(|(sum, weight)| *sum += x * weight);
        b.iter_mut().zip(second).for_each(|(sum, weight)| *sum += x * weight);
        c.iter_mut().zip(third).for_each(|(sum, weight)| *sum += x * weight);
    }
    [a, b, c]
}
