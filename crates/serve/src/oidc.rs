//! Signing people in by OpenID Connect: the authorisation-code flow with PKCE, and rules that say who is what.
//!
//! A file says where and how:
//!
//! ```toml
//! issuer = "https://id.example/realms/hub"
//! client_id = "shugu"
//! client_secret_file = "/etc/shugu/oidc.secret"                # else SHUGU_OIDC_SECRET, else systemd's credential oidc.secret
//! name = "Example ID"                                          # on the button
//! redirect = "https://hub.example/signin/done"                 # as registered there; the hub's own address if left out
//! scopes = ["groups"]                                          # beside openid, profile and email
//! session = "12h"
//!
//! [[role]]                       # the first that holds; without one that does, nobody is let in
//! claim = "groups"
//! is = "hub-operators"
//! role = "operator"              # called what `preferred_username` says
//!
//! [[role]]
//! claim = "groups"
//! begins = "tenant-"
//! role = "tenant"                # the one whose name is the rest: tenant-llm-lab is llm-lab
//! ```

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use measure::{Name, Span};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreRevocableToken,
    CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AdditionalClaims, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EmptyExtraTokenFields, HttpRequest, HttpResponse,
    IdTokenFields, IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, StandardErrorResponse,
    StandardTokenResponse, TokenResponse,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::access::Role;

/// Who signs people in, and who is what.
#[derive(Debug, Clone)]
pub struct Oidc {
    issuer: IssuerUrl,
    client_id: ClientId,
    client_secret: Option<ClientSecret>,
    /// What the button says.
    pub(crate) name: String,
    redirect: Option<RedirectUrl>,
    scopes: Vec<String>,
    /// How long a session lasts.
    pub(crate) session: Span,
    roles: Vec<Rule>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    issuer: IssuerUrl,
    client_id: String,
    #[serde(default)]
    client_secret_file: Option<PathBuf>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    redirect: Option<RedirectUrl>,
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(default)]
    session: Option<String>,
    #[serde(default)]
    role: Vec<Rule>,
}

/// Whoever bears a claim is this.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    /// Of the ID token; a text, or a list of texts of which one suffices.
    claim: String,
    /// The claim's value.
    #[serde(default)]
    is: Option<String>,
    /// What the value begins with; the rest is the subject's name.
    #[serde(default)]
    begins: Option<String>,
    role: String,
    /// As whom; for an operator, what `preferred_username` or `email` says if left out.
    #[serde(default)]
    subject: Option<Name>,
}

/// Claims beside the standard ones, whatever they are.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Others {
    #[serde(flatten)]
    all: BTreeMap<String, Value>,
}

impl AdditionalClaims for Others {}

type Fields =
    IdTokenFields<Others, EmptyExtraTokenFields, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;
type Client<Auth, Device, Introspection, Revocation, Token, UserInfo> = openidconnect::Client<
    Others,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<Fields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    Auth,
    Device,
    Introspection,
    Revocation,
    Token,
    UserInfo,
>;
type Ready = Client<
    openidconnect::EndpointSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointMaybeSet,
    openidconnect::EndpointMaybeSet,
>;

/// What must come back with somebody who signs in.
pub(crate) struct Pending {
    nonce: Nonce,
    verifier: PkceCodeVerifier,
}

/// Who signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) role: Role,
    pub(crate) subject: Name,
    /// What the identity provider calls them, for the log.
    pub(crate) called: String,
}

/// Somebody cannot be signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failed {
    /// The identity provider cannot be reached, or does not say what it should.
    Provider(String),
    /// It says who they are, and no rule lets them in.
    NoRole(String),
}

impl Oidc {
    /// Reads the file that says who signs people in.
    ///
    /// # Errors
    /// In words, with file and line.
    pub fn read(path: &Path) -> Result<Oidc, String> {
        let text = std::fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        Oidc::read_text(&path.display().to_string(), &text)
    }

