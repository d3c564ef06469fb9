package io.mitune.diffusion.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class GradientsTest {
    private static final int THREADS = 3;
    private static final Script CUBE =
            Script.of("x: Tensor", "Tensor", "return torch.mul(torch.mul(x, x), x)");

    /** All have theirs open at the same time, which DJL's own collector refuses. */
    @Test
    void threadsCollectSideBySide() throws InterruptedException {
        var allOpen = new CountDownLatch(THREADS);
        var threads = Executors.newFixedThreadPool(THREADS);
        var slopes = new ArrayList<CompletableFuture<float[]>>();
        for (int i = 0; i < THREADS; i++) {
            float at = i + 1;
            slopes.add(CompletableFuture.supplyAsync(() -> slope(at, allOpen), threads));
        }
        for (int i = 0; i < THREADS; i++) {
            float x = i + 1;
            assertArrayEquals(new float[] {3 * x * x, 12 * x * x}, slopes.get(i).join());
        }
        threads.shutdown();
    }

    /** Derivatives of x^3 at x and 2x, many times over. */
    private static float[] slope(float x, CountDownLatch allOpen) {
        try (var manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            var leaf = manager.create(new float[] {x, 2 * x});
            leaf.setRequiresGradient(true);
            try (var gradients = new Gradients()) {
                allOpen.countDown();
                allOpen.await();
                for (int i = 0; i < 200; i++) {
                    try (var value = CUBE.call(leaf).sum()) {
                        gradients.backward(value);
                    }
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return leaf.getGradient().div(200f).toFloatArray();
        }
    }

    @Test
    void afterwardsTheThreadIsAsItWas() {
        boolean before = JniUtils.isGradMode();
        JniUtils.setGradMode(false);
        try (var manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            var leaf = manager.create(new float[] {2});
            leaf.setRequiresGradient(true);
            try (var gradients = new Gradients()) {
                gradients.backward(CUBE.call(leaf).sum());
            }
            NDArray later = CUBE.call(leaf);
            assertFalse(JniUtils.requiresGrad((PtNDArray) later));
            assertEquals(12, leaf.getGradient().getFloat());
        } finally {
            JniUtils.setGradMode(before);
        }
    }
}
