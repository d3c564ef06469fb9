package io.mitune.diffusion.scheduler;

/**
 * How N sampling steps are laid over T train timesteps (table 2 of "Common Diffusion Noise
 * Schedules and Sample Steps are Flawed"), with the rounding that numpy applies.
 */
enum TimestepSpacing {
    LINSPACE("linspace"),
    LEADING("leading"),
    TRAILING("trailing");

    private final String key;

    TimestepSpacing(String key) {
        this.key = key;
    }

    String key() {
        return key;
    }

    /** The N timesteps, falling; only linspace gives fractions. */
    double[] descending(int trainSteps, int n, int stepsOffset) {
        var times = new double[n];
        for (int i = 0; i < n; i++) {
            times[i] =
                    switch (this) {
                        case LINSPACE -> linspace(trainSteps, n, n - 1 - i);
                        case LEADING -> (double) (n - 1 - i) * (trainSteps / n) + stepsOffset;
                        case TRAILING -> Math.rint(falling(trainSteps, n, i)) - 1;
                    };
        }
        return times;
    }

    private static double linspace(int trainSteps, int n, int i) {
        if (n == 1) {
            return 0;
        }
        return i == n - 1 ? trainSteps - 1 : i * ((trainSteps - 1.0) / (n - 1));
    }

    private static double falling(int trainSteps, int n, int i) {
        double step = (double) trainSteps / n;
        return trainSteps + i * ((trainSteps - step) - trainSteps);
    }

    /** Whole numbers out of {@link #descending}, halves to even. */
    static double[] rounded(double[] times) {
        var whole = times.clone();
        for (int i = 0; i < whole.length; i++) {
            whole[i] = Math.rint(whole[i]);
        }
        return whole;
    }
}
