//! Suppliers over HTTP.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::suite::{Conduct, Transport};
use crate::support::hostile::{self, Server, http};

struct Http {
    server: Server,
    answered: Arc<AtomicUsize>,
}

impl Transport for Http {
    const NAME: &'static str = "http";
    const GARBAGE: &'static str = "malformed_json";

    fn of(conduct: Conduct) -> Self {
        let answered = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&answered);
        let server = hostile::serve("http", move |mut client| {
            client.read_head()?;
            let replies: Vec<u8> =
                conduct().iter().flat_map(|body| http::reply("200 OK", &[], body.as_bytes())).collect();
            // Who asked may be gone.
            let sent = client.stream.write_all(&replies);
            count.fetch_add(1, Ordering::SeqCst);
            sent.and_then(|()| client.wait_for_close())
        });
        Self { server, answered }
    }

    fn lines(&self) -> String {
        format!("url = \"{}\"", self.server.url())
    }

    fn answered(&self) -> usize {
        self.answered.load(Ordering::SeqCst)
    }
}

contract!(
    Http,
    holds: [
        a_quote,
        several_offers,
        silence,
        garbage,
        a_late_reply,
        a_duplicate_reply,
        an_error_reply,
        a_cancelled_request,
    ],
    without: []
);
