//! Names to addresses.
//!
//! Owns how many look-ups run at once and that a name which many suppliers share is looked up once. Refuses to
//! know connections and deadlines. Main type: [`Names`].
//!
//! The system's own resolver is asked, so that `/etc/hosts`, search domains and everything else that an
//! administrator configured hold. Its call blocks and cannot be stopped: it runs on the runtime's blocking threads,
//! and the permit is freed when the call returns, not when its caller gives up. So stuck look-ups never pile up
//! beyond the permits.

use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use thiserror::Error;
use tokio::sync::{OnceCell, Semaphore};

use super::{faults, phase};
use crate::domain::Phase;

/// How many look-ups run at once.
const LOOKUPS: usize = 256;

/// The system does not know the name, and why.
#[derive(Clone, Debug, Error)]
#[error("{0}")]
pub(super) struct UnknownName(Box<str>);

/// What a look-up brought, for all who wait for it and who come later.
type Found = OnceCell<Result<Box<[SocketAddr]>, UnknownName>>;

/// Resolves names, each once a run.
#[derive(Debug)]
pub(super) struct Names {
    known: Mutex<HashMap<Box<str>, Arc<Found>>>,
    permits: Arc<Semaphore>,
}

impl Names {
    /// Knows no name yet.
    pub(super) fn new() -> Self {
        Self::with_permits(LOOKUPS)
    }

    /// Looks up so many names at once; none at all with 0, as if each look-up were stuck.
    pub(super) fn with_permits(permits: usize) -> Self {
        Self { known: Mutex::default(), permits: Arc::new(Semaphore::new(permits)) }
    }
}

#[cfg(test)]
impl Names {
    /// Knows one name without asking the system.
    pub(super) fn knowing(name: &str, addresses: &[SocketAddr]) -> Self {
        let found = Found::new_with(Some(Ok(addresses.into())));
        Self { known: Mutex::new(HashMap::from([(name.into(), Arc::new(found))])), ..Self::new() }
    }
}

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        phase::enter(Phase::Dns);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let found = Arc::clone(known.entry(name.as_str().into()).or_default());
        let permits = Arc::clone(&self.permits);
        Box::pin(async move {
            let addresses = found.get_or_try_init(|| look_up(name, permits)).await?.clone()?;
            phase::enter(Phase::Connect);
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// Looks a name up. That this machine lacked something is the only failure which is not remembered.
async fn look_up(name: Name, permits: Arc<Semaphore>) -> io::Result<Result<Box<[SocketAddr]>, UnknownName>> {
    let permit = permits.acquire_owned().await.map_err(io::Error::other)?;
    let looked_up = tokio::task::spawn_blocking(move || {
        let addresses = (name.as_str(), 0).to_socket_addrs();
        drop(permit);
        addresses
    });
    match looked_up.await.map_err(io::Error::other)? {
        Ok(addresses) => Ok(Ok(addresses.collect())),
        Err(error) if faults::is_local_resource(&error) => Err(error),
        Err(error) => {
            let words = faults::words(&error);
            let words = words.strip_prefix("failed to lookup address information: ").unwrap_or(&words);
            Ok(Err(UnknownName(faults::short(words).into())))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn addresses(names: &Names, name: &str) -> Result<Vec<SocketAddr>, Box<dyn std::error::Error + Send + Sync>> {
        names.resolve(name.parse().unwrap()).await.map(Iterator::collect)
    }

    #[tokio::test]
    async fn a_name_that_does_not_exist_is_unknown_in_words_without_it() {
        let error = addresses(&Names::new(), "nobody.invalid").await.unwrap_err();
        let unknown = error.downcast_ref::<UnknownName>().unwrap();
        assert!(!unknown.to_string().contains("nobody"), "{unknown}");
    }

    #[tokio::test]
    async fn a_name_is_looked_up_once() {
        let names = Names::with_permits(1);
        let (first, second) = tokio::join!(addresses(&names, "localhost"), addresses(&names, "localhost"));
        assert_eq!(first.unwrap(), second.unwrap());
        names.permits.close();
        assert!(addresses(&names, "localhost").await.unwrap()[0].ip().is_loopback());
        assert!(addresses(&names, "localhost.").await.is_err(), "no other name can be looked up");
    }

    #[tokio::test]
    async fn a_waiter_that_gives_up_does_not_stop_the_others() {
        let names = Names::new();
        let mut impatient = names.resolve("localhost".parse().unwrap());
        tokio::select! {
            biased;
            _ = &mut impatient => panic!("a look-up takes another thread"),
            () = tokio::task::yield_now() => drop(impatient),
        }
        assert!(addresses(&names, "localhost").await.is_ok());
    }
}
