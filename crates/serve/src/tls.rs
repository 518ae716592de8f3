//! The hub's certificate: one that was given, or one of its own making that agents know by its fingerprint.

use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use crate::acme::Acme;
use execute::credential::write_secret;
use execute::tls::Fingerprint;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// How a hub is reached from other machines.
#[derive(Debug, Clone, Default)]
pub struct Tls {
    /// A certificate with its chain and its key, in PEM; without, the hub makes its own.
    pub files: Option<(PathBuf, PathBuf)>,
    /// Names and addresses that its own certificate bears beside those of this machine.
    pub names: Vec<String>,
    /// Who gives it a certificate for public names beside, if anybody.
    pub acme: Option<Acme>,
}

/// What a server speaks with.
pub(crate) struct Identity {
    pub(crate) certificate: Vec<u8>,
    pub(crate) key: Vec<u8>,
    pub(crate) fingerprint: Fingerprint,
}

/// The names of the files of a certificate of the hub's own.
pub(crate) const CERTIFICATE: &str = "tls.certificate.pem";
pub(crate) const KEY: &str = "tls.key.pem";

impl Tls {
    /// Reads the certificate, or makes one that is kept in the hub's folder: agents remember it, so it stays.
    pub(crate) fn identity(&self, folder: &Path, listen: IpAddr) -> io::Result<Identity> {
        let (certificate, key) = match &self.files {
            Some(files) => files.clone(),
            None => (folder.join(CERTIFICATE), folder.join(KEY)),
        };
        if self.files.is_none() && !(certificate.exists() && key.exists()) {
            self.make(&certificate, &key, listen)?;
        }
        let told = |path: &Path| {
            let path = path.display().to_string();
            move |error: io::Error| io::Error::new(error.kind(), format!("{path}: {error}"))
        };
        let (text, secret) = (std::fs::read(&certificate).map_err(told(&certificate))?, std::fs::read(&key).map_err(told(&key))?);
        let first = CertificateDer::from_pem_slice(&text)
            .map_err(|error| io::Error::other(format!("{}: is no certificate in PEM: {error:?}", certificate.display())))?;
        Ok(Identity { fingerprint: Fingerprint::of(&first), certificate: text, key: secret })
    }

    fn make(&self, certificate: &Path, key: &Path, listen: IpAddr) -> io::Result<()> {
        let host = nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok());
        let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
        names.extend((!listen.is_unspecified()).then(|| listen.to_string()));
        names.extend(host);
        names.extend(self.names.iter().cloned());
        names.dedup();
        let made = rcgen::generate_simple_self_signed(names).map_err(|error| io::Error::other(format!("--tls-name: {error}")))?;
        // The key first: a certificate without its key is made anew.
        write_secret(key, &made.signing_key.serialize_pem())?;
        let new = certificate.with_extension("new");
        std::fs::write(&new, made.cert.pem())?;
        std::fs::rename(&new, certificate)
    }
}
