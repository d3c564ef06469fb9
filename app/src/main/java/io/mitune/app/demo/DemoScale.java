package io.mitune.app.demo;

/**
 * How much a call of the demo does.
 *
 * @param candidates per prompt
 * @param trainingSteps optimizer steps per round
 * @param inferenceSteps denoising steps of a candidate
 * @param testImages images per test prompt
 */
record DemoScale(int candidates, int trainingSteps, int inferenceSteps, int testImages) {
    /** Enough for the demo model to gain. */
    static final DemoScale TRAINED = new DemoScale(6, 240, 50, 8);

    /** Enough to see that everything runs. */
    static final DemoScale UNTRAINED = new DemoScale(2, 12, 8, 1);
}
