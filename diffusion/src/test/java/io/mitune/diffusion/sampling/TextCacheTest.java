package io.mitune.diffusion.sampling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.mitune.diffusion.model.TextConditioner;
import io.mitune.diffusion.model.TextEmbedding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TextCacheTest {
    /** Of one text here, pooled vector included. */
    private static final long BYTES = 4 * (2 * 3 + 5);

    private final NDManager manager = NDManager.newBaseManager("PyTorch");
    private final Recorder recorder = new Recorder();

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void whatIsMissingIsEncodedOnceAndTogether() {
        var cache = new TextCache(manager, recorder);
        var absent = Optional.<String>empty();
        cache.get(List.of(Optional.of("a"), absent, Optional.of("a"), Optional.of("")));
        var found = cache.get(texts("b", "a", "b"));
        assertEquals(
                List.of(List.of(Optional.of("a"), absent, Optional.of("")), texts("b")),
                recorder.asked);
        assertEquals(2, recorder.released);
        assertNotSame(found.get(absent), found.get(Optional.of("")));
        cache.get(texts("a", "b"));
        assertEquals(2, recorder.asked.stream().filter(texts -> !texts.isEmpty()).count());
    }

    @Test
    void keepsTheBytesItMayAndTheTextsUsedLast() {
        var cache = new TextCache(manager, recorder, 2 * BYTES + 1);
        var first = cache.get(texts("a", "b", "c")).get(Optional.of("a"));
        assertEquals(6, manager.getManagedArrays().size(), "all of a request are there");
        cache.get(texts("a"));
        cache.trim();
        assertEquals(4, manager.getManagedArrays().size());
        recorder.asked.clear();
        assertSame(first, cache.get(texts("a", "b", "c")).get(Optional.of("a")));
        assertEquals(List.of(texts("b")), recorder.asked);
    }

    private static List<Optional<String>> texts(String... texts) {
        return Arrays.stream(texts).map(Optional::of).toList();
    }

    private static final class Recorder implements TextConditioner {
        private final List<List<Optional<String>>> asked = new ArrayList<>();
        private int released;

        @Override
        public List<TextEmbedding> encode(NDManager owner, List<Optional<String>> texts) {
            asked.add(List.copyOf(texts));
            return texts.stream()
                    .map(
                            text ->
                                    new TextEmbedding(
                                            owner.zeros(new Shape(1, 2, 3)),
                                            Optional.of(owner.zeros(new Shape(1, 5)))))
                    .toList();
        }

        @Override
        public void release() {
            released++;
        }
    }
}
