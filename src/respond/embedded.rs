//! Mocks inside the asking process, on a thread and an event loop of their own: they never slow down the side that
//! is measured, and are reached over real sockets all the same.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::mpsc;
use std::thread;

use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use super::http::{ListenError, Listener, url_template};
use crate::config::mock::Mock;
use crate::domain::SupplierName;

/// Any free port; nobody else's machine reaches it.
const ANY_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// Running mocks, on a free port of the loopback address. Dropping it stops them and waits for nothing.
#[derive(Debug)]
pub struct Embedded {
    address: SocketAddr,
    /// The thread stops when this goes.
    _running: oneshot::Sender<()>,
}

impl Embedded {
    /// Starts the mocks; they are bound when it returns.
    ///
    /// # Errors
    /// When the process has no descriptor, thread or port left.
    pub fn start(suppliers: Vec<(SupplierName, Mock)>) -> Result<Self, ListenError> {
        let failed = |source| ListenError { address: ANY_PORT, source };
        let (running, stopped) = oneshot::channel();
        let (tell_bound, bound) = mpsc::sync_channel(1);
        let serve = move || match prepare(suppliers) {
            Ok((runtime, listener)) => {
                // Nobody waits for it any more when the start was given up.
                let _ = tell_bound.send(Ok(listener.local_addr()));
                runtime.block_on(listener.serve(|_| {}, async { drop(stopped.await) }));
            }
            Err(error) => drop(tell_bound.send(Err(error))),
        };
        thread::Builder::new().name("mock-suppliers".into()).spawn(serve).map_err(failed)?;
        let address = bound.recv().map_err(|gone| failed(io::Error::other(gone)))??;
        Ok(Self { address, _running: running })
    }

    /// The address of the listener.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Where the supplier answers, as a URI template of `product` and `quantity`.
    #[must_use]
    pub fn url_template(&self, supplier: &SupplierName) -> String {
        url_template(self.address, supplier, "quotes")
    }

    /// Where the supplier's ids are looked up, as such a template.
    #[must_use]
    pub fn lookup_template(&self, supplier: &SupplierName) -> String {
        url_template(self.address, supplier, "lookup")
    }
}

fn prepare(suppliers: Vec<(SupplierName, Mock)>) -> Result<(Runtime, Listener), ListenError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build();
    let runtime = runtime.map_err(|source| ListenError { address: ANY_PORT, source })?;
    let entered = runtime.enter();
    let listener = Listener::bind(ANY_PORT, suppliers)?;
    drop(entered);
    Ok((runtime, listener))
}
