package io.mitune.streams.planner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.mitune.schemas.GenerationTask;
import io.mitune.streams.Samples;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class TaskSplitTest {

    @Property(tries = 200)
    void everyCandidateIsInExactlyOneTask(
            @ForAll @IntRange(min = 1, max = 300) int n,
            @ForAll @IntRange(min = 1, max = 70) int perTask) {
        var tasks =
                new TaskSplit(perTask, 4)
                        .split(Samples.prompt(0, 1, n, 1).build(), Optional.empty());
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
        var task = new TaskSplit(8, 4).split(prompt, Optional.of(adapter)).get(1);
        assertEquals(prompt.getPromptId() + "/2/8", task.getTaskId());
        assertEquals(2, task.getCount());
        assertEquals(4, task.getMicroBatch());
        assertEquals(3, task.getAdapterVersion());
        assertEquals(adapter.getAdapter(), task.getAdapter());
        assertEquals(prompt.getSampling(), task.getSampling());
    }

    @Test
    void theBaseModelHasNoAdapter() {
        var task =
                new TaskSplit(8, 4)
                        .split(Samples.prompt(0, 1, 1, 1).build(), Optional.empty())
                        .get(0);
        assertEquals(0, task.getAdapterVersion());
        assertNull(task.getAdapter());
    }

    @Test
    void checksItsValues() {
        assertThrows(IllegalArgumentException.class, () -> new TaskSplit(0, 4));
        assertThrows(IllegalArgumentException.class, () -> new TaskSplit(4, 0));
    }
}
