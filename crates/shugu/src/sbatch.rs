//! `shugu sbatch`: a batch script of Slurm as it is, see `script`.

use std::ffi::OsString;

use clap::Args;
use serve::view::Submitted;

use crate::client::{Client, Where};
use crate::failure::{Failure, Outcome, note, print};
use crate::script::{self, Batch};
use crate::{jobs, print_json};

#[derive(Debug, Args)]
#[command(
    after_help = "Options of sbatch win over those in the script. Options of shugu go before: shugu --json sbatch train.sbatch\nWhat is kept, and what is not: docs/jobs.md."
)]
pub(crate) struct Options {
    /// Options of sbatch, a script (standard input if left out), and what the script is told.
    #[arg(value_name = "OPTIONS SCRIPT ARGUMENTS", trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

fn read(options_given: &Options) -> Outcome<Batch> {
    let text =
        |word: &OsString| word.to_str().map(str::to_owned).ok_or_else(|| Failure::Wrong("an argument is no UTF-8".to_owned()));
    let words: Vec<String> = options_given.arguments.iter().map(text).collect::<Outcome<_>>()?;
    let (line, read) = script::options(&words)?;
    let mut rest = words[read..].iter();
    let (name, script) = match line.wrap() {
        Some(command) => ("wrap".to_owned(), format!("#!/bin/sh\n{command}\n")),
        None => match rest.next().filter(|path| *path != "-") {
            Some(path) => {
                let script = std::fs::read_to_string(path).map_err(|error| Failure::Wrong(format!("{path}: {error}")))?;
                (path.clone(), script)
            }
            None => {
                let script = std::io::read_to_string(std::io::stdin());
                ("sbatch".to_owned(), script.map_err(|error| Failure::Wrong(format!("standard input: {error}")))?)
            }
        },
    };
    script::read(&name, script, &rest.cloned().collect::<Vec<_>>(), line)
}

pub(crate) fn run(options: &Options, place: &Where, json: bool) -> Outcome {
    let batch = read(options)?;
    batch.said.iter().for_each(|said| note(said));
    let client = Client::of(place)?;
    if batch.only_test {
        return jobs::show_why(&client.post("/v1/jobs?dry_run=true", &batch.form)?, json);
    }
    let submitted: Submitted = client.post("/v1/jobs", &batch.form)?;
    if let Some(warning) = &submitted.warning {
        note(&format!("warning: {warning}"));
    }
    let number = submitted.id.strip_prefix("job-").unwrap_or(&submitted.id);
    match (json, batch.parsable) {
        (true, _) => print_json(&submitted)?,
        (false, true) => print(&format!("{number}\n"))?,
        (false, false) => print(&format!("Submitted batch job {number}\n"))?,
    }
    if !batch.wait {
        return Ok(());
    }
    let begin: u64 = number.parse().map_err(|_| Failure::Failed(format!("{} is no job", submitted.id)))?;
    let tasks = u64::from(batch.form.array.unwrap_or(1));
    jobs::wait_for(&client, &(begin..begin + tasks).map(|task| format!("job-{task}")).collect::<Vec<_>>())
}
