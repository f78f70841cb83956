/// A streaming indicator.
///
/// Implementations take constant time and allocate nothing after construction.
/// A value that is not finite is passed over: it changes nothing and gives nothing.
pub trait Indicator {
    /// What is fed: a price, or a bar.
    type Input: ?Sized;
    /// What comes out.
    type Output;

    /// Takes the next value; `None` while warming up.
    fn update(&mut self, input: &Self::Input) -> Option<Self::Output>;

    /// Number of values up to and including the first with an output.
    fn warm_up(&self) -> usize;

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
