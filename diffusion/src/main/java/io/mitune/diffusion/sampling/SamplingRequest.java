package io.mitune.diffusion.sampling;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Pictures to draw, one per entry, all of one size and with one set of settings.
 *
 * @param entries what to draw
 * @param settings how
 * @param height pixels; 0 means the model's own size
 * @param width likewise
 */
public record SamplingRequest(
        List<Entry> entries, SamplingSettings settings, int height, int width) {

    /**
     * One picture.
     *
     * @param prompt text of the conditional half
     * @param negative text of the unconditional half; absent: the model's own idea of nothing
     * @param seed keys all its noise
     * @param start start latents in place of the seed's, C x H x W, as diffusers' {@code latents}
     */
    public record Entry(
            String prompt, Optional<String> negative, long seed, Optional<float[]> start) {
        public Entry(String prompt, Optional<String> negative, long seed) {
            this(prompt, negative, seed, Optional.empty());
        }
    }

    public SamplingRequest {
        entries = List.copyOf(entries);
    }

    /** Several candidates of one prompt, one per seed, at the model's own size. */
    public static SamplingRequest candidates(
            String prompt, Optional<String> negative, long[] seeds, SamplingSettings settings) {
        var entries = new ArrayList<Entry>();
        for (long seed : seeds) {
            entries.add(new Entry(prompt, negative, seed));
        }
        return new SamplingRequest(entries, settings, 0, 0);
    }
}
