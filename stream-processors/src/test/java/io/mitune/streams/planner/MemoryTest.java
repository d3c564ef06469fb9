package io.mitune.streams.planner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class MemoryTest {
    private static final int PROMPTS = 25_000;

    @Test
    void oldPromptsAreForgottenInPartsAndThoseThatWaitNever() {
        var store = new CountingStore<Long>();
        var memory = new Memory(store);
        for (int i = 0; i < PROMPTS; i++) {
            memory.handedOut("run/1/" + i, i % 2 == 0 ? 1000 : 5000);
        }
        memory.waits("run/2/0");
        var day = Duration.ofDays(1);
        long then = 1000 + day.toMillis();
        memory.forget(then - 1, day);
        assertEquals(PROMPTS + 1, store.size(), "too early");
        int looks = 0;
        for (; store.size() > PROMPTS / 2 + 1; looks++) {
            long before = store.size();
            memory.forget(then, day);
            assertTrue(before - store.size() <= 10_000 && looks < 4, "in parts, and all of them");
        }
        assertTrue(looks > 1);
        assertTrue(memory.holds("run/1/1") && memory.holds("run/2/0"));
        assertTrue(!memory.holds("run/1/2"));
        for (int i = 0; i < 4; i++) {
            memory.forget(then + 4000, day);
        }
        assertEquals(1, store.size());
        assertTrue(memory.holds("run/2/0"));
    }
}
