package io.mitune.streams;

import io.mitune.schemas.Connection;
import io.mitune.schemas.Topic;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.streams.processor.api.ProcessingContext;

/**
 * Decodes the values of source topics inside of a processor.
 *
 * <p>Kafka Streams counts a record as consumed only when a processor has seen it: a value that its
 * source cannot decode may be read again after a crash, and its dead letter be written twice. So
 * the sources hand over bytes. Thread-safe.
 */
public final class Decoder {
    private final Map<String, Deserializer<? extends SpecificRecord>> byTopic = new HashMap<>();

    private Decoder() {}

    @SafeVarargs
    public static Decoder of(Connection connection, Topic<? extends SpecificRecord>... topics) {
        var decoder = new Decoder();
        for (var topic : topics) {
            decoder.byTopic.put(topic.name(), connection.serde(topic.type()).deserializer());
        }
        return decoder;
    }

    /** The value of the record in hand; {@link BadRecordException} where there is none. */
    public SpecificRecord decode(ProcessingContext context, byte[] value) {
        var topic = context.recordMetadata().orElseThrow().topic();
        if (value == null) {
            throw new BadRecordException("topic " + topic + ": expected a value, found none");
        }
        try {
            return byTopic.get(topic).deserialize(topic, value);
        } catch (SerializationException e) {
            throw new BadRecordException(e.getMessage(), e);
        }
    }
}
