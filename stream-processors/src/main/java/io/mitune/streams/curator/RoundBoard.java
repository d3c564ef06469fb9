package io.mitune.streams.curator;

import java.nio.ByteBuffer;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * How far a round is. Immutable.
 *
 * @param size prompts it has, by the greatest word of its prompts
 * @param closed distinct prompts that are closed
 * @param doneAt when all were, epoch milliseconds; negative before
 */
record RoundBoard(int size, int closed, long doneAt) {
    static final RoundBoard NEW = new RoundBoard(0, 0, -1);

    private static final byte VERSION = 1;
    private static final int BYTES = 1 + 2 * Integer.BYTES + Long.BYTES;

    RoundBoard withOneMore(int roundSize) {
        return new RoundBoard(Math.max(size, roundSize), closed + 1, doneAt);
    }

    RoundBoard done(long now) {
        return new RoundBoard(size, closed, Math.max(0, now));
    }

    boolean isComplete() {
        return closed >= size;
    }

    boolean isDone() {
        return doneAt >= 0;
    }

    /** Version byte, two ints, a long; big-endian. */
    static Serde<RoundBoard> serde() {
        return Serdes.serdeFrom(
                (topic, board) -> board == null ? null : board.bytes(),
                (topic, bytes) -> bytes == null ? null : parse(topic, bytes));
    }

    private byte[] bytes() {
        return ByteBuffer.allocate(BYTES)
                .put(VERSION)
                .putInt(size)
                .putInt(closed)
                .putLong(doneAt)
                .array();
    }

    private static RoundBoard parse(String topic, byte[] bytes) {
        if (bytes.length != BYTES || bytes[0] != VERSION) {
            throw new SerializationException(
                    topic + ": expected a round of " + BYTES + " bytes, found " + bytes.length);
        }
        var in = ByteBuffer.wrap(bytes, 1, BYTES - 1);
        return new RoundBoard(in.getInt(), in.getInt(), in.getLong());
    }
}
