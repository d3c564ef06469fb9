package io.mitune.streams;

import io.mitune.schemas.Connection;
import io.mitune.schemas.Topic;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * Serdes for state stores. A store's values are written under the subject of the topic that they
 * came from: no schema has to be registered for changelog topics, and state written by an older
 * version can be read. Thread-safe.
 */
public final class StoreSerdes {
    private StoreSerdes() {}

    public static <V extends SpecificRecord> Serde<V> of(Connection connection, Topic<V> topic) {
        var serde = connection.serde(topic.type());
        var serializer = serde.serializer();
        var deserializer = serde.deserializer();
        return Serdes.serdeFrom(
                (changelog, value) -> serializer.serialize(topic.name(), value),
                (changelog, bytes) -> deserializer.deserialize(topic.name(), bytes));
    }
}
