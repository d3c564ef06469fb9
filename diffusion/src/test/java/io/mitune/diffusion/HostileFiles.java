package io.mitune.diffusion;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Damages good files in many ways and looks at what a reader makes of them.
 *
 * <p>A reader may take a file or refuse it with its own exception in one line. Anything else fails:
 * other exceptions, errors such as a full heap, too much allocated, too long. The seed of a failure
 * is in its message, and the same seed damages a file in the same way.
 */
final class HostileFiles {
    /** What reads a file; its result does not matter. */
    interface Reader {
        void read(Path file) throws IOException;
    }

    private static final long MOST_ALLOCATED = 256L << 20;
    private static final Duration LONGEST = Duration.ofSeconds(20);
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** What often stands in hostile files in place of a number, a name or a path. */
    private static final List<String> NASTY =
            List.of(
                    "-1",
                    "0",
                    "1e308",
                    "2147483647",
                    "2147483648",
                    "9223372036854775807",
                    "18446744073709551616",
                    "null",
                    "[]",
                    "{}",
                    "[[[[[[[[[[[[[[[[[[[[",
                    "\"\"",
                    "\"F64\"",
                    "\"BOOL\"",
                    "\"../../../etc/passwd\"",
                    "\"file:///etc/passwd\"",
                    "\"\\u0000\"",
                    "NaN",
                    "\"" + "x".repeat(5000) + "\"");

    private HostileFiles() {}

    /**
     * Reads the file damaged in {@code count} ways.
     *
     * @param refusal what the reader may throw
     */
    static void attack(Path file, int count, Reader reader, Class<? extends Exception> refusal)
            throws IOException {
        byte[] good = Files.readAllBytes(file);
        try {
            for (int seed = 0; seed < count; seed++) {
                Files.write(file, damaged(good, new Random(seed)));
                String what = file.getFileName() + ", seed " + seed;
                readDamaged(file, reader, refusal, what);
            }
        } finally {
            Files.write(file, good);
        }
    }

    /** Reads a file that was made to be hostile. */
    static void readDamaged(
            Path file, Reader reader, Class<? extends Exception> refusal, String what) {
        long allocated = THREADS.getCurrentThreadAllocatedBytes();
        long start = System.nanoTime();
        try {
            reader.read(file);
        } catch (Exception | Error e) {
            if (!refusal.isInstance(e)) {
                fail(what + ": expected " + refusal.getSimpleName() + ", found " + e, e);
            }
            String message = String.valueOf(e.getMessage());
            assertTrue(!message.contains("\n"), what + ": expected one line: " + message);
        }
        long bytes = THREADS.getCurrentThreadAllocatedBytes() - allocated;
        assertTrue(bytes < MOST_ALLOCATED, what + ": allocated " + bytes + " bytes");
        long nanos = System.nanoTime() - start;
        assertTrue(nanos < LONGEST.toNanos(), what + ": took " + nanos / 1_000_000 + " ms");
    }

    private static byte[] damaged(byte[] good, Random random) {
        // headers and the beginnings of texts are where the decisions are
        int reach = random.nextBoolean() ? Math.min(good.length, 4096) : good.length;
        return switch (random.nextInt(6)) {
            case 0 -> flipped(good, reach, random);
            case 1 -> Arrays.copyOf(good, random.nextInt(good.length));
            case 2 -> joined(good, reach, random);
            case 3, 4 -> withNastyValue(good, reach, random);
            default -> withNastyLength(good, random);
        };
    }

    private static byte[] flipped(byte[] good, int reach, Random random) {
        byte[] bytes = good.clone();
        for (int i = 1 + random.nextInt(8); i > 0; i--) {
            bytes[random.nextInt(reach)] ^= (byte) (1 << random.nextInt(8));
        }
        return bytes;
    }

    /** A piece of the file stands in the middle of another. */
    private static byte[] joined(byte[] good, int reach, Random random) {
        int from = random.nextInt(reach);
        int to = from + random.nextInt(Math.min(512, good.length - from));
        return spliced(good, random.nextInt(reach), 0, Arrays.copyOfRange(good, from, to));
    }

    /** A value of a text, from one of : [ , to the next of , ] }, is another; the length stays. */
    private static byte[] withNastyValue(byte[] good, int reach, Random random) {
        String text = new String(good, 0, reach, StandardCharsets.ISO_8859_1);
        int at = random.nextInt(reach);
        while (at < reach && ":[,".indexOf(text.charAt(at)) < 0) {
            at++;
        }
        int end = Math.min(reach, at + 1);
        while (end < reach && ",]}".indexOf(text.charAt(end)) < 0) {
            end++;
        }
        if (at >= reach) {
            return flipped(good, reach, random);
        }
        byte[] value = NASTY.get(random.nextInt(NASTY.size())).getBytes(StandardCharsets.UTF_8);
        byte[] bytes = spliced(good, at + 1, end - at - 1, value);
        return startsWithLength(good) ? withLength(bytes, value.length - (end - at - 1)) : bytes;
    }

    /** safetensors: eight bytes that say how long the JSON is. */
    private static boolean startsWithLength(byte[] good) {
        return good.length > 9 && good[8] == '{';
    }

    private static byte[] withLength(byte[] bytes, int longer) {
        var view = java.nio.ByteBuffer.wrap(bytes).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        return view.putLong(0, view.getLong(0) + longer).array();
    }

    private static byte[] withNastyLength(byte[] good, Random random) {
        byte[] bytes = good.clone();
        long[] lengths = {
            0, 1, 2, good.length, 99_999_999, 1L << 31, 1L << 62, -1, random.nextInt()
        };
        var view = java.nio.ByteBuffer.wrap(bytes).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        if (bytes.length >= 8) {
            view.putLong(0, lengths[random.nextInt(lengths.length)]);
        }
        return bytes;
    }

    private static byte[] spliced(byte[] good, int at, int removed, byte[] inserted) {
        byte[] bytes = new byte[good.length - removed + inserted.length];
        System.arraycopy(good, 0, bytes, 0, at);
        System.arraycopy(inserted, 0, bytes, at, inserted.length);
        int rest = at + removed;
        System.arraycopy(good, rest, bytes, at + inserted.length, good.length - rest);
        return bytes;
    }
}
