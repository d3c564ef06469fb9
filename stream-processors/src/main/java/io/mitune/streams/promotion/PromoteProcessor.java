package io.mitune.streams.promotion;

import static io.mitune.streams.promotion.AdapterStatus.CANDIDATE;
import static io.mitune.streams.promotion.AdapterStatus.PROMOTED;
import static io.mitune.streams.promotion.AdapterStatus.PROMOTE_REQUESTED;
import static io.mitune.streams.promotion.AdapterStatus.REJECTED;
import static io.mitune.streams.promotion.AdapterStatus.ROLLBACK_REQUESTED;
import static io.mitune.streams.promotion.AdapterStatus.ROLLED_BACK;

import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.Evaluation;
import io.mitune.schemas.RequestLimits;
import io.mitune.schemas.RunSettings;
import io.mitune.streams.BadRecordException;
import io.mitune.streams.Decoder;
import io.mitune.streams.promotion.CollapseGuard.Finding;
import io.mitune.streams.runs.RunsTopology;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Joins adapter versions with their evaluations and decides; see {@link PromotionTopology}. */
final class PromoteProcessor implements Processor<String, byte[], String, SpecificRecord> {
    private static final Logger log = LoggerFactory.getLogger(PromoteProcessor.class);

    private final PromotionRule rule;
    private final Decoder decoder;
    private ProcessorContext<String, SpecificRecord> context;
    private KeyValueStore<String, AdapterEvent> versions;
    private KeyValueStore<String, Evaluation> evaluations;
    private KeyValueStore<String, AdapterEvent> decided;
    private KeyValueStore<String, AdapterEvent> current;
    private StandingSettings settings;

    PromoteProcessor(PromotionRule rule, Decoder decoder) {
        this.rule = rule;
        this.decoder = decoder;
    }

    @Override
    public void init(ProcessorContext<String, SpecificRecord> context) {
        this.context = context;
        versions = context.getStateStore(PromotionTopology.VERSIONS);
        evaluations = context.getStateStore(PromotionTopology.EVALUATIONS);
        decided = context.getStateStore(PromotionTopology.DECIDED);
        current = context.getStateStore(PromotionTopology.CURRENT);
        settings =
                new StandingSettings(
                        context.getStateStore(PromotionTopology.SETTINGS),
                        context.getStateStore(PromotionTopology.GUARDED_FROM));
    }

    @Override
    public void process(Record<String, byte[]> record) {
        var value = decoder.decode(context, record.value());
        if (value instanceof Evaluation evaluation) {
            onEvaluation(evaluation);
        } else if (value instanceof AdapterEvent event) {
            onEvent(event);
        } else if (value instanceof RunSettings now) {
            onSettings(now);
        }
    }

    private void onSettings(RunSettings now) {
        var upheld = settings.upheld(now);
        if (upheld.isPresent()) {
            write(upheld.get());
            return;
        }
        var inUse = currentOf(now.getRun()).map(AdapterEvent::getVersion).orElse(0);
        if (settings.take(now, inUse)) {
            decideAll(now.getRun());
        }
    }

    private void onEvaluation(Evaluation evaluation) {
        check(evaluation.getRun(), evaluation.getVersion(), 0);
        // the first one counts: a decision may already rest on it
        evaluations.putIfAbsent(key(evaluation.getRun(), evaluation.getVersion()), evaluation);
        decideAll(evaluation.getRun());
    }

    private void onEvent(AdapterEvent event) {
        switch (event.getStatus()) {
            case CANDIDATE -> onCandidate(event);
            case PROMOTE_REQUESTED -> onRequest(event, PROMOTED);
            case ROLLBACK_REQUESTED -> onRequest(event, ROLLED_BACK);
            default -> log.debug("{}: {} needs no decision", event.getRun(), event.getStatus());
        }
    }

    private void onCandidate(AdapterEvent event) {
        check(event.getRun(), event.getVersion(), 1);
        if (event.getAdapter() == null || event.getRound() < 0) {
            throw new BadRecordException(
                    "adapter event: expected an adapter file and a round, found version "
                            + event.getVersion()
                            + " without");
        }
        var key = key(event.getRun(), event.getVersion());
        if (decided.get(key) == null) {
            versions.put(key, event);
            decideAll(event.getRun());
        }
    }

    /** In order of version; there are as many as rounds or checkpoints, so some hundreds. */
    private void decideAll(String run) {
        for (var event : versionsOf(run)) {
            if (decided.get(key(run, event.getVersion())) == null) {
                decide(event);
            }
        }
    }

    private void decide(AdapterEvent event) {
        var run = event.getRun();
        var evaluation = evaluations.get(key(run, event.getVersion()));
        if (evaluation == null) {
            return;
        }
        if (settings.isPaused(run)) {
            log.info("{}: version {} waits: the run is paused", run, event.getVersion());
            return;
        }
        var parent = Optional.ofNullable(evaluations.get(key(run, event.getParentVersion())));
        if (rule.needsParent(evaluation) && parent.isEmpty()) {
            log.info(
                    "{}: version {} waits for the evaluation of version {}",
                    run,
                    event.getVersion(),
                    event.getParentVersion());
            return;
        }
        var decision = rule.decide(evaluation, parent);
        var when = evaluation.getCreatedAt();
        var finding = decision.promoted() ? examine(evaluation) : Optional.<Finding>empty();
        if (finding.isEmpty()) {
            record(event, decision, when, Map.of());
            return;
        }
        boolean collapsed = finding.get().collapsed();
        var reason = decision.reason() + "; " + finding.get().text();
        var guarded = new PromotionRule.Decision(!collapsed, reason);
        record(event, guarded, when, collapsed ? pause(event, finding.get(), when) : Map.of());
    }

