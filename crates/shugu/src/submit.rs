//! `shugu submit`: a YAML file, or flags and a command.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};
use serve::view::Submitted;
use serve::{OutputForm, SubmitForm};

use crate::client::{Client, Where};
use crate::failure::{Failure, Outcome, note, print};
use crate::foreign::{self, Jobs};
use crate::{jobs, print_json};

#[derive(Debug, Args)]
#[command(
    after_help = "A file holds one job or a list of jobs, with the names of these flags:\n  name: train\n  devices: 8\n  models: [Ascend 910B]\n  replicas: 4\n  time_limit: 2h\n  command: [python3, train.py]"
)]
pub(crate) struct Options {
    /// A YAML (or JSON) file with one job or a list of jobs, or of Kubernetes or SkyPilot; `-` for standard input.
    #[arg(value_name = "FILE", conflicts_with_all = ["command", "devices", "name"])]
    file: Option<PathBuf>,
    /// What to call it.
    #[arg(long)]
    name: Option<String>,
    /// Whose job it is; operators only.
    #[arg(long)]
    tenant: Option<String>,
    /// Devices for each replica, or a part of one such as 0.5; leave out for work on cores only.
    #[arg(long, alias = "gpus", value_name = "N")]
    devices: Option<String>,
    /// An acceptable device model, or the beginning of several; may be given again.
    #[arg(long, value_name = "MODEL", requires = "devices")]
    model: Vec<String>,
    /// How many replicas start together, or not at all.
    #[arg(long, value_name = "N")]
    replicas: Option<u32>,
    /// Cores for each replica: 2, 0.5 or 500m.
    #[arg(long, value_name = "CORES")]
    cpus: Option<String>,
    /// Memory for each replica, which is also its limit: 512MiB.
    #[arg(long, value_name = "MEMORY")]
    memory: Option<String>,
    /// Stopped when it ran so long: 2h.
    #[arg(long, value_name = "SPAN")]
    time_limit: Option<String>,
    /// When it should have ended: 2026-12-01T08:00:00Z.
    #[arg(long, value_name = "INSTANT")]
    deadline: Option<String>,
    /// How long it may wait for cheaper or cleaner hours: now, today, this-week, or a length of time such as 6h.
    #[arg(long, value_name = "PATIENCE")]
    patience: Option<String>,
    /// How often it is tried again after its place was lost.
    #[arg(long, value_name = "N")]
    retries: Option<u32>,
    /// A job that must have started before; may be given again.
    #[arg(long, value_name = "JOB")]
    after: Vec<String>,
    /// A job that must have ended well before; may be given again.
    #[arg(long, value_name = "JOB")]
    after_ok: Vec<String>,
    /// A job that must have ended before, however; may be given again.
    #[arg(long, value_name = "JOB")]
    after_any: Vec<String>,
    /// So many tasks of the same job.
    #[arg(long, value_name = "N")]
    array: Option<u32>,
    /// May be stopped for other work and started anew later.
    #[arg(long)]
    preemptible: bool,
    /// Only say what would become of it: why it would wait, when it would start, what would start sooner.
    #[arg(long)]
    dry_run: bool,
    /// Higher goes first; -100 to 100.
    #[arg(long, value_name = "N")]
    priority: Option<i16>,
    /// Environment; may be given again.
    #[arg(long, value_name = "NAME=VALUE")]
    env: Vec<String>,
    /// Working directory at the site.
    #[arg(long, value_name = "FOLDER")]
    directory: Option<String>,
    /// Data that it reads; may be given again.
    #[arg(long, value_name = "DATA")]
    input: Vec<String>,
    /// What is brought where once it has ended well: --output model.pt=s3://results/llm-lab/; may be given again.
    #[arg(long, value_name = "PATH=TO")]
    output: Vec<String>,
    /// Container image; it runs only where images are run then.
    #[arg(long, value_name = "IMAGE")]
    image: Option<String>,
    /// Program and arguments, after `--`.
    #[arg(last = true, value_name = "CMD")]
    command: Vec<String>,
}

/// What the hub warns of.
fn warn(submitted: &Submitted) {
    if let Some(warning) = &submitted.warning {
        note(&format!("warning: {warning}"));
    }
}

