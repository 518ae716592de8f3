//! Asking a hub.

use std::ffi::OsStr;
use std::io::Read;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;
use execute::hubs::Hubs;
pub(crate) use execute::hubs::encode;
use execute::tls::Fingerprint;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::failure::{Failure, Outcome};
use crate::settings::default_folder;

const TOKEN: &str = "SHUGU_TOKEN";
const TOKEN_FILE: &str = "SHUGU_TOKEN_FILE";

/// Which hub, and as whom.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Where {
    /// The hub's address (several of one store, parted by commas: the one that writes is found); that of the hub of --dir if left out.
    #[arg(long, global = true, env = "SHUGU_HUB", value_name = "URL")]
    pub(crate) hub: Option<String>,
    /// The token to show; the operator's of --dir if left out. Everybody on a machine can read what stands on a command line:
    /// rather use --token-file.
    #[arg(long, global = true, env = TOKEN, hide_env_values = true, value_name = "TOKEN")]
    pub(crate) token: Option<String>,
    /// A file that holds the token.
    #[arg(long, global = true, env = TOKEN_FILE, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// The SHA-256 of the hub's certificate, where it is of the hub's own making (`shugu up` tells it); that of the hub of
    /// --dir if left out.
    #[arg(long, global = true, env = "SHUGU_FINGERPRINT", value_name = "SHA256")]
    pub(crate) fingerprint: Option<Fingerprint>,
    /// The hub's data folder [default: ~/.local/share/shugu].
    #[arg(long, global = true, env = "SHUGU_DIR", value_name = "FOLDER")]
    pub(crate) dir: Option<PathBuf>,
}

impl Where {
    /// The data folder.
    pub(crate) fn folder(&self) -> PathBuf {
        self.dir.clone().unwrap_or_else(default_folder)
    }

    /// The token that is given, itself or in a file. What is said on the command line goes before the environment.
    pub(crate) fn token(&self) -> Outcome<Option<String>> {
        let from_environment = |name: &str, value: &OsStr| std::env::var_os(name).is_some_and(|known| known == value);
        let Some(file) = &self.token_file else { return Ok(self.token.clone()) };
        if let Some(token) = &self.token {
            match (from_environment(TOKEN, token.as_ref()), from_environment(TOKEN_FILE, file.as_os_str())) {
                (false, false) => return Err(Failure::Wrong("--token and --token-file: give one of them".to_owned())),
                (true, false) => {}
                (_, true) => return Ok(Some(token.clone())),
            }
        }
        let wrong = |problem: &str| Failure::Wrong(format!("--token-file {}: {problem}", file.display()));
        let text = std::fs::read_to_string(file).map_err(|error| wrong(&error.to_string()))?;
        match text.split_whitespace().collect::<Vec<&str>>()[..] {
            [token] => Ok(Some(token.to_owned())),
            [] => Err(wrong("is empty")),
            _ => Err(wrong("holds more than one word; a token is one")),
        }
    }
}

/// The default address of a hub.
const USUAL: &str = "http://127.0.0.1:7878";

/// A hub that can be asked.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    hubs: Hubs,
    token: String,
    http: ureq::Agent,
}

impl Client {
    /// The hub of `place`: what flags and environment say, else what its data folder says.
    pub(crate) fn of(place: &Where) -> Outcome<Client> {
        let read = |name: &str| std::fs::read_to_string(place.folder().join(name)).ok().map(|text| text.trim().to_owned());
        let url = place.hub.clone().or_else(|| read("hub.url")).unwrap_or_else(|| USUAL.to_owned());
        let (given, here) = (place.token()?, read("operator.token"));
        if place.hub.is_none() && read("hub.url").is_none() && given.is_none() && here.is_none() {
            return Err(Failure::Wrong(format!(
                "no hub: {} holds none; name one with --hub or its folder with --dir, or start one with `shugu up`",
                place.folder().display()
            )));
        }
        let token = given.or(here).ok_or_else(|| {
            Failure::Wrong(format!(
                "no token: give --token-file, SHUGU_TOKEN_FILE or SHUGU_TOKEN, or --dir of a hub ({} has none)",
                place.folder().display()
            ))
        })?;
        let fingerprint = match (place.fingerprint, &place.hub) {
            (Some(fingerprint), _) => Some(fingerprint),
            // That of another hub says nothing of this one.
            (None, Some(hub)) if read("hub.url").as_ref() != Some(hub) => None,
            (None, _) => match read(serve::FINGERPRINT) {
                Some(text) => Some(text.parse().map_err(|problem: measure::Malformed| {
                    Failure::Failed(format!("{}: {problem}", place.folder().join(serve::FINGERPRINT).display()))
                })?),
                None => None,
            },
        };
        Ok(Client::new(&url, &token, fingerprint))
    }

