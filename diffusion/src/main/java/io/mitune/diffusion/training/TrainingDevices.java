package io.mitune.diffusion.training;

import ai.djl.Device;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;

/**
 * Where a run is trained: each device holds the whole model and takes its share of the passes.
 *
 * <p>Which devices compute is no setting of the run: the result is the same up to rounding, so a
 * run may go on with others. Immutable.
 *
 * @param devices at least one, the first of which also holds optimizer and average; the CPU may be
 *     there several times, when its cores are shared out
 * @param threads that each CPU device computes with; empty for the engine's own choice
 */
public record TrainingDevices(List<Device> devices, OptionalInt threads) {

    public TrainingDevices {
        devices = List.copyOf(devices);
        if (devices.isEmpty()) {
            throw new IllegalArgumentException("training devices: expected at least 1, found none");
        }
    }

    /** One device, which computes in the thread that asks it to. */
    public static TrainingDevices of(Device device) {
        return new TrainingDevices(List.of(device), OptionalInt.empty());
    }

    /** The CPU so many times, each with so many threads. */
    public static TrainingDevices cpus(int count, int threads) {
        var devices = Collections.nCopies(count, Device.cpu());
        return new TrainingDevices(devices, OptionalInt.of(threads));
    }

    /** Whether the caller's own thread will do. */
    boolean needNoThread() {
        return devices.size() == 1 && threads.isEmpty();
    }

    /** As users write it: gpu:1, or cpu:1 for the second of the CPU's places. */
    String name(int place) {
        var device = devices.get(place);
        if (device.isGpu()) {
            return "gpu:" + device.getDeviceId();
        }
        return "cpu:" + devices.subList(0, place).stream().filter(d -> !d.isGpu()).count();
    }
}
