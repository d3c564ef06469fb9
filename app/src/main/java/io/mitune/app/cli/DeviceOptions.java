package io.mitune.app.cli;

import ai.djl.Device;
import io.mitune.diffusion.devices.Devices;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Option;

/** Several devices that share the work of one command; each holds the whole model. */
public final class DeviceOptions {
    private static final int MAX_THREADS = 1024;

    @Option(
            names = "--devices",
            paramLabel = "LIST",
            split = ",",
            description =
                    "Devices that share the work, such as gpu:0,gpu:1 or cpu:0,cpu:1; each holds"
                            + " the model. Overrides --device.")
    private List<String> devices = List.of();

    @Option(
            names = "--threads",
            paramLabel = "N",
            description =
                    "Threads of each CPU device (default: the cores, shared out). The last digits"
                            + " of a result may depend on it.")
    private Optional<Integer> threads = Optional.empty();

    /** The checked devices, at least one. */
    public Devices devices(ModelOptions model) {
        var all = named(model);
        return new Devices(all, threads(all));
    }

    private List<Device> named(ModelOptions model) {
        if (devices.isEmpty()) {
            return List.of(model.device());
        }
        if (new HashSet<>(devices).size() < devices.size()) {
            throw new UserError(
                    "--devices: expected different devices, found " + String.join(",", devices));
        }
        return devices.stream().map(name -> DeviceName.parse("--devices", name)).toList();
    }

    private OptionalInt threads(List<Device> devices) {
        if (threads.isPresent()) {
            var n = threads.get();
            if (n < 1 || n > MAX_THREADS) {
                throw new UserError(
                        "--threads: expected 1 to %d, found %d".formatted(MAX_THREADS, n));
            }
            return OptionalInt.of(n);
        }
        var sharers = (int) devices.stream().filter(device -> !device.isGpu()).count();
        return sharers < 2
                ? OptionalInt.empty()
                : OptionalInt.of(Math.max(1, Runtime.getRuntime().availableProcessors() / sharers));
    }
}
