//! The client that speaks HTTP, shared by all suppliers whose TLS settings are the same.
//!
//! Owns how it is set up and the bounds on a reply's head. Refuses to know suppliers. Main types: [`HttpClients`],
//! the factory, and [`HttpClient`].

use std::collections::HashMap;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use reqwest::header::{CONNECTION, HeaderMap};
use reqwest::{Client, RequestBuilder, Response, Url, redirect, retry};
use url::Host;

use super::classify;
use super::proxy::Proxies;
use crate::domain::{ErrorKind, Failure, Method, Phase};
use crate::transport::PhaseMark;
use crate::transport::dns::Names;
use crate::transport::phase::{self, Connections};
use crate::transport::tls::{SystemTrust, Tls, TlsProblem, TlsSettings};

/// The largest head of a reply: all names and values of its headers, in bytes.
const HEAD: usize = 64 * 1024;

/// The most headers of a reply.
const HEADERS: usize = 100;

/// The largest list of headers over HTTP/2, unpacked, in bytes. It is above [`HEAD`] because the library's own error
/// beyond it does not say what it is about.
const LIST: u32 = 256 * 1024;

/// Makes clients; those with equal settings are one.
#[derive(Debug)]
pub struct HttpClients {
    names: Arc<Names>,
    proxies: Arc<Proxies>,
    /// How many idle connections to a host are kept.
    kept: usize,
    made: HashMap<TlsSettings, Arc<HttpClient>>,
}

/// Speaks HTTP. It may be shared by any number of suppliers. Each exchange has its own connection, since a run asks
/// each supplier once, unless connections are [kept](HttpClients::keeping).
#[derive(Debug)]
pub struct HttpClient {
    client: Client,
    proxies: Arc<Proxies>,
    trust: Option<Arc<SystemTrust>>,
    is_unverified: bool,
    /// Whether connections are kept for the next question.
    keeps: bool,
}

impl HttpClients {
    /// A factory whose clients use `proxies`.
    #[must_use]
    pub fn new(proxies: Proxies) -> Self {
        Self::resolving(Names::new(), proxies)
    }

    /// A factory whose clients resolve names so.
    fn resolving(names: Names, proxies: Proxies) -> Self {
        Self { names: Arc::new(names), proxies: Arc::new(proxies), kept: 0, made: HashMap::new() }
    }

    /// The same for runs that ask a supplier often: up to so many idle connections to a host are kept for the next
    /// question.
    #[must_use]
    pub fn keeping(self, connections: usize) -> Self {
        Self { kept: connections, ..self }
    }

    /// The client for `settings`. It opens nothing but the files that they name.
    ///
    /// # Errors
    /// When such a file is unreadable or does not hold what it should.
    pub fn client(&mut self, settings: &TlsSettings) -> Result<Arc<HttpClient>, TlsProblem> {
        if let Some(client) = self.made.get(settings) {
            return Ok(client.clone());
        }
        let Tls { configuration, trust } = Tls::new(settings)?;
        // What is left at its default costs nothing here; the socket options of long-lived connections would.
        let builder = Client::builder()
            .tls_backend_preconfigured(configuration)
            .dns_resolver(self.names.clone())
            .connector_layer(Connections)
            .redirect(redirect::Policy::none())
            .referer(false)
            .retry(retry::never())
            .pool_max_idle_per_host(self.kept)
            .tcp_keepalive(None)
            .tcp_keepalive_interval(None)
            .tcp_keepalive_retries(None)
            .http1_max_headers(HEADERS)
            .http2_max_header_list_size(LIST);
        #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
        let builder = builder.tcp_user_timeout(None);
        // Without verification nothing may stand between, and `localhost` is what it should be.
        let proxies = if settings.is_unverified { Arc::new(Proxies::none()) } else { self.proxies.clone() };
        let builder = if settings.is_unverified {
            builder.resolve_to_addrs("localhost", &[(Ipv4Addr::LOCALHOST, 0).into(), (Ipv6Addr::LOCALHOST, 0).into()])
        } else {
            builder
        };
        let client = proxies.apply(builder).build().map_err(TlsProblem::Client)?;
        let is_unverified = settings.is_unverified;
        let client = Arc::new(HttpClient { client, proxies, trust, is_unverified, keeps: self.kept > 0 });
        self.made.insert(settings.clone(), client.clone());
        Ok(client)
    }
}

impl HttpClient {
    /// Whether connections are kept for the next question. Then nobody is told to close them.
    pub(super) const fn keeps(&self) -> bool {
        self.keeps
    }

