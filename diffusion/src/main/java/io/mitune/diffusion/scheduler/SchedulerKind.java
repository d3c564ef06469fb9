package io.mitune.diffusion.scheduler;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** The samplers that this project implements, by command-line name and by diffusers class name. */
public enum SchedulerKind {
    DDPM("ddpm", "DDPMScheduler"),
    DDIM("ddim", "DDIMScheduler"),
    EULER("euler", "EulerDiscreteScheduler"),
    PNDM("pndm", "PNDMScheduler"),
    FLOW_MATCH_EULER("flow-match-euler", "FlowMatchEulerDiscreteScheduler");

    private final String key;
    private final String className;

    SchedulerKind(String key, String className) {
        this.key = key;
        this.className = className;
    }

    /** The short name, as given on the command line. */
    public String key() {
        return key;
    }

    /** The class name that a scheduler_config.json carries. */
    public String className() {
        return className;
    }

    /** Whether it samples a rectified flow; the others sample a diffusion. */
    public boolean flowMatching() {
        return this == FLOW_MATCH_EULER;
    }

    /** The short names for models of one sort. */
    static String keys(boolean flowMatching) {
        return Arrays.stream(values())
                .filter(kind -> kind.flowMatching() == flowMatching)
                .map(SchedulerKind::key)
                .collect(Collectors.joining(", "));
    }

    /**
     * The sampler called {@code name}.
     *
     * @throws IllegalArgumentException in one line, when there is none
     */
    public static SchedulerKind of(String name) {
        return Arrays.stream(values())
                .filter(kind -> kind.key.equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "scheduler: expected one of "
                                                + Arrays.stream(values())
                                                        .map(SchedulerKind::key)
                                                        .collect(Collectors.joining(", "))
                                                + ", found "
                                                + name));
    }

    static Optional<SchedulerKind> ofClass(String className) {
        return Arrays.stream(values()).filter(k -> k.className.equals(className)).findFirst();
    }
}
