use tickwise_market::Bar;

/// A streaming indicator.
///
/// Implementations take constant time (amortised) and allocate nothing after
/// construction; the one exception says so. A value that is not finite is
/// passed over: it changes nothing and gives nothing.
pub trait Indicator {
    /// What is fed: a price, or a bar.
    type Input: ?Sized;
    /// What comes out.
    type Output;

    /// Takes the next value; `None` while warming up.
    fn update(&mut self, input: &Self::Input) -> Option<Self::Output>;

    /// Number of values up to and including the first with an output.
    fn warm_up(&self) -> usize;

    /// What is left of a value's weight with each later one, at the most, where all
    /// values before count: 0.9 leaves 1e-9 after 197. 0 of windows.
    fn decay(&self) -> f64 {
        0.0
    }

    /// Back to the state after construction.
    fn reset(&mut self);

    /// What [`Indicator::update`] would return, without changing the state: for
    /// the bar that is still forming.
    fn peek(&self, input: &Self::Input) -> Option<Self::Output>
    where
        Self: Clone,
    {
        self.clone().update(input)
    }
}

/// What an indicator takes of a bar.
pub trait OfBar {
    /// The part of the bar.
    fn of(bar: &Bar) -> &Self;
}

/// The close.
impl OfBar for f64 {
    fn of(bar: &Bar) -> &Self {
        &bar.close
    }
}

/// All of it.
impl OfBar for Bar {
    fn of(bar: &Bar) -> &Self {
        bar
    }
}

/// The outputs over a whole series.
pub fn series<'a, I>(
    indicator: &mut I,
    inputs: impl IntoIterator<Item = &'a I::Input>,
) -> Vec<Option<I::Output>>
where
    I: Indicator,
    I::Input: 'a,
{
    inputs.into_iter().map(|input| indicator.update(input)).collect()
}

/// The bar, if its prices and volume are finite.
pub(crate) fn finite(bar: &Bar) -> Option<&Bar> {
    [bar.open, bar.high, bar.low, bar.close, bar.volume].iter().all(|x| x.is_finite()).then_some(bar)
}

/// The mean of high, low and close.
pub(crate) fn typical_price(bar: &Bar) -> f64 {
    (bar.high + bar.low + bar.close) / 3.0
}

/// The price, if it has a logarithm.
pub(crate) fn positive(price: f64) -> Option<f64> {
    (price > 0.0 && price.is_finite()).then_some(price)
}

/// The bar, if its prices have logarithms.
pub(crate) fn positive_prices(bar: &Bar) -> Option<&Bar> {
    let bar = finite(bar)?;
    [bar.open, bar.high, bar.low, bar.close].iter().all(|price| *price > 0.0).then_some(bar)
}
