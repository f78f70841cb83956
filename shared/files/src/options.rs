use std::str::FromStr;

use crate::{Role, Zone};

/// What a user says about a file that it does not say itself.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Columns by name, before any that are recognised.
    pub columns: ColumnNames,
    /// The zone whose days these are, where times are known in UTC only; and of times without a zone.
    pub zone: Option<Zone>,
    /// What comes first in dates such as 01/02/2020.
    pub day_order: Option<DayOrder>,
}

/// Which column is which: `date=Tag,close=Kurs`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnNames(Vec<(Role, String)>);

impl ColumnNames {
    /// The name that a role's column has, if the user says so.
    pub fn of(&self, role: Role) -> Option<&str> {
        self.0.iter().find(|(named, _)| *named == role).map(|(_, name)| name.as_str())
    }
}

impl FromStr for ColumnNames {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let pair = |pair: &str| {
            let (role, name) =
                pair.split_once('=').ok_or_else(|| format!("{pair:?} is no pair such as close=Kurs"))?;
            let role = role.trim();
            let role = Role::ALL.into_iter().find(|one| one.to_string() == role).ok_or_else(|| {
                let roles: Vec<String> = Role::ALL.iter().map(Role::to_string).collect();
                format!("{role:?} is none of {}", roles.join(", "))
            })?;
            Ok((role, name.trim().to_owned()))
        };
        text.split(',').map(pair).collect::<Result<_, _>>().map(Self)
    }
}

/// What comes first in a date whose year comes last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayOrder {
    /// 31/12/2020
    DayFirst,
    /// 12/31/2020
    MonthFirst,
}

impl FromStr for DayOrder {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "dmy" => Ok(Self::DayFirst),
            "mdy" => Ok(Self::MonthFirst),
            _ => Err("expected dmy (31/12/2020) or mdy (12/31/2020)".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_in_pairs() {
        let names: ColumnNames = "date=Tag, close=Kurs (EUR)".parse().unwrap();
        assert_eq!((names.of(Role::Date), names.of(Role::Close)), (Some("Tag"), Some("Kurs (EUR)")));
        assert_eq!(names.of(Role::Open), None);
        for (text, problem) in [("Tag", "no pair"), ("day=Tag", "none of date, time"), ("", "no pair")] {
            let error = text.parse::<ColumnNames>().unwrap_err();
            assert!(error.contains(problem), "{error}");
        }
    }
}
