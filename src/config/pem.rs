//! Files of certificates and keys: whether one can be used. It is checked here, so that what is wrong has a place in
//! the configuration. What the certificates say is for the handshake to judge.

use std::path::Path;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::disk;
use super::error::{Problem, quoted};
use super::values::Read;

/// The largest file, bytes: the authorities of a system are a fortieth of that.
const LARGEST: u64 = 8 << 20;

/// Checks that a file holds a certificate, and `with_key` a private key too. `shown` is its path as written.
pub(super) fn check(path: &Path, shown: &str, with_key: bool) -> Read<()> {
    let (pem, _) = disk::read(path, LARGEST, "it is larger than 8 MiB").map_err(|why| unreadable(shown, &why))?;
    let is_wrong = |what: &str, hint: &str| Err(Problem::new(format!("{} {what}", quoted(shown))).with_hint(hint));
    match CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>() {
        Err(_) => {
            return is_wrong("is not a valid PEM file", "it is text, from `-----BEGIN …-----` to `-----END …-----`");
        }
        Ok(certificates) if certificates.is_empty() => {
            return is_wrong("holds no certificate", "it is a PEM file with `-----BEGIN CERTIFICATE-----`");
        }
        Ok(_) => {}
    }
    if with_key && PrivateKeyDer::from_pem_slice(&pem).is_err() {
        return is_wrong("holds no private key", "put the key behind the certificate, unencrypted");
    }
    Ok(())
}

/// Says that a file cannot be read.
pub(super) fn unreadable(path: &str, reason: &str) -> Problem {
    Problem::new(format!("cannot read {}: {reason}", quoted(path)))
        .with_hint("paths start from the configuration's folder")
}
