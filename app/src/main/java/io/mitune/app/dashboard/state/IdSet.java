package io.mitune.app.dashboard.state;

import io.mitune.schemas.RequestLimits;

/**
 * To which prompts of a round something has happened.
 *
 * <p>At most 32 bytes each, so that those of a large round are all told apart, whatever the order
 * in which its topics are read; none once it has happened to all. Not thread-safe.
 */
final class IdSet {
    private long[] slots = new long[16];
    private int size;
    private int all = RequestLimits.MAX_ROUND_SIZE;

    int size() {
        return size;
    }

    /** How many there will be in all. */
    void expect(int count) {
        all = count;
        forgetIfAll();
    }

    /** Whether it is new. */
    boolean add(String promptId) {
        if (size >= all || !put(slots, hash(promptId))) {
            return false;
        }
        size++;
        if (size > slots.length / 2) {
            var larger = new long[slots.length * 2];
            for (long old : slots) {
                if (old != 0) {
                    put(larger, old);
                }
            }
            slots = larger;
        }
        forgetIfAll();
        return true;
    }

    private void forgetIfAll() {
        if (size >= all) {
            slots = new long[0];
        }
    }

    /** FNV-1a; 0 stands for an empty slot. */
    private static long hash(String promptId) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < promptId.length(); i++) {
            hash = (hash ^ promptId.charAt(i)) * 0x100000001b3L;
        }
        return hash == 0 ? 1 : hash;
    }

    private static boolean put(long[] slots, long id) {
        int last = slots.length - 1; // of a power of two
        int at = (int) id & last;
        while (slots[at] != 0) {
            if (slots[at] == id) {
                return false;
            }
            at = (at + 1) & last;
        }
        slots[at] = id;
        return true;
    }
}