    /// Sends one request and waits for the head of its reply; marks every phase until then.
    ///
    /// # Errors
    /// Whatever can happen before a reply is there, and `headers_too_large`.
    pub(super) async fn send(
        &self,
        method: Method,
        url: &Url,
        mut headers: HeaderMap,
        body: Option<String>,
        mark: &PhaseMark,
    ) -> Result<Response, Failure> {
        if self.keeps {
            headers.remove(CONNECTION);
        }
        if self.is_unverified && !is_loopback(url) {
            let detail = "without verification only this machine is asked";
            return Err(Failure::new(ErrorKind::Tls).with_detail(detail));
        }
        if let Some(trust) = self.trust.as_ref().filter(|_| url.scheme() == "https") {
            trust.prepare();
        }
        let request = self.client.request(verb(method), url.clone()).headers(headers);
        let request = match body {
            Some(body) => request.body(body),
            None => request,
        };
        let response = self.reply(request, url, mark).await?;
        let status = response.status().as_u16();
        let size: usize = response.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
        if size > HEAD || response.headers().len() > HEADERS {
            return Err(Failure::new(ErrorKind::HeadersTooLarge).with_status(status));
        }
        if status == 407 && self.proxies.apply_to(url) {
            return Err(classify::proxy_wants_credentials());
        }
        Ok(response)
    }

    /// Sends a request. A connection that was kept may have been closed by the other end meanwhile, which says nothing
    /// about the request: it is sent once more, over another one.
    async fn reply(&self, request: RequestBuilder, url: &Url, mark: &PhaseMark) -> Result<Response, Failure> {
        mark.enter(Phase::Headers);
        let again = request.try_clone().filter(|_| self.keeps);
        let (sent, is_new) = phase::marking(mark, request.send()).await;
        let failure = match sent {
            Ok(response) => return Ok(response),
            Err(error) => self.failure(&error, url, mark.current()),
        };
        let Some(again) = again.filter(|_| !is_new && failure.kind == ErrorKind::ConnectionClosed) else {
            return Err(failure);
        };
        mark.enter(Phase::Headers);
        let (sent, _) = phase::marking(mark, again.send()).await;
        sent.map_err(|error| self.failure(&error, url, mark.current()))
    }

    /// What an exchange without a reply means.
    fn failure(&self, error: &reqwest::Error, url: &Url, phase: Phase) -> Failure {
        // Behind a tunnel, TLS is the supplier's own; without one, it is how a proxy is reached.
        let at_proxy = error.is_connect() && (phase != Phase::Tls || url.scheme() == "http");
        if at_proxy && self.proxies.apply_to(url) {
            return classify::proxy(error);
        }
        classify::sending(error, phase)
    }
}

/// Whether a URL leads to this machine whatever a resolver says.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// The method as the client knows it.
const fn verb(method: Method) -> reqwest::Method {
    match method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Patch => reqwest::Method::PATCH,
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::time::Duration;

    use tokio::net::{TcpSocket, TcpStream};

    use super::*;

    async fn get(names: Names, url: &str, mark: &PhaseMark) -> Result<Response, Failure> {
        let client = HttpClients::resolving(names, Proxies::none()).client(&TlsSettings::default()).unwrap();
        client.send(Method::Get, &url.parse().unwrap(), HeaderMap::new(), None, mark).await
    }

    /// A good listener on IPv4 whose port is silent on IPv6: a queue of connections that nobody accepts is full as long
    /// as they are open.
    async fn good_and_silent() -> (TcpListener, tokio::net::TcpListener, Vec<TcpStream>) {
        TcpListener::bind("[::1]:0").expect("this test needs IPv6 on loopback");
        // Somebody else may have the port on IPv6.
        let (good, silent) = loop {
            let good = TcpListener::bind("127.0.0.1:0").unwrap();
            let socket = TcpSocket::new_v6().unwrap();
            let port = good.local_addr().unwrap().port();
            if socket.bind((Ipv6Addr::LOCALHOST, port).into()).is_ok() {
                break (good, socket.listen(1).unwrap());
            }
        };
        let address = silent.local_addr().unwrap();
        let mut queue = Vec::new();
        while let Ok(stream) = tokio::time::timeout(Duration::from_millis(300), TcpStream::connect(address)).await {
            queue.push(stream.unwrap());
        }
        (good, silent, queue)
    }

    #[tokio::test]
    async fn a_silent_address_does_not_hide_a_good_one_of_the_other_family() {
        let (good, silent, queue) = good_and_silent().await;
        let address = good.local_addr().unwrap();
        std::thread::spawn(move || {
            let (mut client, _) = good.accept().unwrap();
            assert!(client.read(&mut [0; 4096]).unwrap() > 0);
            client.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
        });
        let names = Names::knowing("acme.example", &[silent.local_addr().unwrap(), address]);
        let url = format!("http://acme.example:{}/", address.port());
        let response = get(names, &url, &PhaseMark::new(Phase::Headers)).await.unwrap();
        assert_eq!(response.status(), 200);
        drop((silent, queue));
    }

    #[tokio::test]
    async fn a_resolver_that_never_answers_is_waited_for_in_phase_dns() {
        let mark = PhaseMark::new(Phase::Headers);
        tokio::select! {
            biased;
            _ = get(Names::with_permits(0), "http://acme.example/", &mark) => panic!("nobody resolves the name"),
            () = tokio::task::yield_now() => {}
        }
        assert_eq!(mark.current(), Phase::Dns);
    }
}
