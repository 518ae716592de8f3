//! Asking for replays and plans, and reading what they found.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::App;
use super::error::Error;
use super::extract::Path;
use super::jobs::{blocking, parse};
use crate::access::Grant;
use crate::hub::Change;
use crate::studies::{Refused, Run, Study, seconds};

/// What is to be found out.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub(crate) enum StudyForm {
    /// This hub's own history under other policies.
    Replay {
        /// What people call it.
        #[serde(default)]
        name: Option<String>,
        /// Shipped policies: default, fair, fifo, sjf, bestfit, fgd.
        policies: Vec<String>,
        /// One of their own, as TOML (docs/policies.md); `own` in what is found.
        #[serde(default)]
        policy: Option<String>,
    },
    /// The cheapest build-out that meets a target.
    Plan {
        /// What people call it.
        #[serde(default)]
        name: Option<String>,
        /// The scenario, as TOML (docs/plan.md).
        scenario: String,
        /// Stop after so long and keep the best; 60 if left out.
        #[serde(default)]
        seconds: Option<u32>,
        /// Plan for other targets and limits too, with so many points a line.
        #[serde(default)]
        frontier: Option<u32>,
        /// The cheapest plan that meets every target with this probability, 0 to 1.
        #[serde(default)]
        probability: Option<f64>,
    },
}

/// A study.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StudyView {
    /// Its number.
    id: u64,
    /// replay or plan.
    kind: String,
    /// What people call it.
    name: String,
    /// Who asked.
    by: String,
    /// waiting, running, done, failed or stopped.
    state: String,
    /// RFC 3339.
    asked_at: String,
    /// RFC 3339; null while it waits for its turn.
    started_at: Option<String>,
    /// RFC 3339; null while it is under way.
    ended_at: Option<String>,
    /// How long it took, or takes so far.
    seconds: f64,
    /// What went wrong.
    error: Option<String>,
}

/// Studies.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StudyList {
    /// Newest first.
    studies: Vec<StudyView>,
}

/// A study and what it found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StudyFound {
    #[serde(flatten)]
    study: StudyView,
    /// As it was asked.
    #[schema(value_type = Object)]
    request: Value,
    /// What `shugu replay --json` or `shugu plan --json` prints; null until it is done.
    #[schema(value_type = Option<Object>)]
    result: Option<Value>,
    /// SVG.
    picture: Option<String>,
}

/// A study that was begun.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StudyBegun {
    /// Its number.
    id: u64,
}

/// A scenario to begin with.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ScenarioView {
    /// Its name.
    name: String,
    /// TOML.
    text: String,
}

/// Scenarios to begin with.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ScenarioList {
    scenarios: Vec<ScenarioView>,
}

impl StudyView {
    fn of(study: Study) -> StudyView {
        let seconds = seconds(&study);
        let Study { asked, under_way, started_at, ended } = study;
        StudyView {
            id: asked.id,
            kind: asked.kind,
            name: asked.name,
            by: asked.by,
            state: ended.as_ref().map_or(under_way, |ended| &ended.state).to_owned(),
            asked_at: asked.asked_at,
            started_at,
            ended_at: ended.as_ref().map(|ended| ended.ended_at.clone()),
            seconds,
            error: ended.and_then(|ended| ended.error),
        }
    }
}

const POLICIES: [&str; 6] = ["default", "fair", "fifo", "sjf", "bestfit", "fgd"];
const NAME_MOST: usize = 120;

fn name(given: &Option<String>, else_: String) -> Result<String, Error> {
    let name = given.as_deref().map(str::trim).filter(|name| !name.is_empty()).map_or(else_, str::to_owned);
    match name.chars().count() > NAME_MOST || name.chars().any(char::is_control) {
        true => Err(Error::field("name", &format!("is at most {NAME_MOST} characters, none of them a control character"))),
        false => Ok(name),
    }
}

fn run(form: &StudyForm, hub: &std::path::Path) -> Result<(&'static str, String, Run), Error> {
    let picture = || ["--picture".to_owned(), "picture.svg".to_owned()];
    match form {
        StudyForm::Replay { name: given, policies, policy } => {
            if let Some(unknown) = policies.iter().find(|name| !POLICIES.contains(&name.as_str())) {
                return Err(Error::field("policies", &format!("`{unknown}` is none of {}", POLICIES.join(", "))));
            }
            let mut all = policies.clone();
            all.extend(policy.as_ref().map(|_| "own.toml".to_owned()));
            if all.is_empty() {
                return Err(Error::field("policies", "name one at least"));
            }
            let mut arguments = vec!["replay".to_owned(), "--trace".to_owned(), format!("journal:{}", hub.display())];
            arguments.extend(["--policy".to_owned(), all.join(","), "--json".to_owned()]);
            arguments.extend(picture());
            let files = policy.iter().map(|text| ("own.toml", text.clone())).collect();
            Ok(("replay", name(given, all.join(" and "))?, Run { files, arguments }))
        }
        StudyForm::Plan { name: given, scenario, seconds, frontier, probability } => {
            let seconds = seconds.unwrap_or(60);
            if !(1..=3600).contains(&seconds) {
                return Err(Error::field("seconds", "lies between 1 and 3600"));
            }
            if frontier.is_some_and(|points| !(2..=20).contains(&points)) {
                return Err(Error::field("frontier", "lies between 2 and 20"));
            }
            if probability.is_some_and(|part| !(0.0..1.0).contains(&part)) {
                return Err(Error::field("probability", "lies between 0 and 1"));
            }
            let mut arguments: Vec<String> = ["plan", "scenario.toml", "--json", "--seconds"].map(str::to_owned).to_vec();
            arguments.push(seconds.to_string());
            if let Some(points) = frontier {
                arguments.extend(["--frontier".to_owned(), points.to_string()]);
                arguments.extend(picture());
            }
            if let Some(part) = probability {
                arguments.extend(["--probability".to_owned(), part.to_string()]);
            }
            Ok(("plan", name(given, "plan".to_owned())?, Run { files: vec![("scenario.toml", scenario.clone())], arguments }))
        }
    }
}

