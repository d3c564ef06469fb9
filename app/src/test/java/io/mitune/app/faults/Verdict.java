package io.mitune.app.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.DeadLetters;
import io.mitune.schemas.Topics;
import io.mitune.schemas.TrainingStep;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Compares what is in the topics with what the oracle says. */
final class Verdict {
    private final Watch watch;
    private final Topics topics;
    private final Oracle oracle;
    private final Workload work;

    Verdict(Watch watch, Topics topics, Oracle oracle, Workload work) {
        this.watch = watch;
        this.topics = topics;
        this.oracle = oracle;
        this.work = work;
    }

    /**
     * @param poison topic, partition and offset of all that must be a dead letter, and nothing else
     */
    void check(Set<String> poison) {
        candidatesAreThereAndAllCopiesAreEqual();
        everyPromptIsCuratedOnceAsByTheBatchProgram();
        adaptersAreThoseOfTheBatchProgram();
        stepsTakenTwiceAreEqual();
        assertEquals(new TreeSet<>(poison), letters().keySet(), "dead letters");
        letters().forEach(Verdict::assertOnce);
    }

    /** Where the records of the dead letters were, and who wrote each letter. */
    Map<String, List<String>> letters() {
        Map<String, List<String>> letters = new TreeMap<>();
        for (var letter : watch.records(topics.deadLetters())) {
            var place =
                    Chaos.place(
                            header(letter, DeadLetters.TOPIC),
                            Integer.parseInt(header(letter, DeadLetters.PARTITION)),
                            Long.parseLong(header(letter, DeadLetters.OFFSET)));
            letters.computeIfAbsent(place, p -> new java.util.ArrayList<>())
                    .add(header(letter, DeadLetters.ROLE));
        }
        return letters;
    }

    /** Planner, curator, promotion and trainer write each once; a worker at least once. */
    private static void assertOnce(String place, List<String> roles) {
        boolean once = roles.size() == 1 || roles.stream().allMatch(r -> r.startsWith("worker"));
        assertTrue(once, "dead letters of " + place + ": expected one, found " + roles);
    }

    private void candidatesAreThereAndAllCopiesAreEqual() {
        Map<String, Plain> found = new TreeMap<>();
        for (var candidate : watch.values(topics.candidates())) {
            if (!candidate.getRun().equals(Workload.RUN) || candidate.getIndex() < 0) {
                continue; // poison
            }
            var plain = Oracle.plain(candidate);
            var other = found.put(candidate.getCandidateId(), plain);
            assertTrue(
                    other == null || other.equals(plain),
                    () -> "two copies differ of candidate " + candidate.getCandidateId());
        }
        assertEquals(oracle.candidates().keySet(), found.keySet(), "candidates");
        assertEquals(oracle.candidates(), found, "candidates and their scores");
    }

    private void everyPromptIsCuratedOnceAsByTheBatchProgram() {
        var order =
                Comparator.comparingInt(CuratedSample::getRound)
                        .thenComparing(CuratedSample::getPromptId)
                        .thenComparingInt(CuratedSample::getRank);
        var all = watch.values(topics.curated()).stream().filter(Verdict::isOurs).sorted(order);
        var found = all.toList();
        assertEquals(
                oracle.curated().stream().map(p -> name(p.as(CuratedSample.class))).toList(),
                found.stream().map(Verdict::name).toList(),
                "curated samples, each once");
        for (int i = 0; i < found.size(); i++) {
            var expected = oracle.curated().get(i);
            var sample = found.get(i);
            assertTrue(
                    expected.equals(Plain.of(sample)),
                    () ->
                            "curated sample: expected %s, found %s"
                                    .formatted(expected.as(CuratedSample.class), sample));
        }
    }

    private void adaptersAreThoseOfTheBatchProgram() {
        var history =
                watch.values(topics.adapterHistory()).stream()
                        .filter(e -> e.getRun().equals(Workload.RUN))
                        .toList();
        var candidates = history.stream().filter(e -> e.getStatus().equals("candidate")).toList();
        var versions = IntStream.rangeClosed(1, work.rounds()).boxed().toList();
        assertEquals(oracle.adapters(), shas(candidates), "sha256 of the adapters");
        assertEquals(
                oracle.datasets(),
                candidates.stream().map(AdapterEvent::getDatasetDigest).toList(),
                "what they were trained on");
        assertEquals(versions, candidates.stream().map(AdapterEvent::getVersion).toList());
        assertEquals(
                versions.stream().map(v -> v - 1).toList(),
                candidates.stream().map(AdapterEvent::getParentVersion).toList());
        var promoted = history.stream().filter(e -> e.getStatus().equals("promoted")).toList();
        assertEquals(oracle.adapters(), shas(promoted), "one decision on each version, in order");
        assertEquals(1, history.stream().filter(e -> e.getVersion() == 0).count(), "one start");
        var steps =
                history.stream()
                        .filter(e -> e.getStatus().matches("checkpoint|candidate"))
                        .map(AdapterEvent::getStep)
                        .toList();
        assertEquals(steps.stream().sorted().toList(), steps, "no checkpoint goes back");
        var current =
                watch.values(topics.adapters()).stream()
                        .filter(e -> e.getRun().equals(Workload.RUN))
                        .toList();
        assertEquals(oracle.adapters(), shas(current), "adapters in use, one after the other");
    }

    /** After a kill a step is taken again, from the same state on the same samples. */
    private void stepsTakenTwiceAreEqual() {
        Map<Integer, Double> losses = new HashMap<>();
        for (TrainingStep step : watch.values(topics.trainingSteps())) {
            var before = losses.put(step.getStep(), step.getLoss());
            assertTrue(
                    before == null || before == step.getLoss(),
                    () -> "step " + step.getStep() + ": two losses");
        }
    }

    private static List<String> shas(List<AdapterEvent> events) {
        return events.stream().map(e -> e.getAdapter().getSha256()).toList();
    }

    private static boolean isOurs(CuratedSample sample) {
        return sample.getRun().equals(Workload.RUN) && sample.getRank() < sample.getKept();
    }

    private static String name(CuratedSample s) {
        return s.getRound() + "/" + s.getPromptId() + "/" + s.getRank();
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }
}
