package io.mitune.streams.promotion;

import io.mitune.schemas.PolicyEvent;
import io.mitune.schemas.RunStatus;
import io.mitune.streams.Decoder;
import io.mitune.streams.RunKey;
import io.mitune.streams.curator.PolicyEvents;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Refuses the records that a {@link io.mitune.streams.GlobalStore} passes over, by the same rules,
 * so that they come to the dead letters.
 */
final class InspectProcessor implements Processor<String, byte[], Void, Void> {
    private final Decoder decoder;
    private ProcessorContext<Void, Void> context;

    InspectProcessor(Decoder decoder) {
        this.decoder = decoder;
    }

    @Override
    public void init(ProcessorContext<Void, Void> context) {
        this.context = context;
    }

    @Override
    public void process(Record<String, byte[]> record) {
        var value = decoder.decode(context, record.value());
        if (value instanceof PolicyEvent event) {
            PolicyEvents.check(event);
        } else if (value instanceof RunStatus status) {
            RunKey.checked(record.key(), status.getRun());
        }
    }
}
