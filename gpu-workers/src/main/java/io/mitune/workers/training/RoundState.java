package io.mitune.workers.training;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a checkpoint keeps beside adapter and optimizer, so that training goes on exactly.
 *
 * @param round round in training
 * @param version version that it will become
 * @param parentVersion version that it continues
 * @param stepsBefore optimizer steps of the run before this round
 * @param samplesBefore samples used before this round
 * @param candidateIds the round's samples in the order of training
 */
record RoundState(
        int round,
        int version,
        int parentVersion,
        int stepsBefore,
        long samplesBefore,
        List<String> candidateIds) {

    Map<String, String> toMap() {
        Map<String, String> map = new TreeMap<>();
        map.put("round", Integer.toString(round));
        map.put("version", Integer.toString(version));
        map.put("parent_version", Integer.toString(parentVersion));
        map.put("steps_before", Integer.toString(stepsBefore));
        map.put("samples_before", Long.toString(samplesBefore));
        map.put("candidate_ids", String.join("\n", candidateIds));
        return map;
    }

    /**
     * @throws IllegalArgumentException when an entry is missing or no number
     */
    static RoundState of(Map<String, String> map) {
        String ids = get(map, "candidate_ids");
        return new RoundState(
                Integer.parseInt(get(map, "round")),
                Integer.parseInt(get(map, "version")),
                Integer.parseInt(get(map, "parent_version")),
                Integer.parseInt(get(map, "steps_before")),
                Long.parseLong(get(map, "samples_before")),
                ids.isEmpty() ? List.of() : List.of(ids.split("\n")));
    }

    static String get(Map<String, String> map, String key) {
        String value = map.get(key);
        if (value == null) {
            throw new IllegalArgumentException(
                    "trainer state: expected an entry " + key + ", found none");
        }
        return value;
    }
}
