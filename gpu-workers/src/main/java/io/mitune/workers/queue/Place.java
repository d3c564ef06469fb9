package io.mitune.workers.queue;

import io.mitune.schemas.Identity;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Where a record stands and what it is, so that a recreated topic isn't taken for the old one. */
record Place(String topic, int partition, long offset, String sha256) {

    static Place of(ConsumerRecord<byte[], byte[]> record) {
        byte[] value = record.value() == null ? new byte[0] : record.value();
        return new Place(
                record.topic(), record.partition(), record.offset(), Identity.sha256(value));
    }
}
