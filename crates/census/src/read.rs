//! From the text of a census folder to a [`Census`].

use std::collections::BTreeMap;
use std::fmt::Display;

use measure::Name;

use crate::accelerator::{self, Accelerator};
use crate::agreement::{self, Conditions};
use crate::change::{Census, HubSettings};
use crate::claim::{self, Claim, Scope};
use crate::energy::{self, Effectiveness, Green};
use crate::forecast::{self, Forecast};
use crate::life::{self, SiteStage};
use crate::place::{self, DeclaredPool, Provider, Site, SiteStatus};
use crate::power::{self, NodePower, Rack};
use crate::project::{self, Project};
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
pub const FILES: [&str; 18] = [
    "hub.toml",
    "accelerators.csv",
    "providers.csv",
    "sites.csv",
    "stages.csv",
    "pools.csv",
    "power.csv",
    "racks.csv",
    "projects.csv",
    "effectiveness.csv",
    "green.csv",
    "tariffs.csv",
    "conditions.csv",
    "targets.csv",
    "forecasts.csv",
    "published.csv",
    "scopes.csv",
    "claims.csv",
];

/// The columns of a table of a census folder that a plan adds to; none for another.
pub fn columns(file: &str) -> Option<&'static [&'static str]> {
    let tables: [(&str, &'static [&'static str]); 6] = [
        ("providers.csv", place::PROVIDER_COLUMNS),
        ("sites.csv", place::SITE_COLUMNS),
        ("stages.csv", life::COLUMNS),
        ("pools.csv", place::POOL_COLUMNS),
        ("projects.csv", project::COLUMNS),
        ("forecasts.csv", forecast::COLUMNS),
    ];
    tables.into_iter().find(|(name, _)| *name == file).map(|(_, columns)| columns)
}

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
        stages: collect(table("stages.csv", life::COLUMNS)?, "date", SiteStage::read, SiteStage::key)?,
        projects: collect(table("projects.csv", project::COLUMNS)?, "id", Project::read, |one| one.id.clone())?,
        effectiveness: collect(table("effectiveness.csv", energy::EFFECTIVENESS_COLUMNS)?, "id", Effectiveness::read, |one| {
            one.id.clone()
        })?,
        green: collect(table("green.csv", energy::GREEN_COLUMNS)?, "id", Green::read, |one| one.id.clone())?,
        scopes: collect(table("scopes.csv", claim::SCOPE_COLUMNS)?, "scope", Scope::read, |one| one.scope.clone())?,
        claims: collect(table("claims.csv", claim::CLAIM_COLUMNS)?, "id", Claim::read, |one| one.id.clone())?,
        conditions: collect(table("conditions.csv", agreement::COLUMNS)?, "id", Conditions::read, |one| one.id.clone())?,
        forecasts: collect(table("forecasts.csv", forecast::COLUMNS)?, "id", Forecast::read, |one| one.id.clone())?,
        powers: collect(table("power.csv", power::NODE_COLUMNS)?, "id", NodePower::read, |one| one.id.clone())?,
        racks: collect(table("racks.csv", power::RACK_COLUMNS)?, "id", Rack::read, |one| one.id.clone())?,
        measured: BTreeMap::new(),
        series: BTreeMap::new(),
        outlooks: BTreeMap::new(),
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
    each_row(table("stages.csv", life::COLUMNS)?, |row| {
        let stage = SiteStage::read(row)?;
        refers(row, "site", Some(&stage.site), &census.sites, "site in sites.csv")?;
        let before = census.stages_of(&stage.site).take_while(|other| other.date < stage.date).last();
        match before.filter(|before| before.stage > stage.stage && stage.stage != SiteStatus::Unknown) {
            Some(before) => {
                Err(row
                    .wrong("stage", format!("a site that was {} on {} is not {} later", before.stage, before.date, stage.stage)))
            }
            None => Ok(()),
        }
    })?;
    each_row(table("projects.csv", project::COLUMNS)?, |row| {
        let project = Project::read(row)?;
        refers(row, "site", project.site.as_ref(), &census.sites, "site in sites.csv")?;
        refers(row, "provider", project.provider.as_ref(), &census.providers, "provider in providers.csv")
    })?;
    for (file, columns) in [
        ("effectiveness.csv", energy::EFFECTIVENESS_COLUMNS),
        ("green.csv", energy::GREEN_COLUMNS),
        ("tariffs.csv", tariff::COLUMNS),
    ] {
        each_row(table(file, columns)?, |row| in_scope(row, &census))?;
    }
    let mut scopes = BTreeMap::new();
    each_row(table("power.csv", power::NODE_COLUMNS)?, |row| match scopes.insert(row.text("scope").to_owned(), row.line()) {
        Some(line) => Err(row.wrong("scope", format!("`{}` stands in line {line} already", row.text("scope")))),
        None => in_scope(row, &census),
    })?;
    let mut stands = BTreeMap::new();
    each_row(table("racks.csv", power::RACK_COLUMNS)?, |row| {
        let rack = Rack::read(row)?;
        rack.nodes.iter().try_for_each(|node| match stands.insert((rack.pool.clone(), node.clone()), rack.id.clone()) {
            Some(other) => Err(row.wrong("nodes", format!("`{node}` stands in rack {other} already"))),
            None => Ok(()),
        })
    })?;
    each_row(table("claims.csv", claim::CLAIM_COLUMNS)?, |row| {
        let claim = Claim::read(row)?;
        refers(row, "figure", Some(&claim.figure), &census.published, "figure in published.csv")?;
        refers(row, "base", Some(&claim.base), &census.published, "figure in published.csv")
    })?;
    each_row(table("forecasts.csv", forecast::COLUMNS)?, |row| {
        refers(row, "target", Some(&Forecast::read(row)?.target), &census.targets, "target in targets.csv")
    })?;
    let mut terms: Vec<Conditions> = Vec::new();
    each_row(table("conditions.csv", agreement::COLUMNS)?, |row| {
        let one = Conditions::read(row)?;
        refers(row, "provider", Some(&one.provider), &census.providers, "provider in providers.csv")?;
        let meets = |other: &&Conditions| {
            (&other.provider, &other.tenant) == (&one.provider, &one.tenant)
                && other.valid_to.is_none_or(|end| one.valid_from < end)
                && one.valid_to.is_none_or(|end| other.valid_from < end)
        };
        if let Some(other) = terms.iter().find(meets) {
            return Err(
                row.wrong("valid_from", format!("holds at the same time as `{}` of the same provider and tenant", other.id))
            );
        }
        terms.push(one);
        Ok(())
    })?;
    if let Some(table) = table("tariffs.csv", tariff::COLUMNS)? {
        let rows = table.rows().map(|row| Ok((row.line(), Tariff::read(&row)?))).collect::<Result<Vec<_>, Wrong>>()?;
        tariff::gaps_and_overlaps(&rows).map_err(|(line, field, problem)| Wrong {
            file: find("tariffs.csv").map_or_else(String::new, |file| file.name.clone()),
            line: Some(line),
            field: Some(field.to_owned()),
            problem,
        })?;
    }
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

fn collect<K: Ord, V>(
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

/// A scope that names something names what is there.
fn in_scope(row: &Row, census: &Census) -> Result<(), Wrong> {
    let known = |id: &str, column: &str| id.parse::<Name>().map_err(|problem| row.wrong(column, problem));
    row.text("scope").split('/').try_for_each(|part| match part.split_once(':') {
        Some(("site", id)) => refers(row, "scope", Some(&known(id, "scope")?), &census.sites, "site in sites.csv"),
        Some(("provider", id)) => {
            refers(row, "scope", Some(&known(id, "scope")?), &census.providers, "provider in providers.csv")
        }
        Some(("model", model)) => {
            refers(row, "scope", Some(&model.to_owned()), &census.accelerators, "model in accelerators.csv")
        }
        _ => Ok(()),
    })
}

fn refers<K: Ord + Display, V>(row: &Row, column: &str, key: Option<&K>, all: &BTreeMap<K, V>, what: &str) -> Result<(), Wrong> {
    match key {
        Some(key) if !all.contains_key(key) => Err(row.wrong(column, format!("`{key}` is no {what}"))),
        _ => Ok(()),
    }
}
