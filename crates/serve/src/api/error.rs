//! How the API says no.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use dispatch::{NoPower, PoolWhy, Refusal, Short};
use measure::{PoolId, Power};
use serde_json::{Map, Value, json};

use crate::hub::Away;
use crate::store::StoreFault;

/// An error as its caller sees it.
#[derive(Debug, Clone)]
pub(crate) struct Error {
    status: StatusCode,
    body: Map<String, Value>,
    /// Seconds after which it may be asked again.
    after: Option<u64>,
}

impl Error {
    pub(crate) fn new(status: StatusCode, code: &str, message: &str) -> Error {
        let mut body = Map::new();
        body.insert("code".to_owned(), json!(code));
        body.insert("message".to_owned(), json!(message));
        Error { status, body, after: None }
    }

    pub(crate) fn field(field: &str, problem: &str) -> Error {
        Error::new(StatusCode::BAD_REQUEST, "wrong_input", &format!("{field}: {problem}")).with("field", json!(field))
    }

    pub(crate) fn wrong_input(message: &str) -> Error {
        Error::new(StatusCode::BAD_REQUEST, "wrong_input", message)
    }

    pub(crate) fn unauthorized(message: &str) -> Error {
        Error::new(StatusCode::UNAUTHORIZED, "unauthorized", message)
    }

    pub(crate) fn forbidden(message: &str) -> Error {
        Error::new(StatusCode::FORBIDDEN, "forbidden", message)
    }