    /// A hub at an address.
    pub(crate) fn new(url: &str, token: &str, fingerprint: Option<Fingerprint>) -> Client {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(Duration::from_secs(5)))
            .timeout_recv_response(Some(Duration::from_secs(60)))
            .build();
        Client { hubs: Hubs::new(url), token: token.to_owned(), http: execute::tls::client(config, fingerprint) }
    }

    /// The hub's address.
    pub(crate) fn url(&self) -> &str {
        self.hubs.url()
    }

    /// Asks.
    pub(crate) fn get<T: DeserializeOwned>(&self, path: &str) -> Outcome<T> {
        self.read(|url| self.http.get(format!("{url}{path}")).header("authorization", self.bearer()).call())
    }

    /// Sends JSON.
    pub(crate) fn post<B: Serialize, T: DeserializeOwned>(&self, path: &str, body: &B) -> Outcome<T> {
        let name = request_name();
        self.read(|url| {
            let request = self.http.post(format!("{url}{path}")).header("authorization", self.bearer());
            request.header("idempotency-key", &name).send_json(body)
        })
    }

    /// Puts JSON in place of what was there.
    pub(crate) fn put<B: Serialize, T: DeserializeOwned>(&self, path: &str, body: &B) -> Outcome<T> {
        self.read(|url| self.http.put(format!("{url}{path}")).header("authorization", self.bearer()).send_json(body))
    }

    /// Takes away, and reads what is left.
    pub(crate) fn take<T: DeserializeOwned>(&self, path: &str) -> Outcome<T> {
        self.read(|url| self.http.delete(format!("{url}{path}")).header("authorization", self.bearer()).call())
    }

    /// Deletes.
    pub(crate) fn delete(&self, path: &str) -> Outcome {
        self.answer(|url| self.http.delete(format!("{url}{path}")).header("authorization", self.bearer()).call()).map(drop)
    }

    /// A file.
    pub(crate) fn bytes(&self, path: &str) -> Outcome<Vec<u8>> {
        let answer = |url: &str| self.http.get(format!("{url}{path}")).header("authorization", self.bearer()).call();
        let mut response = self.answer(answer)?;
        response.body_mut().with_config().limit(4 << 30).read_to_vec().map_err(|error| self.unreachable(&error))
    }

    /// A long text, as it comes.
    pub(crate) fn stream(&self, path: &str) -> Outcome<impl Read + 'static> {
        let answer = |url: &str| self.http.get(format!("{url}{path}")).header("authorization", self.bearer()).call();
        Ok(self.answer(answer)?.into_body().into_reader())
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }

    fn unreachable(&self, error: &ureq::Error) -> Failure {
        if let Some((problem, hint)) = execute::tls::untrusted(error) {
            return Failure::Failed(format!(
                "the certificate of the hub at {} is not to be trusted: {problem}{hint}",
                self.url()
            ));
        }
        let hint = match error {
            ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
                "; is it running? `shugu up` starts one"
            }
            _ => "",
        };
        Failure::Failed(format!("cannot reach the hub at {}: {error}{hint}", self.url()))
    }

    fn read<T: DeserializeOwned>(&self, ask: impl Fn(&str) -> Answer) -> Outcome<T> {
        let mut response = self.answer(ask)?;
        response.body_mut().with_config().limit(1 << 30).read_json().map_err(|error| self.unreachable(&error))
    }

    /// Asks the hub; where there are several, each in turn until one of them answers for all, for as long as one takes over from another.
    /// Where it has too much to do it is asked again when it says so.
    fn answer(&self, ask: impl Fn(&str) -> Answer) -> Outcome<ureq::http::Response<ureq::Body>> {
        let until = Instant::now() + TAKING_OVER;
        let mut pause = Duration::from_millis(50);
        loop {
            let url = self.url().to_owned();
            let mut writer = None;
            let failure = match ask(&url) {
                Ok(response) if (200..300).contains(&response.status().as_u16()) => return Ok(response),
                Ok(mut response) => {
                    let status = response.status().as_u16();
                    let later = response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
                    // Nothing was done: the hub has too much to do, and says how long that lasts.
                    if let Some(later) = later.map(Duration::from_secs).filter(|_| status == 429)
                        && Instant::now() + later < until
                    {
                        std::thread::sleep(later);
                        continue;
                    }
                    let text = response.body_mut().read_to_string().unwrap_or_default();
                    match Hubs::elsewhere(status, &text) {
                        Some(told) => writer = told,
                        None => return Err(Client::refused(status, text)),
                    }
                    Client::refused(status, text)
                }
                Err(error) if execute::tls::untrusted(&error).is_some() => return Err(self.unreachable(&error)),
                Err(error) => self.unreachable(&error),
            };
            if !self.hubs.many() || Instant::now() > until {
                return Err(failure);
            }
            self.hubs.turn(&url, writer.as_deref());
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(500));
        }
    }

    fn refused(status: u16, text: String) -> Failure {
        let message =
            serde_json::from_str::<Value>(&text).ok().and_then(|value| value["error"]["message"].as_str().map(str::to_owned));
        let message = message.unwrap_or(text);
        match status {
            400 | 413 => Failure::Wrong(message),
            500.. => Failure::Failed(message),
            _ => Failure::Refused(message),
        }
    }
}

type Answer = Result<ureq::http::Response<ureq::Body>, ureq::Error>;

/// How long several hubs are asked in turn.
const TAKING_OVER: Duration = Duration::from_secs(20);

/// A name for a request, by which the hub knows a repeat of it.
fn request_name() -> String {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).expect("the system has randomness");
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
