package io.mitune.diffusion.adapter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.mitune.diffusion.nn.Adapters;
import io.mitune.diffusion.nn.Dtype;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrainableAdapterTest {
    private static final double SCALE = 2.5;

    @TempDir Path folder;

    private static DoraConfig config(boolean dora) {
        return config(dora, TwoLayers.WIDE);
    }

    private static DoraConfig config(boolean dora, int rank) {
        return new DoraConfig(rank, SCALE * rank, DoraConfig.ATTENTION, dora);
    }

    @ParameterizedTest
    @CsvSource({"true,2", "true,4", "false,2", "false,4"})
    void aFreshAdapterChangesNothing(boolean dora, int rank) {
        try (var manager = NDManager.newBaseManager()) {
            var adapter = new TrainableAdapter(config(dora, rank), Dtype.FP32);
            var net = TwoLayers.load(folder, manager, Dtype.FP32, adapter);
            var vector = manager.create(adapter.initial(3));
            adapter.computeNorms(vector);
            adapter.bind(vector);
            var x =
                    manager.create(
                            TwoLayers.values(4, 3 * TwoLayers.IN), new Shape(3, TwoLayers.IN));
            var plain = TwoLayers.load(folder, manager, Dtype.FP32, Adapters.NONE);
            var expected = plain.out().forward(plain.query().forward(x));
            var found = net.out().forward(net.query().forward(x));
            assertArrayEquals(expected.toFloatArray(), found.toFloatArray(), 1e-5f);
        }
    }

    @Test
    void startValuesDependOnSeedAndPathOnly() {
        try (var manager = NDManager.newBaseManager()) {
            var both = new TrainableAdapter(config(true), Dtype.FP32);
            TwoLayers.load(folder, manager, Dtype.FP32, both);
            var one =
                    new TrainableAdapter(
                            new DoraConfig(2, 5, List.of("to_out.0"), true), Dtype.FP32);
            TwoLayers.load(folder, manager, Dtype.FP32, one);
            var ofBoth = both.export("t", both.initial(3), Map.of()).modules().get(TwoLayers.LAST);
            var ofOne = one.export("t", one.initial(3), Map.of()).modules().get(TwoLayers.LAST);
            assertArrayEquals(ofBoth.a(), ofOne.a());
            assertTrue(ofOne.a()[0] != one.initial(4)[0]);
            assertArrayEquals(new float[2 * TwoLayers.IN], ofOne.b());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {TwoLayers.WIDE, TwoLayers.NARROW})
    void normsAreThoseOfTheExplicitSum(int rank) {
        try (var manager = NDManager.newBaseManager()) {
            var adapter = new TrainableAdapter(config(true, rank), Dtype.FP32);
            var net = TwoLayers.load(folder, manager, Dtype.FP32, adapter);
            var values = TwoLayers.trained(adapter);
            adapter.computeNorms(manager.create(values));
            var f = adapter.export("t", values, Map.of()).modules().get(TwoLayers.QUERY);
            var ba =
                    manager.create(f.b(), new Shape(TwoLayers.OUT, rank))
                            .matMul(manager.create(f.a(), new Shape(rank, TwoLayers.IN)));
            var explicit =
                    net.query().weight().add(ba.mul(SCALE)).square().sum(new int[] {1}).sqrt();
            assertArrayEquals(explicit.toFloatArray(), adapter.norms(TwoLayers.QUERY), 1e-5f);
        }
    }

    @ParameterizedTest
    @CsvSource({"true,2", "true,4", "false,2", "false,4"})
    void mergedWeightsDoWhatTheAdapterDoes(boolean dora, int rank) {
        try (var manager = NDManager.newBaseManager()) {
            var adapter = new TrainableAdapter(config(dora, rank), Dtype.FP32);
            var net = TwoLayers.load(folder, manager, Dtype.FP32, adapter);
            var values = TwoLayers.trained(adapter);
            var vector = manager.create(values);
            adapter.computeNorms(vector);
            adapter.bind(vector);
            var x =
                    manager.create(
                            TwoLayers.values(4, 3 * TwoLayers.IN), new Shape(3, TwoLayers.IN));
            var expected = net.out().forward(net.query().forward(x)).toFloatArray();

            var slot = new MergedAdapter(Dtype.FP32);
            var plain = TwoLayers.load(folder, manager, Dtype.FP32, slot);
            var base = plain.out().forward(plain.query().forward(x)).toFloatArray();
            slot.merge(adapter.export("t", values, Map.of()));
            var found = plain.out().forward(plain.query().forward(x)).toFloatArray();
            assertArrayEquals(expected, found, 2e-5f);
            slot.clear();
            assertArrayEquals(base, plain.out().forward(plain.query().forward(x)).toFloatArray());
        }
    }

    @Test
    void relativeChangeIsThatOfTheMostChangedLayer() {
        try (var manager = NDManager.newBaseManager()) {
            var adapter = new TrainableAdapter(config(false), Dtype.FP32);
            TwoLayers.load(folder, manager, Dtype.FP32, adapter);
            var slot = new MergedAdapter(Dtype.FP32);
            var net = TwoLayers.load(folder, manager, Dtype.FP32, slot);
            assertEquals(0, slot.relativeChange());
            var before = net.query().weight().toFloatArray();
            var last = net.out().weight().toFloatArray();
            slot.merge(adapter.export("t", TwoLayers.trained(adapter), Map.of()));
            double query = relativeChange(before, net.query().weight().toFloatArray());
            double out = relativeChange(last, net.out().weight().toFloatArray());
            assertEquals(Math.max(query, out), slot.relativeChange(), 1e-5);
            slot.clear();
            assertEquals(0, slot.relativeChange());
        }
    }

    private static double relativeChange(float[] before, float[] after) {
        double change = 0;
        double size = 0;
        for (int i = 0; i < before.length; i++) {
            change += Math.pow(after[i] - before[i], 2);
            size += Math.pow(before[i], 2);
        }
        return Math.sqrt(change / size);
    }

    @Test
    void aMergedAdapterInBf16IsTheRoundedSum() {
        try (var manager = NDManager.newBaseManager()) {
            var exact = new MergedAdapter(Dtype.FP32);
            var net = TwoLayers.load(folder, manager, Dtype.FP32, exact);
            var rounded = new MergedAdapter(Dtype.BF16);
            var small = TwoLayers.load(folder, manager, Dtype.BF16, rounded);
            var adapter = new TrainableAdapter(config(true), Dtype.FP32);
            TwoLayers.load(folder, manager, Dtype.FP32, adapter);
            var weights = adapter.export("t", TwoLayers.trained(adapter), Map.of());
            exact.merge(weights);
            rounded.merge(weights);
            var expected = net.query().weight().toFloatArray();
            var found = Dtype.FP32.cast(small.query().weight()).toFloatArray();
            for (int i = 0; i < expected.length; i++) { // W itself was rounded to 8 bits before
                assertEquals(expected[i], found[i], Math.max(0.02, 0.02 * Math.abs(expected[i])));
            }
        }
    }

    /** n is a constant of the backward pass, so it stays where it is while values are moved. */
    @ParameterizedTest
    @CsvSource({"true,2", "true,4", "false,2", "false,4"})
    void gradientsAgreeWithFiniteDifferences(boolean dora, int rank) {
        try (var manager = NDManager.newBaseManager()) {
            var adapter = new TrainableAdapter(config(dora, rank), Dtype.FP32);
            var net = TwoLayers.load(folder, manager, Dtype.FP32, adapter);
            var values = TwoLayers.trained(adapter);
            var x =
                    manager.create(
                            TwoLayers.values(4, 3 * TwoLayers.IN), new Shape(3, TwoLayers.IN));
            var leaf = manager.create(values);
            adapter.computeNorms(leaf);
            leaf.setRequiresGradient(true);
            try (var collector = Engine.getInstance().newGradientCollector()) {
                adapter.bind(leaf);
                collector.backward(loss(net, x));
            }
            var gradient = leaf.getGradient().toFloatArray();
            float h = 0.01f;
            for (int i = 0; i < values.length; i += 3) {
                double difference =
                        (lossAt(net, adapter, x, values, i, h)
                                        - lossAt(net, adapter, x, values, i, -h))
                                / (2 * h);
                assertEquals(
                        difference,
                        gradient[i],
                        0.01 * Math.max(1, Math.abs(difference)),
                        "at " + i);
            }
        }
    }

    private static double lossAt(
            TwoLayers net, TrainableAdapter adapter, NDArray x, float[] values, int i, float h) {
        var moved = values.clone();
        moved[i] += h;
        adapter.bind(x.getManager().create(moved));
        return loss(net, x).getFloat();
    }

    private static NDArray loss(TwoLayers net, NDArray x) {
        return net.out().forward(net.query().forward(x)).square().mean();
    }
}
