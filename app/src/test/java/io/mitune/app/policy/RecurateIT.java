package io.mitune.app.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.app.CommandLineRunner;
import io.mitune.app.CommandLineRunner.Result;
import io.mitune.app.TinyModel;
import io.mitune.app.local.LocalSettings;
import io.mitune.app.local.LocalStack;
import io.mitune.app.log.TopicLog;
import io.mitune.app.metrics.RoleMetrics;
import io.mitune.diffusion.model.LoadOptions;
import io.mitune.schemas.Candidate;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.Identity;
import io.mitune.schemas.SamplingSettings;
import io.mitune.schemas.Topic;
import io.mitune.schemas.Vote;
import io.mitune.schemas.VoteOption;
import io.mitune.streams.curator.CurationConfig;
import io.mitune.streams.curator.ScoreRule;
import io.mitune.streams.curator.ScoreRule.Estimator;
import io.mitune.streams.curator.ScoreRule.Window;
import io.mitune.streams.planner.TaskSplit;
import io.mitune.streams.promotion.PromotionRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Policies on the command line, with candidates that a real worker drew. */
class RecurateIT {
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    @TempDir static Path data;
    @TempDir Path folder;

    private static LocalStack stack;

    @BeforeAll
    static void start() throws Exception {
        var settings =
                new LocalSettings(
                        data,
                        0,
                        0,
                        TinyModel.MODEL,
                        LoadOptions.plain(),
                        1,
                        new TaskSplit(4, 4),
                        CurationConfig.DEFAULT,
                        PromotionRule.DEFAULT,
                        List.of());
        stack = LocalStack.start(settings, new RoleMetrics());
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @Test
    void whatWasDrawnIsJudgedAgain() throws IOException {
        publish("r", 3);
        var same = mitune("recurate", "--policy", "mi-max", "--run", "r").ok();
        assertTrue(same.out().contains("the same set, record by record"), same.out());
        assertTrue(same.out().contains("3 prompts judged, 0 still open"), same.out());
        assertTrue(same.err().contains("candidates up to offsets {0="), same.err());

        var set = mitune("policy", "set", "strict", "--threshold", 1e9, "--keep", 1).ok().out();
        assertTrue(set.startsWith("policy strict@1: set, from offsets ["), set);
        publish("later", 2);
        var later = curated("later");
        assertEquals(
                List.of("strict/1/0", "strict/1/0"),
                later.stream()
                        .map(s -> s.getPolicy() + "/" + s.getPolicyVersion() + "/" + s.getKept())
                        .toList());
        assertTrue(later.get(0).getReason().contains("expected at least 1000000000.0000"));
        var again = mitune("recurate", "--policy", "strict@1", "--run", "later").ok().out();
        assertTrue(again.contains("the same set, record by record"), again);
        var removed = mitune("policy", "remove", "strict").ok().out();
        assertTrue(removed.startsWith("policy strict@2: removed"), removed);

        recurateIntoANewRun();
        votesCount();
    }

    /** Another estimator, into a run that a trainer could train on. */
    private void recurateIntoANewRun() throws IOException {
        var file = folder.resolve("paper.yaml");
        Files.writeString(
                file,
                """
                estimator: paper
                windowFrom: 100
                windowTo: 900
                maxSimilarity: 0.999
                quotas: {"*": 2}
                keep: 1
                live: false
                """);
        var set = mitune("policy", "set", "paper", "--keep", 2, "--file", file).ok().out();
        assertEquals("policy paper@1: set, for recurate only", set.strip());
        var unchanged = mitune("policy", "set", "paper", "--keep", 2, "--file", file).ok().out();
        assertEquals("policy paper@1: unchanged", unchanged.strip());
        var dry = recurate("paper", "--into", "paper-set", "--dry-run").ok().out();
        assertTrue(dry.contains("another set"), dry);
        assertTrue(curated("paper-set").isEmpty());

        var output = folder.resolve("set.jsonl");
        recurate("paper", "--into", "paper-set", "--output", output).ok();
        var set2 = curated("paper-set");
        assertEquals(set2.size(), Files.readAllLines(output).size());
        var kept = set2.stream().filter(s -> s.getKept() > 0).toList();
        assertEquals(2, kept.size()); // the quota of the round
        assertEquals(3, set2.stream().map(CuratedSample::getPromptId).distinct().count());
        var drawn =
                values(stack.connection().topics().candidates()).stream()
                        .filter(c -> c.getRun().equals("r"))
                        .collect(Collectors.toMap(Candidate::getCandidateId, Function.identity()));
        var rule = new ScoreRule(Estimator.PAPER, Optional.of(new Window(100, 900)));
        for (var sample : kept) {
            var candidate = drawn.get(sample.getCandidateId());
            assertEquals(rule.of(candidate), sample.getMi());
            assertFalse(candidate.getSketch().isEmpty());
        }
        var taken = lastLine(recurate("paper", "--into", "paper-set"));
        assertTrue(taken.contains("--into: expected a run without prompts"), taken);
        assertEquals(set2, curated("paper-set"));
    }

    /** A vote for the worst by MI brings it to the top. */
    private void votesCount() {
        var topics = stack.connection().topics();
        var prompt = curated("r").get(0);
        var worst =
                values(topics.candidates()).stream()
                        .filter(c -> c.getPromptId().equals(prompt.getPromptId()))
                        .min((a, b) -> Double.compare(a.getMi(), b.getMi()))
                        .orElseThrow();
        send(topics.votes(), worst.getPromptId(), vote(worst));
        mitune("policy", "set", "people", "--vote-weight", 0.9, "--only-recurate", "--keep", 1)
                .ok();
        recurate("people", "--into", "people-set").ok();
        var chosen =
                curated("people-set").stream()
                        .filter(s -> s.getPromptId().equals(prompt.getPromptId()))
                        .toList();
        assertEquals(worst.getCandidateId(), chosen.get(0).getCandidateId());
        assertEquals("best of 4 by mi and votes", chosen.get(0).getReason());
    }

    @Test
    void policiesAreListedShownAndRefusedInOneLine() throws IOException {
        mitune("policy", "set", "seen", "--run-suffix", "-seen", "--run", "nobody").ok();
        mitune("policy", "set", "seen", "--keep", 3, "--run-suffix", "-seen", "--run", "nobody")
                .ok();
        var list = mitune("policy", "list").ok().out();
        assertTrue(list.contains("mi-max@1") && list.contains("built in"), list);
        assertTrue(list.contains("mi-max, keep 3, run suffix -seen"), list);
        assertTrue(mitune("policy", "show", "seen@2").ok().out().contains("\"keep\" : 3"));
        assertTrue(mitune("policy", "show", "random").ok().out().contains("-random"));
        var history = mitune("policy", "history").ok().out();
        assertTrue(history.contains("seen@1") && history.contains("seen@2"), history);

        assertRefused("expected one of [mi-max@1,", "policy", "show", "nothing");
        assertRefused(
                "margin: expected 0 or more, found -1.0", "policy", "set", "x", "--margin", -1);
        assertRefused("keep: expected 1 to 16", "policy", "set", "x", "--quota", "a=1");
        assertRefused("expected FROM:TO", "policy", "set", "x", "--window", "9");
        assertRefused("voteWeight: expected 0", "policy", "set", "x", "--vote-weight", 0.5);
        assertRefused("NAME: expected a policy that is set", "policy", "remove", "mi-max");
        assertRefused("expected closed prompts", "recurate", "--policy", "mi-max", "--run", "no");
        assertRefused(
                "expected a round such as 2", "recurate", "--policy", "mi-max", "--rounds", "3-1");
        var file = folder.resolve("bad.json");
        Files.writeString(file, "{\"treshold\": 1}");
        assertRefused("found treshold", "policy", "set", "x", "--file", file);
        Files.writeString(file, "{\"threshold\": \"high\"}");
        assertRefused(
                "threshold: expected a number, found \"high\"",
                "policy",
                "set",
                "x",
                "--file",
                file);
        Files.writeString(file, "a: [1");
        assertRefused("expected YAML or JSON", "policy", "set", "x", "--file", file);
    }

    private static void assertRefused(String part, Object... words) {
        var last = lastLine(mitune(words));
        assertTrue(last.contains(part), last);
    }

    /** The line that tells a failure; progress may stand before it. */
    private static String lastLine(Result result) {
        assertTrue(result.code() != 0, result.out());
        return result.err().lines().reduce("", (before, line) -> line);
    }

    private void publish(String run, int prompts) throws IOException {
        var file = folder.resolve(run + ".txt");
        var lines = List.of("the red cat", "a blue dog", "the cat").subList(0, prompts);
        Files.write(file, lines);
        var publish =
                List.<Object>of(
                        "publish",
                        "--prompts",
                        file,
                        "--batch",
                        run,
                        "--run",
                        run,
                        "--candidates",
                        4,
                        "--num-inference-steps",
                        20,
                        "--guidance-scale",
                        2);
        mitune(publish.toArray()).ok();
        var deadline = Instant.now().plus(PATIENCE);
        while (curated(run).size() < prompts) {
            assertTrue(Instant.now().isBefore(deadline), "curated in time");
            LockSupport.parkNanos(50_000_000);
        }
    }

    private static Result recurate(String policy, Object... more) {
        var words = new ArrayList<Object>(List.of("recurate", "--policy", policy, "--run", "r"));
        words.addAll(List.of(more));
        return mitune(words.toArray());
    }

    private static List<CuratedSample> curated(String run) {
        return values(stack.connection().topics().curated()).stream()
                .filter(s -> s.getRun().equals(run))
                .toList();
    }

    private static <V extends SpecificRecord> List<V> values(Topic<V> topic) {
        return TopicLog.values(stack.connection(), topic);
    }

    private static <V extends SpecificRecord> void send(Topic<V> topic, String key, V value) {
        try (var producer =
                new KafkaProducer<>(
                        stack.connection().producerProperties(),
                        new StringSerializer(),
                        stack.connection().serde(topic.type()).serializer())) {
            producer.send(new ProducerRecord<>(topic.name(), key, value));
        }
    }

    private static Vote vote(Candidate chosen) {
        return Vote.newBuilder()
                .setAnswerId(Identity.answerId("c", "q", "v"))
                .setCampaign("c")
                .setQuestionId("q")
                .setForm("methods")
                .setPromptId(chosen.getPromptId())
                .setText(chosen.getText())
                .setOptions(
                        List.of(
                                VoteOption.newBuilder()
                                        .setMethod("mi-tune")
                                        .setCandidateId(chosen.getCandidateId())
                                        .setRun(chosen.getRun())
                                        .build()))
                .setChosen(List.of(0))
                .setVoterId("v")
                .setAnsweredAt(Instant.EPOCH)
                .build();
    }

    private static Result mitune(Object... words) {
        return CommandLineRunner.on(stack.connection(), words);
    }

    /** A candidate with all that a record needs. */
    static Candidate.Builder candidate(int index) {
        var prompt = Identity.promptId("b", 0, "the red cat");
        return Candidate.newBuilder()
                .setCandidateId(Identity.candidateId(prompt, 1, index))
                .setPromptId(prompt)
                .setRun("r")
                .setRound(1)
                .setRoundSize(1)
                .setBatch("b")
                .setText("the red cat")
                .setIndex(index)
                .setSeed(index)
                .setCandidates(4)
                .setKeep(1)
                .setSampling(
                        SamplingSettings.newBuilder()
                                .setScheduler("ddpm")
                                .setNumInferenceSteps(20)
                                .setGuidanceScale(2)
                                .build())
                .setMiWeights(List.of())
                .setAdapterVersion(0)
                .setModelDigest("m")
                .setWorker("w")
                .setSeconds(0);
    }
}
