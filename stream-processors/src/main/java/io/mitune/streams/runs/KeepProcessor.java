package io.mitune.streams.runs;

import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.RequestLimits;
import io.mitune.schemas.RunCount;
import io.mitune.schemas.RunLimits;
import io.mitune.schemas.RunSettings;
import io.mitune.schemas.RunStatus;
import io.mitune.schemas.TrainingStep;
import io.mitune.streams.BadRecordException;
import io.mitune.streams.Decoder;
import io.mitune.streams.RunKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says where each run stands and opens its rounds; see {@link RunsTopology}. */
final class KeepProcessor implements Processor<String, byte[], String, RunStatus> {
    private static final Logger log = LoggerFactory.getLogger(KeepProcessor.class);
    private static final Duration SWEEP = Duration.ofSeconds(1);

    /** Figures that only grow are told no more often than this. */
    private static final Duration CALM = Duration.ofSeconds(3);

    private final Decoder decoder;
    private final Map<String, Pace> paces = new HashMap<>();
    private final TreeSet<String> runs = new TreeSet<>();
    private ProcessorContext<String, RunStatus> context;
    private KeyValueStore<String, RunSettings> settings;
    private KeyValueStore<String, RunCount> counts;
    private KeyValueStore<String, AdapterEvent> adapters;
    private KeyValueStore<String, TrainingStep> steps;
    private KeyValueStore<String, RunStatus> statuses;

    KeepProcessor(Decoder decoder) {
        this.decoder = decoder;
    }

    @Override
    public void init(ProcessorContext<String, RunStatus> context) {
        this.context = context;
        settings = context.getStateStore(RunsTopology.SETTINGS);
        counts = context.getStateStore(RunsTopology.COUNTS);
        adapters = context.getStateStore(RunsTopology.ADAPTERS);
        steps = context.getStateStore(RunsTopology.STEPS);
        statuses = context.getStateStore(RunsTopology.STATUSES);
        for (var store : List.of(settings, adapters, steps, statuses)) {
            try (var all = store.all()) {
                all.forEachRemaining(entry -> runs.add(entry.key));
            }
        }
        try (var all = counts.all()) {
            all.forEachRemaining(entry -> runs.add(entry.value.getRun()));
        }
        context.schedule(SWEEP, PunctuationType.WALL_CLOCK_TIME, this::tell);
    }

    @Override
    public void process(Record<String, byte[]> record) {
        var value = decoder.decode(context, record.value());
        if (value instanceof RunSettings s) {
            BadRecordException.refuse("run", RunLimits.fault(s));
            settings.put(known(s.getRun()), s);
            log.info("{}: settings version {}: {}", s.getRun(), s.getVersion(), s.getReason());
        } else if (value instanceof RunCount c) {
            BadRecordException.refuse("run", partFault(c));
            counts.put(known(c.getRun()) + "/" + c.getPart(), c);
        } else if (value instanceof AdapterEvent a) {
            adapters.put(known(RunKey.checked(record.key(), a.getRun())), a);
        } else if (value instanceof TrainingStep t) {
            steps.put(known(t.getRun()), t);
            countTraining(t);
        }
    }

    /** A step that a restarted trainer repeats was paid for again. */
    private void countTraining(TrainingStep step) {
        var key = step.getRun() + "/" + RunTotals.TRAINING;
        double before = Optional.ofNullable(counts.get(key)).map(RunCount::getSeconds).orElse(0.0);
        counts.put(
                key,
                RunCount.newBuilder()
                        .setRun(step.getRun())
                        .setPart(RunTotals.TRAINING)
                        .setRound(0)
                        .setSeconds(before + RunTotals.counted(step.getSeconds()))
                        .setSamples(0)
                        .build());
    }

    private static Optional<String> partFault(RunCount count) {
        return count.getPart() >= 0
                ? Optional.empty()
                : Optional.of("part: expected 0 or more, found " + count.getPart());
    }

    private String known(String run) {
        BadRecordException.refuse("run", RequestLimits.runFault(run));
        runs.add(run);
        return run;
    }

    private void tell(long millis) {
        var now = Instant.ofEpochMilli(millis);
        for (var run : runs) {
            var facts = facts(run);
            var status = RunRule.status(facts, pace(facts, now), now);
            if (isNews(facts.before(), status)) {
                statuses.put(run, status);
                context.forward(new Record<>(run, status, millis));
            }
        }
    }

    private RunFacts facts(String run) {
        var parts = new ArrayList<RunCount>();
        try (var range = counts.prefixScan(run + "/", new StringSerializer())) {
            range.forEachRemaining(entry -> parts.add(entry.value));
        }
        return new RunFacts(
                run,
                Optional.ofNullable(settings.get(run)),
                RunTotals.of(parts),
                Optional.ofNullable(adapters.get(run)),
                Optional.ofNullable(steps.get(run)),
                Optional.ofNullable(statuses.get(run)));
    }

    /** Time that a run is held up does not count. */
    private Pace pace(RunFacts facts, Instant now) {
        var pace = paces.get(facts.run());
        boolean waited = facts.before().filter(s -> !s.getWaits().isEmpty()).isPresent();
        pace =
                pace == null || waited
                        ? Pace.from(now, facts.totals())
                        : pace.at(now, facts.totals());
        paces.put(facts.run(), pace);
        return pace;
    }

    private static boolean isNews(Optional<RunStatus> before, RunStatus now) {
        if (before.isEmpty() || !sameButFigures(before.get(), now)) {
            return true;
        }
        var last = before.get();
        boolean figures =
                last.getSeconds() != now.getSeconds()
                        || last.getSamples() != now.getSamples()
                        || last.getStaleness() != now.getStaleness()
                        || last.getStaleSamples() != now.getStaleSamples();
        return figures && !now.getUpdatedAt().isBefore(last.getUpdatedAt().plus(CALM));
    }

    private static boolean sameButFigures(RunStatus a, RunStatus b) {
        return RunStatus.newBuilder(b)
                .setSeconds(a.getSeconds())
                .setTrainingSeconds(a.getTrainingSeconds())
                .setSamples(a.getSamples())
                .setSecondsLeft(a.getSecondsLeft())
                .setSamplesLeft(a.getSamplesLeft())
                .setEtaSeconds(a.getEtaSeconds())
                .setStaleness(a.getStaleness())
                .setStaleSamples(a.getStaleSamples())
                .setUpdatedAt(a.getUpdatedAt())
                .build()
                .equals(a);
    }
}
