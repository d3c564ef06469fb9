package io.mitune.app.export;

import io.mitune.app.cli.UserError;
import io.mitune.app.log.TopicLog;
import io.mitune.schemas.Connection;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.Identity;
import io.mitune.schemas.RequestLimits;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * The curated samples of one run, each once, ordered by prompt, round and rank.
 *
 * <p>A topic holds repetitions and whatever somebody wrote to it; what comes out is a function of
 * the set of good records, so that two exports of one topic are the same bytes. Immutable.
 *
 * @param samples without those that say that nothing was kept
 * @param faults records that cannot be used, one line each
 */
record CuratedSet(List<CuratedSample> samples, List<String> faults) {
    private static final Comparator<CuratedSample> ORDER =
            Comparator.comparing(CuratedSample::getPromptId)
                    .thenComparingInt(CuratedSample::getRound)
                    .thenComparingInt(CuratedSample::getRank);

    private record Place(String promptId, int round, int rank) {}

    /** Reads the topic up to its present end. */
    static CuratedSet read(Connection connection, Optional<String> run, Optional<Integer> round) {
        var topic = connection.topics().curated();
        var all = new ArrayList<CuratedSample>();
        var faults = new ArrayList<String>();
        TopicLog.forEach(connection, topic, all::add, faults::add);
        return of(all, run, round, faults);
    }

    /** Chooses, checks and orders; of two records in one place the first counts. */
    static CuratedSet of(
            List<CuratedSample> all,
            Optional<String> run,
            Optional<Integer> round,
            List<String> faults) {
        var wanted = run(all, run);
        var lines = new ArrayList<>(faults);
        Map<Place, CuratedSample> kept = new LinkedHashMap<>();
        for (var sample : all) {
            if (!sample.getRun().equals(wanted)
                    || sample.getKept() == 0
                    || round.filter(r -> r != sample.getRound()).isPresent()) {
                continue;
            }
            var fault = fault(sample);
            fault.ifPresent(line -> lines.add("curated sample " + line));
            if (fault.isEmpty()) {
                var place = new Place(sample.getPromptId(), sample.getRound(), sample.getRank());
                kept.putIfAbsent(place, sample);
            }
        }
        return new CuratedSet(kept.values().stream().sorted(ORDER).toList(), List.copyOf(lines));
    }

    private static String run(List<CuratedSample> all, Optional<String> run) {
        var runs = new TreeSet<String>();
        all.forEach(sample -> runs.add(sample.getRun()));
        if (runs.isEmpty()) {
            throw new UserError("topic curated: expected samples, found none; has a round ended?");
        }
        if (run.isEmpty() && runs.size() == 1) {
            return runs.first();
        }
        if (run.isEmpty() || !runs.contains(run.get())) {
            throw new UserError(
                    "--run: expected one of %s, found %s".formatted(runs, run.orElse("none")));
        }
        return run.get();
    }

    /** What is wrong with a sample that names files and fills metadata. */
    private static Optional<String> fault(CuratedSample s) {
        if (!s.getPromptId().matches("[A-Za-z0-9_-]{1,64}")) {
            return Optional.of("promptId: expected a hash, found '" + s.getPromptId() + "'");
        }
        var id = Identity.candidateId(s.getPromptId(), s.getRound(), s.getIndex());
        if (!id.equals(s.getCandidateId())) {
            return Optional.of(
                    "candidateId: expected %s, found '%s'".formatted(id, s.getCandidateId()));
        }
        if (s.getRound() < 1 || s.getRank() < 0) {
            return Optional.of(
                    "%s: expected a round from 1 and a rank from 0, found %d and %d"
                            .formatted(id, s.getRound(), s.getRank()));
        }
        return RequestLimits.textFault("text", s.getText(), 1)
                .or(() -> RequestLimits.textFault("category", s.getCategory(), 0))
                .map(line -> id + ": " + line);
    }
}