/// Begins a study: a replay of this hub's history under other policies, or a plan. It runs beside the hub, one at a time.
#[utoipa::path(post, path = "/v1/studies", operation_id = "begin_study", tag = "studies", request_body = StudyForm, responses((status = 201, body = StudyBegun), (status = 400), (status = 429)))]
pub(crate) async fn begin(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Grant>,
    body: Bytes,
) -> Result<(StatusCode, Json<StudyBegun>), Error> {
    let form: StudyForm = parse(&body)?;
    let (kind, name, run) = run(&form, &app.folder)?;
    let request = serde_json::to_value(&form).map_err(|error| Error::wrong_input(&error.to_string()))?;
    let changes = app.shared.changes.clone();
    let told = move |id: u64, state: &str| {
        // Nobody may be listening.
        let _ = changes.send(Arc::new(Change::of("study", &format!("{id} {state}"))));
    };
    let begun = app.studies.begin(kind, name, format!("{} {}", who.role, who.subject), request, run, told);
    let id = begun.map_err(|refused| match refused {
        Refused::TooMany => {
            Error::new(StatusCode::TOO_MANY_REQUESTS, "too_many", "many studies are under way: stop one, or wait for one to end")
        }
        Refused::NoProgram => Error::new(StatusCode::NOT_IMPLEMENTED, "no_program", "this hub cannot run studies"),
        Refused::Disk(error) => Error::new(StatusCode::INTERNAL_SERVER_ERROR, "disk", &format!("it cannot be kept: {error}")),
    })?;
    Ok((StatusCode::CREATED, Json(StudyBegun { id })))
}

/// Every study.
#[utoipa::path(get, path = "/v1/studies", operation_id = "list_studies", tag = "studies", responses((status = 200, body = StudyList)))]
pub(crate) async fn list(State(app): State<Arc<App>>) -> Result<Json<StudyList>, Error> {
    let studies = blocking(move || app.studies.list()).await?;
    Ok(Json(StudyList { studies: studies.into_iter().map(StudyView::of).collect() }))
}

/// A study, and what it found.
#[utoipa::path(get, path = "/v1/studies/{id}", tag = "studies", params(("id" = u64, Path)), responses((status = 200, body = StudyFound), (status = 404)))]
pub(crate) async fn study(State(app): State<Arc<App>>, Path(id): Path<u64>) -> Result<Json<StudyFound>, Error> {
    let found = blocking(move || app.studies.get(id).map(|study| (study, app.studies.found(id)))).await?;
    let (study, (result, picture)) = found.ok_or_else(|| Error::not_found(&format!("there is no study {id}")))?;
    let request = study.asked.request.clone();
    Ok(Json(StudyFound { study: StudyView::of(study), request, result, picture }))
}

/// Stops a study that is under way; forgets one that is over.
#[utoipa::path(delete, path = "/v1/studies/{id}", operation_id = "end_study", tag = "studies", params(("id" = u64, Path)), responses((status = 204), (status = 404)))]
pub(crate) async fn end(State(app): State<Arc<App>>, Path(id): Path<u64>) -> Result<StatusCode, Error> {
    let (studies, changes) = (app.studies.clone(), app.shared.changes.clone());
    let ended = blocking(move || studies.end(id)).await?;
    match ended {
        Ok(true) => {
            // One that is under way tells of its end itself; that one is forgotten, nobody else does.
            let _ = changes.send(Arc::new(Change::of("study", &format!("{id} ended"))));
            Ok(StatusCode::NO_CONTENT)
        }
        Ok(false) => Err(Error::not_found(&format!("there is no study {id}"))),
        Err(error) => Err(Error::new(StatusCode::INTERNAL_SERVER_ERROR, "disk", &format!("it cannot be forgotten: {error}"))),
    }
}

/// Scenarios that ship, to begin with.
#[utoipa::path(get, path = "/v1/scenarios", tag = "studies", responses((status = 200, body = ScenarioList)))]
pub(crate) async fn scenarios(State(app): State<Arc<App>>) -> Json<ScenarioList> {
    let view = |(name, text): &(String, String)| ScenarioView { name: name.clone(), text: text.clone() };
    Json(ScenarioList { scenarios: app.scenarios.iter().map(view).collect() })
}

/// The number and state that a change of a study tells.
pub(crate) fn told(what: &str) -> Value {
    let (id, state) = what.split_once(' ').unwrap_or((what, ""));
    json!({ "id": id.parse::<u64>().unwrap_or_default(), "state": state })
}
