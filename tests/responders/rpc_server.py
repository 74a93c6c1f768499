"""A responder in the manner of tutorials on RPC over RabbitMQ: a number comes and a number goes.

It knows nothing of quotes, of deadlines or of who asks.
"""

import sys

import pika

connection = pika.BlockingConnection(pika.URLParameters(sys.argv[1]))
channel = connection.channel()
channel.queue_declare(queue=sys.argv[2])


def on_request(ch, method, props, body):
    doubled = 2 * int(body)
    ch.basic_publish(
        exchange="",
        routing_key=props.reply_to,
        properties=pika.BasicProperties(correlation_id=props.correlation_id),
        body=str(doubled),
    )
    ch.basic_ack(delivery_tag=method.delivery_tag)


channel.basic_qos(prefetch_count=1)
channel.basic_consume(queue=sys.argv[2], on_message_callback=on_request)
print("answers", flush=True)
channel.start_consuming()