    pub(crate) fn not_found(message: &str) -> Error {
        Error::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    pub(crate) fn with(mut self, key: &str, value: Value) -> Error {
        self.body.insert(key.to_owned(), value);
        self
    }

    /// To be asked again after so many seconds.
    pub(crate) fn after(mut self, seconds: u64) -> Error {
        self.after = Some(seconds);
        self.with("retry_after_s", json!(seconds))
    }

    /// What a field names is not there: that is a mistake of the form.
    pub(crate) fn of_field(self, field: &str) -> Error {
        if self.status == StatusCode::NOT_FOUND { Error::field(field, &self.message()) } else { self }
    }

    pub(crate) fn message(&self) -> String {
        self.body.get("message").and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    pub(crate) fn is_not_found(&self) -> bool {
        self.status == StatusCode::NOT_FOUND
    }

    pub(crate) fn body(&self) -> Value {
        Value::Object(self.body.clone())
    }

    /// The hub's no, with its numbers. `name` gives a pool's name.
    pub(crate) fn refusal(refusal: &Refusal, name: &dyn Fn(PoolId) -> String) -> Error {
        let message = refusal.to_string();
        match refusal {
            Refusal::UnknownJob(_) | Refusal::UnknownPool(_) | Refusal::UnknownTenant(_) => Error::not_found(&message),
            Refusal::PoolNameTaken(_) => Error::new(StatusCode::CONFLICT, "pool_name_taken", &message),
            Refusal::ServedByAnother(pool) => {
                let message = message.replace(&pool.to_string(), &name(*pool));
                Error::new(StatusCode::CONFLICT, "served_by_another", &message)
            }
            Refusal::AlreadyEnded(_) => Error::new(StatusCode::CONFLICT, "already_ended", &message),
            Refusal::NotPlacedThere { .. } => Error::new(StatusCode::CONFLICT, "not_placed_there", &message),
            Refusal::Senseless { field, problem } => Error::field(field, problem),
            Refusal::TooManyDevices { .. } => Error::field("nodes", &message),
            Refusal::TooLate { deadline, bound, earliest } => Error::new(StatusCode::UNPROCESSABLE_ENTITY, "too_late", &message)
                .with("deadline", json!(deadline.to_string()))
                .with("bound_s", json!(bound.as_seconds()))
                .with("earliest", json!(earliest.to_string())),
            Refusal::NoFunds { left, .. } => {
                Error::new(StatusCode::PAYMENT_REQUIRED, "budget", &message).with("left_yuan", json!(left.yuan()))
            }
            Refusal::UnknownAfter(job) => {
                let error = Error::new(StatusCode::CONFLICT, "unknown_after", &message);
                error.with("field", json!("after")).with("job", json!(job.to_string()))
            }
            Refusal::UnknownData(_) => Error::field("inputs", &message),
            Refusal::UnknownTarget => Error::not_found(&message),
            Refusal::TooLarge { pools } => {
                let told: Vec<String> =
                    pools.iter().take(5).map(|why| format!("{}: {}", name(why.pool), in_words(&why.short))).collect();
                let message = format!("{message} ({})", told.join("; "));
                let pools: Vec<Value> = pools.iter().map(|why| pool_why(why, name)).collect();
                Error::new(StatusCode::UNPROCESSABLE_ENTITY, "too_large", &message).with("pools", json!(pools))
            }
        }
    }
}

/// A pool's reason as scripts read it.
pub(crate) fn pool_why(why: &PoolWhy, name: &dyn Fn(PoolId) -> String) -> Value {
    json!({ "pool": name(why.pool), "fits": why.fits, "reason": short(&why.short) })
}

fn short(short: &Short) -> Value {
    let code = short.code();
    match short {
        Short::Model { wanted } => json!({ "code": code, "wanted": wanted }),
        Short::Devices { asked, free, largest } => json!({ "code": code, "asked": asked, "free": free, "largest": largest }),
        Short::Cpu { asked, free, largest } => {
            let cores = |cpu: &measure::Cpu| cpu.0 as f64 / 1000.0;
            json!({ "code": code, "asked": cores(asked), "free": cores(free), "largest": cores(largest) })
        }
        Short::Memory { asked, free, largest } => json!({ "code": code, "asked": asked, "free": free, "largest": largest }),
        Short::Replicas { asked, fit } => json!({ "code": code, "asked": asked, "fit": fit }),
        Short::Pue { most } => json!({ "code": code, "most": f64::from(most.0) / 1000.0 }),
        Short::DeviceMemory { asked } => json!({ "code": code, "asked_gb": asked }),
        Short::Part { asked, free } => json!({ "code": code, "asked_milli": asked, "free_milli": free }),
        Short::Kept { nodes, until } => json!({ "code": code, "nodes": nodes, "until": until.to_string() }),
        Short::Closed { nodes, until } => {
            json!({ "code": code, "nodes": nodes, "until": until.map(|until| until.to_string()) })
        }
        Short::Occupied { nodes, reason } => json!({ "code": code, "nodes": nodes, "told": reason }),
        Short::Data { bring, until } => {
            json!({ "code": code, "bring_bytes": bring, "until": until.map(|until| until.to_string()) })
        }
        Short::Limit { most, held_milli } => json!({ "code": code, "most": most, "held": *held_milli as f64 / 1000.0 }),
        // What a site draws is not told to everybody, so only what is left of what it may.
        Short::PowerShort(NoPower::Cap { rack, most, draws, needs }) => {
            json!({ "code": code, "rack": rack, "needs_kw": kw(*needs), "left_kw": left_kw(*most, *draws) })
        }
        Short::PowerShort(NoPower::Peak { most, draws, needs }) => {
            json!({ "code": code, "needs_kw": kw(*needs), "left_kw": left_kw(*most, *draws) })
        }
        Short::PowerShort(NoPower::Unknown) => json!({ "code": code }),
        Short::Site
        | Short::Power
        | Short::WholeDevices
        | Short::Images
        | Short::Outputs
        | Short::Veto
        | Short::Apart
        | Short::Silent => {
            json!({ "code": code })
        }
    }
}

fn kw(power: Power) -> f64 {
    // To the watt.
    (power.0 as f64 / 1e3).round() / 1e3
}

fn left_kw(most: Power, draws: Power) -> f64 {
    kw(Power((most.0 - draws.0).max(0)))
}

/// So many of something: `1 node`, `2 nodes`, `1.5 cores`.
pub(crate) fn counted(count: impl Into<f64>, one: &str) -> String {
    let count = count.into();
    if count == 1.0 { format!("1 {one}") } else { format!("{count} {one}s") }
}

/// `1 node that is`, `2 nodes that are`.
fn those(nodes: u32) -> String {
    format!("{} that {}", counted(nodes, "node"), if nodes == 1 { "is" } else { "are" })
}

/// A pool's reason as people read it.
pub(crate) fn in_words(short: &Short) -> String {
    match short {
        Short::Model { wanted } if wanted.is_empty() => "has no accelerators".to_owned(),
        Short::Model { wanted } => format!("has no {}", wanted.join(" or ")),
        Short::Devices { asked, free, largest } => {
            format!("{} asked of one node, {free} free on the best, {largest} on an empty one", counted(asked.0, "device"))
        }
        Short::Cpu { asked, free, largest } => {
            let asked = counted(asked.0 as f64 / 1000.0, "core");
            format!("{asked} asked of one node, {free} free on the best, {largest} on an empty one")
        }
        Short::Memory { asked, free, largest } => {
            format!("{asked} of memory asked of one node, {free} free on the best, {largest} on an empty one")
        }
        Short::Replicas { asked, fit } => format!("{fit} of {asked} replicas fit"),
        Short::Site => "is none of the pools, or stands at none of the sites, that the job allows".to_owned(),
        Short::Pue { most } => format!("has a PUE above {} or an unknown one", f64::from(most.0) / 1000.0),
        Short::DeviceMemory { asked } => format!("has devices of less than {asked} GB, or of unknown memory"),
        Short::Power => "has devices of unknown power at the precision asked".to_owned(),
        Short::WholeDevices => "gives its devices whole only".to_owned(),
        Short::Data { bring: None, .. } => "has not the job's data, and it cannot be brought there".to_owned(),
        Short::Data { bring: Some(bytes), until } => {
            let until = until
                .map(|until| format!("; it is brought from {until} on if nothing is free near it before"))
                .unwrap_or_default();
            format!("has not {} of the job's data{until}", measure::Memory(*bytes))
        }
        Short::Images => "runs no container images".to_owned(),
        Short::Outputs => "runs container images, and what they write cannot be delivered".to_owned(),
        Short::Part { asked, free } => {
            format!("{} of a device asked, {} free on the best", f64::from(*asked) / 1000.0, f64::from(*free) / 1000.0)
        }
        Short::Closed { nodes, until: None } => format!("fits on {} closed", those(*nodes)),
        Short::Closed { nodes, until: Some(until) } => {
            format!("fits on {} closed; {} opens at {until}", those(*nodes), if *nodes == 1 { "it" } else { "the first" })
        }
        Short::Kept { nodes, until } => {
            let why = if *nodes == 1 { "it is kept for others, or closes" } else { "they are kept for others, or close" };
            format!("fits on {} that only work ending by {until} may use: {why}", counted(*nodes, "node"))
        }
        Short::Occupied { nodes, reason } if reason.is_empty() => {
            format!("fits on {} that others than this hub use", counted(*nodes, "node"))
        }
        Short::Occupied { nodes, reason } => {
            format!("fits on {} used by others or out of service there ({reason})", those(*nodes))
        }
        Short::Limit { most, held_milli } => {
            format!("its provider allows {}, and {} are held", counted(most.0, "device"), *held_milli as f64 / 1000.0)
        }
        Short::PowerShort(NoPower::Unknown) => "may draw only so much, and nobody said what its nodes draw".to_owned(),
        Short::PowerShort(NoPower::Cap { rack, most, draws, needs }) => {
            let whose = rack.as_ref().map_or_else(|| "its site".to_owned(), |rack| format!("rack {rack}"));
            let (needs, left) = (kw(*needs), left_kw(*most, *draws));
            format!("{whose} may draw only so much: the job needs {needs} kW, {left} kW are left while it would run")
        }
        Short::PowerShort(NoPower::Peak { most, draws, needs }) => {
            let (needs, left) = (kw(*needs), left_kw(*most, *draws));
            format!(
                "pays for each month's highest demand, and the job has time: it needs {needs} kW, {left} kW are left below it"
            )
        }
        Short::Veto => "its provider does not take this tenant's work".to_owned(),
        Short::Apart => "other tasks of its array are there, and it must lie apart".to_owned(),
        Short::Silent => "its agent is not in touch".to_owned(),
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut answer = (self.status, Json(json!({ "error": self.body }))).into_response();
        if let Some(seconds) = self.after {
            answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        answer
    }
}

impl From<Away> for Error {
    fn from(away: Away) -> Error {
        let (status, code) = match &away {
            Away::Busy => return Error::new(StatusCode::TOO_MANY_REQUESTS, "busy", &away.to_string()).after(1),
            Away::Stopping => (StatusCode::SERVICE_UNAVAILABLE, "stopping"),
            Away::Standby(_) => (StatusCode::SERVICE_UNAVAILABLE, "standby"),
            Away::Repeated => (StatusCode::CONFLICT, "repeated"),
            Away::Misnamed => (StatusCode::UNPROCESSABLE_ENTITY, "misnamed"),
        };
        let mut error = Error::new(status, code, &away.to_string());
        if let Away::Standby(writer) = away
            && !writer.is_empty()
        {
            error.body.insert("writer".to_owned(), writer.into());
        }
        error
    }
}

impl From<StoreFault> for Error {
    fn from(fault: StoreFault) -> Error {
        tracing::error!(%fault, "the store could not be read");
        Error::new(StatusCode::INTERNAL_SERVER_ERROR, "store", &fault.to_string())
    }
}
