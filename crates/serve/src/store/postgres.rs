//! PostgreSQL, and what speaks its protocol: connections, statements that are prepared once, arrays of rows, the fence.
//!
//! The client is asynchronous and the hub's thread is not: a small runtime of its own carries the connections, and whoever asks waits.
//! It must not be asked from a thread that carries asynchronous work.

use std::cell::RefCell;
use std::collections::HashMap;
use std::error::Error as _;
use std::fmt;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio::runtime::Runtime;
use tokio_postgres::config::SslMode;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, NoTls, Row, Statement};

use super::sql::{Kind, Outcome, Seen, Trouble, Value};

/// No statement of a hub takes so long; where the link is cut nothing would ever answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// An audit or a year's export may.
const READING_PATIENCE: Duration = Duration::from_secs(600);
/// Statements kept prepared; there are fewer, but for those that name a tenant's many pools.
const PREPARED_MOST: usize = 200;

/// Where a database server is.
#[derive(Clone)]
pub struct Address {
    config: tokio_postgres::Config,
    authority: Option<PathBuf>,
    shown: String,
    /// As it was told, with all that it holds.
    told: String,
    password: Option<String>,
}

/// Never the password.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl Address {
    /// Reads `postgres://USER@HOST:PORT/DATABASE?…` with the parameters that libpq knows; `sslmode` is `disable`, `prefer` or `require`,
    /// of which the last always checks the server's certificate: by `sslrootcert=FILE` where it is told, else by what the system trusts.
    ///
    /// A password is taken from `password`, so that none need stand in the address.
    ///
    /// # Errors
    /// In words, without the password.
    pub fn parse(text: &str, password: Option<&str>) -> Result<Address, String> {
        let (address, query) = text.split_once('?').unwrap_or((text, ""));
        let mut authority = None;
        let mut left = Vec::new();
        for part in query.split('&').filter(|part| !part.is_empty()) {
            match part.split_once('=') {
                Some(("sslrootcert", file)) => authority = Some(PathBuf::from(file)),
                _ => left.push(part),
            }
        }
        let plain = if left.is_empty() { address.to_owned() } else { format!("{address}?{}", left.join("&")) };
        let mut config: tokio_postgres::Config = plain.parse().map_err(|error: tokio_postgres::Error| {
            let why = error.source().map_or_else(|| error.to_string(), ToString::to_string);
            format!("{}: {why}", redacted(address))
        })?;
        if let Some(password) = password
            && config.get_password().is_none()
        {
            config.password(password);
        }
        config.application_name("shugu").connect_timeout(Duration::from_secs(5));
        // A server that is gone without a word must be noticed.
        config.keepalives_idle(Duration::from_secs(5)).keepalives_interval(Duration::from_secs(2)).keepalives_retries(3);
        config.tcp_user_timeout(Duration::from_secs(10));
        Ok(Address { config, authority, shown: redacted(address), told: text.to_owned(), password: password.map(str::to_owned) })
    }

    /// What another process of this program must find in its environment to reach it, too.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        let password = self.password.clone().map(|password| ("PGPASSWORD", password));
        [("SHUGU_STORE", self.told.clone())].into_iter().chain(password).collect()
    }
}

/// The address without its password and parameters.
fn redacted(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else { return "the store's address".to_owned() };
    match rest.rsplit_once('@') {
        Some((user, place)) => format!("{scheme}://{}@{place}", user.split(':').next().unwrap_or_default()),
        None => format!("{scheme}://{rest}"),
    }
}

/// The server's words, in one sentence.
pub(super) fn explain(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(told) => {
            let detail = told.detail().map(|detail| format!(" ({detail})")).unwrap_or_default();
            format!("the database server says: {}{detail}", told.message())
        }
        None => match error.source() {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        },
    }
}

/// What carries the connections.
fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).thread_name("store").enable_all().build();
        runtime.expect("a thread for the store's connections")
    })
}

/// A connection.
pub(crate) struct Postgres {
    client: Client,
    shown: String,
    patience: Duration,
    prepared: RefCell<HashMap<String, Statement>>,
}

