//! The member of a consumer group that takes requests from a topic.
//!
//! The library's calls block, so they are made on a thread of their own. Owns how the group is joined, how many requests are
//! taken at a time, and what is said when a broker is away. Main type: [`Reader`].

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::metadata::MetadataTopic;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use uuid::Uuid;

use super::KafkaWorker;
use super::member::{Member, Membership, Protocol};
use super::request::{self, Request};
use crate::domain::Failure;
use crate::respond::worker::is_final;
use crate::respond::worker::pause::pause;

/// How long one call of the library may block.
const CALL: Duration = Duration::from_millis(100);
/// How long a broker may take to say what it has.
const ANSWER: Duration = Duration::from_secs(1);
/// How often it is tried whether a broker that was away is back.
const TRIAL: Duration = Duration::from_millis(500);
/// After which time a member that was given no partition is ready: there are more workers than partitions.
const SPARE: Duration = Duration::from_secs(5);

/// What comes from the topic.
pub(super) enum Coming {
    /// Requests are taken from now on.
    Ready,
    /// No broker can be reached; the next attempt is after the pause.
    Lost(Failure, Duration),
    /// The broker does not let the worker begin.
    Refused(Failure),
    /// A request, and the place among those that are worked on that it takes.
    Request(Box<Request>, OwnedSemaphorePermit),
}

/// Takes requests, on a thread of its own.
pub(super) struct Reader {
    pub(super) member: Arc<Member>,
    stop: Arc<AtomicBool>,
}

/// Why a membership ended.
enum End {
    /// It was to stop.
    Stopped,
    /// The broker does not know the protocol.
    Unsupported,
    /// The client is of no use any more.
    Broken(Failure),
    /// The client library does not take the settings.
    Useless(Failure),
}

impl Reader {
    /// Begins to read. Each request takes one of the places; when all are taken, no further one is read.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub(super) fn start(
        worker: Arc<KafkaWorker>,
        places: Arc<Semaphore>,
    ) -> io::Result<(Self, mpsc::UnboundedReceiver<Coming>)> {
        let (send, coming) = mpsc::unbounded_channel();
        let (member, stop) = (Arc::new(Member::new(worker.topic.clone())), Arc::<AtomicBool>::default());
        let reading = Reading {
            worker,
            places,
            send,
            member: Arc::clone(&member),
            stop: Arc::clone(&stop),
            waiting: Handle::current(),
            was_ready: false,
        };
        thread::Builder::new().name("kafka-requests".into()).spawn(move || reading.run())?;
        Ok((Self { member, stop }, coming))
    }

    /// Reads no further request. What was read is still to be noted as done.
    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

struct Reading {
    worker: Arc<KafkaWorker>,
    places: Arc<Semaphore>,
    send: mpsc::UnboundedSender<Coming>,
    member: Arc<Member>,
    stop: Arc<AtomicBool>,
    waiting: Handle,
    was_ready: bool,
}

impl Reading {
    fn run(mut self) {
        let (mut protocol, mut failures) = (Protocol::Consumer, 0);
        loop {
            match self.take_part(protocol) {
                End::Stopped => return,
                End::Unsupported => protocol = Protocol::Classic,
                End::Useless(failure) => return self.tell(Coming::Refused(failure)),
                End::Broken(failure) if !self.was_ready && is_final(&failure) => {
                    return self.tell(Coming::Refused(failure));
                }
                End::Broken(failure) => {
                    failures += 1;
                    self.wait(failure, failures);
                }
            }
        }
    }

    /// Joins the group and reads, until something ends it.
    fn take_part(&mut self, protocol: Protocol) -> End {
        let membership = match self.member.join(&self.worker, protocol) {
            Ok(membership) => membership,
            Err(_) if protocol == Protocol::Consumer => return End::Unsupported,
            Err(error) => return End::Useless(self.worker.door.explain(&error)),
        };
        if let Some(end) = self.find_topic(&membership) {
            return end;
        }
        if let Err(error) = membership.consumer.subscribe(&[&self.worker.topic]) {
            return End::Broken(self.worker.door.explain(&error));
        }
        self.read(&membership)
    }