    /// Reads the text of such a file.
    ///
    /// # Errors
    /// In words, with file and line.
    pub fn read_text(name: &str, text: &str) -> Result<Oidc, String> {
        let line = |at: usize| 1 + text[..at.min(text.len())].matches('\n').count();
        let file: File = toml::from_str(text).map_err(|error| {
            let line = error.span().map(|span| format!(" line {}", line(span.start))).unwrap_or_default();
            format!("{name}{line}: {}", error.message())
        })?;
        let wrong = |field: &str, problem: &str| format!("{name} field {field}: {problem}");
        let here = matches!(file.issuer.url().host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
        if file.issuer.url().scheme() != "https" && !here {
            return Err(wrong("issuer", "is reached by https, or is on this machine"));
        }
        let from_environment = std::env::var(SECRET).ok().filter(|text| !text.is_empty());
        let credentials = std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
        let secret = secret(file.client_secret_file.as_deref(), from_environment, credentials.as_deref());
        let secret = secret.map_err(|problem| wrong("client_secret_file", &problem))?;
        let session = file.session.as_deref().unwrap_or("12h").parse::<Span>();
        let session = session.map_err(|problem| wrong("session", &problem.to_string()))?;
        if session < Span::seconds(60) || session > Span::seconds(30 * 24 * 3600) {
            return Err(wrong("session", "lies between a minute and 30 days"));
        }
        if file.role.is_empty() {
            return Err(wrong("role", "nobody would be let in: say with [[role]] who is what"));
        }
        for (at, rule) in file.role.iter().enumerate() {
            rule.sound().map_err(|problem| wrong(&format!("role[{at}]"), problem))?;
        }
        Ok(Oidc {
            name: file.name.unwrap_or_else(|| file.issuer.url().host_str().unwrap_or("OIDC").to_owned()),
            issuer: file.issuer,
            client_id: ClientId::new(file.client_id),
            client_secret: secret.map(ClientSecret::new),
            redirect: file.redirect,
            scopes: file.scopes,
            session,
            roles: file.role,
        })
    }

    /// The client, by what the provider says of itself now: its keys may have changed.
    fn client(&self, hub: &str) -> Result<Ready, Failed> {
        let unreachable = |error: &dyn std::error::Error| Failed::Provider(said(error));
        let known = CoreProviderMetadata::discover(&self.issuer, &send).map_err(|error| unreachable(&error))?;
        let own = RedirectUrl::new(format!("{hub}/signin/done")).map_err(|error| unreachable(&error))?;
        let client = Client::from_provider_metadata(known, self.client_id.clone(), self.client_secret.clone());
        Ok(client.set_redirect_uri(self.redirect.clone().unwrap_or(own)))
    }

    /// Where somebody is sent who wants to sign in, what they must come back with, and what is kept until then. Waits for the provider.
    pub(crate) fn begin(&self, hub: &str) -> Result<(String, String, Pending), Failed> {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let client = self.client(hub)?;
        let mut request =
            client.authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random);
        for scope in ["profile", "email"].into_iter().map(str::to_owned).chain(self.scopes.iter().cloned()) {
            request = request.add_scope(Scope::new(scope));
        }
        let (url, state, nonce) = request.set_pkce_challenge(challenge).url();
        Ok((url.to_string(), state.secret().clone(), Pending { nonce, verifier }))
    }

    /// Who came back with a code. Waits for the provider.
    pub(crate) fn finish(&self, hub: &str, code: String, pending: Pending) -> Result<Person, Failed> {
        let wrong = |error: &dyn std::error::Error| Failed::Provider(said(error));
        let client = self.client(hub)?;
        let request = client.exchange_code(AuthorizationCode::new(code)).map_err(|error| wrong(&error))?;
        let answer = request.set_pkce_verifier(pending.verifier).request(&send).map_err(|error| wrong(&error))?;
        let token = answer.id_token().ok_or_else(|| Failed::Provider("it sent no ID token".to_owned()))?;
        let claims = token.claims(&client.id_token_verifier(), &pending.nonce).map_err(|error| wrong(&error))?;
        let mut all = claims.additional_claims().all.clone();
        all.insert("sub".to_owned(), Value::from(claims.subject().as_str()));
        let standard = [
            ("preferred_username", claims.preferred_username().map(|name| name.as_str())),
            ("email", claims.email().filter(|_| claims.email_verified() != Some(false)).map(|email| email.as_str())),
        ];
        for (key, value) in standard.into_iter().filter_map(|(key, value)| Some((key, value?))) {
            all.insert(key.to_owned(), Value::from(value));
        }
        self.person(&all)
    }

