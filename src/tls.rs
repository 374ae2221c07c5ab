//! The certificate and key of `server.tls`, read as the server will read them: what is wrong with them is said before
//! anything starts, with the key that names the file.

use std::mem::discriminant;
use std::path::Path;
use std::sync::Arc;

use rustls::crypto::ring::default_provider;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::ParsedCertificate;
use rustls::sign::{CertifiedKey, SigningKey, SingleCertAndKey};
use rustls::{Error, InconsistentKeys, ServerConfig};

use crate::config::{Loaded, Problem};
use crate::files::read_regular;

/// Longest file in bytes: certificates and keys have a few kilobytes each.
const FILE_BYTES_MAX: u64 = 1 << 20;

const EXPECTED_CERT: &str = "expected a PEM file with the server's certificate, then those that vouch for it";
const EXPECTED_KEY: &str = "expected a PEM file with the private key of the certificate in server.tls.cert";

/// How a server speaks TLS.
pub(crate) type TlsSettings = Arc<ServerConfig>;

/// What keeps the server from using its certificate and key; nothing when TLS is not configured.
pub(crate) fn problems(loaded: &Loaded) -> Vec<Problem> {
    settings(loaded).err().unwrap_or_default()
}

/// How the server speaks TLS; none when it is not configured.
///
/// # Errors
/// What keeps it from using its certificate and key.
pub(crate) fn settings(loaded: &Loaded) -> Result<Option<TlsSettings>, Vec<Problem>> {
    let tls = &loaded.config.server.tls;
    let (Some(cert), Some(key)) = (&tls.cert, &tls.key) else { return Ok(None) };
    let cert_problem = |why: String| loaded.unusable("server.tls.cert", &in_file(cert, &why), EXPECTED_CERT);
    let key_problem = |why: String| loaded.unusable("server.tls.key", &in_file(key, &why), EXPECTED_KEY);
    match (read(cert).and_then(|pem| certificates(&pem)), read(key).and_then(|pem| private_key(&pem))) {
        (Ok(chain), Ok(key)) => {
            let certified = belong_together(chain, key).map_err(|why| vec![key_problem(why)])?;
            server_config(certified).map(Some).map_err(|error| vec![cert_problem(error.to_string())])
        }
        (chain, key) => Err(chain.err().map(cert_problem).into_iter().chain(key.err().map(key_problem)).collect()),
    }
}

fn server_config(certified: CertifiedKey) -> Result<TlsSettings, Error> {
    let builder =
        ServerConfig::builder_with_provider(Arc::new(default_provider())).with_safe_default_protocol_versions()?;
    let resolver = Arc::new(SingleCertAndKey::from(certified));
    let mut config = builder.with_no_client_auth().with_cert_resolver(resolver);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn in_file(file: &Path, why: &str) -> String {
    format!("{}: {why}", file.display())
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    read_regular(path, FILE_BYTES_MAX).map_err(|error| error.to_string())
}

/// The certificates in order; the first one is the server's own.
fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let chain = chain.map_err(|error| format!("is not PEM: {error}"))?;
    let own = chain.first().ok_or("holds no certificate")?;
    ParsedCertificate::try_from(own).map_err(|error| format!("holds a certificate that cannot be used: {error}"))?;
    Ok(chain)
}

/// The only private key of its kind.
fn private_key(pem: &[u8]) -> Result<Arc<dyn SigningKey>, String> {
    let text = String::from_utf8_lossy(pem);
    if ["BEGIN ENCRYPTED PRIVATE KEY", "Proc-Type: 4,ENCRYPTED"].iter().any(|mark| text.contains(mark)) {
        return Err("is encrypted: take the passphrase away with `openssl pkey -in FILE -out NEW_FILE`".into());
    }
    let keys: Result<Vec<_>, _> = PrivateKeyDer::pem_slice_iter(pem).collect();
    let keys = keys.map_err(|error| format!("is not PEM: {error}"))?;
    let first = keys.first().ok_or("holds no private key")?;
    match keys.iter().filter(|key| discriminant(*key) == discriminant(first)).count() {
        1 => any_supported_type(first).map_err(|error| format!("holds a key that cannot be used: {error}")),
        several => Err(format!("holds {several} private keys")),
    }
}

fn belong_together(chain: Vec<CertificateDer<'static>>, key: Arc<dyn SigningKey>) -> Result<CertifiedKey, String> {
    let certified = CertifiedKey::new(chain, key);
    match certified.keys_match() {
        // Some keys do not tell their public part.
        Ok(()) | Err(Error::InconsistentKeys(InconsistentKeys::Unknown)) => Ok(certified),
        Err(_different) => Err("does not belong to the certificate in server.tls.cert".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const P256: &str = include_str!("../tests/fixtures/keys/p256.private.pem");
    const RSA: &str = include_str!("../tests/fixtures/keys/rsa2048.private.pem");
    const PUBLIC: &str = include_str!("../tests/fixtures/keys/p256.public.pem");
    const CERTIFICATE: &str = include_str!("../tests/fixtures/keys/certificate.pem");

    fn refused<T>(result: Result<T, String>) -> String {
        result.err().unwrap_or_default()
    }

    #[test]
    fn a_key_is_taken_in_the_usual_forms() {
        for pem in [P256, RSA, &format!("{CERTIFICATE}{P256}"), &format!("text before\n{RSA}")] {
            assert_eq!(refused(private_key(pem.as_bytes())), "", "{pem}");
        }
    }

    #[test]
    fn keys_that_cannot_be_used_say_why() {
        let encrypted = P256.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
        let table = [
            ("", "holds no private key"),
            ("this is no key", "holds no private key"),
            (PUBLIC, "holds no private key"),
            (CERTIFICATE, "holds no private key"),
            (&format!("{P256}{RSA}"), "holds 2 private keys"),
            (&encrypted, "is encrypted: take the passphrase away"),
            ("-----BEGIN PRIVATE KEY-----\n", "is not PEM: "),
            ("-----BEGIN PRIVATE KEY-----\n?\n-----END PRIVATE KEY-----\n", "is not PEM: "),
            ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "holds a key that cannot be used: "),
        ];
        for (pem, expected) in table {
            assert!(refused(private_key(pem.as_bytes())).starts_with(expected), "{pem}");
        }
    }

    #[test]
    fn certificates_that_cannot_be_used_say_why() {
        let junk = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let table = [
            ("", "holds no certificate"),
            (P256, "holds no certificate"),
            ("-----BEGIN CERTIFICATE-----\n", "is not PEM: "),
            (junk, "holds a certificate that cannot be used: "),
        ];
        for (pem, expected) in table {
            assert!(refused(certificates(pem.as_bytes())).starts_with(expected), "{pem}");
        }
        assert_eq!(certificates(format!("{CERTIFICATE}{junk}").as_bytes()).map(|chain| chain.len()), Ok(2));
    }
}
