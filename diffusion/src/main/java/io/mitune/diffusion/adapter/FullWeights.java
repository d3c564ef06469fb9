package io.mitune.diffusion.adapter;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.nn.Torch;
import io.mitune.diffusion.safetensors.LazyTensor;
import io.mitune.diffusion.safetensors.ModelFileException;
import io.mitune.diffusion.safetensors.SafetensorsWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * An adapter written out against the weights of its model: as differences, or as how far it moves
 * each layer.
 *
 * <p>For tools that know no DoRA, or another one. One weight at a time is in memory. The model and
 * the adapter fit each other from the start. Not thread-safe; {@link #close} frees the engine's
 * memory.
 */
public final class FullWeights implements AutoCloseable {
    private final BaseModel base;
    private final AdapterWeights adapter;
    private final NDManager manager;

    /**
     * @throws ModelFileException if the adapter does not fit
     */
    public FullWeights(BaseModel base, AdapterWeights adapter) {
        base.requireFits(adapter);
        this.base = base;
        this.adapter = adapter;
        Torch.setUp();
        manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
    }

    /** W' of a module, row by row. */
    float[] merged(String path) {
        return merged(path, base.weight(path));
    }

    private float[] merged(String path, float[] weight) {
        var f = adapter.modules().get(path);
        try (var scratch = manager.newSubManager()) {
            var w = scratch.create(weight, new Shape(f.out(), f.in()));
            return MergedWeight.of(w, f, adapter.config().scale()).toFloatArray();
        }
    }

    /**
     * |W' - W| / |W| of each module (Frobenius norms): how far the adapter moves it.
     *
     * @param afterEach runs when a module is done
     */
    public Map<String, Double> relativeChanges(Runnable afterEach) {
        var changes = new TreeMap<String, Double>();
        for (var path : adapter.modules().keySet()) {
            var before = base.weight(path);
            var after = merged(path, before);
            double change = 0;
            double size = 0;
            for (int i = 0; i < before.length; i++) {
                double d = (double) after[i] - before[i];
                change += d * d;
                size += (double) before[i] * before[i];
            }
            changes.put(path, Math.sqrt(change / size));
            afterEach.run();
        }
        return changes;
    }

    /**
     * Writes W' - W of each module under kohya's name and {@code .diff}, as ComfyUI and A1111 read
     * it.
     *
     * @param afterEach runs when a module is written
     */
    public void writeDifference(Path file, Dtype dtype, Runnable afterEach) {
        var type = FloatTensors.type(dtype);
        var tensors = new LinkedHashMap<String, LazyTensor>();
        try {
            for (var module : base.kohyaNames().modules(adapter.modules().keySet())) {
                var key = KohyaKeys.PREFIX + module.name() + ".diff";
                var any = module.paths().stream().flatMap(Optional::stream).findFirst();
                var f = adapter.modules().get(any.orElseThrow());
                long rows = (long) f.out() * module.paths().size();
                tensors.put(
                        key,
                        new LazyTensor(
                                type,
                                List.of(rows, (long) f.in()),
                                () -> {
                                    var values = difference(module, f.out() * f.in());
                                    var bytes = FloatTensors.bytes(key, values, type);
                                    module.paths().stream()
                                            .flatMap(Optional::stream)
                                            .forEach(p -> afterEach.run());
                                    return bytes;
                                }));
            }
            var header = new LinkedHashMap<String, String>(adapter.metadata());
            header.put("format", "pt");
            SafetensorsWriter.stream(file, tensors, header);
        } catch (IllegalArgumentException e) {
            throw new ModelFileException(file, e.getMessage(), e);
        }
    }

    private float[] difference(KohyaNames.Module module, int size) {
        var all = new float[Math.multiplyExact(size, module.paths().size())];
        for (int p = 0; p < module.paths().size(); p++) {
            int begin = p * size;
            module.paths()
                    .get(p)
                    .ifPresent(
                            path -> {
                                var before = base.weight(path);
                                var after = merged(path, before);
                                for (int i = 0; i < size; i++) {
                                    all[begin + i] = after[i] - before[i];
                                }
                            });
        }
        return all;
    }

    /** Frees the engine's memory. */
    @Override
    public void close() {
        manager.close();
    }
}
