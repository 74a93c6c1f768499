"""Answers the quote requests on a queue of RabbitMQ.

    python rabbitmq_responder.py amqp://guest:guest@localhost quotes.acme
"""

import sys

import pika

from offers import reply_to


def answer(channel, method, properties, body):
    if properties.reply_to:
        channel.basic_publish(
            exchange="",
            routing_key=properties.reply_to,
            body=reply_to(body),
            properties=pika.BasicProperties(
                correlation_id=properties.correlation_id,
                content_type="application/json",
            ),
        )
    # Not before: when this program is killed while it works, the broker hands the request to another one.
    channel.basic_ack(method.delivery_tag)


def main(url, queue):
    channel = pika.BlockingConnection(pika.URLParameters(url)).channel()
    # A publication returns when the broker has taken the message.
    channel.confirm_delivery()
    # Requests wait on the broker, where they expire, and not here, where they do not.
    channel.basic_qos(prefetch_count=1)
    channel.queue_declare(queue, durable=True)
    channel.basic_consume(queue, answer)
    print(f"answers on {queue}", flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    main(*sys.argv[1:])
