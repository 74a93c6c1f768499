"""Answers the quote requests on a topic of Kafka.

    python kafka_responder.py localhost:9092 quotes.acme acme
"""

import sys
import time

from confluent_kafka import Consumer, Producer

from offers import reply_to


def is_expired(headers):
    """Whether nobody waits for the answer any more."""
    deadline = headers.get("x-deadline-ms")
    return deadline is not None and int(deadline) <= time.time() * 1000


def tell_of_failure(error, _message):
    if error:
        print(f"reply is not delivered: {error}", file=sys.stderr)


def answer(producer, request):
    headers = dict(request.headers() or [])
    topic = headers.get("kafka_replyTopic")
    if topic is None or is_expired(headers):
        return
    # Four bytes, the highest first. Without them the partition does not matter.
    partition = headers.get("kafka_replyPartition")
    producer.produce(
        topic.decode(),
        value=reply_to(request.value() or b""),
        partition=-1 if partition is None else int.from_bytes(partition, "big"),
        # The bytes as they came, whatever they are.
        headers={"kafka_correlationId": headers.get("kafka_correlationId")},
        on_delivery=tell_of_failure,
    )
    producer.flush()


def main(brokers, topic, group):
    # A reply topic that is gone is given up soon: nobody waits there, and others wait here.
    producer = Producer({"bootstrap.servers": brokers, "linger.ms": 0, "message.timeout.ms": 2000})
    consumer = Consumer(
        {
            "bootstrap.servers": brokers,
            "group.id": group,
            "enable.auto.commit": False,
            # What was asked before this program ran is answered too, unless it has expired.
            "auto.offset.reset": "earliest",
        }
    )
    consumer.subscribe([topic])
    print(f"answers on {topic}", flush=True)
    while True:
        request = consumer.poll(1.0)
        if request is None:
            continue
        if request.error():
            print(f"no request: {request.error()}", file=sys.stderr)
            continue
        answer(producer, request)
        # Not before: when this program is killed while it works, the request is read once more.
        consumer.commit(request, asynchronous=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
