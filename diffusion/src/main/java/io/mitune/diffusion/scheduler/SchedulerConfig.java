package io.mitune.diffusion.scheduler;

import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mitune.diffusion.safetensors.ModelFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One {@code scheduler_config.json}: the keys that the file declares, and who wrote it.
 *
 * <p>A file written for one sampler may configure another, so defaults cannot be filled in here: a
 * key that is missing takes the default of the sampler in use ({@link #settings}), as in diffusers'
 * {@code from_config}. Immutable and thread-safe.
 */
public final class SchedulerConfig {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long MAX_BYTES = 4 << 20;

    private final String where;
    private final ObjectNode declared;
    private final int patchSize;

    private SchedulerConfig(String where, ObjectNode declared, int patchSize) {
        this.where = where;
        this.declared = declared;
        this.patchSize = patchSize;
    }

    /**
     * The config in {@code file}.
     *
     * @throws ModelFileException when it is missing or no JSON object
     */
    public static SchedulerConfig read(Path file) {
        try {
            if (!Files.isRegularFile(file)) {
                throw new ModelFileException(file, "expected a JSON file, found none");
            }
            if (Files.size(file) > MAX_BYTES) {
                throw new ModelFileException(
                        file,
                        "expected at most " + MAX_BYTES + " bytes, found " + Files.size(file));
            }
            return parse(Files.readString(file), file.toString());
        } catch (IOException e) {
            throw new ModelFileException(file, "cannot be read: " + e.getMessage(), e);
        }
    }

    /** The config in {@code json}; {@code where} names it in messages. */
    public static SchedulerConfig parse(String json, String where) {
        try {
            JsonNode node = JSON.readTree(json);
            if (!(node instanceof ObjectNode object)) {
                throw new ModelFileException(where, "expected a JSON object");
            }
            return new SchedulerConfig(where, object, 1);
        } catch (JsonProcessingException e) {
            throw new ModelFileException(
                    where,
                    "expected JSON, found " + e.getOriginalMessage().lines().findFirst().orElse(""),
                    e);
        }
    }

    /** The sampler that the file was written for, when this project has it. */
    public Optional<SchedulerKind> ownKind() {
        return SchedulerKind.ofClass(ownClass());
    }

    /** The file's own sampler, or an error that names its class and the samplers to choose from. */
    public SchedulerKind requireOwnKind() {
        return ownKind().orElseThrow(this::unknownClass);
    }

    private ModelFileException unknownClass() {
        return new ModelFileException(
                where,
                "unsupported `_class_name=%s`; choose a scheduler: %s"
                        .formatted(ownClass(), SchedulerKind.keys(flowMatching())));
    }

    /**
     * The corrections that the Stable Diffusion pipeline applies to old files: the first step is
     * offset by one, and predictions are not clipped, since latents are not bounded by 1.
     */
    public SchedulerConfig forStableDiffusion() {
        var kind = ownKind();
        if (kind.isEmpty() || flowMatching()) {
            return this;
        }
        var settings = settings(kind.get());
        var corrected = declared.deepCopy();
        if (settings.stepsOffset() != 1) {
            corrected.put("steps_offset", 1);
        }
        if (settings.clipSample()) {
            corrected.put("clip_sample", false);
        }
        return new SchedulerConfig(where, corrected, patchSize);
    }

    /**
     * For Stable Diffusion XL: its files are Euler's, which does not clip, so a new one need not
     * say that the other samplers must not clip either.
     */
    public SchedulerConfig forStableDiffusionXl() {
        var corrected = declared.deepCopy();
        corrected.putIfAbsent("clip_sample", BooleanNode.FALSE);
        return new SchedulerConfig(where, corrected, patchSize);
    }

    /**
     * This config for a model whose image tokens have sides of this many latents; by default 1.
     * Shifts that depend on an image's size count its tokens.
     */
    public SchedulerConfig withPatchSize(int side) {
        return new SchedulerConfig(where, declared, side);
    }

    /** Number of tokens of an image with latents of this shape, [..., H, W]. */
    long tokens(Shape latent) {
        int dims = latent.dimension();
        return latent.get(dims - 2) / patchSize * (latent.get(dims - 1) / patchSize);
    }

    /** Whether the model was trained on a rectified flow, not on a diffusion. */
    public boolean flowMatching() {
        return ownClass().startsWith("FlowMatch");
    }

    /** T, the number of train timesteps. */
    public int trainSteps() {
        return keys().trainSteps();
    }

    /** The values for flow matching. */
    public FlowSettings flowSettings() {
        requireFit(SchedulerKind.FLOW_MATCH_EULER);
        return FlowSettings.of(keys());
    }

    /** The values for one diffusion sampler: declared here, or else that sampler's own defaults. */
    public SchedulerSettings settings(SchedulerKind kind) {
        requireFit(kind);
        return SchedulerSettings.of(kind, keys());
    }

    /** What the model of this config predicts. */
    public PredictionType predictionType() {
        return settings(SchedulerKind.DDPM).predictionType();
    }

    /** The forward process that the model was trained with. */
    public NoiseSchedule noiseSchedule() {
        return settings(SchedulerKind.DDPM).schedule();
    }

    /** Refuses a sampler of diffusions for a flow-matching model, and the other way round. */
    void requireFit(SchedulerKind kind) {
        if (kind.flowMatching() != flowMatching()) {
            throw new IllegalArgumentException(
                    "scheduler: expected %s for a model of %s, found %s"
                            .formatted(
                                    SchedulerKind.keys(flowMatching()),
                                    flowMatching() ? "flow matching" : "diffusion",
                                    kind.key()));
        }
    }

    private SchedulerKeys keys() {
        return new SchedulerKeys(where, declared);
    }

    private String ownClass() {
        return declared.path("_class_name").asText("");
    }
}
