package io.mitune.diffusion.scheduler;

/** What the denoiser was trained to predict; it decides how a prediction moves the sample. */
public enum PredictionType {
    /** The noise in the sample. */
    EPSILON("epsilon"),
    /** The velocity {@code sqrt(abar) * noise - sqrt(1 - abar) * x0}. */
    V_PREDICTION("v_prediction");

    private final String key;

    PredictionType(String key) {
        this.key = key;
    }

    /** The name that scheduler_config.json uses. */
    public String key() {
        return key;
    }
}
