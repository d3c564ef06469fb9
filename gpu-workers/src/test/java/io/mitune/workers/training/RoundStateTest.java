package io.mitune.workers.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import org.junit.jupiter.api.Test;

class RoundStateTest {
    private static final RoundState STATE =
            new RoundState(2, 3, 1, 240, 7680, List.of("a/2/1", "b/2/0"));

    @Test
    void comesBackAsItWas() {
        assertEquals(STATE, RoundState.of(STATE.toMap()));
        var empty = new RoundState(1, 1, 0, 0, 0, List.of());
        assertEquals(empty, RoundState.of(empty.toMap()));
    }

    @Test
    void missingEntryIsNamed() {
        var map = new HashMap<>(STATE.toMap());
        map.remove("steps_before");
        var error = assertThrows(IllegalArgumentException.class, () -> RoundState.of(map));
        assertTrue(error.getMessage().contains("steps_before"), error.getMessage());
    }
}
