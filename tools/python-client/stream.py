#!/usr/bin/env python3
"""Publishes prompts to the stream and reads its candidates with Confluent's own Python client.

    stream.py publish --prompts FILE [--run RUN ...]    one prompt a line; prints the ids
    stream.py candidates [--max-messages N]             one JSON object a line, from the beginning

An example to start from, and what a test runs to show that records pass both ways. `mitune publish`
does more: rounds, checks, nothing twice. See requirements.txt for what it needs.
"""
import argparse
import hashlib
import json
import os
import pathlib
import sys
import time

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

HISTORY = pathlib.Path(__file__).parents[2] / "schemas/src/test/resources/history"


def schema_of(record):
    """The newest version of a record's schema, whole in one file."""
    versions = (HISTORY / record).glob("v*.avsc")
    return max(versions, key=lambda file: int(file.stem[1:])).read_text()


def identity(*parts):
    """First 16 bytes, in hex, of the SHA-256 of the parts, each after its length (Identity.java)."""
    digest = hashlib.sha256()
    for part in parts:
        data = str(part).encode()
        digest.update(len(data).to_bytes(4, "big") + data)
    return digest.hexdigest()[:32]


def requests(args):
    """One request for each line that is not empty."""
    texts = [line.strip() for line in open(args.prompts, encoding="utf-8") if line.strip()]
    batch = args.batch or identity("batch", args.run, *texts)
    for position, text in enumerate(texts):
        yield {
            "promptId": identity("prompt", batch, position, text),
            "run": args.run,
            "round": 1,
            "roundSize": len(texts),
            "batch": batch,
            "text": text,
            "position": position,
            "seed": args.seed,
            "candidates": args.candidates,
            "keep": 1,
            "sampling": {
                "scheduler": args.scheduler,
                "numInferenceSteps": args.num_inference_steps,
                "guidanceScale": args.guidance_scale,
            },
            "requestedAt": int(time.time() * 1000),
        }


def publish(args, registry):
    topic = args.topic_prefix + "prompts"
    serialize = AvroSerializer(registry, schema_of("PromptRequest"))
    context = SerializationContext(topic, MessageField.VALUE)
    producer = Producer({**args.kafka, "enable.idempotence": True})
    failures = []
    for request in requests(args):
        producer.produce(
            topic,
            key=request["promptId"],
            value=serialize(request, context),
            on_delivery=lambda error, _: failures.append(str(error)) if error else None,
        )
        print(request["promptId"])
    left = producer.flush(30)
    if left or failures:
        sys.exit(f"topic {topic}: expected all prompts in the log, {left} left; {failures[:1]}")


def candidates(args, registry):
    topic = args.topic_prefix + "candidates"
    deserialize = AvroDeserializer(registry)
    context = SerializationContext(topic, MessageField.VALUE)
    consumer = Consumer(
        {**args.kafka, "group.id": "none", "isolation.level": "read_committed", "enable.auto.commit": False}
    )
    partitions = consumer.list_topics(topic, 30).topics[topic].partitions
    consumer.assign([TopicPartition(topic, p, 0) for p in partitions])
    printed, deadline = 0, time.time() + args.seconds
    while printed < args.max_messages and time.time() < deadline:
        message = consumer.poll(1)
        if message is None or message.value() is None:
            continue
        if message.error():
            sys.exit(f"topic {topic}: {message.error()}")
        print(json.dumps(deserialize(message.value(), context), default=str))
        printed += 1
    consumer.close()


def main():
    env = os.environ.get
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bootstrap-server", default=env("MITUNE_BOOTSTRAP_SERVER", "localhost:9092"))
    parser.add_argument("--schema-registry-url", default=env("MITUNE_SCHEMA_REGISTRY_URL", "http://localhost:8081"))
    parser.add_argument("--topic-prefix", default=env("MITUNE_TOPIC_PREFIX", "mitune."))
    parser.add_argument("--kafka", action="append", default=[], metavar="KEY=VALUE",
                        help="property of librdkafka; may be repeated")
    commands = parser.add_subparsers(required=True)
    pub = commands.add_parser("publish")
    pub.set_defaults(command=publish)
    pub.add_argument("--prompts", required=True)
    pub.add_argument("--run", default="default")
    pub.add_argument("--batch", default="")
    pub.add_argument("--seed", type=int, default=42)
    pub.add_argument("--candidates", type=int, default=8)
    pub.add_argument("--scheduler", default="ddpm")
    pub.add_argument("--num-inference-steps", type=int, default=50)
    pub.add_argument("--guidance-scale", type=float, default=7.5)
    tap = commands.add_parser("candidates")
    tap.set_defaults(command=candidates)
    tap.add_argument("--max-messages", type=int, default=sys.maxsize)
    tap.add_argument("--seconds", type=float, default=30, help="stop after so long")
    args = parser.parse_args()
    more = dict(pair.split("=", 1) for pair in args.kafka)
    args.kafka = {"bootstrap.servers": args.bootstrap_server, **more}
    args.command(args, SchemaRegistryClient({"url": args.schema_registry_url}))


if __name__ == "__main__":
    main()