    /// Waits until a broker says that the topic is there; `None` = it is.
    fn find_topic(&self, membership: &Membership) -> Option<End> {
        let mut failures = 0;
        while !self.is_stopped() {
            match find(&membership.consumer, &self.worker) {
                Ok(()) => return None,
                Err(failure) if is_final(&failure) => return Some(End::Broken(failure)),
                Err(failure) => {
                    failures += 1;
                    self.wait(failure, failures);
                }
            }
        }
        Some(End::Stopped)
    }

    fn read(&mut self, membership: &Membership) -> End {
        let Membership { consumer, .. } = membership;
        let (since, mut is_ready, mut lost) = (Instant::now(), false, None);
        while !self.is_stopped() {
            match consumer.poll(CALL) {
                None => {}
                Some(Ok(message)) => {
                    // The library is not polled meanwhile; an answer takes a minute at most.
                    let Ok(place) = self.waiting.block_on(Arc::clone(&self.places).acquire_owned()) else { break };
                    let request = Box::new(request::read(&message));
                    self.member.begin(request.place);
                    self.tell(Coming::Request(request, place));
                }
                Some(Err(KafkaError::MessageConsumptionFatal(_))) if membership.may_be_unsupported && !is_ready => {
                    return End::Unsupported;
                }
                Some(Err(error @ KafkaError::MessageConsumptionFatal(_))) => {
                    return End::Broken(self.worker.door.explain(&error));
                }
                Some(Err(error)) => {
                    let failure = self.worker.door.explain(&error);
                    if is_final(&failure) {
                        return End::Broken(failure);
                    }
                    if lost.is_none() {
                        self.tell(Coming::Lost(failure, TRIAL));
                        lost = Some(Instant::now());
                    }
                }
            }
            if !is_ready && lost.is_none() && (self.member.is_assigned() || since.elapsed() > SPARE) {
                (is_ready, self.was_ready) = (true, true);
                self.tell(Coming::Ready);
            }
            if lost.is_some_and(|tried| tried.elapsed() > TRIAL) {
                let is_back = find(consumer, &self.worker).is_ok();
                lost = (!is_back).then(Instant::now);
                if is_back && is_ready {
                    self.tell(Coming::Ready);
                }
            }
        }
        End::Stopped
    }

    /// Says why there is no broker, and waits.
    fn wait(&self, failure: Failure, failures: u32) {
        let pause = pause(failures, Uuid::new_v4().as_u64_pair().0);
        self.tell(Coming::Lost(failure, pause));
        let until = Instant::now() + pause;
        while !self.is_stopped() && Instant::now() < until {
            thread::sleep(CALL.min(until.saturating_duration_since(Instant::now())));
        }
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Nobody hears of it when the worker has just ended.
    fn tell(&self, coming: Coming) {
        let _ = self.send.send(coming);
    }
}

/// Whether the topic is there.
fn find<C: ConsumerContext>(consumer: &BaseConsumer<C>, worker: &KafkaWorker) -> Result<(), Failure> {
    let found = consumer.fetch_metadata(Some(&worker.topic), ANSWER);
    // What the library says of a call is that it took too long; why stands in its queue.
    let why = || {
        let errors = std::iter::from_fn(|| consumer.poll(Duration::ZERO)).filter_map(Result::err);
        errors.take(10).map(|error| worker.door.explain(&error)).find(is_final)
    };
    let metadata = found.map_err(|error| why().unwrap_or_else(|| worker.door.explain(&error)))?;
    let code = metadata.topics().iter().find(|topic| topic.name() == worker.topic).and_then(MetadataTopic::error);
    match code.map(RDKafkaErrorCode::from) {
        None => Ok(()),
        Some(code) => Err(worker.door.explain(&KafkaError::MetadataFetch(code))),
    }
}
