package io.mitune.streams.runs;

import io.mitune.schemas.Candidate;
import io.mitune.schemas.Evaluation;
import io.mitune.schemas.PromptRequest;
import io.mitune.schemas.RequestLimits;
import io.mitune.schemas.RunCount;
import io.mitune.schemas.RunStatus;
import io.mitune.streams.BadRecordException;
import io.mitune.streams.CurrentRuns;
import io.mitune.streams.Decoder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts what one partition holds of each run, and publishes its share of a round that was opened;
 * see {@link RunsTopology}.
 */
final class PartProcessor implements Processor<String, byte[], String, SpecificRecord> {
    private static final Logger log = LoggerFactory.getLogger(PartProcessor.class);
    private static final Duration SWEEP = Duration.ofSeconds(1);

    /** Bounds one sweep well below the transaction timeout. */
    private static final int PUBLISHED_PER_SWEEP = 500;

    private final Decoder decoder;
    private final TreeSet<String> untold = new TreeSet<>();
    private final Map<String, Integer> followed = new HashMap<>();
    private ProcessorContext<String, SpecificRecord> context;
    private CurrentRuns runs;
    private KeyValueStore<String, PromptRequest> prompts;
    private KeyValueStore<String, RunCount> parts;

    PartProcessor(Decoder decoder) {
        this.decoder = decoder;
    }

    @Override
    public void init(ProcessorContext<String, SpecificRecord> context) {
        this.context = context;
        runs = CurrentRuns.in(context);
        prompts = context.getStateStore(RunsTopology.PROMPTS);
        parts = context.getStateStore(RunsTopology.PARTS);
        try (var all = parts.all()) {
            all.forEachRemaining(entry -> untold.add(entry.key)); // who knows what was told
        }
        context.schedule(
                SWEEP,
                PunctuationType.WALL_CLOCK_TIME,
                now -> {
                    tellCounts(now);
                    publish(now);
                });
    }

    @Override
    public void process(Record<String, byte[]> record) {
        var value = decoder.decode(context, record.value());
        if (value instanceof PromptRequest request) {
            onPrompt(request);
        } else if (value instanceof Candidate c) {
            count(c.getRun(), 0, c.getSeconds(), 1);
        } else if (value instanceof Evaluation e) {
            count(e.getRun(), 0, e.getSeconds(), 0);
        }
    }

    private void onPrompt(PromptRequest request) {
        BadRecordException.refuse(RequestLimits.fault(request));
        count(request.getRun(), request.getRound(), 0, 0);
        var key = request.getRun() + "/" + request.getPromptId();
        var known = prompts.get(key);
        // of two requests for one round the first counts, as for the planner
        if (known == null || known.getRound() < request.getRound()) {
            prompts.put(key, request);
            followed.remove(request.getRun());
        }
    }

    private void count(String run, int round, double seconds, int samples) {
        BadRecordException.refuse(RequestLimits.runFault(run));
        var part = parts.get(run);
        int number = context.taskId().partition();
        double before = part == null ? 0 : part.getSeconds();
        parts.put(
                run,
                RunCount.newBuilder()
                        .setRun(run)
                        .setPart(number)
                        .setRound(Math.max(round, part == null ? 0 : part.getRound()))
                        .setSeconds(before + RunTotals.counted(seconds))
                        .setSamples(samples + (part == null ? 0 : part.getSamples()))
                        .build());
        untold.add(run);
    }

    private void tellCounts(long now) {
        for (var run : untold) {
            var part = parts.get(run);
            var key = run + "/" + part.getPart();
            context.forward(new Record<>(key, part, now), RunsTopology.TO_COUNTS);
        }
        untold.clear();
    }

    private void publish(long now) {
        try (var all = parts.all()) {
            var room = PUBLISHED_PER_SWEEP;
            while (all.hasNext() && room > 0) {
                var status = runs.of(all.next().key);
                room -= status.map(s -> follow(s, now)).orElse(0);
            }
        }
    }

    /** Publishes prompts of the opened round that are missing; says how many. */
    private int follow(RunStatus status, long now) {
        var run = status.getRun();
        int opened = status.getOpenedRound();
        if (opened < 1 || followed.getOrDefault(run, 0) == opened) {
            return 0;
        }
        var due = due(run, opened - 1);
        for (var request : due) {
            var next = NextRound.of(request, status.getDraw());
            prompts.put(run + "/" + next.getPromptId(), next);
            context.forward(new Record<>(next.getPromptId(), next, now), RunsTopology.TO_PROMPTS);
        }
        if (due.size() < PUBLISHED_PER_SWEEP) {
            followed.put(run, opened);
        }
        log.info("{}: {} prompts of this partition in round {}", run, due.size(), opened);
        return due.size();
    }

    private List<PromptRequest> due(String run, int round) {
        var due = new ArrayList<PromptRequest>();
        try (var range = prompts.prefixScan(run + "/", new StringSerializer())) {
            while (range.hasNext() && due.size() < PUBLISHED_PER_SWEEP) {
                var request = range.next().value;
                if (request.getRound() == round) {
                    due.add(request);
                }
            }
        }
        return due;
    }
}
