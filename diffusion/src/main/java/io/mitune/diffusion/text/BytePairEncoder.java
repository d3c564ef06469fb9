package io.mitune.diffusion.text;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Byte-pair encoding of one word (Sennrich et al. 2016) over the 256 bytes of UTF-8, the last
 * symbol of a word marked {@code </w>}: the adjacent pair that was learnt first is merged, leftmost
 * first, until none is left.
 *
 * <p>Pairs wait in a queue, so a word of n bytes takes n log n steps; a hostile prompt can be one
 * word of a megabyte. Immutable and thread-safe.
 */
final class BytePairEncoder {
    private static final String END_OF_WORD = "</w>";
    private static final char[] BYTE_SYMBOLS = byteSymbols();

    private final int[] inner = new int[256];
    private final int[] last = new int[256];
    private final Map<Long, Merge> merges;
    private final int unknown;

    private record Merge(int rank, int id) {}

    /** A pair to merge; out of date when its two symbols have changed since. */
    private record Candidate(int rank, int position, int left, int right)
            implements Comparable<Candidate> {
        @Override
        public int compareTo(Candidate other) {
            int byRank = Integer.compare(rank, other.rank);
            return byRank != 0 ? byRank : Integer.compare(position, other.position);
        }
    }

    /**
     * @param vocabulary symbol to id
     * @param pairs the merges, first learnt first; both parts and their union are in the vocabulary
     * @param unknown id of a byte that is not in the vocabulary
     */
    BytePairEncoder(Map<String, Integer> vocabulary, List<Pair> pairs, int unknown) {
        this.unknown = unknown;
        for (int b = 0; b < 256; b++) {
            var symbol = String.valueOf(BYTE_SYMBOLS[b]);
            inner[b] = vocabulary.getOrDefault(symbol, unknown);
            last[b] = vocabulary.getOrDefault(symbol + END_OF_WORD, unknown);
        }
        merges = new HashMap<>(pairs.size() * 2);
        for (int rank = 0; rank < pairs.size(); rank++) {
            var pair = pairs.get(rank);
            var merge = new Merge(rank, vocabulary.get(pair.left() + pair.right()));
            merges.put(key(vocabulary.get(pair.left()), vocabulary.get(pair.right())), merge);
        }
    }

    /** Two symbols that merge into one. */
    record Pair(String left, String right) {}

    /** Appends the ids of {@code word}. */
    void encode(String word, ClipTokenizer.Ids ids) {
        var bytes = word.getBytes(StandardCharsets.UTF_8);
        int n = bytes.length;
        var symbols = new int[n];
        var next = new int[n];
        var previous = new int[n];
        for (int i = 0; i < n; i++) {
            symbols[i] = (i == n - 1 ? last : inner)[bytes[i] & 0xff];
            next[i] = i + 1;
            previous[i] = i - 1;
        }
        var queue = new PriorityQueue<Candidate>();
        for (int i = 0; i + 1 < n; i++) {
            offer(queue, i, symbols[i], symbols[i + 1]);
        }
        while (!queue.isEmpty()) {
            var best = queue.poll();
            int at = best.position();
            int after = next[at];
            if (symbols[at] != best.left() || after >= n || symbols[after] != best.right()) {
                continue;
            }
            symbols[at] = merges.get(key(best.left(), best.right())).id();
            symbols[after] = -1; // gone
            next[at] = next[after];
            if (next[at] < n) {
                previous[next[at]] = at;
                offer(queue, at, symbols[at], symbols[next[at]]);
            }
            if (previous[at] >= 0) {
                offer(queue, previous[at], symbols[previous[at]], symbols[at]);
            }
        }
        for (int i = 0; i < n && !ids.full(); i = next[i]) {
            ids.add(symbols[i]);
        }
    }

    private void offer(PriorityQueue<Candidate> queue, int at, int left, int right) {
        var merge = merges.get(key(left, right));
        if (merge != null && left != unknown && right != unknown) {
            queue.add(new Candidate(merge.rank(), at, left, right));
        }
    }

    private static long key(int left, int right) {
        return (long) left << 32 | right;
    }

    /** The printable character that stands for each byte in vocabulary files (GPT-2's table). */
    private static char[] byteSymbols() {
        var symbols = new char[256];
        int next = 256;
        for (int b = 0; b < 256; b++) {
            boolean printable = b >= '!' && b <= '~' || b >= 0xa1 && b != 0xad;
            symbols[b] = (char) (printable ? b : next++);
        }
        return symbols;
    }
}
