package io.mitune.embedded;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Reads the log of the cluster's metadata before Kafka does.
 *
 * <p>Kafka cuts a log at the first record batch whose checksum is wrong. In this log that would
 * forget topics, whose records are then deleted as strays. So damage before the last batch is an
 * error here; a last batch cut short by a crash is left to Kafka. A batch is: base offset (8
 * bytes), length of the rest (4), leader epoch (4), magic (1), CRC-32C of what follows (4).
 */
final class MetadataCheck {
    private static final String LOG = "__cluster_metadata-0";
    private static final int BEFORE_LENGTH_ENDS = 12;
    private static final int BEFORE_CRC = 17;
    private static final int BEFORE_BODY = 21;

    private MetadataCheck() {}

    /** Throws when a file of the log is damaged. */
    static void check(Path dataDir) throws IOException {
        Path directory = dataDir.resolve(LOG);
        if (!Files.isDirectory(directory)) {
            return;
        }
        List<Path> segments;
        try (var files = Files.list(directory)) {
            segments = files.filter(file -> file.toString().endsWith(".log")).toList();
        }
        for (Path segment : segments) {
            try (var channel = FileChannel.open(segment)) {
                check(segment, channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()));
            }
        }
    }

    private static void check(Path segment, ByteBuffer bytes) {
        int at = 0;
        while (bytes.limit() - at > BEFORE_BODY) {
            int length = bytes.getInt(at + BEFORE_LENGTH_ENDS - Integer.BYTES);
            int left = bytes.limit() - at - BEFORE_LENGTH_ENDS;
            if (length >= left) {
                return;
            }
            var crc = new CRC32C();
            if (length > BEFORE_BODY - BEFORE_LENGTH_ENDS) {
                int body = length - (BEFORE_BODY - BEFORE_LENGTH_ENDS);
                crc.update(bytes.slice(at + BEFORE_BODY, body));
            }
            if (length < 0 || (int) crc.getValue() != bytes.getInt(at + BEFORE_CRC)) {
                throw new EmbeddedException(
                        "broker data %s: byte %d: expected a record batch with a right checksum,"
                                        .formatted(segment, at)
                                + " found a damaged one; restore the file from a backup");
            }
            at += BEFORE_LENGTH_ENDS + length;
        }
    }
}
