package io.mitune.diffusion.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each layer on numbers worked out by hand. */
class LayersTest {
    @TempDir Path dir;
    private NDManager manager;

    @BeforeEach
    void open() {
        Torch.setUp();
        manager = NDManager.newBaseManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private TinyWeights weights() {
        return new TinyWeights(dir);
    }

    private NDArray array(float[] values, long... shape) {
        return manager.create(values, new Shape(shape));
    }

    @Test
    void linear() {
        var w =
                weights()
                        .with("weight", new float[] {1, 2, 3, 4, 5, 6}, 2, 3)
                        .with("bias", new float[] {10, 20}, 2)
                        .open(manager, Dtype.FP32);
        var y = new Linear(w, 3, 2, true).forward(array(new float[] {1, 0, -1}, 1, 3));
        assertArrayEquals(new float[] {8, 18}, y.toFloatArray());
    }

    @Test
    void linearAsksForAnAdapterByItsPathAndGivesWay() {
        Adapters doubling =
                (path, layer) ->
                        path.equals("to_q")
                                ? Optional.of((x, frozen) -> frozen.base(x).mul(2))
                                : Optional.empty();
        var w =
                weights()
                        .with("to_q.weight", new float[] {3}, 1, 1)
                        .with("to_k.weight", new float[] {3}, 1, 1)
                        .open(manager, Dtype.FP32, doubling);
        var x = array(new float[] {1}, 1, 1);
        assertEquals(6, new Linear(w.in("to_q"), 1, 1, false).forward(x).getFloat());
        assertEquals(3, new Linear(w.in("to_k"), 1, 1, false).forward(x).getFloat());
    }

    @Test
    void linearTakesAnotherWeightAndGivesItBack() {
        var w = weights().with("weight", new float[] {3}, 1, 1).open(manager, Dtype.FP32);
        var layer = new Linear(w, 1, 1, false);
        var x = array(new float[] {1}, 1, 1);
        layer.exchangeWeight(array(new float[] {5}, 1, 1));
        assertEquals(5, layer.forward(x).getFloat());
        layer.restoreWeight();
        assertEquals(3, layer.forward(x).getFloat());
    }

    /** Its weight is there when asked for and takes no memory in between. */
    @Test
    void packedLinearReadsItsWeightAgain() {
        var w = weights().with("weight", new float[] {3}, 1, 1).open(manager, Dtype.FP32);
        var layer = Linear.packed(w, 1, 1, false);
        int arrays = manager.getManagedArrays().size();
        assertEquals(3, layer.weight().getFloat());
        layer.letGo();
        layer.changeWeight(loaded -> loaded.mul(2));
        for (int i = 0; i < 2; i++) {
            assertEquals(6, layer.weight().getFloat());
            assertEquals(3, layer.loadedWeight().getFloat());
            layer.letGo();
            assertEquals(arrays, manager.getManagedArrays().size());
        }
        layer.restoreWeight();
        assertEquals(3, layer.weight().getFloat());
    }

    /** With oneDNN's packed weight, and as it is where gradients are wanted. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void conv2dWithStrideAndPadding(boolean inference) {
        var w =
                weights()
                        .with("weight", new float[] {0, 0, 0, 0, 1, 0, 0, 0, 2}, 1, 1, 3, 3)
                        .with("bias", new float[] {100}, 1)
                        .open(
                                manager,
                                Dtype.FP32,
                                inference ? Adapters.NONE : (path, layer) -> Optional.empty());
        var x = array(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9}, 1, 1, 3, 3);
        var same = new Conv2d(w, Conv2d.Shape.same(1, 1)).forward(x);
        assertArrayEquals(
                new float[] {111, 114, 103, 120, 123, 106, 107, 108, 109}, same.toFloatArray());
        var strided = new Conv2d(w, new Conv2d.Shape(1, 1, 3, 2, 1)).forward(x);
        assertArrayEquals(new float[] {111, 103, 107, 109}, strided.toFloatArray());
    }

    @Test
    void groupNorm() {
        var w =
                weights()
                        .with("weight", new float[] {1, 2}, 2)
                        .with("bias", new float[] {0, 10}, 2)
                        .open(manager, Dtype.FP32);
        // one group: mean 0, variance 4, eps 5 => divide by 3
        var y = new GroupNorm(w, 2, 1, 5).forward(array(new float[] {-2, 2, 2, -2}, 1, 2, 1, 2));
        assertArrayEquals(
                new float[] {-2 / 3f, 2 / 3f, 10 + 4 / 3f, 10 - 4 / 3f}, y.toFloatArray(), 1e-6f);
    }

    /** Small and large pictures take different ways to the same values. */
    @ParameterizedTest
    @ValueSource(ints = {1, 7, 32, 33})
    void groupNormOfAnySize(int side) {
        var w =
                weights()
                        .with("weight", new float[] {1, 1, 1, 1}, 4)
                        .with("bias", new float[4], 4)
                        .open(manager, Dtype.FP32);
        var x = manager.randomNormal(3, 2, new Shape(2, 4, side, side), DataType.FLOAT32);
        var groups = x.reshape(2, 2, 2L * side * side);
        var centred = groups.sub(groups.mean(new int[] {2}, true));
        var expected = centred.div(centred.square().mean(new int[] {2}, true).add(1e-5).sqrt());
        var found = new GroupNorm(w, 4, 2, 1e-5).forward(Ops.channelsLast(x));
        var difference = found.reshape(groups.getShape()).sub(expected).abs().max();
        assertEquals(0, difference.getFloat(), 1e-4);
    }

    /** Values far from 0 keep their digits on the written-out way. */
    @ParameterizedTest
    @ValueSource(ints = {8, 32})
    void groupNormWithALargeMean(int side) {
        var w =
                weights()
                        .with("weight", new float[] {1, 1, 1, 1}, 4)
                        .with("bias", new float[4], 4)
                        .open(manager, Dtype.FP32);
        var around0 = manager.randomNormal(0, 1, new Shape(2, 4, side, side), DataType.FLOAT32);
        around0 = around0.mul(1024).round().div(1024); // exact also when 512 is added
        var norm = new GroupNorm(w, 4, 2, 1e-5);
        var expected = norm.forward(Ops.channelsLast(around0));
        var found = norm.forward(Ops.channelsLast(around0.add(512)));
        assertEquals(0, found.sub(expected).abs().max().getFloat(), 2e-4);
    }

    @Test
    void layerNorm() {
        var w =
                weights()
                        .with("weight", new float[] {1, 2}, 2)
                        .with("bias", new float[] {0, 10}, 2)
                        .open(manager, Dtype.FP32);
        var y = new LayerNorm(w, 2, 5).forward(array(new float[] {-1, 3}, 1, 2));
        assertArrayEquals(new float[] {-2 / 3f, 10 + 4 / 3f}, y.toFloatArray(), 1e-6f);
    }

    @Test
    void embedding() {
        var w =
                weights()
                        .with("weight", new float[] {1, 2, 3, 4, 5, 6}, 3, 2)
                        .open(manager, Dtype.FP32);
        var y = new Embedding(w, 3, 2).forward(manager.create(new long[] {2, 0}));
        assertArrayEquals(new float[] {5, 6, 1, 2}, y.toFloatArray());
    }

    @Test
    void timestepSinusoids() {
        var identity = new float[] {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};
        var w =
                weights()
                        .with("linear_1.weight", identity, 4, 4)
                        .with("linear_1.bias", new float[4], 4)
                        .with("linear_2.weight", identity, 4, 4)
                        .with("linear_2.bias", new float[4], 4)
                        .open(manager, Dtype.FP32);
        var y = new TimestepEmbedding(w, 4, 4, true, 0).forward(manager.create(new float[] {3}));
        // frequencies 1 and 10000^(-1/2) = 0.01, cosines first, then silu
        var expected = new float[4];
        double[] features = {Math.cos(3), Math.cos(0.03), Math.sin(3), Math.sin(0.03)};
        for (int i = 0; i < 4; i++) {
            expected[i] = (float) (features[i] / (1 + Math.exp(-features[i])));
        }
        assertArrayEquals(expected, y.toFloatArray(), 1e-6f);
    }

    @Test
    void attentionWeighsByScaledDotProducts() {
        var q = array(new float[] {(float) Math.log(3)}, 1, 1, 1, 1);
        var k = array(new float[] {0, 1}, 1, 1, 2, 1);
        var v = array(new float[] {4, 8}, 1, 1, 2, 1);
        // weights 1/4 and 3/4
        assertEquals(7, Ops.attention(q, k, v).getFloat(), 1e-6);
    }

    @Test
    void causalAttentionHidesWhatComesLater() {
        var x = array(new float[] {1, 5}, 1, 1, 2, 1);
        var y = Ops.causalAttention(x, x, x).toFloatArray();
        assertEquals(1, y[0], 1e-6);
        double later = Math.exp(25) / (Math.exp(5) + Math.exp(25));
        assertEquals(1 - later + 5 * later, y[1], 1e-5);
    }

    @Test
    void activationsAndUpsampling() {
        var one = array(new float[] {1}, 1);
        assertEquals(0.7310586, Ops.silu(one).getFloat(), 1e-6);
        assertEquals(0.8413447, Ops.gelu(one).getFloat(), 1e-6);
        assertEquals(0.8457958, Ops.quickGelu(one).getFloat(), 1e-6);
        var x = array(new float[] {1, 2}, 1, 1, 1, 2);
        assertArrayEquals(new float[] {1, 1, 2, 2, 1, 1, 2, 2}, Ops.upsample(x).toFloatArray());
        var odd = Ops.upsampleTo(x, manager.zeros(new Shape(1, 1, 1, 3)));
        assertArrayEquals(new float[] {1, 1, 2}, odd.toFloatArray());
    }

    @Test
    void gradientsFlowThroughScriptsAlsoInBf16() {
        var x = array(new float[] {1, 2}, 2);
        x.setRequiresGradient(true);
        try (var collector = Engine.getInstance().newGradientCollector()) {
            var y = Dtype.FP32.cast(Ops.silu(Dtype.BF16.cast(x)));
            collector.backward(y.sum());
        }
        assertArrayEquals(
                new float[] {0.9276706f, 1.0907843f}, x.getGradient().toFloatArray(), 0.01f);
    }
}