impl Postgres {
    /// Connects, to write or to read only.
    pub(crate) fn connect(address: &Address, to_write: bool) -> Outcome<Postgres> {
        let tls = match address.config.get_ssl_mode() {
            SslMode::Disable => None,
            _ => Some(tls(address.authority.as_deref())?),
        };
        let config = address.config.clone();
        let connect = async move {
            let client = match tls {
                None => {
                    let (client, connection) = config.connect(NoTls).await?;
                    tokio::spawn(connection);
                    client
                }
                Some(tls) => {
                    let (client, connection) = config.connect(tls).await?;
                    tokio::spawn(connection);
                    client
                }
            };
            // Nobody is answered before a disk has it, whatever the server does for others. A hub whose link is cut in the middle of a
            // transaction must not keep the next one waiting for its locks.
            let set = if to_write {
                "SET synchronous_commit = on; SET idle_in_transaction_session_timeout = '1s'; SET client_min_messages = warning"
            } else {
                "SET default_transaction_read_only = on; SET client_min_messages = warning"
            };
            client.batch_execute(set).await?;
            Ok::<_, tokio_postgres::Error>(client)
        };
        let patience = if to_write { PATIENCE } else { READING_PATIENCE };
        let client = wait(&address.shown, Duration::from_secs(10), connect)?;
        Ok(Postgres { client, shown: address.shown.clone(), patience, prepared: RefCell::default() })
    }

    /// Whether the server has not hung up.
    pub(crate) fn alive(&self) -> bool {
        !self.client.is_closed()
    }

    fn wait<T>(&self, future: impl Future<Output = Result<T, tokio_postgres::Error>>) -> Outcome<T> {
        wait(&self.shown, self.patience, future)
    }

