package io.mitune.diffusion.scheduler;

/**
 * The forward process: beta_t and abar_t = prod (1 - beta_s) for every train timestep (DDPM, eq.
 * 4).
 *
 * <p>Tables are rounded to single precision where the Python libraries round them, because the
 * checkpoints were trained with those values and 1 - abar_0 keeps only four of their digits;
 * everything computed from the tables is double. Immutable and thread-safe.
 */
public final class NoiseSchedule {
    private final float[] betas;
    private final float[] alphasCumprod;

    private NoiseSchedule(float[] betas) {
        this.betas = betas;
        this.alphasCumprod = cumulativeProduct(betas);
    }

    /** The schedule of explicit betas, each in [0, 1]. */
    public static NoiseSchedule of(float[] betas) {
        return new NoiseSchedule(betas.clone());
    }

    /** beta from {@code start} to {@code end} in equal steps. */
    public static NoiseSchedule linear(int steps, double start, double end) {
        return new NoiseSchedule(linspace((float) start, (float) end, steps));
    }

    /** sqrt(beta) in equal steps: the schedule of latent diffusion. */
    public static NoiseSchedule scaledLinear(int steps, double start, double end) {
        var betas = linspace((float) Math.sqrt(start), (float) Math.sqrt(end), steps);
        for (int t = 0; t < steps; t++) {
            betas[t] *= betas[t];
        }
        return new NoiseSchedule(betas);
    }

    /** Cosine schedule with beta capped at 0.999 (Nichol and Dhariwal 2021, eq. 17). */
    public static NoiseSchedule cosine(int steps) {
        var betas = new float[steps];
        for (int t = 0; t < steps; t++) {
            double ratio = cosineAlphaBar((t + 1.0) / steps) / cosineAlphaBar((double) t / steps);
            betas[t] = (float) Math.min(1 - ratio, 0.999);
        }
        return new NoiseSchedule(betas);
    }

    /**
     * This schedule stretched so that the last step holds no signal: abar_{T-1} = 0 ("Common
     * Diffusion Noise Schedules and Sample Steps are Flawed", algorithm 1).
     */
    public NoiseSchedule zeroTerminalSnr() {
        int last = steps() - 1;
        float first = (float) Math.sqrt(alphasCumprod[0]);
        float terminal = (float) Math.sqrt(alphasCumprod[last]);
        var rescaled = new float[steps()];
        float before = 1;
        for (int t = 0; t <= last; t++) {
            float root = (float) Math.sqrt(alphasCumprod[t]) - terminal;
            root *= first / (first - terminal);
            float alphaBar = root * root;
            rescaled[t] = 1 - alphaBar / before;
            before = alphaBar;
        }
        return new NoiseSchedule(rescaled);
    }

    /** Number of train timesteps, T. */
    public int steps() {
        return betas.length;
    }

    /** beta_t. */
    public double beta(int t) {
        return betas[t];
    }

    /** abar_t, the share of signal in the variance of x_t. */
    public double alphaCumprod(int t) {
        return alphasCumprod[t];
    }

    /** beta at a possibly fractional timestep, linear between neighbours, clamped to the ends. */
    public double betaAt(double t) {
        return interpolate(betas, t);
    }

    /** abar at a possibly fractional timestep: sigma is linear between neighbours, as in Euler. */
    public double alphaCumprodAt(double t) {
        int low = floorIndex(t);
        double share = clamp(t) - low;
        if (share == 0) {
            return alphasCumprod[low];
        }
        double sigma = sigma(low) * (1 - share) + sigma(low + 1) * share;
        return 1 / (sigma * sigma + 1);
    }

    /** All betas; a copy. */
    public double[] betas() {
        return toDouble(betas);
    }

    /** All abar_t; a copy. */
    public double[] alphasCumprod() {
        return toDouble(alphasCumprod);
    }

    /** Noise to signal, sqrt((1 - abar) / abar), rounded to single precision as in the tables. */
    double sigma(int t) {
        float alphaBar = alphasCumprod[t];
        return (float) Math.sqrt((1 - alphaBar) / alphaBar);
    }

    private double interpolate(float[] table, double t) {
        int low = floorIndex(t);
        double share = clamp(t) - low;
        return share == 0 ? table[low] : table[low] * (1 - share) + table[low + 1] * share;
    }

    private int floorIndex(double t) {
        return (int) clamp(t);
    }

    private double clamp(double t) {
        return Math.max(0, Math.min(t, steps() - 1));
    }

    private static float[] linspace(float start, float end, int steps) {
        var values = new float[steps];
        float step = steps > 1 ? (end - start) / (steps - 1) : 0;
        for (int i = 0; i < steps; i++) {
            values[i] =
                    i < steps / 2 || steps == 1 ? start + step * i : end - step * (steps - 1 - i);
        }
        return values;
    }

    private static double cosineAlphaBar(double t) {
        double root = Math.cos((t + 0.008) / 1.008 * Math.PI / 2);
        return root * root;
    }

    private static float[] cumulativeProduct(float[] betas) {
        var products = new float[betas.length];
        double product = 1;
        for (int t = 0; t < betas.length; t++) {
            product *= 1 - betas[t];
            products[t] = (float) product;
        }
        return products;
    }

    private static double[] toDouble(float[] values) {
        var copy = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            copy[i] = values[i];
        }
        return copy;
    }
}
