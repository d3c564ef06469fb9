package io.mitune.streams.curator;

import io.mitune.schemas.Candidate;
import io.mitune.schemas.GenerationTask;
import io.mitune.schemas.LogContext;
import io.mitune.schemas.PromptRequest;
import io.mitune.schemas.RequestLimits;
import io.mitune.streams.BadRecordException;
import io.mitune.streams.Decoder;
import io.mitune.streams.Forgetting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.metrics.Sensor;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Collects the candidates of each prompt and closes it; see {@link CuratorTopology}. */
final class CurateProcessor implements Processor<String, byte[], String, SpecificRecord> {
    private static final Logger log = LoggerFactory.getLogger(CurateProcessor.class);
    private static final Duration SWEEP = Duration.ofSeconds(1);

    /** Bounds one sweep well below the transaction timeout. */
    private static final int CLOSED_PER_SWEEP = 200;

    private final CurationConfig config;
    private final Decoder decoder;
    private ProcessorContext<String, SpecificRecord> context;
    private Judge judge;
    private KeyValueStore<String, Board> boards;
    private KeyValueStore<String, PromptRequest> requests;
    private KeyValueStore<String, Candidate> candidates;
    private Deadlines deadlines;
    private KeyValueStore<String, Long> closed;
    private Sensor late;
    private OpenPrompts open;

    CurateProcessor(CurationConfig config, Decoder decoder) {
        this.config = config;
        this.decoder = decoder;
    }

    @Override
    public void init(ProcessorContext<String, SpecificRecord> context) {
        this.context = context;
        judge = new Judge(config, context);
        boards = context.getStateStore(CuratorTopology.BOARDS);
        requests = context.getStateStore(CuratorTopology.REQUESTS);
        candidates = context.getStateStore(CuratorTopology.CANDIDATES);
        deadlines = new Deadlines(context.getStateStore(CuratorTopology.RUNNING));
        closed = context.getStateStore(CuratorTopology.CLOSED);
        late =
                context.metrics()
                        .addRateTotalSensor(
                                "curator",
                                context.taskId().toString(),
                                "late-candidates",
                                Sensor.RecordingLevel.INFO);
        open = new OpenPrompts(context, boards);
        context.schedule(SWEEP, PunctuationType.WALL_CLOCK_TIME, this::closeDue);
        var forgetting = new Forgetting(closed);
        context.schedule(
                Forgetting.EVERY,
                PunctuationType.WALL_CLOCK_TIME,
                now -> forgetting.forget(now, config.remembered()));
    }

    @Override
    public void close() {
        context.metrics().removeSensor(late);
        open.close();
    }

    @Override
    public void process(Record<String, byte[]> record) {
        var value = decoder.decode(context, record.value());
        if (value instanceof PromptRequest request) {
            open(record.key(), request);
        } else if (value instanceof GenerationTask task) {
            handedOut(record.key(), task);
        } else if (value instanceof Candidate candidate) {
            CandidateCheck.check(record.key(), candidate);
            LogContext.of(
                    candidate.getRun(),
                    candidate.getPromptId(),
                    () -> {
                        add(candidate);
                        return candidate;
                    });
        }
    }

    /** A prompt opens its board, so that one without any candidate is closed as well. */
    private void open(String recordKey, PromptRequest request) {
        boolean bad =
                RequestLimits.fault(request).isPresent()
                        || !request.getPromptId().equals(recordKey);
        var key = BoardKey.of(request);
        if (bad || isClosed(key)) {
            return; // the planner writes the dead letter of a bad one
        }
        var board = board(key).orElseGet(() -> newBoard(request.getCandidates()));
        board = board.askedAt(context.recordMetadata().orElseThrow().offset());
        requests.putIfAbsent(key.toString(), request);
        boards.put(key.toString(), board);
    }

    private Board newBoard(int requested) {
        open.opened();
        return Board.opened(requested);
    }

    /** While a prompt waits for its turn or its round, nobody can be late. */
    private void handedOut(String recordKey, GenerationTask task) {
        if (!task.getPromptId().equals(recordKey)) {
            throw new BadRecordException(
                    "release: key: expected the promptId "
                            + RequestLimits.shown(task.getPromptId())
                            + ", found another");
        }
        var key = BoardKey.of(task);
        if (!isClosed(key)) {
            deadlines.handedOut(key, context.currentSystemTimeMs());
        }
    }

    private void add(Candidate candidate) {
        var key = BoardKey.of(candidate);
        if (isClosed(key)) {
            late.record();
            log.info("{}: candidate {} came after the close", key, candidate.getIndex());
            return;
        }
        var board = board(key).orElseGet(() -> newBoard(candidate.getCandidates()));
        if (board.requested() != candidate.getCandidates()) {
            throw new BadRecordException(
                    ("candidate: candidates: expected %d as in the first record of the"
                                    + " prompt, found %d")
                            .formatted(board.requested(), candidate.getCandidates()));
        }
        deadlines.came(key, context.currentSystemTimeMs());
        if (!store(key, candidate)) {
            board = board.withOneMore();
        }
        if (board.isComplete()) {
            close(key, board);
        } else {
            boards.put(key.toString(), board);
        }
    }

    /** Whether one with this index was there before. */
    private boolean store(BoardKey key, Candidate candidate) {
        var place = key.candidate(candidate.getIndex());
        var compact = compact(candidate);
        var old = candidates.get(place);
        candidates.put(place, old == null ? compact : Leaderboard.preferred(old, compact));
        return old != null;
    }

    /** What no policy asks for stays in the log. */
    private static Candidate compact(Candidate candidate) {
        return Candidate.newBuilder(candidate).setMiWeights(List.of()).build();
    }

    private void close(BoardKey key, Board board) {
        var all = candidatesOf(key);
        var leaderboard = Leaderboard.of(all);
        var request = requests.get(key.toString());
        int roundSize = all.isEmpty() ? request.getRoundSize() : all.get(0).getRoundSize();
        judge.judge(
                key,
                roundSize,
                board.promptOffset(),
                policy -> {
                    var curation = new Curation(policy, board.isComplete());
                    return all.isEmpty()
                            ? curation.ofNothing(request)
                            : curation.choices(leaderboard);
                });
        all.forEach(c -> candidates.delete(key.candidate(c.getIndex())));
        requests.delete(key.toString());
        boards.delete(key.toString());
        open.closed();
        deadlines.closed(key, board.isComplete(), context.currentSystemTimeMs());
        closed.put(key.toString(), context.currentSystemTimeMs());
    }

    private List<Candidate> candidatesOf(BoardKey key) {
        var all = new ArrayList<Candidate>();
        try (var range = candidates.prefixScan(key.candidates(), new StringSerializer())) {
            range.forEachRemaining(entry -> all.add(entry.value));
        }
        return all;
    }

    private void closeDue(long now) {
        for (var key : deadlines.due(now, config.deadline(), CLOSED_PER_SWEEP)) {
            var board = board(key);
            board.ifPresent(b -> close(key, b));
            if (board.isEmpty()) {
                log.warn("{}: handed out and never asked for", key);
                deadlines.closed(key, false, now);
            }
        }
    }

    private Optional<Board> board(BoardKey key) {
        return Optional.ofNullable(boards.get(key.toString()));
    }

    private boolean isClosed(BoardKey key) {
        return closed.get(key.toString()) != null;
    }
}
