package io.mitune.streams.planner;

import io.mitune.schemas.GenerationTask;
import io.mitune.schemas.PromptRequest;
import io.mitune.schemas.RequestLimits;
import io.mitune.streams.BadRecordException;
import io.mitune.streams.CurrentAdapters;
import io.mitune.streams.Decoder;
import io.mitune.streams.RoundGate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Plans each prompt once, when its round may start; see {@link PlannerTopology}. */
final class PlanProcessor implements Processor<String, byte[], String, GenerationTask> {
    private static final Logger log = LoggerFactory.getLogger(PlanProcessor.class);
    private static final Duration SWEEP = Duration.ofSeconds(1);

    /** Bounds one sweep well below the transaction timeout. */
    private static final int RELEASED_PER_SWEEP = 200;

    private final TaskSplit split;
    private final Decoder decoder;
    private ProcessorContext<String, GenerationTask> context;
    private CurrentAdapters adapters;
    private KeyValueStore<String, Long> planned;
    private KeyValueStore<String, PromptRequest> parked;

    PlanProcessor(TaskSplit split, Decoder decoder) {
        this.split = split;
        this.decoder = decoder;
    }

    @Override
    public void init(ProcessorContext<String, GenerationTask> context) {
        this.context = context;
        adapters = CurrentAdapters.in(context);
        planned = context.getStateStore(PlannerTopology.PLANNED);
        parked = context.getStateStore(PlannerTopology.PARKED);
        context.schedule(SWEEP, PunctuationType.WALL_CLOCK_TIME, now -> releaseParked());
    }

    @Override
    public void process(Record<String, byte[]> record) {
        var request = (PromptRequest) decoder.decode(context, record.value());
        check(record.key(), request);
        var key = key(request);
        if (planned.get(key) != null) {
            log.debug("{}: planned before", key);
            return;
        }
        planned.put(key, context.currentSystemTimeMs());
        if (isOpen(request)) {
            plan(request);
        } else {
            log.info("{}: waits for round {}", key, request.getRound() - 1);
            parked.put(key, request);
        }
    }

    private static void check(String key, PromptRequest request) {
        RequestLimits.fault(request)
                .ifPresent(
                        fault -> {
                            throw new BadRecordException("prompt: " + fault);
                        });
        if (!request.getPromptId().equals(key)) {
            throw new BadRecordException(
                    "prompt: key: expected the promptId "
                            + request.getPromptId()
                            + ", found another");
        }
    }

    /** Runs have no slash; two runs may hold the same prompts. */
    private static String key(PromptRequest r) {
        return r.getRun() + "/" + r.getRound() + "/" + r.getPromptId();
    }

    private boolean isOpen(PromptRequest r) {
        return RoundGate.isOpen(r.getRound(), adapters.of(r.getRun()));
    }

    private void plan(PromptRequest request) {
        long now = context.currentSystemTimeMs();
        for (var task : split.split(request, adapters.of(request.getRun()))) {
            context.forward(new Record<>(task.getTaskId(), task, now));
        }
    }

    private void releaseParked() {
        var open = new ArrayList<KeyValue<String, PromptRequest>>();
        Map<String, Boolean> gates = new HashMap<>();
        try (var all = parked.all()) {
            while (all.hasNext() && open.size() < RELEASED_PER_SWEEP) {
                var entry = all.next();
                var round = entry.value.getRun() + "/" + entry.value.getRound();
                if (gates.computeIfAbsent(round, r -> isOpen(entry.value))) {
                    open.add(entry);
                }
            }
        }
        for (var entry : open) {
            plan(entry.value);
            parked.delete(entry.key);
        }
    }
}