    /** What the collapse guard says of a version that would be promoted, if there is one. */
    private Optional<Finding> examine(Evaluation of) {
        var run = of.getRun();
        int from = settings.guardedFrom(run);
        var promoted =
                IntStream.range(from, of.getVersion())
                        .filter(v -> v == from || wasPromoted(run, v))
                        .mapToObj(v -> Optional.ofNullable(evaluations.get(key(run, v))))
                        .flatMap(Optional::stream)
                        .toList();
        return settings.guard(run).map(guard -> guard.examine(of, promoted));
    }

    private boolean wasPromoted(String run, int version) {
        var decision = decided.get(key(run, version));
        return decision != null && !decision.getStatus().equals(REJECTED);
    }

    /** Pauses the run; what the adapter's record says of that. */
    private Map<String, Double> pause(AdapterEvent event, Finding finding, Instant when) {
        var run = event.getRun();
        var reason = "version %d: %s".formatted(event.getVersion(), finding.text());
        var paused = settings.pause(run, reason, when);
        write(paused);
        return Map.of(RunsTopology.SETTINGS_VERSION, (double) paused.getVersion());
    }

    private void write(RunSettings paused) {
        context.forward(
                new Record<>(paused.getRun(), paused, context.currentSystemTimeMs()),
                PromotionTopology.TO_RUNS);
        log.warn("{}: paused: {}", paused.getRun(), paused.getReason());
    }

    private void record(
            AdapterEvent event,
            PromotionRule.Decision decision,
            Instant when,
            Map<String, Double> metrics) {
        var run = event.getRun();
        var status = decision.promoted() ? PROMOTED : REJECTED;
        var outcome = AdapterEvents.with(event, status, decision.reason(), when);
        decided.put(key(run, event.getVersion()), outcome);
        send(outcome, PromotionTopology.TO_HISTORY);

        var before = currentOf(run);
        int round = Math.max(event.getRound(), AdapterEvents.roundOf(before));
        // a version that was decided late does not displace a newer one
        boolean inUse =
                decision.promoted()
                        && before.map(b -> b.getVersion() < event.getVersion()).orElse(true);
        var kept = before.orElseGet(() -> AdapterEvents.base(run, event.getModelDigest(), when));
        // the current version is named beside its reason
        var judged = inUse ? "" : "version " + event.getVersion() + " ";
        var reason = judged + status + ": " + decision.reason();
        var now = AdapterEvents.current(inUse ? outcome : kept, round, reason, when);
        use(AdapterEvents.with(now, metrics));
    }

    private void onRequest(AdapterEvent request, String status) {
        var run = request.getRun();
        int version = request.getVersion();
        check(run, version, status.equals(ROLLED_BACK) ? Integer.MIN_VALUE : 0);
        var before = currentOf(run);
        int wanted = version < 0 ? promotedBefore(run, before) : version;
        var target = find(run, wanted, request);
        var reason =
                request.getReason().isEmpty() ? "by request" : "by request: " + request.getReason();
        var outcome = AdapterEvents.with(target, status, reason, request.getCreatedAt());
        int round = AdapterEvents.roundOf(before);
        if (wanted > 0 && decided.get(key(run, wanted)) == null) {
            round = Math.max(round, target.getRound());
        }
        decided.put(key(run, wanted), outcome);
        send(outcome, PromotionTopology.TO_HISTORY);
        use(AdapterEvents.current(outcome, round, reason, request.getCreatedAt()));
    }

    /** The newest version promoted before the current one; 0 when there is none. */
    private int promotedBefore(String run, Optional<AdapterEvent> before) {
        int now = before.map(AdapterEvent::getVersion).orElse(0);
        return versionsOf(run).stream()
                .filter(v -> v.getVersion() < now)
                .mapToInt(AdapterEvent::getVersion)
                .filter(version -> wasPromoted(run, version))
                .max()
                .orElse(0);
    }

    private AdapterEvent find(String run, int version, AdapterEvent request) {
        if (version == 0) {
            return AdapterEvents.base(run, request.getModelDigest(), request.getCreatedAt());
        }
        return Optional.ofNullable(versions.get(key(run, version)))
                .orElseThrow(
                        () ->
                                new BadRecordException(
                                        "%s: expected a version of run %s, found %d"
                                                .formatted(request.getStatus(), run, version)));
    }

    private void use(AdapterEvent event) {
        current.put(event.getRun(), event);
        send(event, PromotionTopology.TO_ADAPTERS);
        log.info(
                "{}: round {} is decided, version {} in use: {}",
                event.getRun(),
                event.getRound(),
                event.getVersion(),
                event.getReason());
    }

    private void send(AdapterEvent event, String sink) {
        context.forward(new Record<>(event.getRun(), event, context.currentSystemTimeMs()), sink);
    }

    private Optional<AdapterEvent> currentOf(String run) {
        return Optional.ofNullable(current.get(run));
    }

    private List<AdapterEvent> versionsOf(String run) {
        var all = new ArrayList<AdapterEvent>();
        try (var range = versions.prefixScan(run + "/", new StringSerializer())) {
            range.forEachRemaining(entry -> all.add(entry.value));
        }
        return all;
    }

    /** Fixed width, so that a range is in order of version. */
    private static String key(String run, int version) {
        return run + "/%010d".formatted(version);
    }

    private static void check(String run, int version, int least) {
        BadRecordException.refuse("promotion", RequestLimits.runFault(run));
        if (version < least) {
            throw new BadRecordException(
                    "promotion: version: expected " + least + " or more, found " + version);
        }
    }
}
