package io.mitune.app.local;

import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.Candidate;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.Evaluation;
import io.mitune.schemas.TrainingStep;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What the log says of all runs: the sum of its events, each counted once.
 *
 * <p>Deliveries may repeat, so every event is kept under its identity and a later one with the same
 * identity replaces the earlier. Holds everything in memory, which suits one machine's runs.
 * Thread-safe.
 */
public final class RunState {
    private record Part(String run, int round) {}

    private final Map<Part, TreeMap<String, Candidate>> candidates = new HashMap<>();
    private final Map<Part, TreeMap<String, CuratedSample>> curated = new HashMap<>();
    private final Map<String, TreeMap<Integer, TrainingStep>> steps = new HashMap<>();
    private final Map<String, TreeMap<Integer, Evaluation>> evaluations = new HashMap<>();
    private final Map<String, AdapterEvent> current = new HashMap<>();
    private final Map<String, List<AdapterEvent>> history = new HashMap<>();
    private long deadLetters;

    synchronized void add(Candidate candidate) {
        in(candidates, candidate.getRun(), candidate.getRound())
                .put(candidate.getCandidateId(), candidate);
    }

    synchronized void add(CuratedSample sample) {
        var id = sample.getPromptId() + "/" + sample.getRank();
        in(curated, sample.getRun(), sample.getRound()).put(id, sample);
    }

    synchronized void add(TrainingStep step) {
        steps.computeIfAbsent(step.getRun(), r -> new TreeMap<>()).put(step.getStep(), step);
    }

    synchronized void add(Evaluation evaluation) {
        evaluations
                .computeIfAbsent(evaluation.getRun(), r -> new TreeMap<>())
                .put(evaluation.getVersion(), evaluation);
    }

    synchronized void addCurrent(AdapterEvent adapter) {
        current.put(adapter.getRun(), adapter);
    }

    synchronized void addHistory(AdapterEvent event) {
        history.computeIfAbsent(event.getRun(), r -> new ArrayList<>()).add(event);
    }

    synchronized void addDeadLetter() {
        deadLetters++;
    }

    /** The candidates of a round so far, by candidateId. */
    public synchronized List<Candidate> candidates(String run, int round) {
        return List.copyOf(at(candidates, run, round).values());
    }

    /** How many candidates of a round there are so far. */
    public synchronized int candidateCount(String run, int round) {
        return at(candidates, run, round).size();
    }

    /** The curated samples of a round so far, by promptId and rank. */
    public synchronized List<CuratedSample> curated(String run, int round) {
        return List.copyOf(at(curated, run, round).values());
    }

    /** The latest round of a run that has candidates; 0 when none has. */
    public synchronized int latestRound(String run) {
        return candidates.keySet().stream()
                .filter(part -> part.run().equals(run))
                .mapToInt(Part::round)
                .max()
                .orElse(0);
    }

    /** How many prompts of a round are curated, also those that kept nothing. */
    public synchronized int curatedPrompts(String run, int round) {
        return at(curated, run, round).values().stream()
                .map(CuratedSample::getPromptId)
                .collect(Collectors.toSet())
                .size();
    }

    /** Optimizer steps of a run so far, in their order. */
    public synchronized Collection<TrainingStep> steps(String run) {
        return List.copyOf(steps.getOrDefault(run, new TreeMap<>()).values());
    }

    /** The validation of one adapter version; version 0 is the base model. */
    public synchronized Optional<Evaluation> evaluation(String run, int version) {
        return Optional.ofNullable(evaluations.getOrDefault(run, new TreeMap<>()).get(version));
    }

    /** The adapter in use, with the last round that was decided. */
    public synchronized Optional<AdapterEvent> current(String run) {
        return Optional.ofNullable(current.get(run));
    }

    /** The last round of a run that was decided; 0 when none was. */
    public int decidedRound(String run) {
        return current(run).map(AdapterEvent::getRound).orElse(0);
    }

    /** The events of a run's adapters in the order they came. */
    public synchronized List<AdapterEvent> history(String run) {
        return List.copyOf(history.getOrDefault(run, List.of()));
    }

    /** Records that some role could not process. */
    public synchronized long deadLetters() {
        return deadLetters;
    }

    private static <V> TreeMap<String, V> in(Map<Part, TreeMap<String, V>> of, String run, int n) {
        return of.computeIfAbsent(new Part(run, n), part -> new TreeMap<>());
    }

    private static <V> TreeMap<String, V> at(Map<Part, TreeMap<String, V>> of, String run, int n) {
        return of.getOrDefault(new Part(run, n), new TreeMap<>());
    }
}
