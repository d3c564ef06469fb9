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
 * @param promptOffset of its request in its partition, which says which policies judge it; empty
 *     until that comes
 */
record Board(int requested, int seen, OptionalLong promptOffset) {
    private static final byte VERSION = 3;
    private static final int BYTES = 1 + 2 * Integer.BYTES + Long.BYTES;
    private static final long NONE = -1;

    static Board opened(int requested) {
        return new Board(requested, 0, OptionalLong.empty());
    }

    Board withOneMore() {
        return new Board(requested, seen + 1, promptOffset);
    }

    /** The first request counts; one that is published again changes nothing. */
    Board askedAt(long offset) {
        return promptOffset.isPresent()
                ? this
                : new Board(requested, seen, OptionalLong.of(offset));
    }

    boolean isComplete() {
        return seen >= requested;
    }

    /** Version byte, two ints, a long; big-endian. */
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
                .putLong(promptOffset.orElse(NONE))
                .array();
    }

    private static Board parse(String topic, byte[] bytes) {
        if (bytes.length != BYTES || bytes[0] != VERSION) {
            throw new SerializationException(
                    topic + ": expected a board of " + BYTES + " bytes, found " + bytes.length);
        }
        var in = ByteBuffer.wrap(bytes, 1, BYTES - 1);
        int requested = in.getInt();
        int seen = in.getInt();
        long offset = in.getLong();
        return new Board(
                requested, seen, offset == NONE ? OptionalLong.empty() : OptionalLong.of(offset));
    }
}
