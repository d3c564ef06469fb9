package io.mitune.streams.planner;

import io.mitune.schemas.Candidate;
import io.mitune.schemas.GenerationTask;
import io.mitune.schemas.PromptRequest;
import io.mitune.schemas.RequestLimits;
import io.mitune.streams.BadRecordException;
import io.mitune.streams.CurrentAdapters;
import io.mitune.streams.Decoder;
import io.mitune.streams.Forgetting;
import io.mitune.streams.RunGate;
import java.time.Duration;
import java.util.Optional;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps prompts and hands out their tasks while there is room; see {@link PlannerTopology}. */
final class PlanProcessor implements Processor<String, byte[], String, GenerationTask> {
    private static final Logger log = LoggerFactory.getLogger(PlanProcessor.class);
    private static final Duration SWEEP = Duration.ofSeconds(1);
    private static final Duration EXPIRE = Duration.ofSeconds(10);

    /** Bounds one go well below the transaction timeout. */
    private static final int TASKS_AT_ONCE = 200;

    private final PlannerConfig config;
    private final Decoder decoder;
    private ProcessorContext<String, GenerationTask> context;
    private CurrentAdapters adapters;
    private RunGate gate;
    private Memory memory;
    private Window window;
    private Waiting waiting;

    PlanProcessor(PlannerConfig config, Decoder decoder) {
        this.config = config;
        this.decoder = decoder;
    }

    @Override
    public void init(ProcessorContext<String, GenerationTask> context) {
        this.context = context;
        adapters = CurrentAdapters.in(context);
        gate = RunGate.in(context);
        memory = new Memory(context.getStateStore(PlannerTopology.PLANNED));
        window = new Window(context.getStateStore(PlannerTopology.OPEN), config.window());
        waiting =
                new Waiting(
                        context.getStateStore(PlannerTopology.WAITING),
                        context.getStateStore(PlannerTopology.STARTED),
                        context.getStateStore(PlannerTopology.LANES));
        context.schedule(SWEEP, PunctuationType.WALL_CLOCK_TIME, now -> sweep());
        context.schedule(
                EXPIRE,
                PunctuationType.WALL_CLOCK_TIME,
                now -> window.expire(now, config.openTimeout()));
        context.schedule(
                Forgetting.EVERY,
                PunctuationType.WALL_CLOCK_TIME,
                now -> memory.forget(now, config.remembered()));
    }

    @Override
    public void process(Record<String, byte[]> record) {
        var value = decoder.decode(context, record.value());
        if (value instanceof PromptRequest request) {
            check(record.key(), request);
            accept(request);
        } else if (value instanceof Candidate candidate
                && window.arrived(candidate, context.currentSystemTimeMs())) {
            handOut();
        }
    }

    private static void check(String key, PromptRequest request) {
        BadRecordException.refuse("prompt", RequestLimits.fault(request));
        if (!request.getPromptId().equals(key)) {
            throw new BadRecordException(
                    "prompt: key: expected the promptId "
                            + request.getPromptId()
                            + ", found another");
        }
    }

    private void accept(PromptRequest request) {
        var prompt = prompt(request.getRun(), request.getRound(), request.getPromptId());
        if (memory.holds(prompt)) {
            log.debug("{}: taken before", prompt);
            return;
        }
        memory.waits(prompt);
        waiting.add(request);
        handOut();
    }

    /** Runs have no slash; two runs may hold the same prompts. */
    private static String prompt(String run, int round, String promptId) {
        return run + "/" + round + "/" + promptId;
    }

    private void sweep() {
        waiting.reopen(lane -> reasonToWait(lane).isEmpty());
        handOut();
    }

    /** Fills the window; what does not fit in one go comes with the next record or sweep. */
    private void handOut() {
        for (int n = 0; n < TASKS_AT_ONCE && window.hasRoom(); n++) {
            var task = waiting.take(this::mayStart, config.split(), adapters::of);
            if (task.isEmpty()) {
                return;
            }
            handOut(task.get(), context.currentSystemTimeMs());
        }
    }

    private void handOut(GenerationTask task, long now) {
        window.add(task, now);
        if (TaskSplit.isLast(task)) {
            memory.handedOut(prompt(task.getRun(), task.getRound(), task.getPromptId()), now);
        }
        if (task.getFirstIndex() == 0) {
            context.forward(
                    new Record<>(task.getPromptId(), task, now), PlannerTopology.RELEASES_SINK);
        }
        context.forward(new Record<>(task.getTaskId(), task, now), PlannerTopology.TASKS_SINK);
    }

    private boolean mayStart(Lane lane) {
        var reason = reasonToWait(lane);
        reason.ifPresent(why -> log.info("{}: waits: {}", lane.key(), why));
        return reason.isEmpty();
    }

    private Optional<String> reasonToWait(Lane lane) {
        return gate.reasonToWait(lane.run(), lane.round());
    }
}
