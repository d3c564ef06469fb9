package io.mitune.streams.curator;

import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.PolicyEvent;
import io.mitune.schemas.RequestLimits;
import io.mitune.schemas.RoundChoice;
import io.mitune.streams.BadRecordException;
import io.mitune.streams.Decoder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the closed prompts of each round, keeps the choices that wait for its end, and then
 * applies the rules for whole rounds; see {@link CuratorTopology}.
 */
final class CloseRoundProcessor implements Processor<String, byte[], String, CuratedSample> {
    private static final Logger log = LoggerFactory.getLogger(CloseRoundProcessor.class);
    private static final Duration FORGET = Duration.ofHours(1);

    private final CurationConfig config;
    private final Decoder decoder;
    private ProcessorContext<String, CuratedSample> context;
    private KeyValueStore<String, RoundBoard> rounds;
    private KeyValueStore<String, Long> prompts;
    private KeyValueStore<String, RoundChoice> choices;

    CloseRoundProcessor(CurationConfig config, Decoder decoder) {
        this.config = config;
        this.decoder = decoder;
    }

    @Override
    public void init(ProcessorContext<String, CuratedSample> context) {
        this.context = context;
        rounds = context.getStateStore(CuratorTopology.ROUNDS);
        prompts = context.getStateStore(CuratorTopology.ROUND_PROMPTS);
        choices = context.getStateStore(CuratorTopology.ROUND_CHOICES);
        context.schedule(FORGET, PunctuationType.WALL_CLOCK_TIME, this::forgetDone);
    }

    @Override
    public void process(Record<String, byte[]> record) {
        var choice = (RoundChoice) decoder.decode(context, record.value());
        check(record.key(), choice);
        var round = record.key();
        var board = rounds.get(round);
        board = board == null ? RoundBoard.NEW : board;
        if (choice.getSample() != null) {
            keep(round, board, choice);
        } else if (!board.isDone()
                && prompts.putIfAbsent(promptKey(round, choice.getPromptId()), 0L) == null) {
            board = board.withOneMore(choice.getRoundSize());
            rounds.put(round, board.isComplete() ? decide(round, board) : board);
        }
    }

    private static void check(String key, RoundChoice c) {
        boolean whole = (c.getPolicy() == null) == (c.getSample() == null);
        boolean sized = c.getRoundSize() >= 1 && c.getRoundSize() <= RoundRule.MAX_PROMPTS;
        if (!whole || !sized || !key.equals(c.getRun() + "/" + c.getRound())) {
            throw new BadRecordException(
                    "round choice: expected a policy with a sample, or neither, in a round of at"
                            + " most %d prompts under its key, found %s with a round of %d prompts"
                                    .formatted(
                                            RoundRule.MAX_PROMPTS,
                                            RequestLimits.shown(key),
                                            c.getRoundSize()));
        }
    }

    /** A prompt more than the round said it has is named, and left out. */
    private void keep(String round, RoundBoard board, RoundChoice choice) {
        if (!board.isDone()) {
            choices.put(choiceKey(round, choice), choice);
            return;
        }
        var about = CuratedSample.newBuilder(choice.getSample());
        var reason = "dropped: its round was closed before, with %d prompts";
        send(Choice.nothing(about, reason.formatted(board.size())));
    }

    private RoundBoard decide(String round, RoundBoard board) {
        Map<PolicyEvent, List<Choice>> byPolicy = new LinkedHashMap<>();
        var keys = new ArrayList<String>();
        try (var held = choices.prefixScan(round + "/", new StringSerializer())) {
            held.forEachRemaining(
                    entry -> {
                        keys.add(entry.key);
                        byPolicy.computeIfAbsent(entry.value.getPolicy(), p -> new ArrayList<>())
                                .add(choice(entry.value));
                    });
        }
        byPolicy.forEach(
                (event, held) -> {
                    var policy = PolicyEvents.policy(event);
                    var samples = new RoundCuration(policy).of(held);
                    samples.forEach(this::send);
                    log.info(
                            "{}: {}: {} of {} choices kept",
                            round,
                            policy.reference(),
                            samples.stream().filter(s -> s.getKept() > 0).count(),
                            held.stream().filter(Choice::isKept).count());
                });
        keys.forEach(choices::delete);
        var closed = new ArrayList<String>();
        try (var all = prompts.prefixScan(round + "/", new StringSerializer())) {
            all.forEachRemaining(entry -> closed.add(entry.key));
        }
        closed.forEach(prompts::delete);
        return board.done(context.currentSystemTimeMs());
    }

    private static Choice choice(RoundChoice held) {
        return new Choice(held.getSample(), held.getPriority(), Sketch.of(held.getSketch()));
    }

    private void send(CuratedSample sample) {
        context.forward(new Record<>(sample.getPromptId(), sample, context.currentSystemTimeMs()));
    }

    private void forgetDone(long now) {
        var old = new ArrayList<String>();
        try (var all = rounds.all()) {
            while (all.hasNext()) {
                var entry = all.next();
                if (entry.value.isDone()
                        && now - entry.value.doneAt() >= config.remembered().toMillis()) {
                    old.add(entry.key);
                }
            }
        }
        old.forEach(rounds::delete);
    }

    private static String promptKey(String round, String promptId) {
        return round + "/" + promptId;
    }

    private static String choiceKey(String round, RoundChoice c) {
        return "%s/%s/%s/%05d"
                .formatted(
                        round,
                        PolicyEvents.key(c.getPolicy()),
                        c.getPromptId(),
                        c.getSample().getRank());
    }
}
