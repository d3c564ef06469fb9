package io.mitune.diffusion.devices;

import ai.djl.Device;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;

/**
 * Where a job is done: each device holds the whole model and takes its share of the work.
 *
 * <p>Which devices compute is no setting of a run: the result is the same up to rounding, so a run
 * may go on with others. Immutable.
 *
 * @param all at least one, the first of which holds what there is only one of; the CPU may be there
 *     several times, when its cores are shared out
 * @param threads that each CPU device computes with; empty for the engine's own choice
 */
public record Devices(List<Device> all, OptionalInt threads) {

    public Devices {
        all = List.copyOf(all);
        if (all.isEmpty()) {
            throw new IllegalArgumentException("devices: expected at least 1, found none");
        }
    }

    /** One device, which computes in the thread that asks it to. */
    public static Devices of(Device device) {
        return new Devices(List.of(device), OptionalInt.empty());
    }

    /** The CPU so many times, each with so many threads. */
    public static Devices cpus(int count, int threads) {
        return new Devices(Collections.nCopies(count, Device.cpu()), OptionalInt.of(threads));
    }

    /** Whether the caller's own thread will do. */
    boolean needNoThread() {
        return all.size() == 1 && threads.isEmpty();
    }

    /** As users write it: gpu:1, or cpu:1 for the second of the CPU's places. */
    String name(int place) {
        var device = all.get(place);
        if (device.isGpu()) {
            return "gpu:" + device.getDeviceId();
        }
        return "cpu:" + all.subList(0, place).stream().filter(d -> !d.isGpu()).count();
    }
}