    fn statement(&self, sql: &str) -> Outcome<Statement> {
        if let Some(known) = self.prepared.borrow().get(sql) {
            return Ok(known.clone());
        }
        let statement = self.wait(self.client.prepare(&numbered(sql)))?;
        let mut prepared = self.prepared.borrow_mut();
        if prepared.len() >= PREPARED_MOST {
            prepared.clear();
        }
        prepared.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    pub(super) fn execute(&self, sql: &str, values: &[Value]) -> Outcome<u64> {
        let statement = self.statement(sql)?;
        self.wait(self.client.execute_raw(&statement, values))
    }

    pub(super) fn all(&self, sql: &str, values: &[Value]) -> Outcome<Vec<Row>> {
        let statement = self.statement(sql)?;
        let params: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
        self.wait(self.client.query(&statement, &params))
    }

    pub(super) fn run(&self, sql: &str) -> Outcome<()> {
        self.wait(self.client.batch_execute(sql))
    }

    /// Runs statements over columns of values, sent one after the other without waiting for the answers between.
    #[expect(clippy::type_complexity, reason = "statements, their columns, and rows of those")]
    pub(super) fn write(&self, many: Vec<(String, &[(&'static str, Kind)], &[Value])>) -> Outcome<()> {
        let ready: Outcome<Vec<(Statement, Vec<Column>)>> = many
            .iter()
            .map(|(sql, columns, values)| {
                let arrays =
                    columns.iter().enumerate().map(|(at, (_, kind))| Column { kind: *kind, at, width: columns.len(), values });
                Ok((self.statement(sql)?, arrays.collect()))
            })
            .collect();
        let ready = ready?;
        let sent = ready.iter().map(|(statement, columns)| self.client.execute_raw(statement, columns));
        let answers = self.wait(async { Ok(futures_util::future::join_all(sent).await) })?;
        // The first that failed says why; those after it only that the transaction is over.
        answers.into_iter().try_for_each(|answer| answer.map(drop).map_err(Trouble::Postgres))
    }
}

fn wait<T>(who: &str, patience: Duration, future: impl Future<Output = Result<T, tokio_postgres::Error>>) -> Outcome<T> {
    let answer = runtime().block_on(async { tokio::time::timeout(patience, future).await });
    match answer {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(Trouble::Away(format!("{who} has not answered for {} s", patience.as_secs()))),
    }
}

/// Marks as PostgreSQL writes them. No statement of a hub has a question mark elsewhere.
fn numbered(sql: &str) -> String {
    sql.replace('?', "$")
}

fn tls(authority: Option<&Path>) -> Outcome<tokio_postgres_rustls::MakeRustlsConnect> {
    let mut roots = rustls::RootCertStore::empty();
    match authority {
        Some(file) => {
            let away = |problem: String| Trouble::Away(format!("sslrootcert {}: {problem}", file.display()));
            let certificates = CertificateDer::pem_file_iter(file).map_err(|error| away(error.to_string()))?;
            for certificate in certificates {
                let certificate = certificate.map_err(|error| away(error.to_string()))?;
                roots.add(certificate).map_err(|error| away(error.to_string()))?;
            }
            if roots.is_empty() {
                return Err(away("there is no certificate in it".to_owned()));
            }
        }
        None => drop(roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs)),
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.map_err(|error| Trouble::Away(error.to_string()))?.with_root_certificates(roots).with_no_client_auth();
    Ok(tokio_postgres_rustls::MakeRustlsConnect::new(config))
}

type Boxed = Box<dyn std::error::Error + Sync + Send>;

impl ToSql for Value {
    fn to_sql(&self, kind: &Type, out: &mut bytes::BytesMut) -> Result<IsNull, Boxed> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Integer(number) => match *kind {
                Type::INT2 => i16::try_from(*number)?.to_sql(kind, out),
                Type::INT4 => i32::try_from(*number)?.to_sql(kind, out),
                Type::FLOAT8 => (*number as f64).to_sql(kind, out),
                _ => number.to_sql(kind, out),
            },
            Value::Real(number) => number.to_sql(kind, out),
            Value::Text(text) => text.as_str().to_sql(kind, out),
            Value::Blob(bytes) => bytes.as_slice().to_sql(kind, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A column of rows that lie one after the other.
#[derive(Debug, Clone, Copy)]
struct Column<'a> {
    kind: Kind,
    at: usize,
    width: usize,
    values: &'a [Value],
}

impl ToSql for Column<'_> {
    fn to_sql(&self, kind: &Type, out: &mut bytes::BytesMut) -> Result<IsNull, Boxed> {
        let cells = self.values.iter().skip(self.at).step_by(self.width);
        match self.kind {
            Kind::Integer => {
                of(cells, |value| if let Value::Integer(number) = value { Some(*number) } else { None })?.to_sql(kind, out)
            }
            Kind::Text => {
                of(cells, |value| if let Value::Text(text) = value { Some(text.as_str()) } else { None })?.to_sql(kind, out)
            }
            Kind::Blob => {
                of(cells, |value| if let Value::Blob(bytes) = value { Some(bytes.as_slice()) } else { None })?.to_sql(kind, out)
            }
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// Cells of one kind, each of which may be null.
fn of<'a, T>(cells: impl Iterator<Item = &'a Value>, pick: fn(&'a Value) -> Option<T>) -> Result<Vec<Option<T>>, Boxed> {
    let cell = |value| match pick(value) {
        None if *value != Value::Null => Err(format!("{value:?} is of another kind than its column").into()),
        picked => Ok(picked),
    };
    cells.map(cell).collect()
}

impl<'a> FromSql<'a> for Seen<'a> {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Seen<'a>, Boxed> {
        Ok(match *kind {
            Type::INT8 => Seen::Integer(i64::from_sql(kind, raw)?),
            Type::INT4 => Seen::Integer(i32::from_sql(kind, raw)?.into()),
            Type::INT2 => Seen::Integer(i16::from_sql(kind, raw)?.into()),
            Type::FLOAT8 => Seen::Real(f64::from_sql(kind, raw)?),
            Type::BYTEA => Seen::Blob(raw),
            _ => Seen::Text(std::str::from_utf8(raw)?),
        })
    }

    fn accepts(kind: &Type) -> bool {
        [Type::INT8, Type::INT4, Type::INT2, Type::FLOAT8, Type::BYTEA, Type::TEXT, Type::VARCHAR, Type::NAME].contains(kind)
    }
}
