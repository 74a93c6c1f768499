//! Suppliers on a topic of Kafka, each run with a reply topic of its own.

use crate::suite::{Conduct, Transport};
use crate::support::kafka::{Broker, Responder};

struct Kafka {
    broker: Broker,
    topic: String,
    responder: Responder,
}

impl Transport for Kafka {
    const NAME: &'static str = "kafka";
    const GARBAGE: &'static str = "broker_reply";

    fn of(conduct: Conduct) -> Self {
        let broker = Broker::shared();
        let topic = broker.topic();
        let responder =
            broker.respond(&topic, move |request| conduct().into_iter().map(|body| request.answer(body)).collect());
        Self { broker, topic, responder }
    }

    fn lines(&self) -> String {
        format!("url = \"{}\"\ntopic = \"{}\"", self.broker.url(), self.topic)
    }

    fn answered(&self) -> usize {
        self.responder.answered()
    }
}

contract!(
    Kafka,
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
