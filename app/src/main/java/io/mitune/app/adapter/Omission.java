package io.mitune.app.adapter;

import io.mitune.app.cli.UserError;
import io.mitune.schemas.CuratedSample;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The curated records of a run that is to be what another was, but for some prompts.
 *
 * <p>Rounds keep their numbers, since candidate ids hold them; of a round that is no part of the
 * lineage (its version was rejected) the new run is told that nothing was kept. The samples of
 * later rounds were drawn with adapters that had seen the omitted prompts: their pictures stay.
 * Immutable.
 *
 * @param records in the order to be written
 * @param omitted promptId to text of what was left out
 */
record Omission(List<CuratedSample> records, Map<String, String> omitted) {
    private record Place(String promptId, int round, int rank) {}

    /**
     * @param prompts ids or texts of the prompts to leave out
     * @param into the new run
     * @param curated the curated topic
     */
    static Omission of(
            Lineage lineage, List<String> prompts, String into, Collection<CuratedSample> curated) {
        var last = lineage.generations().get(lineage.generations().size() - 1).version();
        Map<Place, CuratedSample> all = new LinkedHashMap<>();
        for (var sample : curated) {
            if (sample.getRun().equals(lineage.run()) && sample.getRound() <= last.getRound()) {
                var place = new Place(sample.getPromptId(), sample.getRound(), sample.getRank());
                all.putIfAbsent(place, sample);
            }
        }
        var omitted = omitted(prompts, all.values());
        var trained =
                lineage.samples().stream().map(CuratedSample::getRound).collect(Collectors.toSet());
        Map<Integer, Set<String>> gone = new TreeMap<>();
        all.keySet().stream()
                .filter(place -> omitted.containsKey(place.promptId()))
                .forEach(
                        place ->
                                gone.computeIfAbsent(place.round(), r -> new HashSet<>())
                                        .add(place.promptId()));
        var records = new ArrayList<CuratedSample>();
        for (var sample : all.values()) {
            boolean passed = !trained.contains(sample.getRound());
            if (omitted.containsKey(sample.getPromptId()) || (passed && sample.getRank() > 0)) {
                continue;
            }
            int left = gone.getOrDefault(sample.getRound(), Set.of()).size();
            var copy =
                    CuratedSample.newBuilder(sample)
                            .setRun(into)
                            .setRoundSize(sample.getRoundSize() - left);
            records.add(passed ? nothing(copy, lineage.run(), last.getVersion()) : copy.build());
        }
        return new Omission(records, omitted);
    }

    private static CuratedSample nothing(CuratedSample.Builder copy, String run, int version) {
        return copy.setKept(0)
                .setCandidateId(null)
                .setIndex(-1)
                .setSeed(0)
                .setMi(0)
                .setMargin(0)
                .setLatents(null)
                .setPreview(null)
                .setReason("its round is no part of %s@%d".formatted(run, version))
                .build();
    }

    private static Map<String, String> omitted(
            List<String> prompts, Collection<CuratedSample> samples) {
        Map<String, String> omitted = new TreeMap<>();
        for (var prompt : prompts) {
            var found =
                    samples.stream()
                            .filter(
                                    s ->
                                            s.getPromptId().equals(prompt)
                                                    || s.getText().equals(prompt))
                            .toList();
            if (found.isEmpty()) {
                throw new UserError(
                        "--without: expected the id or the text of a prompt of this run, found "
                                + prompt);
            }
            found.forEach(s -> omitted.put(s.getPromptId(), s.getText()));
        }
        return omitted;
    }
}
