package io.mitune.streams.planner;

import static io.mitune.streams.Samples.adapter;
import static io.mitune.streams.Samples.candidate;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mitune.schemas.Candidate;
import io.mitune.schemas.GenerationTask;
import io.mitune.schemas.Identity;
import io.mitune.schemas.PromptRequest;
import io.mitune.schemas.serde.AvroSerde;
import io.mitune.streams.Samples;
import io.mitune.streams.TopologyHarness;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the planner hands out when, with a window of two tasks of eight. */
class WindowTopologyTest {
    private static final Duration TICK = Duration.ofSeconds(2);
    private static final Duration TIMEOUT = Duration.ofMinutes(30);

    @TempDir Path dir;
    private TopologyHarness harness;
    private final Map<String, PromptRequest> sent = new TreeMap<>();
    private final Deque<GenerationTask> underWay = new ArrayDeque<>();

    @BeforeAll
    static void trust() {
        AvroSerde.trustOwnRecords();
    }

    @BeforeEach
    void start() {
        var config = new PlannerConfig(new TaskSplit(8, 4), 4 * 16, TIMEOUT, Duration.ofDays(30));
        harness = new TopologyHarness(dir, c -> PlannerTopology.role(c, config));
    }

    @AfterEach
    void stop() {
        harness.close();
    }

    @Test
    void noMoreIsHandedOutThanTheWindowHolds() {
        publish("a", 5, 0);
        assertEquals(List.of("a0", "a1"), taken());
        harness.advance(TICK);
        assertEquals(List.of(), taken());
        done();
        assertEquals(List.of("a2"), taken());
    }

    @Test
    void eachCandidateCountsOnceAlsoAFailedOne() {
        publish("a", 5, 0);
        taken();
        var task = underWay.removeFirst();
        for (int i = 0; i < 7; i++) {
            arrive(candidate(request(task), i, 1).build());
            arrive(candidate(request(task), i, 1).build());
        }
        // seven of sixteen came: the next task fills the window up and more
        assertEquals(List.of("a2"), taken());
        arrive(Samples.failed(request(task), 7));
        assertEquals(List.of(), taken());
        arrive(candidate(request(underWay.getFirst()), 0, 1).build());
        assertEquals(List.of("a3"), taken());
    }

    @Test
    void candidatesOfOtherRunsAndUnreadableOnesChangeNothing() {
        publish("a", 5, 0);
        taken();
        var stranger = Samples.prompt(0, 1, 8, 1).setRun("other").build();
        arrive(candidate(stranger, 0, 1).build());
        harness.sendRaw(harness.topics().candidates(), "key", new byte[] {1, 2, 3});
        assertEquals(List.of(), taken());
        assertEquals(List.of(), harness.deadLetters(), "the curator writes that one");
        assertEquals(16, harness.entries(PlannerTopology.OPEN));
    }

    @Test
    void aLateBatchOfHigherPriorityOvertakesTheBacklog() {
        publish("backlog", 6, 0);
        publish("urgent", 3, 5);
        publish("background", 2, -1);
        assertEquals(
                List.of(
                        "backlog0",
                        "backlog1",
                        "urgent0",
                        "urgent1",
                        "urgent2",
                        "backlog2",
                        "backlog3",
                        "backlog4",
                        "backlog5",
                        "background0",
                        "background1"),
                drain());
    }

    @Test
    void batchesOfOnePriorityTakeTurnsTaskByTask() {
        publish("a", 5, 0);
        publish("b", 2, 0);
        // a prompt of three tasks takes three turns
        send(named("c", 0, 0).setCandidates(24).build());
        assertEquals(List.of("a0", "a1", "a2", "b0", "c0", "a3", "b1", "c0", "a4", "c0"), drain());
    }

    @Test
    void aPromptThatWasBegunIsHandedOutToItsEndWhenItsRunIsHeldUp() {
        send(named("a", 0, 0).setCandidates(40).build());
        send(named("a", 1, 0).build());
        publish("b", 1, 0);
        assertEquals(List.of("a0", "a0"), taken());
        status("paused: looked odd");
        harness.advance(TICK);
        assertEquals(List.of("a0", "a0", "a0"), drain());
        assertEquals(40, allTasks().stream().mapToInt(GenerationTask::getCount).sum());
        harness.advance(TICK);
        assertEquals(List.of(), taken(), "whole prompts wait");
        status("");
        harness.advance(TICK);
        assertEquals(List.of("a1", "b0"), drain().stream().sorted().toList());
    }

    private void status(String waits) {
        harness.send(harness.topics().runStatus(), Samples.RUN, Samples.status(waits));
    }

    @Test
    void theAdapterOfAPromptsFirstTaskIsThatOfAll() {
        adapters(1);
        send(named("a", 0, 0).setCandidates(40).build());
        send(named("a", 1, 0).build());
        assertEquals(List.of("a0", "a0"), taken());
        adapters(2);
        drain();
        var all = allTasks();
        assertEquals(
                List.of(1, 1, 1, 1, 1, 2),
                all.stream().map(GenerationTask::getAdapterVersion).toList());
        assertEquals(
                List.of(0, 8, 16, 24, 32, 0),
                all.stream().map(GenerationTask::getFirstIndex).toList());
    }

    @Test
    void tasksThatLeftNoCandidatesFreeTheWindowAfterAWhile() {
        publish("a", 6, 0);
        assertEquals(List.of("a0", "a1"), taken());
        var lost = underWay.removeFirst();
        done();
        assertEquals(List.of("a2"), taken());
        harness.advance(TIMEOUT.minusSeconds(20));
        assertEquals(List.of(), taken());
        harness.advance(Duration.ofSeconds(40));
        harness.advance(TICK);
        assertEquals(List.of("a3"), taken());
        // one that comes after all makes no room twice
        arrive(candidate(request(lost), 0, 1).build());
        assertEquals(16, harness.entries(PlannerTopology.OPEN));
    }

