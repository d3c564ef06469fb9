package io.mitune.app.dashboard.state;

/**
 * Between which offsets of a partition a prompt's candidates lie: they have one key, thus one
 * partition. Immutable.
 */
public record LogRange(int partition, long first, long last) {
    /** Of a prompt without candidates. */
    public static final LogRange NONE = new LogRange(-1, 0, -1);

    LogRange with(LogPlace place) {
        if (partition != place.partition()) {
            return new LogRange(place.partition(), place.offset(), place.offset());
        }
        if (place.offset() >= first && place.offset() <= last) {
            return this;
        }
        return new LogRange(
                partition, Math.min(first, place.offset()), Math.max(last, place.offset()));
    }
}
