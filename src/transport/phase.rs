//! What an exchange is doing, told by hooks in the client's way.
//!
//! The client is one future from the name to the reply's head. So that a timeout can say where the time went, the
//! resolver, the connector and the TLS handshake mark the phase of the exchange for which they work. Refuses to know
//! what the phases lead to. Main functions: [`marking`], around an exchange, and [`enter`], for the hooks.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use rustls::NamedGroup;
use rustls::client::{ClientSessionStore, Tls12ClientSessionValue, Tls13ClientSessionValue};
use rustls::pki_types::ServerName;
use tower_layer::Layer;
use tower_service::Service;

use super::PhaseMark;
use crate::domain::Phase;

tokio::task_local! {
    /// The exchange that is being worked on.
    static MARK: Marked;
}

/// What the hooks tell of an exchange.
struct Marked {
    mark: PhaseMark,
    /// Whether a connection was opened for it.
    connects: Arc<AtomicBool>,
}

/// Does the work of an exchange, whose hooks mark `mark`, and says whether a connection was opened for it: otherwise it
/// was there already.
pub(super) async fn marking<T>(mark: &PhaseMark, work: impl Future<Output = T>) -> (T, bool) {
    let connects = Arc::new(AtomicBool::new(false));
    let done = MARK.scope(Marked { mark: mark.clone(), connects: Arc::clone(&connects) }, work).await;
    (done, connects.load(Ordering::Relaxed))
}

/// Notes that the exchange which is being worked on is in `phase` now. Outside of any exchange it does nothing.
pub(super) fn enter(phase: Phase) {
    let _ = MARK.try_with(|marked| {
        marked.mark.enter(phase);
        if phase == Phase::Connect {
            marked.connects.store(true, Ordering::Relaxed);
        }
    });
}

/// Marks when a connection begins to be opened and when it is ready for a request. When it fails, the phase in which
/// it did stays.
#[derive(Clone, Copy)]
pub(super) struct Connections;

impl<S> Layer<S> for Connections {
    type Service = MarkedConnector<S>;

    fn layer(&self, connector: S) -> MarkedConnector<S> {
        MarkedConnector(connector)
    }
}

/// A connector whose phases are marked.
#[derive(Clone)]
pub(super) struct MarkedConnector<S>(S);

impl<S, D> Service<D> for MarkedConnector<S>
where
    S: Service<D>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, destination: D) -> Self::Future {
        enter(Phase::Connect);
        let connecting = self.0.call(destination);
        Box::pin(async move {
            let connection = connecting.await?;
            enter(Phase::Headers);
            Ok(connection)
        })
    }
}

/// Marks when a TLS handshake begins: then it is asked what is known of the server. It remembers no sessions, since
/// a run asks each server once.
#[derive(Debug)]
pub(super) struct Handshakes;

impl ClientSessionStore for Handshakes {
    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        enter(Phase::Tls);
        None
    }

    fn set_kx_hint(&self, _: ServerName<'static>, _: NamedGroup) {}

    fn set_tls12_session(&self, _: ServerName<'static>, _: Tls12ClientSessionValue) {}

    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        None
    }

    fn remove_tls12_session(&self, _: &ServerName<'static>) {}

    fn insert_tls13_ticket(&self, _: ServerName<'static>, _: Tls13ClientSessionValue) {}

    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        None
    }
}