    @Test
    void whileNoWorkerLivesTasksStayInTheWindow() {
        publish("a", 40, 0);
        assertEquals(List.of("a0", "a1"), taken());
        done();
        assertEquals(List.of("a2"), taken());
        // one more after 30 minutes, then 1, 2, 4, 8, 16 and 32 hours
        assertEquals(7, handedOutWithin(Duration.ofDays(3)));
        // workers come back and first do those; then one goes out for each that is done
        for (int i = 0; i < 7; i++) {
            done();
            assertEquals(List.of(), taken());
        }
        assertEquals(16, harness.entries(PlannerTopology.OPEN));
        assertEquals(30, drain().size());
    }

    @Test
    void aWindowFullOfDeadLettersDoesNotHoldUpTheRest() {
        publish("bad", 40, 0);
        taken();
        underWay.clear(); // all refused
        publish("good", 4, 1);
        assertEquals(0, handedOutWithin(TIMEOUT.minusMinutes(5)));
        assertEquals(1, handedOutWithin(Duration.ofMinutes(15)));
        assertEquals("good0", underWay.getFirst().getText());
        // what came of it says that workers had the bad ones
        done();
        harness.advance(Duration.ofSeconds(20));
        harness.advance(TICK);
        assertEquals(List.of("good1", "good2"), taken());
    }

    private int handedOutWithin(Duration time) {
        int n = 0;
        for (var past = Duration.ZERO; past.compareTo(time) < 0; past = past.plusMinutes(5)) {
            harness.advance(Duration.ofMinutes(5));
            n += taken().size();
        }
        return n;
    }

    @Test
    void aRoundThatWaitsBlocksNeitherOthersNorTheWindow() {
        for (int i = 0; i < 4; i++) {
            send(named("next", i, 100).setRound(2).build());
        }
        publish("now", 2, 0);
        assertEquals(List.of("now0", "now1"), drain());
        adapters(1);
        harness.advance(TICK);
        assertEquals(List.of("next0", "next1", "next2", "next3"), drain());
    }

    @Test
    void whatIsLeftOutOfABatchAndComesLaterTakesItsPlace() {
        publish("other", 2, 0);
        taken();
        send(named("a", 3, 0).build());
        send(named("a", 1, 0).build());
        send(named("a", 2, 0).build());
        done();
        assertEquals(List.of("a1"), taken());
        send(named("a", 0, 0).build());
        assertEquals(List.of("a0", "a2", "a3"), drain());
    }

    @Test
    void aPromptIsRememberedWhileItWaitsAndAMonthAfter() {
        var prompt = named("a", 0, 0).setRound(2).build();
        send(prompt);
        harness.advance(Duration.ofDays(40));
        send(prompt);
        adapters(1);
        harness.advance(TICK);
        assertEquals(List.of("a0"), drain());
        harness.advance(Duration.ofDays(29));
        send(prompt);
        assertEquals(List.of(), drain());
        harness.advance(Duration.ofDays(2));
        assertEquals(0, harness.entries(PlannerTopology.PLANNED));
        send(prompt);
        assertEquals(List.of("a0"), drain());
    }

    @Test
    void storesAreEmptyWhenAllIsDone() {
        publish("a", 3, 0);
        publish("b", 3, 1);
        drain();
        harness.advance(TICK);
        for (var store :
                List.of(
                        PlannerTopology.OPEN,
                        PlannerTopology.WAITING,
                        PlannerTopology.STARTED,
                        PlannerTopology.LANES)) {
            assertEquals(0, harness.entries(store), store);
        }
    }

    private void publish(String batch, int prompts, int priority) {
        for (int i = 0; i < prompts; i++) {
            send(named(batch, i, priority).build());
        }
    }

    private static PromptRequest.Builder named(String batch, int position, int priority) {
        var text = batch + position;
        return Samples.prompt(position, 1, 8, 1)
                .setBatch(batch)
                .setText(text)
                .setPromptId(Identity.promptId(batch, position, text))
                .setPriority(priority);
    }

    private void send(PromptRequest request) {
        sent.put(request.getPromptId(), request);
        harness.send(harness.topics().prompts(), request.getPromptId(), request);
    }

    private PromptRequest request(GenerationTask task) {
        return sent.get(task.getPromptId());
    }

    private void arrive(Candidate candidate) {
        harness.send(harness.topics().candidates(), candidate.getPromptId(), candidate);
    }

    private void adapters(int version) {
        var event = adapter(version, 1, "promoted").build();
        harness.send(harness.topics().adapters(), event.getRun(), event);
    }

    /** Texts of the tasks handed out since the last call. */
    private List<String> taken() {
        var tasks = harness.read(harness.topics().generationTasks());
        underWay.addAll(tasks);
        tasks.forEach(all::add);
        return tasks.stream().map(GenerationTask::getText).toList();
    }

    private final List<GenerationTask> all = new ArrayList<>();

    private List<GenerationTask> allTasks() {
        assertEquals(
                all.size(),
                new HashSet<>(all.stream().map(GenerationTask::getTaskId).toList()).size());
        return all;
    }

    /** A worker finishes the oldest task. */
    private void done() {
        var task = underWay.removeFirst();
        for (int i = 0; i < task.getCount(); i++) {
            arrive(candidate(request(task), task.getFirstIndex() + i, 1).build());
        }
    }

    /** Works until nothing is left; the texts in the order in which they were handed out. */
    private List<String> drain() {
        var texts = new ArrayList<>(taken());
        while (!underWay.isEmpty()) {
            done();
            texts.addAll(taken());
        }
        return texts;
    }
}
