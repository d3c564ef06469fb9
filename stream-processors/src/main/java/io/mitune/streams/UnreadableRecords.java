package io.mitune.streams;

import io.mitune.schemas.serde.RegistryUnavailableException;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.errors.DeserializationExceptionHandler;
import org.apache.kafka.streams.errors.ErrorHandlerContext;

/**
 * Moves records that cannot be decoded to the dead letters. A registry that does not answer says
 * nothing about the record, so then the stream stops. Made by Kafka Streams from its properties.
 */
public final class UnreadableRecords implements DeserializationExceptionHandler {
    private DeadLetterConfig config;

    @Override
    public void configure(Map<String, ?> properties) {
        config = DeadLetterConfig.of(properties);
    }

    @Override
    public Response handleError(
            ErrorHandlerContext context, ConsumerRecord<byte[], byte[]> record, Exception error) {
        return error instanceof RegistryUnavailableException
                ? Response.fail()
                : Response.resume(config.letters(record, error));
    }
}
