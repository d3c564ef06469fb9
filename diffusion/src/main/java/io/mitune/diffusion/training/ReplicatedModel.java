package io.mitune.diffusion.training;

import io.mitune.diffusion.model.StableDiffusion;
import io.mitune.diffusion.nn.Torch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * A trainable model, once on each of several devices.
 *
 * <p>All that a device computes, loading included, happens in a thread of its own: the engine keeps
 * both the number of threads it computes with and whether it collects gradients by thread. Owns the
 * models that it loaded. Used by one thread.
 */
public final class ReplicatedModel implements AutoCloseable {
    private final List<Seat> seats = new ArrayList<>();

    /**
     * One device.
     *
     * @param name as users write it
     * @param thread empty to compute in the caller's
     * @param loaded its copy of the model
     */
    record Seat(
            String name,
            Optional<ExecutorService> thread,
            CompletableFuture<TrainableModel> loaded) {

        TrainableModel model() {
            return loaded.join();
        }

        /** Has this done in the device's thread, after all that it was asked for before. */
        <T> CompletableFuture<T> run(Supplier<T> work) {
            return in(thread, work);
        }

        private static <T> CompletableFuture<T> in(
                Optional<ExecutorService> thread, Supplier<T> work) {
            return thread.isPresent()
                    ? CompletableFuture.supplyAsync(work, thread.get())
                    : CompletableFuture.supplyAsync(work, Runnable::run);
        }
    }

    private ReplicatedModel() {}

    /** A loaded model on its one device, which computes in the caller's thread; stays open. */
    static ReplicatedModel of(TrainableModel model) {
        var one = new ReplicatedModel();
        var loaded = CompletableFuture.completedFuture(model);
        one.seats.add(new Seat("the device", Optional.empty(), loaded));
        return one;
    }

    /**
     * Loads a diffusers directory on every device at once.
     *
     * @throws IllegalArgumentException if a target module cannot be adapted
     * @throws io.mitune.diffusion.safetensors.ModelFileException if a file is not as it should be
     */
    public static ReplicatedModel load(Path model, TrainingDevices where, TrainingConfig config) {
        var replicas = new ReplicatedModel();
        for (int i = 0; i < where.devices().size(); i++) {
            var device = where.devices().get(i);
            var name = where.name(i);
            Optional<ExecutorService> thread =
                    where.needNoThread() ? Optional.empty() : Optional.of(thread(name));
            Supplier<TrainableModel> load =
                    () -> {
                        if (!device.isGpu()) {
                            where.threads().ifPresent(Torch::useThreads);
                        }
                        return TrainableModel.load(model, device, config);
                    };
            replicas.seats.add(new Seat(name, thread, Seat.in(thread, load)));
        }
        try {
            replicas.seats.forEach(seat -> Futures.result(seat.loaded()));
            return replicas;
        } catch (RuntimeException | Error e) {
            replicas.close();
            throw e;
        }
    }

    private static ExecutorService thread(String device) {
        return Executors.newSingleThreadExecutor(
                work -> {
                    var thread = new Thread(work, "training-" + device);
                    thread.setDaemon(true);
                    return thread;
                });
    }

    /** Its devices, the first of which holds what there is only one of. */
    List<Seat> seats() {
        return seats;
    }

    TrainableModel first() {
        return seats.get(0).model();
    }

    /** The frozen model on the first device. */
    public StableDiffusion base() {
        return first().base();
    }

    /** Uploads samples to every device. */
    public SampleSet upload(List<TrainingSample> samples, EncodedCaption empty) {
        var managers = seats.stream().map(seat -> seat.model().manager()).toList();
        return SampleSet.upload(managers, samples, empty);
    }

    @Override
    public void close() {
        for (var seat : seats) {
            seat.loaded()
                    .thenAccept(TrainableModel::close)
                    .exceptionally(failure -> null) // it was never loaded
                    .join();
            seat.thread().ifPresent(ExecutorService::shutdown);
        }
    }
}
