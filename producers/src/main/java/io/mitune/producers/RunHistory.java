package io.mitune.producers;

import io.mitune.schemas.PromptRequest;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What the prompts topic holds of one run. Not thread-safe. */
final class RunHistory {
    /** A batch in a round: its prompts' ids, and one of the requests. */
    private record Published(Set<String> ids, PromptRequest sample) {}

    private final TreeMap<Integer, Map<String, Published>> rounds = new TreeMap<>();

    void add(PromptRequest request) {
        rounds.computeIfAbsent(request.getRound(), r -> new TreeMap<>())
                .computeIfAbsent(request.getBatch(), b -> new Published(new HashSet<>(), request))
                .ids()
                .add(request.getPromptId());
    }

    /** 0 when the run has no prompts yet. */
    int highestRound() {
        return rounds.isEmpty() ? 0 : rounds.lastKey();
    }

    boolean holds(String batch) {
        return !roundsOf(batch).isEmpty();
    }

    /**
     * The round that this batch was published in: the first with these settings, else the first.
     * Later ones may be those that the run opened by itself.
     */
    OptionalInt roundOf(String batch, PromptRequest settings) {
        var all = roundsOf(batch);
        var same = all.stream().filter(s -> Batch.sameSettings(s, settings));
        return Stream.concat(same, all.stream()).mapToInt(PromptRequest::getRound).findFirst();
    }

    /** One request of each round that this batch is in, in order. */
    private List<PromptRequest> roundsOf(String batch) {
        return rounds.keySet().stream().flatMap(r -> sampleOf(batch, r).stream()).toList();
    }

    Set<String> batchesIn(int round) {
        return rounds.getOrDefault(round, Map.of()).keySet();
    }

    /** The batches whose names start so. */
    Stream<String> batchStartingWith(String prefix) {
        return rounds.values().stream()
                .flatMap(batches -> batches.keySet().stream())
                .filter(name -> name.startsWith(prefix));
    }

    Set<String> idsOf(String batch, int round) {
        return find(batch, round).map(Published::ids).orElse(Collections.emptySet());
    }

    Optional<PromptRequest> sampleOf(String batch, int round) {
        return find(batch, round).map(Published::sample);
    }

    private Optional<Published> find(String batch, int round) {
        return Optional.ofNullable(rounds.getOrDefault(round, Map.of()).get(batch));
    }
}
