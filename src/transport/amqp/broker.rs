//! Brokers, each with one connection that all its suppliers share.
//!
//! Owns who shares a connection and a channel. Refuses to know requests. Main types: [`AmqpBrokers`], the factory, and
//! [`Broker`].

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

use lapin::Connection;
use tokio::runtime::Handle;
use uuid::Uuid;

use super::connect::{Security, connect};
use super::errors;
use super::line::Line;
use super::shared::Shared;
use super::{AmqpAddress, TlsProblem, TlsSettings};
use crate::domain::{AmqpTarget, Failure, Phase, ReplyMode, SupplierName};
use crate::transport::dns::Names;
use crate::transport::{PhaseMark, phase};

/// What AMQP calls a reason that is none.
const REPLY_SUCCESS: u16 = 200;
/// How long a broker has to answer when we take leave.
const LEAVE: Duration = Duration::from_millis(50);

/// Makes brokers; suppliers with the same address, credentials and TLS settings get the same one.
#[derive(Debug)]
pub struct AmqpBrokers {
    names: Arc<Names>,
    known: HashMap<(AmqpAddress, Option<TlsSettings>), Arc<Broker>>,
}

/// One broker, as one user.
pub(super) struct Broker {
    address: AmqpAddress,
    security: Option<Security>,
    names: Arc<Names>,
    connection: Shared<Open>,
}

/// An open connection. It is closed when nobody needs it any more.
struct Open {
    /// It is there until then.
    connection: Option<Connection>,
    /// Where it lives.
    event_loop: Handle,
    lines: Mutex<HashMap<LineKey, Arc<Shared<Line>>>>,
    /// What stands in the place of bodies that are too large: nobody else knows it.
    mark: Arc<[u8]>,
}

/// Who shares a channel. What goes to the default exchange cannot break it; what goes elsewhere can, and so has its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum LineKey {
    Default,
    Own(SupplierName, ReplyMode),
}

impl LineKey {
    /// The channel of a supplier. With a queue of its own it is alone as well: there, a reply needs no correlation id.
    pub(super) fn of(supplier: &SupplierName, target: &AmqpTarget, mode: ReplyMode) -> Self {
        match (target, mode) {
            (AmqpTarget::Queue(_), ReplyMode::Direct) => Self::Default,
            _ => Self::Own(supplier.clone(), mode),
        }
    }

    const fn mode(&self) -> ReplyMode {
        match self {
            Self::Default => ReplyMode::Direct,
            Self::Own(_, mode) => *mode,
        }
    }
}

impl Default for AmqpBrokers {
    fn default() -> Self {
        Self { names: Arc::new(Names::new()), known: HashMap::new() }
    }
}

impl AmqpBrokers {
    /// The broker at an address. Nothing is sent.
    ///
    /// # Errors
    /// When a file of certificates cannot be used.
    pub(super) fn broker(&mut self, address: AmqpAddress, tls: Option<TlsSettings>) -> Result<Arc<Broker>, TlsProblem> {
        let key = (address, tls);
        if let Some(known) = self.known.get(&key) {
            return Ok(Arc::clone(known));
        }
        let broker = Arc::new(Broker {
            address: key.0.clone(),
            security: key.1.as_ref().map(Security::new).transpose()?,
            names: Arc::clone(&self.names),
            connection: Shared::default(),
        });
        self.known.insert(key, Arc::clone(&broker));
        Ok(broker)
    }
}

impl Broker {
    /// The channel for a supplier's requests; it, and the connection, are opened where they are not open.
    ///
    /// # Errors
    /// Those of connecting, and of what the broker refuses.
    pub(super) async fn line(&self, key: &LineKey, mark: &PhaseMark) -> Result<Arc<Line>, Failure> {
        let open = self.connection.get(Open::is_alive, mark, async || self.open().await).await?;
        let shared = {
            let mut lines = open.lines.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(lines.entry(key.clone()).or_default())
        };
        let make = async || {
            phase::enter(Phase::Connect);
            let connection = open.connection.as_ref().ok_or_else(errors::lost)?;
            Line::open(connection, key.mode(), Arc::clone(&open.mark)).await
        };
        shared.get(Line::is_open, mark, make).await
    }

    async fn open(&self) -> Result<Open, Failure> {
        let mark: Arc<[u8]> = [Uuid::new_v4().into_bytes(), Uuid::new_v4().into_bytes()].concat().into();
        let connection = connect(&self.address, self.security.as_ref(), &self.names, &mark).await?;
        Ok(Open { connection: Some(connection), event_loop: Handle::current(), lines: Mutex::default(), mark })
    }
}

impl Open {
    fn is_alive(&self) -> bool {
        self.connection.as_ref().is_some_and(|connection| connection.status().connected())
    }
}

impl Drop for Open {
    /// Takes leave of the broker, which logs it as a fault when a client just hangs up. The process may be about to end, so
    /// this is waited for, but not for long.
    fn drop(&mut self) {
        let Some(connection) = self.connection.take().filter(|connection| connection.status().connected()) else {
            return;
        };
        let (sender, closed) = mpsc::channel();
        self.event_loop.spawn(async move {
            // What breaks now need not be closed.
            let _ = connection.close(REPLY_SUCCESS, "bye".into()).await;
            let _ = sender.send(());
        });
        // An event loop cannot wait for itself.
        if Handle::try_current().is_err() {
            let _ = closed.recv_timeout(LEAVE);
        }
    }
}

impl fmt::Debug for Broker {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Broker").field("address", &self.address).finish_non_exhaustive()
    }
}
