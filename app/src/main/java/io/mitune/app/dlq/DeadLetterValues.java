package io.mitune.app.dlq;

import io.mitune.schemas.Connection;
import io.mitune.schemas.Topic;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;

/** What the failed records say, where they can be read at all. Stateless. */
public final class DeadLetterValues {
    private DeadLetterValues() {}

    /** Gives the readable values of all dead letters that were not sent again. */
    public static void forEachOpen(Connection connection, Consumer<SpecificRecord> action) {
        DeadLetterSet.open(connection, letter -> true)
                .forEach(letter -> of(connection, letter).ifPresent(action));
    }

    static Optional<SpecificRecord> of(Connection connection, DeadLetter letter) {
        return topics(connection, letter)
                .findFirst()
                .flatMap(topic -> decoded(connection, topic, letter.raw().value()));
    }

    private static Stream<Topic<?>> topics(Connection connection, DeadLetter letter) {
        return connection.topics().all().stream()
                .filter(topic -> topic.name().equals(letter.topic()))
                .filter(topic -> SpecificRecord.class.isAssignableFrom(topic.type()));
    }

    private static Optional<SpecificRecord> decoded(
            Connection connection, Topic<?> topic, byte[] value) {
        try {
            var serde = connection.serde(topic.type().asSubclass(SpecificRecord.class));
            return Optional.ofNullable(serde.deserializer().deserialize(topic.name(), value));
        } catch (SerializationException e) {
            return Optional.empty();
        }
    }
}
