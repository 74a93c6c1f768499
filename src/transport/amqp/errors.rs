//! From the client's errors to the stable kinds.

use lapin::protocol::{AMQPError, AMQPErrorKind};
use lapin::{Error, ErrorKind as Told};

use crate::domain::{ErrorKind, Failure};
use crate::transport::faults::{is_local_resource, short, words};
use crate::transport::work::local_resource;

// What AMQP calls these, by number.
/// Who we are, or what we want, is not permitted.
const ACCESS_REFUSED: u16 = 403;
/// The virtual host is none of ours.
const NOT_ALLOWED: u16 = 530;
/// What concerns one channel begins here, but for what its connection is closed for.
const FIRST_OF_CHANNEL: u16 = 311;
const LAST_OF_CHANNEL: u16 = 313;
/// The queue or the exchange is missing, locked, or other than it is asked for.
const NOT_FOUND: u16 = 404;
const PRECONDITION_FAILED: u16 = 406;

/// Why there is no connection, no channel or no confirmation.
pub(super) fn failure(error: &Error) -> Failure {
    match error.kind() {
        Told::ProtocolError(error) => said(error),
        Told::IOError(error) if is_local_resource(error) => local_resource(error),
        Told::IOError(error) => unreachable(words(&**error)),
        Told::ParsingError(_) | Told::InvalidProtocolVersion(_) => unreachable("it does not speak AMQP 0.9.1"),
        Told::MissingHeartbeatError => unreachable("it has been silent for too long"),
        Told::InvalidChannelState(..) | Told::InvalidConnectionState(_) | Told::InvalidChannel(_) => lost(),
        Told::ChannelsLimitReached => {
            Failure::new(ErrorKind::LocalResource).with_detail("the broker permits no further channel")
        }
        _ => unreachable(words(error)),
    }
}

/// A connection that was there and is not any more.
pub(super) fn lost() -> Failure {
    unreachable("the connection was lost")
}

/// No connection, and why.
pub(super) fn unreachable(detail: impl Into<String>) -> Failure {
    Failure::new(ErrorKind::BrokerUnreachable).with_detail(detail)
}

/// What the broker itself said.
fn said(error: &AMQPError) -> Failure {
    let number = match error.kind() {
        AMQPErrorKind::Soft(error) => error.get_id(),
        AMQPErrorKind::Hard(error) => error.get_id(),
    };
    let kind = match number {
        ACCESS_REFUSED | NOT_ALLOWED => ErrorKind::BrokerAuth,
        FIRST_OF_CHANNEL..=LAST_OF_CHANNEL | NOT_FOUND..=PRECONDITION_FAILED => ErrorKind::BrokerUnroutable,
        _ => ErrorKind::BrokerUnreachable,
    };
    Failure::new(kind).with_detail(short(error.get_message().as_str()))
}
