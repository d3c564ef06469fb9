package io.mitune.diffusion.safetensors;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes safetensors files: same tensors in the same order, same bytes.
 *
 * <p>The file appears under its name only when it is complete and on disk, so a reader never sees
 * half a model and a crash leaves the old file. Stateless.
 */
public final class SafetensorsWriter {
    private static final ObjectMapper JSON = new ObjectMapper();

    private SafetensorsWriter() {}

    /**
     * Replaces {@code path}. Wider elements are put first, which keeps every tensor aligned.
     *
     * @throws ModelFileException if the file cannot be written
     */
    public static void write(Path path, Map<String, Tensor> tensors, Map<String, String> metadata) {
        stream(path, lazy(tensors), metadata);
    }

    /** As {@link #write}, with one tensor at a time in memory. */
    public static void stream(
            Path path, Map<String, LazyTensor> tensors, Map<String, String> metadata) {
        var ordered = ordered(tensors);
        var partial = path.resolveSibling(path.getFileName() + ".partial");
        try {
            var header = header(ordered, metadata);
            try (var channel =
                    FileChannel.open(
                            partial,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.TRUNCATE_EXISTING,
                            StandardOpenOption.WRITE)) {
                writeAll(channel, header);
                for (var entry : ordered) {
                    writeAll(channel, data(entry));
                }
                channel.force(true);
            }
            Files.move(partial, path, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new ModelFileException(path, "cannot be written: " + e, e);
        }
    }

    /** The same bytes in memory, for tensors that go elsewhere than into a file. */
    public static ByteBuffer bytes(Map<String, Tensor> tensors, Map<String, String> metadata) {
        var ordered = ordered(lazy(tensors));
        try {
            var header = header(ordered, metadata);
            long size = header.remaining();
            for (var entry : ordered) {
                size = Math.addExact(size, entry.getValue().length());
            }
            var all = ByteBuffer.allocate(Math.toIntExact(size)).put(header);
            ordered.forEach(entry -> all.put(data(entry)));
            return all.flip();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<String, LazyTensor> lazy(Map<String, Tensor> tensors) {
        var lazy = new LinkedHashMap<String, LazyTensor>();
        tensors.forEach((name, tensor) -> lazy.put(name, LazyTensor.of(tensor)));
        return lazy;
    }

    private static ByteBuffer data(Map.Entry<String, LazyTensor> entry) {
        var data = entry.getValue().data().get();
        if (data.remaining() != entry.getValue().length()) {
            throw new IllegalStateException(
                    "%s: expected %d bytes, found %d"
                            .formatted(
                                    entry.getKey(), entry.getValue().length(), data.remaining()));
        }
        return data;
    }

    private static List<Map.Entry<String, LazyTensor>> ordered(Map<String, LazyTensor> tensors) {
        var ordered = new ArrayList<>(tensors.entrySet());
        ordered.sort(Comparator.comparingInt(e -> -e.getValue().type().bytes()));
        return ordered;
    }

    private static ByteBuffer header(
            List<Map.Entry<String, LazyTensor>> tensors, Map<String, String> metadata)
            throws IOException {
        var root = new LinkedHashMap<String, Object>();
        if (!metadata.isEmpty()) {
            // sorted: the order of an immutable map changes from process to process
            root.put("__metadata__", new TreeMap<>(metadata));
        }
        long begin = 0;
        for (var entry : tensors) {
            var tensor = entry.getValue();
            long end = begin + tensor.length();
            var fields = new LinkedHashMap<String, Object>();
            fields.put("dtype", tensor.type().name());
            fields.put("shape", tensor.shape());
            fields.put("data_offsets", List.of(begin, end));
            root.put(entry.getKey(), fields);
            begin = end;
        }
        var json = JSON.writeValueAsBytes(root);
        int padded = (json.length + 7) / 8 * 8;
        var buffer = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(padded).put(json);
        return buffer.put(" ".repeat(padded - json.length).getBytes(StandardCharsets.UTF_8)).flip();
    }

    private static void writeAll(SeekableByteChannel channel, ByteBuffer data) throws IOException {
        while (data.hasRemaining()) {
            channel.write(data);
        }
    }
}
