//! From the text of a census folder to a [`Census`].

use std::collections::BTreeMap;
use std::fmt::Display;

use crate::accelerator::{self, Accelerator};
use crate::change::{Census, HubSettings};
use crate::place::{self, DeclaredPool, Provider, Site};
use crate::published::{self, Published, Target};
use crate::row::{Row, Table, Wrong};
use crate::tariff::{self, Tariff};

/// A file of a census folder.
#[derive(Debug, Clone)]
pub struct File {
    /// What to call it in an error: a path.
    pub name: String,
    /// Its whole content.
    pub text: String,
}

/// The files of a census folder, by their names in it. `accelerators.csv` may also lie one folder up.
pub const FILES: [&str; 8] =
    ["hub.toml", "accelerators.csv", "providers.csv", "sites.csv", "pools.csv", "tariffs.csv", "targets.csv", "published.csv"];

/// Reads `files` (a subset of [`FILES`], looked up by the last part of their names). `hub.toml` must be there;
/// a table that is left out is empty. Nothing is taken from a folder with a mistake in it.
pub fn read(files: &[File]) -> Result<Census, Wrong> {
    let find = |name: &str| files.iter().find(|file| file.name == name || file.name.ends_with(&format!("/{name}")));
    let settings = find("hub.toml").ok_or_else(|| Wrong {
        file: "hub.toml".to_owned(),
        line: None,
        field: None,
        problem: "is missing; a census folder begins with it".to_owned(),
    })?;
    let table = |name: &str, columns| match find(name) {
        Some(file) => Table::read(&file.name, &file.text, columns).map(Some),
        None => Ok(None),
    };
    let census = Census {
        hub: read_hub(settings)?,
        accelerators: collect(table("accelerators.csv", accelerator::COLUMNS)?, "model", Accelerator::read, |one| {
            one.model.clone()
        })?,
        providers: collect(table("providers.csv", place::PROVIDER_COLUMNS)?, "id", Provider::read, |one| one.id.clone())?,
        sites: collect(table("sites.csv", place::SITE_COLUMNS)?, "id", Site::read, |one| one.id.clone())?,
        pools: collect(table("pools.csv", place::POOL_COLUMNS)?, "id", DeclaredPool::read, |one| one.id.clone())?,
        tariffs: collect(table("tariffs.csv", tariff::COLUMNS)?, "id", Tariff::read, |one| one.id.clone())?,
        targets: collect(table("targets.csv", published::TARGET_COLUMNS)?, "id", Target::read, |one| one.id.clone())?,
        published: collect(table("published.csv", published::PUBLISHED_COLUMNS)?, "id", Published::read, |one| one.id.clone())?,
    };
    // What one row says of another is checked row by row again, so that the error has its line.
    each_row(table("sites.csv", place::SITE_COLUMNS)?, |row| {
        let site = Site::read(row)?;
        refers(row, "provider", site.provider.as_ref(), &census.providers, "provider in providers.csv")
    })?;
    each_row(table("pools.csv", place::POOL_COLUMNS)?, |row| {
        let pool = DeclaredPool::read(row)?;
        refers(row, "site", Some(&pool.site), &census.sites, "site in sites.csv")?;
        refers(row, "provider", Some(&pool.provider), &census.providers, "provider in providers.csv")?;
        refers(row, "accelerator", pool.accelerator.as_ref(), &census.accelerators, "model in accelerators.csv")
    })?;
    each_row(table("published.csv", published::PUBLISHED_COLUMNS)?, |row| {
        let figure = Published::read(row)?;
        figure.disputes.iter().try_for_each(|id| refers(row, "disputes", Some(id), &census.published, "figure in this file"))
    })?;
    each_row(table("tariffs.csv", tariff::COLUMNS)?, |row| match row.text("scope").split_once("model:") {
        Some(("", model)) => refers(row, "scope", Some(&model.to_owned()), &census.accelerators, "model in accelerators.csv"),
        _ => Ok(()),
    })?;
    Ok(census)
}

fn read_hub(file: &File) -> Result<HubSettings, Wrong> {
    let wrong = |line, field: Option<&str>, problem: String| Wrong {
        file: file.name.clone(),
        line,
        field: field.map(str::to_owned),
        problem,
    };
    let hub: HubSettings = toml::from_str(&file.text).map_err(|error| {
        let line = error.span().map(|span| 1 + file.text[..span.start.min(file.text.len())].matches('\n').count() as u64);
        wrong(line, None, error.message().replace('\n', "; "))
    })?;
    let line_of = |key: &str| file.text.lines().position(|line| line.trim_start().starts_with(key)).map(|at| at as u64 + 1);
    if hub.currency != measure::Money::CURRENCY {
        let problem = format!("`{}` is not a currency this hub keeps books in; CNY is", hub.currency);
        return Err(wrong(line_of("currency"), Some("currency"), problem));
    }
    if hub.fee_permille > 1000 {
        return Err(wrong(
            line_of("fee_permille"),
            Some("fee_permille"),
            "a fee cannot exceed the whole price (1000)".to_owned(),
        ));
    }
    if !(-12..=14).contains(&hub.utc_offset_hours) {
        return Err(wrong(line_of("utc_offset_hours"), Some("utc_offset_hours"), "no zone lies there; -12 to 14".to_owned()));
    }
    Ok(hub)
}

fn collect<K: Ord + Clone + Display, V>(
    table: Option<Table>,
    key_column: &str,
    read: impl Fn(&Row) -> Result<V, Wrong>,
    key: impl Fn(&V) -> K,
) -> Result<BTreeMap<K, V>, Wrong> {
    let mut all = BTreeMap::new();
    each_row(table, |row| {
        let value = read(row)?;
        match all.insert(key(&value), value) {
            None => Ok(()),
            Some(_) => Err(row.wrong(key_column, format!("`{}` stands in this file twice", row.text(key_column)))),
        }
    })?;
    Ok(all)
}

fn each_row(table: Option<Table>, mut visit: impl FnMut(&Row) -> Result<(), Wrong>) -> Result<(), Wrong> {
    table.iter().flat_map(Table::rows).try_for_each(|row| visit(&row))
}

fn refers<K: Ord + Display, V>(row: &Row, column: &str, key: Option<&K>, all: &BTreeMap<K, V>, what: &str) -> Result<(), Wrong> {
    match key {
        Some(key) if !all.contains_key(key) => Err(row.wrong(column, format!("`{key}` is no {what}"))),
        _ => Ok(()),
    }
}
