//! A connection for whoever needs one of its own, such as a worker.
//!
//! Refuses to know what the connection is for. Main type: [`AmqpAccess`].

use std::fmt;

use lapin::Connection;
use uuid::Uuid;

use super::connect::{Security, connect};
use super::errors;
use super::{AmqpAddress, TlsProblem, TlsSettings};
use crate::domain::Failure;
use crate::transport::dns::Names;

/// A broker, as one user.
pub struct AmqpAccess {
    address: AmqpAddress,
    security: Option<Security>,
    names: Names,
}

impl AmqpAccess {
    /// Takes the address, and how connections to it are secured; `None` = they are not. Nothing is sent.
    ///
    /// # Errors
    /// When a file of certificates cannot be used.
    pub fn new(address: AmqpAddress, tls: Option<&TlsSettings>) -> Result<Self, TlsProblem> {
        Ok(Self { address, security: tls.map(Security::new).transpose()?, names: Names::new() })
    }

    /// Opens a connection. What comes over it and is larger than 8 MiB is replaced by a few bytes that are no JSON. It has no
    /// time limit of its own; the future may be dropped at any time.
    ///
    /// # Errors
    /// `dns`, `tls`, `broker_unreachable`, `broker_auth`, `local_resource`.
    pub async fn open(&self) -> Result<Connection, Failure> {
        let mark = [Uuid::new_v4().into_bytes(), Uuid::new_v4().into_bytes()].concat();
        connect(&self.address, self.security.as_ref(), &self.names, &mark).await
    }

    /// What an error of a connection means.
    #[must_use]
    pub fn explain(error: &lapin::Error) -> Failure {
        errors::failure(error)
    }
}

impl fmt::Debug for AmqpAccess {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("AmqpAccess").field("address", &self.address).finish_non_exhaustive()
    }
}
