//! Suppliers on a queue of RabbitMQ.

use crate::suite::{Conduct, Transport};
use crate::support::rabbit::{self, Message, Responder};

struct RabbitMq(Responder);

impl Transport for RabbitMq {
    const NAME: &'static str = "amqp";
    const GARBAGE: &'static str = "broker_reply";

    fn of(conduct: Conduct) -> Self {
        Self(Responder::new(move |request| conduct().iter().map(|body| Message::to(request, body)).collect()))
    }

    fn lines(&self) -> String {
        format!("url = \"{}\"\nqueue = \"{}\"", rabbit::url(), self.0.queue)
    }

    fn answered(&self) -> usize {
        self.0.answered()
    }
}

contract!(
    RabbitMq,
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
