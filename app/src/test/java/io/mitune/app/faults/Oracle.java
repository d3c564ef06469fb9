package io.mitune.app.faults;

import io.mitune.schemas.BlobRef;
import io.mitune.schemas.Candidate;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.blobs.BlobStore;
import io.mitune.schemas.serde.AvroSerde;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What must come out, computed in one thread from top to bottom: draw, choose, train, next round.
 *
 * <p>Shares the mathematics with the roles and none of their ways: no broker, no topics, no
 * processors, no trainer role.
 *
 * @param candidates by candidateId, without who made them and when
 * @param curated in the order of round, promptId and rank
 * @param adapters sha256 of the adapter of each round
 * @param datasets digest of the samples of each round
 */
record Oracle(
        Map<String, Plain> candidates,
        List<Plain> curated,
        List<String> adapters,
        List<String> datasets) {
    private static final Map<Workload, Oracle> KNOWN = new HashMap<>();

    /** The answer, which is computed once in a process. */
    static Oracle of(Workload work, Path scratch) {
        return KNOWN.computeIfAbsent(work, w -> compute(w, scratch));
    }

    private static Oracle compute(Workload work, Path scratch) {
        AvroSerde.trustOwnRecords();
        var blobs = BlobStore.at(scratch.resolve("blobs"));
        Map<String, Plain> candidates = new TreeMap<>();
        var curated = new ArrayList<Plain>();
        var adapters = new ArrayList<String>();
        var datasets = new ArrayList<String>();
        Optional<BlobRef> adapter = Optional.empty();
        for (int round = 1; round <= work.rounds(); round++) {
            Map<String, List<CuratedSample>> chosen = new TreeMap<>();
            for (var drawn : BatchDrawing.draw(work, round, adapter, blobs)) {
                drawn.forEach(c -> candidates.put(c.getCandidateId(), plain(c)));
                chosen.put(drawn.get(0).getPromptId(), BatchCuration.choose(drawn));
            }
            var samples = chosen.values().stream().flatMap(List::stream).toList();
            samples.forEach(sample -> curated.add(Plain.of(sample)));
            var trained = BatchTraining.train(work, round, adapter, samples, blobs, scratch);
            adapters.add(trained.adapter().getSha256());
            datasets.add(trained.dataset());
            adapter = Optional.of(trained.adapter());
        }
        return new Oracle(candidates, curated, adapters, datasets);
    }

    /** A candidate without what tells two drawings of it apart. */
    static Plain plain(Candidate candidate) {
        return Plain.of(
                Candidate.newBuilder(candidate)
                        .setWorker("")
                        .setSeconds(0)
                        .setCreatedAt(Instant.EPOCH)
                        .build());
    }
}
