package io.mitune.streams.curator;

import java.nio.ByteBuffer;
import java.util.OptionalLong;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * How far an open prompt is; its candidates are stored beside it. Immutable.
 *
 * @param requested candidates asked for (N)
 * @param seen distinct candidates that came
 * @param runningSince when the deadline began to run, epoch milliseconds; empty while its round
 *     waits
 * @param promptOffset of its request in its partition, which says which policies judge it; empty
 *     until that comes
 */
record Board(int requested, int seen, OptionalLong runningSince, OptionalLong promptOffset) {
    private static final byte VERSION = 2;
    private static final int BYTES = 1 + 2 * Integer.BYTES + 2 * Long.BYTES;
    private static final byte FIRST_VERSION = 1; // without the offset
    private static final int FIRST_BYTES = BYTES - Long.BYTES;
    private static final long NONE = -1;

    static Board opened(int requested) {
        return new Board(requested, 0, OptionalLong.empty(), OptionalLong.empty());
    }

    Board withOneMore() {
        return new Board(requested, seen + 1, runningSince, promptOffset);
    }

    /** The first request counts; one that is published again changes nothing. */
    Board askedAt(long offset) {
        return promptOffset.isPresent()
                ? this
                : new Board(requested, seen, runningSince, OptionalLong.of(offset));
    }

    /** Starts the deadline unless it runs already. */
    Board running(long now) {
        return runningSince.isPresent()
                ? this
                : new Board(requested, seen, OptionalLong.of(Math.max(0, now)), promptOffset);
    }

    boolean isComplete() {
        return seen >= requested;
    }

    /** Version byte, two ints, two longs; big-endian. */
    static Serde<Board> serde() {
        return Serdes.serdeFrom(
                (topic, board) -> board == null ? null : board.bytes(),
                (topic, bytes) -> bytes == null ? null : parse(topic, bytes));
    }

    private byte[] bytes() {
        return ByteBuffer.allocate(BYTES)
                .put(VERSION)
                .putInt(requested)
                .putInt(seen)
                .putLong(runningSince.orElse(NONE))
                .putLong(promptOffset.orElse(NONE))
                .array();
    }

    private static Board parse(String topic, byte[] bytes) {
        boolean first = bytes.length == FIRST_BYTES && bytes[0] == FIRST_VERSION;
        if (!first && (bytes.length != BYTES || bytes[0] != VERSION)) {
            throw new SerializationException(
                    topic + ": expected a board of " + BYTES + " bytes, found " + bytes.length);
        }
        var in = ByteBuffer.wrap(bytes, 1, bytes.length - 1);
        int requested = in.getInt();
        int seen = in.getInt();
        var since = optional(in.getLong());
        return new Board(
                requested, seen, since, first ? OptionalLong.empty() : optional(in.getLong()));
    }

    private static OptionalLong optional(long value) {
        return value == NONE ? OptionalLong.empty() : OptionalLong.of(value);
    }
}
