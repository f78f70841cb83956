use serde::{Deserialize, Serialize};

/// What goes wrong with an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// An HTML page with this status: 503 in an outage, 200 under overload.
    Html(u16),
    /// No body.
    Empty,
    /// `{}`.
    EmptyObject,
    /// The first part of the body, in thousandths.
    Truncated(u32),
    /// Bytes that are no text.
    Garbage,
    /// The connection breaks off within the body.
    Reset,
    /// The answer comes after so many milliseconds.
    Hang(u64),
    /// The answer comes in pieces, so many milliseconds apart.
    Drip(u64),
    /// `{"Information": …}` with these words.
    Information(String),
    /// `{"Note": …}` with these words.
    Note(String),
    /// `{"Error Message": …}` with these words.
    ErrorMessage(String),
    /// The notice of the limit per second of the plan.
    PerSecond,
    /// The notice of the limit per minute.
    PerMinute,
    /// The notice of the limit per day, which repeats the key.
    PerDay,
    /// "Invalid API call" for a valid one.
    InvalidCall,
    /// The header and the word Information, a letter a column.
    CsvLetters,
    /// Made-up rows of MSFT, AAPL and IBM, whatever was asked.
    Artificial,
    /// Numbers where texts belong, and lists where objects do.
    WrongTypes,
    /// The answer to another symbol.
    OtherSymbol,
    /// Every row twice.
    DuplicateRows,
    /// The newest row is not there.
    MissingNewest,
    /// The newest row is that of the day before, with the date of the newest.
    StaleDay,
    /// A high below the low in the newest row.
    Contradiction,
}

/// A fault for some requests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scripted {
    /// What goes wrong.
    pub fault: Fault,
    /// Only with this function.
    #[serde(default)]
    pub function: Option<String>,
    /// How often.
    #[serde(default = "once")]
    pub times: u32,
}

fn once() -> u32 {
    1
}

/// The fault of a request, which is used up by it.
pub fn take(scripted: &mut Vec<Scripted>, function: &str) -> Option<Fault> {
    let fits = |one: &Scripted| one.times > 0 && one.function.as_deref().is_none_or(|name| name == function);
    let found = scripted.iter_mut().find(|one| fits(one))?;
    found.times -= 1;
    let fault = found.fault.clone();
    scripted.retain(|one| one.times > 0);
    Some(fault)
}
