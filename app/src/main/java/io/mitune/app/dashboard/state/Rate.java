package io.mitune.app.dashboard.state;

/**
 * How many things happened lately, by the time that they carry.
 *
 * <p>By their own time, so that a log which is read again at full speed does not look busy. A ring
 * of buckets, two seconds each. Not thread-safe.
 */
final class Rate {
    private static final int BUCKETS = 30;
    private static final long BUCKET_MILLIS = 2000;
    private static final long LEAST_MILLIS = 10_000;

    private final long[] ages = new long[BUCKETS]; // number of the bucket since 1970
    private final int[] counts = new int[BUCKETS];
    private long newest;
    private long began; // the first after a silence longer than the ring

    void add(long epochMillis) {
        long bucket = Math.floorDiv(epochMillis, BUCKET_MILLIS);
        boolean isAfterSilence = bucket > newest + BUCKETS;
        boolean isEarlier = bucket > newest - BUCKETS && epochMillis < began;
        if (isAfterSilence || isEarlier) {
            began = epochMillis;
        }
        newest = Math.max(newest, bucket);
        int at = (int) Math.floorMod(bucket, (long) BUCKETS);
        if (bucket > ages[at]) {
            ages[at] = bucket;
            counts[at] = 0;
        }
        if (bucket == ages[at]) {
            counts[at]++;
        }
    }

    /**
     * Per second, over the last minute or, after a silence, since it ended; over ten seconds at
     * least, in which few things do not look like many.
     */
    double perSecond(long nowMillis) {
        return perSecond(nowMillis, Math.min(began, nowMillis - LEAST_MILLIS));
    }

    /** Per second, over the last minute or, where it began later, since its beginning. */
    double perSecond(long nowMillis, long beganMillis) {
        long age = nowMillis - beganMillis;
        long window = Math.max(BUCKET_MILLIS, Math.min(age, BUCKETS * BUCKET_MILLIS));
        return count(nowMillis) * 1000.0 / window;
    }

    private long count(long nowMillis) {
        long bucket = Math.floorDiv(nowMillis, BUCKET_MILLIS);
        long sum = 0;
        for (int i = 0; i < BUCKETS; i++) {
            if (ages[i] > bucket - BUCKETS && ages[i] <= bucket) {
                sum += counts[i];
            }
        }
        return sum;
    }
}
