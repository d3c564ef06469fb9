package io.mitune.diffusion.safetensors;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.Map;
import java.util.Set;

/**
 * A safetensors file, opened by reading its header; the tensors themselves are mapped on demand.
 *
 * <p>Mapping means a model of gigabytes opens in milliseconds, costs no heap, and is shared between
 * processes by the page cache. The file must not be cut short while buffers of it are in use.
 *
 * <p>Immutable and thread-safe.
 */
public final class SafetensorsFile {
    /**
     * Longest header that is read. The format allows 100 MB, which would be gigabytes once parsed;
     * the largest models have less than one.
     */
    static final long MAX_HEADER = 16 << 20;

    private final Path path;
    private final long dataBegin;
    private final Map<String, TensorInfo> tensors;
    private final Map<String, String> metadata;

    private SafetensorsFile(Path path, long dataBegin, SafetensorsHeader header) {
        this.path = path;
        this.dataBegin = dataBegin;
        this.tensors = Collections.unmodifiableMap(header.tensors());
        this.metadata = Collections.unmodifiableMap(header.metadata());
    }

    /**
     * Reads and checks the header.
     *
     * @throws ModelFileException if the file is missing, truncated or malformed
     */
    public static SafetensorsFile open(Path path) {
        try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
            long size = channel.size();
            long length = size < 8 ? 0 : read(channel, 0, 8).getLong();
            if (length < 2 || length > MAX_HEADER || length > size - 8) {
                throw new ModelFileException(
                        path,
                        "not a whole safetensors file, expected a header of 2 to %d bytes, found %d"
                                        .formatted(
                                                Math.max(2, Math.min(MAX_HEADER, size - 8)), length)
                                + " (file size %d)".formatted(size));
            }
            var json = read(channel, 8, (int) length).array();
            return new SafetensorsFile(
                    path, 8 + length, SafetensorsHeader.parse(path, json, size - 8 - length));
        } catch (NoSuchFileException e) {
            throw new ModelFileException(path, "no such file", e);
        } catch (IOException e) {
            throw new ModelFileException(path, "cannot be read: " + e.getMessage(), e);
        }
    }

    public Path path() {
        return path;
    }

    /** Names of the tensors, in the order of the header. */
    public Set<String> names() {
        return tensors.keySet();
    }

    /** The free-form strings of the header's {@code __metadata__}. */
    public Map<String, String> metadata() {
        return metadata;
    }

    /** Type, shape and place of a tensor. */
    public TensorInfo info(String name) {
        var info = tensors.get(name);
        if (info == null) {
            throw new ModelFileException(path, "missing key " + name);
        }
        return info;
    }

    /** The data of a tensor: a read-only little-endian view of the file, direct, without a copy. */
    public ByteBuffer tensor(String name) {
        var info = info(name);
        if (info.length() > Integer.MAX_VALUE) {
            throw new ModelFileException(
                    path,
                    "key %s: %d bytes, expected at most 2 GiB".formatted(name, info.length()));
        }
        if (info.length() == 0) {
            return ByteBuffer.allocateDirect(0).order(ByteOrder.LITTLE_ENDIAN);
        }
        try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
            long begin = dataBegin + info.begin();
            return begin % info.type().bytes() == 0
                    ? channel.map(FileChannel.MapMode.READ_ONLY, begin, info.length())
                            .order(ByteOrder.LITTLE_ENDIAN)
                    : aligned(channel, begin, (int) info.length());
        } catch (IOException e) {
            throw new ModelFileException(path, "key %s cannot be mapped: ".formatted(name) + e, e);
        }
    }

    /**
     * Copies the data of a tensor, for those who do not keep it: unlike a mapping it leaves nothing
     * behind in the process.
     *
     * @param target its remaining bytes are filled; as many as the tensor has
     * @return {@code target}, flipped
     */
    public ByteBuffer read(String name, ByteBuffer target) {
        var info = info(name);
        if (target.remaining() != info.length()) {
            throw new IllegalArgumentException(
                    "%s: expected room for %d bytes, found %d"
                            .formatted(name, info.length(), target.remaining()));
        }
        try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
            return fill(channel, dataBegin + info.begin(), target);
        } catch (IOException e) {
            throw new ModelFileException(path, "key %s cannot be read: ".formatted(name) + e, e);
        }
    }

    /** A writer may leave elements off their natural boundary; vector code wants them on it. */
    private static ByteBuffer aligned(FileChannel channel, long begin, int length)
            throws IOException {
        var copy = ByteBuffer.allocateDirect(length).order(ByteOrder.LITTLE_ENDIAN);
        return fill(channel, begin, copy);
    }

    private static ByteBuffer read(FileChannel channel, long begin, int length) throws IOException {
        var buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        return fill(channel, begin, buffer);
    }

    private static ByteBuffer fill(FileChannel channel, long begin, ByteBuffer buffer)
            throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, begin + buffer.position()) < 0) {
                throw new IOException("file ended at byte " + (begin + buffer.position()));
            }
        }
        return buffer.flip();
    }
}
