package io.mitune.app.cli;

import ai.djl.Device;
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
        return Device.gpu(parts.group(2) == null ? 0 : Integer.parseInt(parts.group(2)));
    }
}
