//! Somebody who asks over Kafka.

use std::time::{Duration, Instant};

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{Header, Headers, Message, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};

use super::{Asker, PATIENCE, REQUEST, Result};

/// Partitions of the topic, which one, two and three workers share evenly.
const PARTITIONS: i32 = 6;

/// Asks on a topic of its own, and reads the replies on another one.
pub(super) struct KafkaAsker {
    address: String,
    topic: String,
    replies: String,
    producer: BaseProducer,
    consumer: BaseConsumer,
    asked: i32,
}

impl KafkaAsker {
    /// Makes the topics.
    pub(super) fn new(address: &str) -> Result<Self> {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", address).set("linger.ms", "0").set("group.id", "unused");
        let topic = format!("bench.{}", uuid::Uuid::new_v4());
        let replies = format!("{topic}.replies");
        make(&config, &topic, PARTITIONS)?;
        make(&config, &replies, 1)?;
        let consumer: BaseConsumer = config.create()?;
        let mut places = TopicPartitionList::new();
        places.add_partition_offset(&replies, 0, Offset::Beginning)?;
        consumer.assign(&places)?;
        Ok(Self { address: address.to_owned(), topic, replies, producer: config.create()?, consumer, asked: 0 })
    }
}

fn make(config: &ClientConfig, topic: &str, partitions: i32) -> Result<()> {
    let admin: AdminClient<DefaultClientContext> = config.create()?;
    let topic = NewTopic::new(topic, partitions, TopicReplication::Fixed(1));
    let options = AdminOptions::new().operation_timeout(Some(PATIENCE));
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let made = runtime.block_on(admin.create_topics([&topic], &options))?;
    made.into_iter().collect::<std::result::Result<Vec<_>, _>>().map_err(|(_, code)| code)?;
    Ok(())
}

impl Asker for KafkaAsker {
    fn keys(&self) -> String {
        format!("url = \"kafka://{}\"\ntopic = \"{}\"", self.address, self.topic)
    }

    fn killed_every(&self) -> Duration {
        Duration::from_secs(5)
    }

    fn ask(&mut self, id: &str) -> Result<()> {
        let headers: [(&str, &[u8]); 3] = [
            ("kafka_correlationId", id.as_bytes()),
            ("kafka_replyTopic", self.replies.as_bytes()),
            ("kafka_replyPartition", &[0, 0, 0, 0]),
        ];
        let all = OwnedHeaders::new();
        let headers = headers.into_iter().fold(all, |all, (key, value)| all.insert(Header { key, value: Some(value) }));
        let record: BaseRecord<'_, (), [u8]> = BaseRecord::to(&self.topic).payload(REQUEST).headers(headers);
        self.producer.send(record.partition(self.asked % PARTITIONS)).map_err(|(error, _)| error)?;
        self.producer.poll(Duration::ZERO);
        self.asked += 1;
        Ok(())
    }

    fn sent(&mut self) -> Result<()> {
        Ok(self.producer.flush(PATIENCE)?)
    }

    fn reply(&mut self) -> Result<String> {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            let Some(message) = self.consumer.poll(Duration::from_secs(1)) else { continue };
            let message = message?;
            let headers = message.headers().ok_or("a reply without headers")?;
            let id = headers.iter().find(|header| header.key == "kafka_correlationId");
            let id = id.and_then(|header| header.value).ok_or("a reply without an id")?;
            return Ok(String::from_utf8(id.to_vec())?);
        }
        Err("no reply comes".into())
    }
}
