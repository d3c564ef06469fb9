package io.mitune.workers;

/** Which curated samples a trainer uses, and when a version is finished. */
public sealed interface TrainingMode {

    /** Waits for all samples of a round; a version per round. */
    record Rounds() implements TrainingMode {}

    /**
     * Trains as samples arrive, on a window of the newest.
     *
     * <p>A step is taken for every {@code newPerStep} samples of the log, so that a run is a
     * function of the curated log and never of the clock. The log is read in order of (offset,
     * partition): the slowest partition sets the pace.
     *
     * @param newPerStep samples that make a step due; batch x accumulation divided by it is how
     *     often a sample is used on average (the replay ratio)
     * @param window samples that a step may draw from, the newest ones
     * @param maxStaleness a sample drawn with an adapter more than so many versions older than the
     *     newest that was seen isn't used
     * @param stepsPerVersion optimizer steps between two versions
     */
    record Stream(int newPerStep, int window, int maxStaleness, int stepsPerVersion)
            implements TrainingMode {
        public Stream {
            require("new_per_step", newPerStep, 1);
            require("window", window, newPerStep);
            require("max_staleness", maxStaleness, 0);
            require("steps_per_version", stepsPerVersion, 1);
        }

        private static void require(String name, int found, int least) {
            if (found < least) {
                throw new IllegalArgumentException(
                        "stream.%s: expected %d or more, found %d".formatted(name, least, found));
            }
        }
    }
}
