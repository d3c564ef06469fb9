package io.mitune.app.generate;

import ai.djl.Device;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.nn.Torch;
import io.mitune.diffusion.training.Futures;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/**
 * One loaded model on each of several devices, each with a thread of its own.
 *
 * <p>All that a model computes, loading and merging included, happens in its thread: the engine
 * keeps the number of threads it computes with by thread. Owns the models; used by one thread.
 */
public final class StudioPool implements AutoCloseable {
    private final List<Seat> seats = new ArrayList<>();

    private record Seat(ExecutorService thread, CompletableFuture<Studio> studio) {}

    /**
     * Loads the model on every device at once.
     *
     * @param devices at least one
     * @param threads of each CPU device; empty for the engine's own choice
     */
    public StudioPool(Path model, List<Device> devices, Dtype dtype, OptionalInt threads) {
        for (var device : devices) {
            var thread = Executors.newSingleThreadExecutor();
            var studio =
                    CompletableFuture.supplyAsync(
                            () -> {
                                if (!device.isGpu()) {
                                    threads.ifPresent(Torch::useThreads);
                                }
                                return new Studio(model, device, dtype);
                            },
                            thread);
            seats.add(new Seat(thread, studio));
        }
        try {
            seats.forEach(seat -> Futures.result(seat.studio()));
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** One of the models, for its sizes and its digest. */
    public Studio any() {
        return seats.get(0).studio().join();
    }

    /** How many devices there are. */
    public int size() {
        return seats.size();
    }

    /** Does this with every model, all at once; throws what the first failed with. */
    public void all(Consumer<Studio> work) {
        var running =
                seats.stream()
                        .map(seat -> seat.studio().thenAcceptAsync(work, seat.thread()))
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
        for (var seat : seats) {
            seat.studio()
                    .thenAcceptAsync(Studio::close, seat.thread())
                    .exceptionally(failure -> null) // a model that was never loaded
                    .join();
            seat.thread().shutdown();
        }
    }
}
