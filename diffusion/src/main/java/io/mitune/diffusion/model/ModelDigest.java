package io.mitune.diffusion.model;

import io.mitune.diffusion.safetensors.ModelFileException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Names a model by what is in its files: equal digests mean equal networks.
 *
 * <p>The digest is the SHA-256 of the lines {@code <relative path> <SHA-256 of the file>\n} in
 * order of the paths. Digests of large files are remembered in the user's cache folder by path,
 * size and modification time, since reading gigabytes again at each start would cost more than
 * loading them.
 *
 * <p>Stateless and thread-safe.
 */
final class ModelDigest {
    private static final long REMEMBERED_FROM = 64L << 20;

    private ModelDigest() {}

    /** The digest of {@code files}, all below {@code root}, as 64 hexadecimal digits. */
    static String of(Path root, Collection<Path> files) {
        var lines = new TreeMap<String, Path>();
        files.forEach(f -> lines.put(root.relativize(f).toString().replace('\\', '/'), f));
        var digest = sha256();
        lines.forEach(
                (name, file) ->
                        digest.update(
                                (name + " " + ofFile(file) + "\n")
                                        .getBytes(StandardCharsets.UTF_8)));
        return HexFormat.of().formatHex(digest.digest());
    }

    private static String ofFile(Path file) {
        try {
            var attributes = Files.readAttributes(file, BasicFileAttributes.class);
            if (attributes.size() < REMEMBERED_FROM) {
                return read(file);
            }
            var note = note(file, attributes);
            var remembered = remembered(note);
            if (remembered.isPresent()) {
                return remembered.get();
            }
            var digest = read(file);
            remember(note, digest);
            return digest;
        } catch (IOException e) {
            throw new ModelFileException(file, "cannot be read: " + e.getMessage(), e);
        }
    }

    private static String read(Path file) throws IOException {
        var digest = sha256();
        var buffer = ByteBuffer.allocate(1 << 20);
        try (var channel = Files.newByteChannel(file)) {
            while (channel.read(buffer.clear()) >= 0) {
                digest.update(buffer.flip());
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static Path note(Path file, BasicFileAttributes attributes) throws IOException {
        var key =
                "%s %d %s"
                        .formatted(
                                file.toRealPath(),
                                attributes.size(),
                                attributes.lastModifiedTime().toInstant());
        var name = sha256().digest(key.getBytes(StandardCharsets.UTF_8));
        var cache =
                Optional.ofNullable(System.getenv("XDG_CACHE_HOME"))
                        .filter(s -> !s.isBlank())
                        .map(Path::of)
                        .orElse(Path.of(System.getProperty("user.home"), ".cache"));
        return cache.resolve("mitune").resolve("digests").resolve(HexFormat.of().formatHex(name));
    }

    private static Optional<String> remembered(Path note) {
        try {
            return Optional.of(Files.readString(note)).filter(s -> s.matches("[0-9a-f]{64}"));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** A cache that cannot be written only costs time. */
    private static void remember(Path note, String digest) {
        try {
            Files.createDirectories(note.getParent());
            var partial = Files.createTempFile(note.getParent(), "digest", ".partial");
            Files.writeString(partial, digest);
            Files.move(partial, note, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            return;
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
