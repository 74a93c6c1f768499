'use strict';

// Answers the quote requests on a topic of Kafka.
//
//     node kafka_responder.js localhost:9092 quotes.acme acme

const { Kafka, Partitioners, logLevel } = require('kafkajs');
const { replyTo } = require('./offers');

// Whether nobody waits for the answer any more.
function isExpired(headers) {
  const deadline = headers['x-deadline-ms'];
  return deadline !== undefined && Number(deadline) <= Date.now();
}

// Sends replies. A producer of this client asks for the metadata of every topic that it has ever written to, and fails for
// all of them when one is gone, as the topic of a run is after it. So each topic has a producer of its own; the last one is
// kept.
class Replies {
  constructor(kafka) {
    this.kafka = kafka;
  }

  async send(topic, reply) {
    if (topic !== this.topic) {
      await this.producer?.disconnect();
      this.topic = undefined;
      const createPartitioner = Partitioners.DefaultPartitioner;
      this.producer = this.kafka.producer({ allowAutoTopicCreation: false, createPartitioner, retry: { retries: 2 } });
      await this.producer.connect();
      this.topic = topic;
    }
    await this.producer.send({ topic, messages: [reply] });
  }
}

async function answer(replies, request) {
  const headers = request.headers ?? {};
  if (headers.kafka_replyTopic === undefined || isExpired(headers)) return;
  const reply = {
    value: replyTo(request.value ?? ''),
    // Four bytes, the highest first. Without them the partition does not matter.
    partition: headers.kafka_replyPartition?.readInt32BE(),
    // The bytes as they came, whatever they are.
    headers: { kafka_correlationId: headers.kafka_correlationId },
  };
  try {
    await replies.send(headers.kafka_replyTopic.toString(), reply);
  } catch (error) {
    // A reply topic that is gone must not stop the others: nobody waits there.
    console.error(`reply is not delivered: ${error.message}`);
  }
}

async function main(brokers, topic, groupId) {
  const kafka = new Kafka({ clientId: groupId, brokers: brokers.split(','), logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId, allowAutoTopicCreation: false });
  const replies = new Replies(kafka);
  await consumer.connect();
  // What was asked before this program ran is answered too, unless it has expired.
  await consumer.subscribe({ topic, fromBeginning: true });
  // A request is committed when its answer is sent: when this program is killed before, it is read once more.
  await consumer.run({ eachMessage: ({ message }) => answer(replies, message) });
  console.log(`answers on ${topic}`);
}

main(...process.argv.slice(2));
