package io.mitune.streams;

import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProcessingExceptionHandler;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Moves records that a processor refused, or broke on, to the dead letters. What the environment
 * caused (a full disk, a lost broker, a silent schema registry) and what happened outside of a
 * record (a timer) stops the stream instead. Made by Kafka Streams from its properties.
 */
public final class RefusedRecords implements ProcessingExceptionHandler {
    private DeadLetterConfig config;

    @Override
    public void configure(Map<String, ?> properties) {
        config = DeadLetterConfig.of(properties);
    }

    @Override
    public Response handleError(ErrorHandlerContext context, Record<?, ?> record, Exception error) {
        if (error instanceof KafkaException || record == null || context.topic() == null) {
            return Response.fail();
        }
        return Response.resume(config.letters(source(context), error));
    }

    private static ConsumerRecord<byte[], byte[]> source(ErrorHandlerContext c) {
        return new ConsumerRecord<>(
                c.topic(),
                c.partition(),
                c.offset(),
                c.timestamp(),
                TimestampType.CREATE_TIME,
                ConsumerRecord.NULL_SIZE,
                ConsumerRecord.NULL_SIZE,
                c.sourceRawKey(),
                c.sourceRawValue(),
                c.headers(),
                Optional.empty());
    }
}
