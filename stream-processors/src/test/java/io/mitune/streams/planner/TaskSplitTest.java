package io.mitune.streams.planner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.mitune.schemas.GenerationTask;
import io.mitune.schemas.PromptRequest;
import io.mitune.schemas.serde.AvroSerde;
import io.mitune.streams.Samples;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class TaskSplitTest {
    static {
        AvroSerde.trustOwnRecords();
    }

    @Property(tries = 200)
    void everyCandidateIsInExactlyOneTask(
            @ForAll @IntRange(min = 1, max = 300) int n,
            @ForAll @IntRange(min = 1, max = 70) int perTask) {
        var tasks = all(new TaskSplit(perTask, 4), Samples.prompt(0, 1, n, 1).build());
        int next = 0;
        for (var task : tasks) {
            assertEquals(next, task.getFirstIndex());
            next += task.getCount();
        }
        assertEquals(n, next);
        assertEquals((n + perTask - 1) / perTask, tasks.size());
        assertEquals(
                tasks.size(), tasks.stream().map(GenerationTask::getTaskId).distinct().count());
    }

    @Test
    void pinsTheAdapter() {
        var prompt = Samples.prompt(5, 2, 10, 1).build();
        var adapter = Samples.adapter(3, 1, "promoted").build();
        var split = new TaskSplit(8, 4);
        var task = split.after(split.first(prompt, Optional.of(adapter)));
        assertEquals(prompt.getPromptId() + "/2/8", task.getTaskId());
        assertEquals(2, task.getCount());
        assertEquals(4, task.getMicroBatch());
        assertEquals(3, task.getAdapterVersion());
        assertEquals(adapter.getAdapter(), task.getAdapter());
        assertEquals(prompt.getSampling(), task.getSampling());
    }

    @Test
    void theBaseModelHasNoAdapter() {
        var prompt = Samples.prompt(0, 1, 1, 1).build();
        var task = new TaskSplit(8, 4).first(prompt, Optional.empty());
        assertEquals(0, task.getAdapterVersion());
        assertNull(task.getAdapter());
    }

    @Test
    void checksItsValues() {
        assertThrows(IllegalArgumentException.class, () -> new TaskSplit(0, 4));
        assertThrows(IllegalArgumentException.class, () -> new TaskSplit(4, 0));
    }

    private static List<GenerationTask> all(TaskSplit split, PromptRequest prompt) {
        var tasks = new ArrayList<>(List.of(split.first(prompt, Optional.empty())));
        while (!TaskSplit.isLast(tasks.get(tasks.size() - 1))) {
            tasks.add(split.after(tasks.get(tasks.size() - 1)));
        }
        return tasks;
    }
}
