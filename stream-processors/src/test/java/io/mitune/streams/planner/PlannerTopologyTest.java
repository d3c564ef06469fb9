package io.mitune.streams.planner;

import static io.mitune.streams.Samples.adapter;
import static io.mitune.streams.Samples.prompt;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.schemas.GenerationTask;
import io.mitune.schemas.Identity;
import io.mitune.schemas.PromptRequest;
import io.mitune.schemas.serde.DefaultSerde;
import io.mitune.streams.Samples;
import io.mitune.streams.TopologyHarness;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlannerTopologyTest {
    private static final Duration TICK = Duration.ofSeconds(2);

    @TempDir Path dir;
    private TopologyHarness harness;

    @BeforeEach
    void start() {
        harness = new TopologyHarness(dir, c -> PlannerTopology.role(c, new TaskSplit(8, 4)));
    }

    @AfterEach
    void stop() {
        harness.close();
    }

    @Test
    void aPromptOfTheFirstRoundIsPlannedAtOnceForTheBaseModel() {
        send(prompt(0, 1, 20, 1).build());
        var tasks = tasks();
        assertEquals(List.of(8, 8, 4), tasks.stream().map(GenerationTask::getCount).toList());
        assertEquals(List.of(0, 0, 0), versions(tasks));
    }

    @Test
    void aPromptPublishedTwiceIsPlannedOnceInEachRunAndRound() {
        send(prompt(0, 1, 8, 1).build());
        send(prompt(0, 1, 8, 1).build());
        assertEquals(1, tasks().size());
        send(prompt(0, 1, 8, 1).setRun("other").build());
        assertEquals(1, tasks().size());
    }

    @Test
    void aLaterRoundWaitsForTheDecisionOfTheRoundBefore() {
        send(prompt(0, 2, 8, 1).build());
        send(prompt(1, 3, 8, 1).build());
        harness.advance(TICK);
        assertEquals(0, tasks().size());

        adapters(adapter(1, 1, "promoted").build());
        harness.advance(TICK);
        var second = tasks();
        assertEquals(List.of(2), rounds(second));
        assertEquals(List.of(1), versions(second));
        assertEquals(Samples.blob("adapter-1"), second.get(0).getAdapter());

        // the second round's adapter was rejected: round 3 goes on with the first
        adapters(adapter(1, 2, "promoted").build());
        harness.advance(TICK);
        var third = tasks();
        assertEquals(List.of(3), rounds(third));
        assertEquals(List.of(1), versions(third));
        assertEquals(0, harness.entries(PlannerTopology.WAITING));
    }

    @Test
    void aRoundWhoseTurnHasComeDoesNotWait() {
        adapters(adapter(3, 5, "promoted").build());
        send(prompt(0, 6, 8, 1).build());
        assertEquals(List.of(3), versions(tasks()));
    }

    @Test
    void aRunThatIsHeldUpGetsNoWorkUntilItMayGoOn() {
        status("paused: looked odd");
        send(prompt(0, 1, 8, 1).build());
        send(prompt(0, 1, 8, 1).setRun("other").build());
        harness.advance(TICK);
        assertEquals(List.of("other"), tasks().stream().map(GenerationTask::getRun).toList());
        status("");
        harness.advance(TICK);
        assertEquals(List.of(Samples.RUN), tasks().stream().map(GenerationTask::getRun).toList());
    }

    private void status(String waits) {
        harness.send(harness.topics().runStatus(), Samples.RUN, Samples.status(waits));
    }

    @Test
    void runsDoNotWaitForEachOther() {
        adapters(adapter(1, 1, "promoted").setRun("other").build());
        send(prompt(0, 2, 8, 1).build());
        send(prompt(0, 2, 8, 1).setRun("other").build());
        harness.advance(TICK);
        var tasks = tasks();
        assertEquals(List.of("other"), tasks.stream().map(GenerationTask::getRun).toList());
    }

    @Test
    void aLongQueueIsReleasedInParts() {
        for (int i = 0; i < 450; i++) {
            send(prompt(i, 2, 1, 1).build());
        }
        adapters(adapter(1, 1, "promoted").build());
        harness.advance(TICK);
        assertEquals(200, tasks().size());
        harness.advance(TICK);
        harness.advance(TICK);
        assertEquals(250, tasks().stream().map(GenerationTask::getPromptId).distinct().count());
    }

    @Test
    void badRequestsGoToTheDeadLettersAndTheRestGoesOn() {
        send(prompt(0, 1, 10_001, 1).build());
        send(prompt(1, 1, 8, 9).build());
        send(prompt(2, 1, 8, 1).setText("another text").build());
        var good = prompt(3, 1, 8, 1).build();
        harness.send(harness.topics().prompts(), "another key", good);
        harness.send(harness.topics().prompts(), "tombstone", null);
        harness.sendRaw(
                harness.topics().prompts(), "p", "no Avro".getBytes(StandardCharsets.UTF_8));
        send(good);
        assertEquals(1, tasks().size());
        var reasons = harness.deadLetters();
        assertEquals(6, reasons.size());
        assertEquals(
                "mitune.prompts: prompt: candidates: expected 1 to 10000, found 10001",
                reasons.get(0));
        assertEquals("mitune.prompts: prompt: keep: expected 1 to 8, found 9", reasons.get(1));
        assertTrue(reasons.get(2).contains("the hash of batch, position and text"), reasons.get(2));
        assertTrue(reasons.get(3).contains("expected the promptId"), reasons.get(3));
        assertTrue(reasons.get(4).contains("expected a value, found none"), reasons.get(4));
        assertTrue(reasons.get(5).contains("topic mitune.prompts: "), reasons.get(5));
        if (DefaultSerde.properties().isEmpty()) { // another serde has words of its own
            assertTrue(reasons.get(5).contains("Confluent wire format"), reasons.get(5));
        }
    }

    @Test
    void anUnreadableAdapterRecordIsPassedOver() {
        adapters(adapter(1, 1, "promoted").build());
        harness.sendRaw(harness.topics().adapters(), Samples.RUN, new byte[] {1, 2, 3});
        harness.sendRaw(harness.topics().adapters(), Samples.RUN, null);
        harness.send(harness.topics().adapters(), null, adapter(2, 1, "promoted").build());
        send(prompt(0, 2, 8, 1).build());
        assertEquals(List.of(1), versions(tasks()));
    }

    @Test
    void theTopologyIsTheOneThatRuns() throws IOException {
        assertEquals(TopologyHarness.golden("planner"), harness.description());
    }

    @Test
    void taskIdsAreThoseOfTheContract() {
        send(prompt(0, 1, 9, 1).build());
        var id = prompt(0, 1, 9, 1).build().getPromptId();
        assertEquals(
                List.of(Identity.taskId(id, 1, 0), Identity.taskId(id, 1, 8)),
                tasks().stream().map(GenerationTask::getTaskId).toList());
    }

    private void send(PromptRequest request) {
        harness.send(harness.topics().prompts(), request.getPromptId(), request);
    }

    private void adapters(io.mitune.schemas.AdapterEvent event) {
        harness.send(harness.topics().adapters(), event.getRun(), event);
    }

    private List<GenerationTask> tasks() {
        return harness.read(harness.topics().generationTasks());
    }

    private static List<Integer> versions(List<GenerationTask> tasks) {
        return tasks.stream().map(GenerationTask::getAdapterVersion).toList();
    }

    private static List<Integer> rounds(List<GenerationTask> tasks) {
        return tasks.stream().map(GenerationTask::getRound).toList();
    }
}
