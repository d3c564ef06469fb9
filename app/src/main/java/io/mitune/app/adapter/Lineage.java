package io.mitune.app.adapter;

import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.CuratedSample;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an adapter version was made from: its own samples and those of every version that it
 * continues, down to the base model. Immutable.
 *
 * @param run line of adapters
 * @param generations the oldest first; the last one is the version asked for
 */
record Lineage(String run, List<Generation> generations) {

    /**
     * One version of the line.
     *
     * @param version its last event that names a data set
     * @param samples what it was trained on beyond its parent, in the order of training
     * @param missing candidateIds among those that the curated topic no longer holds
     */
    record Generation(AdapterEvent version, List<CuratedSample> samples, List<String> missing) {}

    /**
     * Finds the samples.
     *
     * @param curated the curated topic
     */
    static Lineage of(Ancestry ancestry, Collection<CuratedSample> curated) {
        var known = byCandidate(ancestry.run(), curated);
        return new Lineage(
                ancestry.run(),
                ancestry.line().stream()
                        .map(a -> generation(a.version(), a.candidateIds(), known))
                        .toList());
    }

    /** All samples, those of the oldest version first. */
    List<CuratedSample> samples() {
        return generations.stream().flatMap(g -> g.samples().stream()).toList();
    }

    private static Generation generation(
            AdapterEvent event, List<String> ids, Map<String, CuratedSample> known) {
        var samples = new ArrayList<CuratedSample>();
        var missing = new ArrayList<String>();
        for (var id : ids) {
            var sample = Optional.ofNullable(known.get(id));
            sample.ifPresent(samples::add);
            if (sample.isEmpty()) {
                missing.add(id);
            }
        }
        return new Generation(event, List.copyOf(samples), List.copyOf(missing));
    }

    /** The first record of a candidate is the one that trainers take. */
    private static Map<String, CuratedSample> byCandidate(
            String run, Collection<CuratedSample> curated) {
        var known = new HashMap<String, CuratedSample>();
        for (var sample : curated) {
            if (sample.getRun().equals(run) && sample.getCandidateId() != null) {
                known.putIfAbsent(sample.getCandidateId(), sample);
            }
        }
        return known;
    }
}
