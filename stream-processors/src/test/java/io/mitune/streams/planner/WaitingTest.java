package io.mitune.streams.planner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.schemas.GenerationTask;
import io.mitune.schemas.Identity;
import io.mitune.schemas.PromptRequest;
import io.mitune.schemas.serde.AvroSerde;
import io.mitune.streams.Samples;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What it costs to have many prompts wait, and that a restart changes nothing. */
class WaitingTest {
    private static final int PROMPTS = 100_000;
    private static final TaskSplit SPLIT = new TaskSplit(8, 4);

    private final CountingStore<PromptRequest> prompts = new CountingStore<>();
    private final CountingStore<GenerationTask> started = new CountingStore<>();
    private final CountingStore<byte[]> lanes = new CountingStore<>();

    @BeforeAll
    static void trust() {
        AvroSerde.trustOwnRecords();
    }

    @Test
    void aTaskCostsTheSameWithAHundredThousandPromptsWaiting() {
        var waiting = open();
        for (int i = 0; i < PROMPTS; i++) {
            // every 20th is a batch of its own
            waiting.add(prompt(i % 20 == 0 ? "single" + i : "backlog", i, 8));
        }
        long before = reads();
        for (int i = 0; i < 1000; i++) {
            assertTrue(take(waiting).isPresent());
            waiting.reopen(lane -> true);
        }
        long each = (reads() - before) / 1000;
        assertTrue(each <= 4, each + " entries read for a task");
        assertEquals(PROMPTS - 1000, prompts.size());

        before = reads();
        var urgent = prompt("urgent", 0, 8);
        waiting.add(PromptRequest.newBuilder(urgent).setPriority(1).build());
        assertEquals("urgent0", take(waiting).orElseThrow().getText());
        assertTrue(reads() - before <= 4);
    }

    @Test
    void theOrderGoesOnAfterARestart() {
        var undisturbed = new WaitingTest();
        assertEquals(undisturbed.order(false), order(true));
    }

    private List<String> order(boolean restarts) {
        var waiting = open();
        for (var batch : List.of("a", "b", "c")) {
            IntStream.range(0, 5).forEach(i -> waiting.add(prompt(batch, i, 8 + 8 * (i % 3))));
        }
        var order = new ArrayList<String>();
        var now = waiting;
        var task = take(now);
        while (task.isPresent()) {
            order.add(task.get().getTaskId());
            now = restarts ? open() : now;
            task = take(now);
        }
        assertEquals(27, order.size());
        return order;
    }

    @Test
    void memoryIsLookedThroughInPartsAndForgetsWhatIsOld() {
        var store = new CountingStore<Long>();
        var memory = new Memory(store);
        for (int i = 0; i < 25_000; i++) {
            memory.handedOut("old" + i, 0);
        }
        memory.handedOut("new", 900);
        memory.waits("waiting");
        long before = store.read();
        memory.forget(1000, Duration.ofMillis(1000));
        assertTrue(store.read() - before <= 20_001, "reads and deletions");
        assertEquals(15_003, store.size());
        memory.forget(1000, Duration.ofMillis(1000));
        memory.forget(1000, Duration.ofMillis(1000));
        assertEquals(2, store.size());
        memory.forget(1900, Duration.ofMillis(1000));
        assertTrue(memory.holds("waiting"));
        assertEquals(1, store.size());
    }

    private Waiting open() {
        return new Waiting(prompts, started, lanes);
    }

    private static Optional<GenerationTask> take(Waiting waiting) {
        return waiting.take(lane -> true, SPLIT, run -> Optional.empty());
    }

    private long reads() {
        return prompts.read() + started.read() + lanes.read();
    }

    private static PromptRequest prompt(String batch, int position, int candidates) {
        var text = batch + position;
        return Samples.prompt(position, 1, candidates, 1)
                .setBatch(batch)
                .setText(text)
                .setPromptId(Identity.promptId(batch, position, text))
                .build();
    }
}
