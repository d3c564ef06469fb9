package io.mitune.app.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class StageTest {
    @Test
    void oneIsSingular() {
        assertEquals("1 adapter", made(1));
        assertEquals("2 adapters", made(2));
        assertEquals("", made(0));
    }

    private static String made(long adapters) {
        return new Stage("validation", adapters, "adapters", 1).made();
    }
}