    /// Who bears these claims.
    fn person(&self, claims: &BTreeMap<String, Value>) -> Result<Person, Failed> {
        let text = |key: &str| claims.get(key).and_then(Value::as_str);
        let called = text("preferred_username").or(text("email")).or(text("sub")).unwrap_or("somebody").to_owned();
        let found = self.roles.iter().find_map(|rule| Some((rule, rule.met(claims)?)));
        let none = || Failed::NoRole(format!("no role is given to {called}: an operator of the hub says who is what"));
        let (rule, rest) = found.ok_or_else(none)?;
        let role: Role = rule.role.parse().expect("it was looked at when it was read");
        let subject = match (&rule.subject, rest) {
            (Some(subject), _) => subject.clone(),
            (None, rest) if rule.begins.is_some() => rest.parse().map_err(|_| none())?,
            (None, _) => as_name(&called).ok_or_else(none)?,
        };
        Ok(Person { role, subject, called })
    }
}

impl Rule {
    fn sound(&self) -> Result<(), &'static str> {
        match self.role.parse::<Role>() {
            Ok(Role::Operator | Role::Auditor | Role::Provider | Role::Tenant) => {}
            _ => return Err("role is operator, auditor, provider or tenant"),
        }
        // Who is not somebody's is called by their own name.
        let by_name = ["operator", "auditor"].contains(&self.role.as_str());
        match (&self.is, &self.begins) {
            (Some(_), None) if !by_name && self.subject.is_none() => Err("say as whom: subject"),
            (Some(_), None) => Ok(()),
            (None, Some(begins)) if begins.is_empty() => Err("begins is not empty"),
            (None, Some(_)) if by_name => Err("who begins alike is neither an operator nor an auditor: use is"),
            (None, Some(_)) => Ok(()),
            _ => Err("say what the claim is, or what it begins with"),
        }
    }

    /// The rest of the value that meets the rule.
    fn met(&self, claims: &BTreeMap<String, Value>) -> Option<String> {
        let one = |value: &Value| {
            let value = value.as_str()?;
            match (&self.is, &self.begins) {
                (Some(is), _) => (value == is).then(String::new),
                (_, Some(begins)) => value.strip_prefix(begins.as_str()).filter(|rest| !rest.is_empty()).map(str::to_owned),
                _ => None,
            }
        };
        match claims.get(&self.claim)? {
            Value::Array(all) => all.iter().find_map(one),
            value => one(value),
        }
    }
}

/// A person's name as the hub writes names.
fn as_name(text: &str) -> Option<Name> {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() || letter == '.' { letter.to_ascii_lowercase() } else { '-' };
    let name: String = text.chars().take(63).map(plain).collect();
    name.trim_matches(['-', '.']).parse().ok()
}

/// What holds the client's secret where the file names no file with it.
const SECRET: &str = "SHUGU_OIDC_SECRET";
/// The credential of systemd that holds it where the environment does not (`LoadCredential=oidc.secret:…`).
const CREDENTIAL: &str = "oidc.secret";

/// The client's secret: of the file that is named, else of the environment, else a credential of the service. None for a public client.
fn secret(file: Option<&Path>, environment: Option<String>, credentials: Option<&Path>) -> Result<Option<String>, String> {
    let credential = credentials.map(|folder| folder.join(CREDENTIAL)).filter(|path| path.exists());
    let text = match (file, environment, credential) {
        (Some(path), ..) => read(path)?,
        (None, Some(text), _) => text,
        (None, None, Some(path)) => read(&path)?,
        (None, None, None) => return Ok(None),
    };
    match text.trim() {
        "" => Err("the secret is empty".to_owned()),
        secret => Ok(Some(secret.to_owned())),
    }
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

/// An error with what lies behind it.
fn said(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source()).map(|cause| format!(": {cause}"));
    format!("{error}{}", causes.collect::<String>())
}

/// The most an identity provider may answer.
const ANSWER_MOST: u64 = 1 << 20;

