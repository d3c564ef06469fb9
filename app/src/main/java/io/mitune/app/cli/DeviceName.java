package io.mitune.app.cli;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.StandardCapabilities;
import java.util.regex.Pattern;

/** Reads device names as users type them. Stateless. */
final class DeviceName {
    private static final Pattern FORM = Pattern.compile("(cpu|gpu)(?::([0-9]{1,3}))?");

    private DeviceName() {}

    /** The device; all CPU numbers mean the one CPU, whose cores are then shared out. */
    static Device parse(String option, String text) {
        var parts = FORM.matcher(text);
        if (!parts.matches()) {
            throw new UserError(option + ": expected cpu, gpu or gpu:N, found " + text);
        }
        if (parts.group(1).equals("cpu")) {
            return Device.cpu();
        }
        int number = parts.group(2) == null ? 0 : Integer.parseInt(parts.group(2));
        requireGpu(option, text, number);
        return Device.gpu(number);
    }

    private static void requireGpu(String option, String text, int number) {
        var engine = Engine.getInstance();
        if (!engine.hasCapability(StandardCapabilities.CUDA)) {
            throw new UserError(
                    option
                            + ": expected cpu, as this build has no CUDA, found "
                            + text
                            + "; build with mvn -Dgpu -DskipTests package");
        }
        if (number >= engine.getGpuCount()) {
            throw new UserError(
                    "%s: expected one of the %d GPUs of this machine, found %s"
                            .formatted(option, engine.getGpuCount(), text));
        }
    }
}
