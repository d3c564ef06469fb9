package io.mitune.diffusion.training;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.mitune.diffusion.devices.Futures;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The passes of an optimizer step, shared out among devices.
 *
 * <p>Device k of n takes the passes k, k + n, k + 2n, ... and their gradients are added up in the
 * order of the passes, whenever they arrive. So the sum does not depend on which device was faster;
 * and as each pass is computed whole on one device, it has the same bits on any number of devices
 * that are alike. Used by one thread.
 */
final class DataParallel implements AutoCloseable {
    private static final int AHEAD = 2; // passes of a device whose gradients may wait

    private final List<Replica> replicas;

    DataParallel(ReplicatedModel model, DenoisingLoss loss, boolean checkpointing) {
        replicas =
                model.places().stream()
                        .map(place -> new Replica(place, loss, checkpointing))
                        .toList();
    }

    /** The input of each pass. */
    interface Passes {
        /** Makes the batch on the device that takes the pass, given the owner of its arrays. */
        Function<NDManager, TrainingBatch> batch(int pass);
    }

    /**
     * Sums over all passes.
     *
     * @param loss a scalar
     * @param gradient by each value of the adapter
     */
    record Sums(NDArray loss, NDArray gradient) {
        /** Adds others to these, which it closes. */
        private Sums plus(Sums more) {
            try (more.loss;
                    more.gradient) {
                loss.addi(more.loss);
                gradient.addi(more.gradient);
            }
            return this;
        }
    }

    /** Hands new values of the adapter to every device. */
    void take(NDArray parameters) {
        var taken = replicas.stream().map(replica -> replica.take(parameters)).toList();
        for (int i = 0; i < taken.size(); i++) {
            finished(i, taken.get(i));
        }
    }

    /** Computes something on the first device. */
    <T> T onFirst(Supplier<T> work) {
        return finished(0, replicas.get(0).run(work));
    }

    /**
     * Makes all passes.
     *
     * @param owner of the sums, on the first device
     * @param samples N, over which the loss is the mean
     * @throws TrainingFailedException when a device can't; all are at rest then
     */
    Sums run(NDManager owner, int passes, int samples, Passes input) {
        var failed = new AtomicBoolean();
        var waiting = new ArrayDeque<CompletableFuture<Replica.Result>>();
        int ahead = replicas.size() == 1 ? 1 : AHEAD * replicas.size();
        int asked = 0;
        var sums = Optional.<Sums>empty();
        try {
            for (int pass = 0; pass < passes; pass++) {
                for (; asked < passes && asked < pass + ahead; asked++) {
                    waiting.add(ask(asked, samples, input.batch(asked), failed));
                }
                var result = finished(pass, waiting.remove());
                var more = new Sums(move(owner, result.loss()), move(owner, result.gradient()));
                sums = Optional.of(sums.map(before -> before.plus(more)).orElse(more));
            }
            return sums.orElseThrow();
        } catch (RuntimeException | Error e) {
            failed.set(true);
            waiting.forEach(DataParallel::discard);
            throw e;
        }
    }

    private CompletableFuture<Replica.Result> ask(
            int pass, int samples, Function<NDManager, TrainingBatch> batch, AtomicBoolean failed) {
        return of(pass).pass(
                        owner -> {
                            if (failed.get()) {
                                throw new CancellationException("another device failed");
                            }
                            return batch.apply(owner);
                        },
                        samples);
    }

    private Replica of(int pass) {
        return replicas.get(pass % replicas.size());
    }

    private <T> T finished(int pass, CompletableFuture<T> work) {
        try {
            return Futures.result(work);
        } catch (EngineException e) {
            throw new TrainingFailedException(of(pass).name(), e);
        }
    }

    /** From one device to another without a stay on the host. */
    private static NDArray move(NDManager owner, NDArray array) {
        var moved = array.toDevice(owner.getDevice(), false);
        moved.attach(owner);
        if (moved != array) {
            array.close();
        }
        return moved;
    }

    private static void discard(CompletableFuture<Replica.Result> late) {
        late.thenAccept(Replica.Result::close).exceptionally(failure -> null).join();
    }

    @Override
    public void close() {
        replicas.forEach(Replica::close);
    }
}
