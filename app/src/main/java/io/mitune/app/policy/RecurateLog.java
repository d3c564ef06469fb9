package io.mitune.app.policy;

import io.mitune.app.cli.Console;
import io.mitune.app.cli.ProgressBar;
import io.mitune.app.log.TopicLog;
import io.mitune.schemas.Connection;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.Topic;
import io.mitune.schemas.Vote;
import io.mitune.streams.curator.CurationPolicy;
import io.mitune.streams.curator.Replay;
import io.mitune.streams.curator.VoteTally;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.IntPredicate;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Reads what a re-curation is a function of, each topic up to its present end. Belongs to one
 * thread.
 */
final class RecurateLog {
    private final Connection connection;
    private final Console console;
    private final String run;
    private final IntPredicate rounds;
    private final List<CuratedSample> curated = new ArrayList<>();
    private final SortedMap<String, SortedMap<Integer, Long>> ends = new TreeMap<>();
    private final String into;
    private int refused;
    private boolean taken;

    /**
     * @param into run that the set is meant for
     */
    RecurateLog(
            Connection connection, Console console, String run, IntPredicate rounds, String into) {
        this.connection = connection;
        this.console = console;
        this.run = run;
        this.rounds = rounds;
        this.into = into;
    }

    /** Judges the run again. */
    Replay replay(CurationPolicy policy) {
        var topics = connection.topics();
        var tally = VoteTally.NONE;
        if (policy.votes().weight() > 0) {
            var votes = new ArrayList<Vote>();
            read(topics.votes(), "votes", (key, vote) -> votes.add(vote));
            tally = VoteTally.of(votes);
        }
        var replay = new Replay(policy, tally, (r, round) -> r.equals(run) && rounds.test(round));
        read(topics.curated(), "curated", (key, sample) -> keep(replay, sample));
        read(
                topics.prompts(),
                "prompts",
                (key, request) -> {
                    taken |= request.getRun().equals(into);
                    replay.request(key, request);
                });
        read(
                topics.candidates(),
                "candidates",
                (key, c) -> replay.candidate(key, c).ifPresent(this::refused));
        return replay;
    }

    /** What the stream, or an earlier re-curation, made of these rounds for a run. */
    List<CuratedSample> curated(String curatedRun) {
        return curated.stream()
                .filter(s -> s.getRun().equals(curatedRun) && rounds.test(s.getRound()))
                .toList();
    }

    /** Where each topic ended when it was read, by partition. */
    SortedMap<String, SortedMap<Integer, Long>> ends() {
        return ends;
    }

    /** Candidates that the curator refuses as well. */
    int refusedCandidates() {
        return refused;
    }

    /** Whether the run that the set is meant for has prompts or curated records. */
    boolean isTaken() {
        return taken;
    }

    private void keep(Replay replay, CuratedSample sample) {
        taken |= sample.getRun().equals(into);
        replay.curated(sample);
        // every run that this one may be compared with begins with its name
        if (sample.getRun().startsWith(run)) {
            curated.add(sample);
        }
    }

    private void refused(String reason) {
        refused++;
        if (refused == 1) {
            console.remark("candidates that cannot be used, the first of them: " + reason);
        }
    }

    private <V extends SpecificRecord> void read(
            Topic<V> topic, String name, BiConsumer<String, V> sink) {
        var serde = connection.serde(topic.type()).deserializer();
        try (var log = TopicLog.untilEnd(connection, topic);
                var bar = new ProgressBar(console, name, log.size(), "offsets")) {
            ends.put(name, log.ends());
            log.forEach(
                    record -> {
                        TopicLog.value(record, serde, console::remark)
                                .ifPresent(value -> sink.accept(key(record), value));
                        bar.advance(1);
                    });
            bar.reach(log.size()); // ends of transactions take offsets too
        }
    }

    private static String key(ConsumerRecord<byte[], byte[]> record) {
        return record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8);
    }
}