/// Sends a request to the identity provider. No redirect is followed: it would carry the client's secret elsewhere.
fn send(request: HttpRequest) -> Result<HttpResponse, std::io::Error> {
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(15)))
        .max_redirects(0)
        .http_status_as_error(false)
        .build();
    let answer = ureq::Agent::new_with_config(config).run(request).map_err(std::io::Error::other)?;
    let (parts, mut body) = answer.into_parts();
    let bytes = body.with_config().limit(ANSWER_MOST).read_to_vec().map_err(std::io::Error::other)?;
    Ok(HttpResponse::from_parts(parts, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(text: &str) -> Result<Oidc, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        let head = "issuer = \"https://id.example\"\nclient_id = \"shugu\"\n";
        std::fs::write(file.path(), format!("{head}{text}")).unwrap();
        Oidc::read(file.path()).map_err(|problem| problem.replace(&file.path().display().to_string(), "oidc.toml"))
    }

    fn claims(text: &str) -> BTreeMap<String, Value> {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn the_first_rule_that_holds_says_who_somebody_is() {
        let oidc = rules(
            "[[role]]\nclaim = \"groups\"\nis = \"hub-operators\"\nrole = \"operator\"\n
             [[role]]\nclaim = \"groups\"\nbegins = \"tenant-\"\nrole = \"tenant\"\n
             [[role]]\nclaim = \"org\"\nis = \"Telecom\"\nrole = \"provider\"\nsubject = \"china-telecom\"\n",
        )
        .unwrap();
        let who = |text: &str| oidc.person(&claims(text)).map(|person| format!("{} {}", person.role, person.subject));
        let of = |text: &str| who(text).unwrap_or_else(|failed| format!("{failed:?}"));
        assert_eq!(of(r#"{"preferred_username":"Li Wei","groups":["staff","hub-operators"]}"#), "operator li-wei");
        assert_eq!(of(r#"{"email":"a@b.example","groups":["tenant-llm-lab"]}"#), "tenant llm-lab");
        assert_eq!(of(r#"{"sub":"7","org":"Telecom"}"#), "provider china-telecom");
        assert!(who(r#"{"sub":"7","groups":["tenant-"]}"#).is_err(), "a tenant has a name");
        assert!(who(r#"{"sub":"7","groups":["tenant-A B"]}"#).is_err(), "and one that the hub can write");
        assert!(who(r#"{"sub":"7","groups":"others"}"#).is_err(), "without a rule nobody is let in");
    }

    #[test]
    fn the_client_s_secret_is_in_a_file_the_environment_or_a_credential_and_in_that_order() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        std::fs::write(&file, "one\n").unwrap();
        let environment = Some("two".to_owned());
        assert_eq!(secret(None, None, Some(folder.path())), Ok(None), "a public client has none");
        std::fs::write(folder.path().join(CREDENTIAL), "three\n").unwrap();
        let credentials = Some(folder.path());
        assert_eq!(secret(Some(&file), environment.clone(), credentials), Ok(Some("one".to_owned())));
        assert_eq!(secret(None, environment, credentials), Ok(Some("two".to_owned())));
        assert_eq!(secret(None, None, credentials), Ok(Some("three".to_owned())));
        std::fs::write(&file, "\n").unwrap();
        assert!(secret(Some(&file), None, None).is_err() && secret(Some(&folder.path().join("none")), None, None).is_err());
    }

    #[test]
    fn a_file_that_would_let_in_nobody_or_anybody_is_refused() {
        assert_eq!(rules("").unwrap_err(), "oidc.toml field role: nobody would be let in: say with [[role]] who is what");
        let unsound = |text: &str| rules(&format!("[[role]]\nclaim = \"groups\"\n{text}")).unwrap_err();
        assert_eq!(
            unsound("is = \"a\"\nrole = \"agent\""),
            "oidc.toml field role[0]: role is operator, auditor, provider or tenant"
        );
        assert_eq!(unsound("is = \"a\"\nrole = \"tenant\""), "oidc.toml field role[0]: say as whom: subject");
        assert_eq!(unsound("begins = \"\"\nrole = \"tenant\""), "oidc.toml field role[0]: begins is not empty");
        assert!(unsound("is = \"a\"\nrole = \"tenant\"\nsubjct = \"a\"").contains("line 7"), "a slip is told with its line");
        assert!(Oidc::read(Path::new("/nowhere/oidc.toml")).unwrap_err().starts_with("cannot read /nowhere/oidc.toml"));
    }
}