fn form(options: &Options) -> Outcome<SubmitForm> {
    if options.command.is_empty() {
        return Err(Failure::Wrong("nothing to run: give a FILE, or a command after `--`".to_owned()));
    }
    let mut env = BTreeMap::new();
    for pair in &options.env {
        let (name, value) = pair.split_once('=').ok_or_else(|| Failure::Wrong(format!("--env {pair}: is not NAME=VALUE")))?;
        env.insert(name.to_owned(), value.to_owned());
    }
    let output = |pair: &String| match pair.split_once('=') {
        Some((path, to)) => Ok(OutputForm { path: path.to_owned(), to: to.to_owned() }),
        None => Err(Failure::Wrong(format!("--output {pair}: is not PATH=TO"))),
    };
    let plain = |text: &Option<String>| text.clone().map(serve::Plain);
    Ok(SubmitForm {
        name: options.name.clone(),
        tenant: options.tenant.clone(),
        command: options.command.clone(),
        replicas: options.replicas,
        devices: plain(&options.devices),
        models: options.model.clone(),
        deadline: options.deadline.clone(),
        patience: options.patience.clone(),
        retries: options.retries,
        after: options.after.clone(),
        after_ok: options.after_ok.clone(),
        after_any: options.after_any.clone(),
        array: options.array,
        preemptible: options.preemptible,
        cpus: plain(&options.cpus),
        memory: plain(&options.memory),
        time_limit: plain(&options.time_limit),
        priority: options.priority,
        env,
        directory: options.directory.clone(),
        image: options.image.clone(),
        inputs: options.input.clone(),
        outputs: options.output.iter().map(output).collect::<Outcome<_>>()?,
        ..SubmitForm::default()
    })
}

/// Where in a text a field such as `alternatives[0].devices` is first written.
fn line_of(text: &str, message: &str) -> String {
    let field = message.split(':').next().unwrap_or_default();
    let key = field.rsplit('.').next().unwrap_or_default().split('[').next().unwrap_or_default();
    let written = |line: &str| {
        let line = line.trim_start().trim_start_matches("- ").trim_start_matches('"');
        line.strip_prefix(key).is_some_and(|rest| rest.trim_start_matches('"').trim_start().starts_with(':'))
    };
    let at = if key.is_empty() { None } else { text.lines().position(written) };
    at.map(|at| format!(" line {} field", at + 1)).unwrap_or_default()
}

pub(crate) fn run(options: &Options, place: &Where, json: bool) -> Outcome {
    let Some(path) = &options.file else {
        let client = Client::of(place)?;
        if options.dry_run {
            return jobs::show_why(&client.post("/v1/jobs?dry_run=true", &form(options)?)?, json);
        }
        let submitted: Submitted = client.post("/v1/jobs", &form(options)?)?;
        warn(&submitted);
        return if json { print_json(&submitted) } else { print(&format!("{}\n", submitted.id)) };
    };
    let (name, text) = if path.as_os_str() == "-" {
        ("standard input".to_owned(), std::io::read_to_string(std::io::stdin()))
    } else {
        (path.display().to_string(), std::fs::read_to_string(path))
    };
    let text = text.map_err(|error| Failure::Wrong(format!("{name}: {error}")))?;
    let Jobs { forms, said, many } = foreign::read_file(&name, &text)?;
    said.iter().for_each(|said| note(said));
    let client = Client::of(place)?;
    let located = |failure: Failure| match failure {
        Failure::Wrong(message) => Failure::Wrong(format!(
            "{name}{}{}{message}",
            line_of(&text, &message),
            if line_of(&text, &message).is_empty() { ": " } else { " " }
        )),
        other => other,
    };
    if let ([form], false) = (forms.as_slice(), many) {
        if options.dry_run {
            return jobs::show_why(&client.post("/v1/jobs?dry_run=true", form).map_err(located)?, json);
        }
        let submitted: Submitted = client.post("/v1/jobs", form).map_err(located)?;
        warn(&submitted);
        return if json { print_json(&submitted) } else { print(&format!("{}\n", submitted.id)) };
    }
    if options.dry_run {
        return Err(Failure::Wrong("one job at a time can be tried out".to_owned()));
    }
    let answer: Value = client.post("/v1/jobs", &forms).map_err(located)?;
    let each = answer["jobs"].as_array().cloned().unwrap_or_default();
    let mut ids = Vec::new();
    let mut refused = 0;
    for (at, job) in each.iter().enumerate() {
        match job["id"].as_str() {
            Some(id) => ids.push(id.to_owned()),
            None => {
                refused += 1;
                note(&format!(
                    "{name}: job {} was refused: {}",
                    at + 1,
                    job["error"]["message"].as_str().unwrap_or("no reason given")
                ));
            }
        }
    }
    if json {
        print_json(&json!({ "id": ids.first(), "ids": ids, "jobs": each }))?;
    } else {
        print(&ids.iter().map(|id| format!("{id}\n")).collect::<String>())?;
    }
    if refused > 0 {
        Err(Failure::Refused(format!(
            "{refused} of {} {} refused",
            if each.len() == 1 { "1 job".to_owned() } else { format!("{} jobs", each.len()) },
            if refused == 1 { "was" } else { "were" }
        )))
    } else {
        Ok(())
    }
}
