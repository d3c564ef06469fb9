package io.mitune.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.zip.CRC32;

/**
 * The registry's file: a title, then one event a line, JSON after its CRC-32, only ever appended
 * to.
 *
 * <p>An event is on the disk before it is answered. A last line that a crash cut short is dropped
 * at the next start; damage anywhere else is an error, since later ids would be wrong. One process
 * at a time; not thread-safe.
 */
final class RegistryLog implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final byte[] TITLE = "mitune schema registry 1\n".getBytes(UTF_8);
    private static final long MAX_BYTES = 256L << 20;

    private final Path file;
    private final FileChannel channel;

    private RegistryLog(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /** Opens or makes the file and hands over the events in it, first to last. */
    static RegistryLog open(Path path, Consumer<RegistryEvent> events) {
        Path file = path.toAbsolutePath().normalize();
        FileChannel channel = null;
        try {
            Files.createDirectories(file.getParent());
            channel =
                    FileChannel.open(
                            file,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock();
            if (lock == null) {
                throw inUse(file);
            }
            var log = new RegistryLog(file, channel);
            log.replay(events);
            return log;
        } catch (OverlappingFileLockException e) {
            closeQuietly(channel);
            throw inUse(file);
        } catch (IOException e) {
            closeQuietly(channel);
            throw new EmbeddedException(
                    "registry file " + file + ": expected a file to write to", e);
        } catch (RuntimeException e) {
            closeQuietly(channel);
            throw e;
        }
    }

    /** Returns when the event is on the disk. */
    void append(RegistryEvent event) {
        long end = -1;
        try {
            end = channel.size();
            String json = JSON.writeValueAsString(event);
            var line = ByteBuffer.wrap((crc(json) + " " + json + "\n").getBytes(UTF_8));
            for (long at = end; line.hasRemaining(); ) {
                at += channel.write(line, at);
            }
            channel.force(false);
        } catch (IOException e) {
            truncate(end);
            throw new EmbeddedException("registry file " + file + ": expected to write to it", e);
        }
    }

    @Override
    public void close() {
        closeQuietly(channel);
    }

    private void replay(Consumer<RegistryEvent> events) throws IOException {
        if (channel.size() > MAX_BYTES) {
            throw new EmbeddedException(
                    "registry file %s: expected at most %d bytes, found %d"
                            .formatted(file, MAX_BYTES, channel.size()));
        }
        byte[] bytes = Files.readAllBytes(file);
        int common = Math.min(bytes.length, TITLE.length);
        if (!Arrays.equals(bytes, 0, common, TITLE, 0, common)) {
            throw damaged(1, "the registry's title");
        }
        if (common < TITLE.length) {
            channel.write(ByteBuffer.wrap(TITLE), 0);
            channel.force(false);
            return;
        }
        int start = TITLE.length;
        int number = 2;
        for (int i = start; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                apply(new String(bytes, start, i - start, UTF_8), number++, events);
                start = i + 1;
            }
        }
        if (start < bytes.length) {
            channel.truncate(start);
        }
    }

    private void apply(String line, int number, Consumer<RegistryEvent> events) {
        String json = line.length() > 9 ? line.substring(9) : "";
        if (line.startsWith(crc(json) + " ")) {
            try {
                events.accept(JSON.readValue(json, RegistryEvent.class));
                return;
            } catch (IOException | RuntimeException e) {
                // told below
            }
        }
        throw damaged(number, "an event after its checksum");
    }

    private EmbeddedException damaged(int line, String expected) {
        return new EmbeddedException(
                "registry file %s: line %d: expected %s, found other characters; the file is damaged"
                                .formatted(file, line, expected)
                        + " or not the registry's");
    }

    private static String crc(String json) {
        var crc = new CRC32();
        crc.update(json.getBytes(UTF_8));
        return "%08x".formatted(crc.getValue());
    }

    private void truncate(long end) {
        try {
            if (end >= 0) {
                channel.truncate(end);
            }
        } catch (IOException e) {
            // the next start drops the unfinished line
        }
    }

    private static EmbeddedException inUse(Path file) {
        return new EmbeddedException(
                "registry file "
                        + file
                        + ": expected to be its only user, found another registry running on it");
    }

    private static void closeQuietly(FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            // every event was forced to the disk when it was written
        }
    }
}
