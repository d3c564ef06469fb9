package io.mitune.diffusion.devices;

import ai.djl.Device;
import io.mitune.diffusion.nn.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The same thing once on each of several devices, such as a loaded model.
 *
 * <p>All that a device computes, loading and closing included, happens in a thread of its own: the
 * engine keeps both the number of threads it computes with and whether it collects gradients by
 * thread. Used by one thread.
 */
public final class PerDevice<T> implements AutoCloseable {
    private final List<Place<T>> places = new ArrayList<>();
    private final Consumer<T> closer;

    /**
     * One device.
     *
     * @param name as users write it
     * @param thread of the device, or the caller's
     * @param loaded what it holds
     */
    public record Place<T>(String name, Executor thread, CompletableFuture<T> loaded) {

        /** What it holds. */
        public T get() {
            return loaded.join();
        }

        /** Has this done in the device's thread, after all that it was asked for before. */
        public <R> CompletableFuture<R> run(Supplier<R> work) {
            return CompletableFuture.supplyAsync(work, thread);
        }
    }

    private PerDevice(Consumer<T> closer) {
        this.closer = closer;
    }

    /** Something on its one device, which computes in the caller's thread; stays open. */
    public static <T> PerDevice<T> of(T loaded) {
        var one = new PerDevice<T>(thing -> {});
        var done = CompletableFuture.completedFuture(loaded);
        one.places.add(new Place<>("the device", Runnable::run, done));
        return one;
    }

    /**
     * Loads it on every device at once; throws what the first failed with.
     *
     * @param closer is given each of those that were loaded
     */
    public static <T> PerDevice<T> load(
            Devices where, Function<Device, T> loader, Consumer<T> closer) {
        var all = new PerDevice<T>(closer);
        for (int i = 0; i < where.all().size(); i++) {
            var device = where.all().get(i);
            var name = where.name(i);
            Executor thread = where.needNoThread() ? Runnable::run : thread(name);
            Supplier<T> load =
                    () -> {
                        if (!device.isGpu()) {
                            where.threads().ifPresent(Torch::useThreads);
                        }
                        return loader.apply(device);
                    };
            var loaded = CompletableFuture.supplyAsync(load, thread);
            all.places.add(new Place<>(name, thread, loaded));
        }
        try {
            all.places.forEach(place -> Futures.result(place.loaded()));
            return all;
        } catch (RuntimeException | Error e) {
            all.close();
            throw e;
        }
    }

    private static ExecutorService thread(String device) {
        return Executors.newSingleThreadExecutor(
                work -> {
                    var thread = new Thread(work, "device-" + device);
                    thread.setDaemon(true);
                    return thread;
                });
    }

    /** Its devices, in their order. */
    public List<Place<T>> places() {
        return places;
    }

    /** What the first device holds. */
    public T first() {
        return places.get(0).get();
    }

    /** Does this on every device at once; when all are done, throws what the first failed with. */
    public void all(Consumer<T> work) {
        var running =
                places.stream()
                        .map(place -> place.loaded().thenAcceptAsync(work, place.thread()))
                        .toList();
        RuntimeException first = null;
        for (var part : running) {
            try {
                Futures.result(part);
            } catch (RuntimeException e) {
                first = first == null ? e : first;
            }
        }
        if (first != null) {
            throw first;
        }
    }

    @Override
    public void close() {
        for (var place : places) {
            place.loaded()
                    .thenAcceptAsync(closer, place.thread())
                    .exceptionally(failure -> null) // it was never loaded
                    .join();
            if (place.thread() instanceof ExecutorService own) {
                own.shutdown();
            }
        }
    }
}
