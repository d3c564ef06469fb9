package io.mitune.streams.planner;

import io.mitune.schemas.Identity;
import io.mitune.schemas.PromptRequest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.errors.SerializationException;

/**
 * The prompts of one batch in one round that wait, all of one priority. Immutable.
 *
 * <p>Lanes of the same priority take turns, a task each. In the stores a lane's prompts stand by
 * their position in the batch.
 *
 * @param run line of adapters
 * @param round 1, 2, ...
 * @param batch short hash of the batch's name, which may hold any character
 * @param priority higher goes first
 * @param turn place in the order of turns; unique within a stream task
 * @param next key at which the search for its next prompt begins, so that it need not pass over
 *     what was taken
 */
record Lane(String run, int round, String batch, int priority, long turn, String next) {
    private static final byte VERSION = 1;
    private static final int HASH_DIGITS = 16;

    /** The lane that a prompt belongs to, as if this prompt were its first. */
    static Lane of(PromptRequest r) {
        var hash = Identity.sha256(r.getBatch().getBytes(StandardCharsets.UTF_8));
        var lane =
                new Lane(
                        r.getRun(),
                        r.getRound(),
                        hash.substring(0, HASH_DIGITS),
                        r.getPriority(),
                        0,
                        "");
        return lane.from(lane.place(r));
    }

    Lane from(String place) {
        return new Lane(run, round, batch, priority, turn, place);
    }

    Lane at(long newTurn) {
        return new Lane(run, round, batch, priority, newTurn, next);
    }

    /** run/round/batch/priority; none of them holds a slash. */
    String key() {
        return run + "/" + round + "/" + batch + "/" + priority;
    }

    /** Where a prompt of this lane stands; fixed width, so that a range is in order. */
    String place(PromptRequest r) {
        return key() + "/%07d/%s".formatted(r.getPosition(), r.getPromptId());
    }

    /** Above all places of this lane: the character after the slash. */
    String end() {
        return key() + "0";
    }

    /** Version byte, turn, then the place of the next prompt; the rest is in the key. */
    static byte[] state(Lane lane) {
        var text = lane.next.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(1 + Long.BYTES + text.length)
                .put(VERSION)
                .putLong(lane.turn)
                .put(text)
                .array();
    }

    /** The inverse of {@link #key} and {@link #state}. */
    static Lane parse(String key, byte[] state) {
        var parts = key.split("/", 4);
        if (parts.length != 4 || state.length < 1 + Long.BYTES || state[0] != VERSION) {
            throw new SerializationException("lane " + key + ": expected a state of version 1");
        }
        var in = ByteBuffer.wrap(state, 1, state.length - 1);
        long turn = in.getLong();
        var next = StandardCharsets.UTF_8.decode(in).toString();
        return new Lane(
                parts[0],
                Integer.parseInt(parts[1]),
                parts[2],
                Integer.parseInt(parts[3]),
                turn,
                next);
    }
}
