#!/usr/bin/env python3
"""Prints the records of a topic as lines of JSON: the same as `mitune tap TOPIC`, to start from.

pip install 'confluent-kafka[avro,schemaregistry]'
"""
import json
import os
import sys

from confluent_kafka import Consumer, KafkaError, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

env = os.environ.get
topic = env("MITUNE_TOPIC_PREFIX", "mitune.") + sys.argv[1]
registry = SchemaRegistryClient({"url": env("MITUNE_SCHEMA_REGISTRY_URL", "http://localhost:8081")})
decode = AvroDeserializer(registry)
consumer = Consumer({
    "bootstrap.servers": env("MITUNE_BOOTSTRAP_SERVER", "localhost:9092"),
    "group.id": "not-used",  # assigned by hand and nothing committed: no group comes into being
    "enable.auto.commit": False,
    "isolation.level": "read_committed",
    "enable.partition.eof": True,
})
partitions = set(consumer.list_topics(topic, timeout=30).topics[topic].partitions)
consumer.assign([TopicPartition(topic, p, 0) for p in partitions])
while partitions:
    message = consumer.poll(1)
    if message is None:
        continue
    if message.error() is None:
        value = decode(message.value(), SerializationContext(topic, MessageField.VALUE))
        print(json.dumps({"key": message.key().decode(), "value": value}, default=str))
    elif message.error().code() == KafkaError._PARTITION_EOF:
        partitions.discard(message.partition())
    else:
        raise SystemExit(message.error().str())
consumer.close()
