'use strict';

// Answers the quote requests on a queue of RabbitMQ.
//
//     node rabbitmq_responder.js amqp://guest:guest@localhost quotes.acme

const amqp = require('amqplib');
const { replyTo } = require('./offers');

async function answer(channel, request) {
  const { replyTo: address, correlationId } = request.properties;
  if (address) {
    channel.publish('', address, replyTo(request.content), { correlationId, contentType: 'application/json' });
    await channel.waitForConfirms();
  }
  // Not before: when this program is killed while it works, the broker hands the request to another one.
  channel.ack(request);
}

async function main(url, queue) {
  const connection = await amqp.connect(url);
  const channel = await connection.createConfirmChannel();
  // Requests wait on the broker, where they expire, and not here, where they do not.
  await channel.prefetch(1);
  await channel.assertQueue(queue, { durable: true });
  await channel.consume(queue, async (request) => {
    if (!request) throw new Error(`queue ${queue} is gone`);
    await answer(channel, request);
  });
  console.log(`answers on ${queue}`);
}

main(...process.argv.slice(2));
