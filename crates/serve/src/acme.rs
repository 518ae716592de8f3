//! Certificates by ACME (RFC 8555): a hub of a public name gets one that everybody trusts, and renews it, by itself.
//!
//! The hub proves that a name is its own by answering a handshake at its own address (TLS-ALPN-01): nothing else has to be set up. Whoever asks by
//! another name or by an address, as commands and agents of before do, gets the certificate of the hub's own making, whose fingerprint stays.

use std::io;
use std::path::Path;
use std::sync::Arc;

use futures_util::StreamExt;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use rustls_acme::caches::DirCache;
use rustls_acme::{AcmeConfig, AcmeState, EventError, EventOk, OrderError, ResolvesServerCertAcme, is_tls_alpn_challenge};
use tokio::sync::watch;

use crate::tls::Identity;

/// Who gives certificates, and for which names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acme {
    /// The names.
    pub names: Vec<String>,
    /// The address of the directory of who gives them.
    pub directory: String,
    /// Whom they write to, such as `ops@hub.example`, if anybody.
    pub contact: Option<String>,
}

impl Acme {
    /// Where certificates are got if nobody says otherwise: Let's Encrypt.
    pub const LETS_ENCRYPT: &str = rustls_acme::acme::LETS_ENCRYPT_PRODUCTION_DIRECTORY;
}

/// Where accounts and certificates are kept, below the hub's folder.
const CACHE: &str = "acme";

/// A certificate by the name that is asked for.
#[derive(Debug)]
struct ByName {
    names: Vec<String>,
    public: Arc<ResolvesServerCertAcme>,
    own: Arc<CertifiedKey>,
}

impl ResolvesServerCert for ByName {
    fn resolve(&self, hello: ClientHello) -> Option<Arc<CertifiedKey>> {
        if is_tls_alpn_challenge(&hello) {
            return self.public.resolve(hello);
        }
        let named = hello.server_name().is_some_and(|name| self.names.iter().any(|own| own.eq_ignore_ascii_case(name)));
        // Until there is one of that name, whoever knows the hub by its fingerprint can ask by it, too.
        let public = if named { self.public.resolve(hello) } else { None };
        public.or_else(|| Some(self.own.clone()))
    }
}

impl Acme {
    /// How the hub speaks TLS; certificates are got and renewed until it stops.
    pub(crate) fn serve(&self, folder: &Path, own: &Identity, stopping: watch::Receiver<bool>) -> io::Result<Arc<ServerConfig>> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let cache = folder.join(CACHE);
        std::fs::create_dir_all(&cache)?;
        std::fs::set_permissions(&cache, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let client = ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions();
        let client = client.map_err(io::Error::other)?.with_root_certificates(roots).with_no_client_auth();
        let contact = self.contact.iter().map(|contact| format!("mailto:{contact}"));
        let state = AcmeConfig::new_with_client_config(&self.names, Arc::new(client))
            .contact(contact)
            .directory(&self.directory)
            .cache(DirCache::new(cache))
            .state();
        let chain = CertificateDer::pem_slice_iter(&own.certificate).collect::<Result<Vec<_>, _>>().map_err(io::Error::other)?;
        let key = PrivateKeyDer::from_pem_slice(&own.key).map_err(io::Error::other)?;
        let own = CertifiedKey::from_der(chain, key, &provider).map_err(io::Error::other)?;
        let resolver = ByName { names: self.names.clone(), public: state.resolver(), own: Arc::new(own) };
        let server = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let mut server = server.map_err(io::Error::other)?.with_no_client_auth().with_cert_resolver(Arc::new(resolver));
        server.alpn_protocols = [&b"h2"[..], b"http/1.1", rustls_acme::acme::ACME_TLS_ALPN_NAME].map(<[u8]>::to_vec).to_vec();
        tokio::spawn(renew(state, self.names.join(", "), stopping));
        Ok(Arc::new(server))
    }
}

/// Gets and renews; what fails is tried again later and later.
async fn renew(mut state: AcmeState<io::Error>, names: String, mut stopping: watch::Receiver<bool>) {
    loop {
        let event = tokio::select! {
            event = state.next() => event,
            _ = stopping.wait_for(|stop| *stop) => return,
        };
        match event {
            Some(Ok(EventOk::DeployedNewCert)) => tracing::info!(names, "there is a new certificate"),
            Some(Ok(EventOk::DeployedCachedCert)) => tracing::debug!(names, "the certificate is the one that was kept"),
            Some(Ok(EventOk::CertCacheStore | EventOk::AccountCacheStore)) => {}
            Some(Err(error)) => tracing::warn!(names, "no certificate yet: {}", told(&error)),
            None => return,
        }
    }
}

/// An error with what lies behind it.
fn told(error: &EventError<io::Error, io::Error>) -> String {
    match error {
        EventError::Order(OrderError::BadAuth(auth)) => format!("the proof was not accepted: {auth:?}"),
        error => {
            let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
            causes.fold(error.to_string(), |told, cause| format!("{told}: {cause}"))
        }
    }
}
