//! Strict reading of TOML: every field is asked for by name, and what nobody asked for is a mistake. Errors name file, line and
//! field.

use std::cell::RefCell;
use std::collections::BTreeSet;

use census::Wrong;
use serde::Serialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::quantity::{Range, Unit, parse};

/// A number of a scenario: a range in the plan's own unit, and where it is from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Value {
    /// What it may be.
    #[serde(flatten)]
    pub range: Range,
    /// Its source; empty where none is given.
    pub from: String,
}

impl Value {
    /// A number that is sure.
    pub fn exactly(number: f64) -> Value {
        Value { range: Range::exactly(number), from: String::new() }
    }
}

/// A table of a file.
pub struct Section<'a> {
    file: &'a str,
    text: &'a str,
    path: String,
    start: usize,
    table: &'a DeTable<'a>,
    used: RefCell<BTreeSet<String>>,
}

type Read<T> = Result<T, Wrong>;

impl<'a> Section<'a> {
    /// The whole of a file.
    pub fn whole(file: &'a str, text: &'a str, table: &'a DeTable<'a>) -> Section<'a> {
        Section { file, text, path: String::new(), start: 0, table, used: RefCell::default() }
    }

    fn line(&self, at: usize) -> u64 {
        self.text[..at.min(self.text.len())].matches('\n').count() as u64 + 1
    }

    fn at(&self, start: usize, field: &str, problem: impl Into<String>) -> Wrong {
        let field = if self.path.is_empty() { field.to_owned() } else { format!("{}.{field}", self.path) };
        Wrong { file: self.file.to_owned(), line: Some(self.line(start)), field: Some(field), problem: problem.into() }
    }

    /// What is wrong with a field; the line is that of the table where the field is missing.
    pub fn wrong(&self, field: &str, problem: impl Into<String>) -> Wrong {
        let start = self.table.iter().find(|(key, _)| key.get_ref() == field).map_or(self.start, |(key, _)| key.span().start);
        self.at(start, field, problem)
    }

    fn get(&self, field: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.used.borrow_mut().insert(field.to_owned());
        self.table.iter().find(|(key, _)| key.get_ref() == field).map(|(_, value)| value)
    }

    /// Whether a field is there.
    pub fn has(&self, field: &str) -> bool {
        self.table.iter().any(|(key, _)| key.get_ref() == field)
    }

    /// A text; `None` where it is left out.
    pub fn text(&self, field: &str) -> Read<Option<String>> {
        match self.get(field).map(|value| value.get_ref()) {
            None => Ok(None),
            Some(DeValue::String(text)) => Ok(Some(text.to_string())),
            Some(_) => Err(self.wrong(field, "is a text in quotes")),
        }
    }

    /// Something that is written as a text.
    pub fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(&self, field: &str) -> Read<Option<T>> {
        self.text(field)?.map(|text| text.parse().map_err(|problem: T::Err| self.wrong(field, problem.to_string()))).transpose()
    }

    /// What must be there.
    pub fn must<T>(&self, field: &str, value: Option<T>) -> Read<T> {
        value.ok_or_else(|| self.wrong(field, "is missing"))
    }

    /// Yes or no.
    pub fn flag(&self, field: &str) -> Read<Option<bool>> {
        match self.get(field).map(|value| value.get_ref()) {
            None => Ok(None),
            Some(DeValue::Boolean(value)) => Ok(Some(*value)),
            Some(_) => Err(self.wrong(field, "is true or false")),
        }
    }

    /// A whole number within bounds.
    pub fn whole_number(&self, field: &str, least: i64, most: i64) -> Read<Option<i64>> {
        let number = match self.get(field).map(|value| value.get_ref()) {
            None => return Ok(None),
            Some(DeValue::Integer(number)) => i64::from_str_radix(&number.as_str().replace('_', ""), number.radix()).ok(),
            Some(_) => None,
        };
        match number.filter(|number| (least..=most).contains(number)) {
            Some(number) => Ok(Some(number)),
            None => Err(self.wrong(field, format!("is a whole number from {least} to {most}"))),
        }
    }

    /// Texts in brackets; a single one may stand alone.
    pub fn texts(&self, field: &str) -> Read<Option<Vec<String>>> {
        let text = |value: &DeValue| match value {
            DeValue::String(text) => Ok(text.to_string()),
            _ => Err(self.wrong(field, "is texts in quotes")),
        };
        match self.get(field).map(|value| value.get_ref()) {
            None => Ok(None),
            Some(DeValue::Array(all)) => all.iter().map(|value| text(value.get_ref())).collect::<Read<_>>().map(Some),
            Some(one) => Ok(Some(vec![text(one)?])),
        }
    }

    fn value(&self, field: &str, value: &Spanned<DeValue>, unit: Unit) -> Read<Value> {
        let wrong = |problem: String| self.at(value.span().start, field, problem);
        let range = |written: &str| {
            let range = parse(written, unit).map_err(&wrong)?;
            match range.low < 0.0 {
                true => Err(wrong(format!("`{written}` is negative"))),
                false => Ok(range),
            }
        };
        match value.get_ref() {
            DeValue::String(text) => Ok(Value { range: range(text)?, from: String::new() }),
            DeValue::Integer(number) => Ok(Value { range: range(number.as_str())?, from: String::new() }),
            DeValue::Float(number) => Ok(Value { range: range(number.as_str())?, from: String::new() }),
            DeValue::Table(table) => {
                let mut told = Value::exactly(f64::NAN);
                for (key, part) in table {
                    match (key.get_ref().as_ref(), part.get_ref()) {
                        ("is", DeValue::Table(_)) | ("from", DeValue::Table(_)) => {
                            return Err(wrong("is `{ is = \"…\", from = \"…\" }`".to_owned()));
                        }
                        ("is", _) => told.range = self.value(field, part, unit)?.range,
                        ("from", DeValue::String(text)) => told.from = text.to_string(),
                        (other, _) => return Err(self.at(key.span().start, &format!("{field}.{other}"), "is not known here")),
                    }
                }
                match told.range.likely.is_nan() {
                    true => Err(wrong("says where it is from, and not what it `is`".to_owned())),
                    false => Ok(told),
                }
            }
            _ => Err(wrong("is a number with its unit, like `\"559 kW\"` or `\"1 .. 2 .. 4 M yuan\"`".to_owned())),
        }
    }

    /// A number with a unit, not negative.
    pub fn quantity(&self, field: &str, unit: Unit) -> Read<Option<Value>> {
        self.get(field).map(|value| self.value(field, value, unit)).transpose()
    }

    /// A number with a unit that must be there.
    pub fn needed(&self, field: &str, unit: Unit) -> Read<Value> {
        let value = self.quantity(field, unit)?;
        self.must(field, value)
    }

    /// A number for each of `count` periods (or years): one for all, or a list.
    pub fn per_period(&self, field: &str, unit: Unit, count: usize) -> Read<Option<Vec<Value>>> {
        match self.get(field) {
            None => Ok(None),
            Some(value) => match value.get_ref() {
                DeValue::Array(all) if all.len() == count => {
                    all.iter().map(|one| self.value(field, one, unit)).collect::<Read<_>>().map(Some)
                }
                DeValue::Array(all) => Err(self.wrong(field, format!("has {} numbers where there are {count}", all.len()))),
                _ => Ok(Some(vec![self.value(field, value, unit)?; count])),
            },
        }
    }

    /// Tables in double brackets, or in brackets.
    pub fn sections(&self, field: &str) -> Read<Vec<Section<'a>>> {
        let Some(value) = self.get(field) else { return Ok(Vec::new()) };
        let DeValue::Array(all) = value.get_ref() else { return Err(self.wrong(field, "is a list of tables")) };
        let section = |(at, value): (usize, &'a Spanned<DeValue<'a>>)| match value.get_ref() {
            DeValue::Table(table) => Ok(self.below(format!("{field}[{}]", at + 1), value.span().start, table)),
            _ => Err(self.wrong(field, "is a list of tables")),
        };
        all.iter().enumerate().map(section).collect()
    }

    /// A table.
    pub fn section(&self, field: &str) -> Read<Option<Section<'a>>> {
        match self.get(field) {
            None => Ok(None),
            Some(value) => match value.get_ref() {
                DeValue::Table(table) => Ok(Some(self.below(field.to_owned(), value.span().start, table))),
                _ => Err(self.wrong(field, "is a table")),
            },
        }
    }

    fn below(&self, name: String, start: usize, table: &'a DeTable<'a>) -> Section<'a> {
        let path = if self.path.is_empty() { name } else { format!("{}.{name}", self.path) };
        Section { file: self.file, text: self.text, path, start, table, used: RefCell::default() }
    }

    /// The fields of a table whose names are those of other things.
    pub fn names(&self) -> Vec<String> {
        self.table.keys().map(|key| key.get_ref().to_string()).collect()
    }

    /// Refuses what nobody asked for.
    pub fn finish(&self) -> Read<()> {
        let used = self.used.borrow();
        match self.table.keys().find(|key| !used.contains(key.get_ref().as_ref())) {
            None => Ok(()),
            Some(key) => {
                let known: Vec<&str> = used.iter().map(String::as_str).collect();
                Err(self.at(key.span().start, key.get_ref(), format!("is not known here; there are {}", known.join(", "))))
            }
        }
    }
}
