package io.mitune.schemas.blobs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.schemas.BlobRef;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlobStoreTest {
    private static final byte[] ABC = {'a', 'b', 'c'};
    private static final String SHA =
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    private static final String PATH = "previews/ba/" + SHA + ".png";

    @TempDir Path dir;

    @Test
    void givesBackWhatWasPut() {
        var store = store();
        BlobRef ref = store.put("previews", "png", ABC);
        assertEquals(ref(PATH, SHA, 3), ref);
        assertArrayEquals(ABC, store.get(ref));
        assertEquals(dir.resolve("blobs").resolve(PATH), store.resolve(ref));
        assertEquals(0, store.get(store.put("previews", "png", new byte[0])).length);
    }

    @Test
    void takesAnyBufferAndLeavesItsPosition() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(5).put(1, ABC).position(1).limit(4);
        BlobRef ref = store().put("latents", "safetensors", buffer, "F32", List.of(3));
        assertEquals(SHA, ref.getSha256());
        assertEquals("F32", ref.getDtype());
        assertEquals(List.of(3), ref.getShape());
        assertEquals(1, buffer.position());
    }

    @Test
    void putTwiceIsOneFileAndNothingIsLeftBehind() throws IOException {
        store().put("previews", "png", ABC);
        store().put("previews", "png", ABC);
        assertEquals(List.of(PATH), files());
    }

    @Test
    void putMendsADamagedFile() throws IOException {
        BlobRef ref = store().put("previews", "png", ABC);
        Files.writeString(store().resolve(ref), "abx");
        store().put("previews", "png", ABC);
        assertArrayEquals(ABC, store().get(ref));
    }

    @Test
    void manyWritersOfOneBlobDoNotDisturbEachOther() throws Exception {
        byte[] large = new byte[1 << 20];
        var writers = Executors.newFixedThreadPool(8);
        try {
            Callable<BlobRef> write = () -> store().put("latents", "bin", large);
            for (var done : writers.invokeAll(Collections.nCopies(32, write))) {
                assertArrayEquals(large, store().get(done.get()));
            }
        } finally {
            writers.shutdownNow();
        }
        assertEquals(1, files().size());
    }

    @Test
    void refusesADamagedOrShortenedOrMissingFile() throws IOException {
        BlobRef ref = store().put("previews", "png", ABC);
        Path file = store().resolve(ref);
        Files.writeString(file, "abx");
        refused("the file is damaged", () -> store().get(ref));
        Files.writeString(file, "ab");
        refused("expected 3 bytes, found 2", () -> store().resolve(ref));
        Files.delete(file);
        refused("expected a file, found none", () -> store().resolve(ref));
        Files.createDirectory(file);
        refused("expected a file, found none", () -> store().resolve(ref));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../" + PATH,
                "/" + PATH,
                "previews/../" + PATH,
                "file:///" + PATH,
                "s3://bucket/" + PATH,
                "previews\\ba\\" + SHA + ".png",
                "previews/bb/" + SHA + ".png",
                "previews/ba/" + SHA + ".png/../../x",
                "previews/ba/" + SHA,
                "previews/ba/" + SHA + ".png\n",
                "Previews/ba/" + SHA + ".png",
                ""
            })
    void refusesPathsOfAnyOtherForm(String path) {
        store().put("previews", "png", ABC);
        refused("expected kind/ab/sha256.suffix", () -> store().resolve(ref(path, SHA, 3)));
    }

    @Test
    void refusesAPathOfAnotherHash() {
        store().put("previews", "png", ABC);
        String other = "0".repeat(64);
        refused("expected kind/ab/sha256.suffix", () -> store().resolve(ref(PATH, other, 3)));
    }

    @Test
    void refusesALinkOutOfTheRoot() throws IOException {
        Path secret = Files.write(dir.resolve("secret"), ABC);
        Path place = Files.createDirectories(dir.resolve("blobs/previews/ba"));
        Files.createSymbolicLink(place.resolve(SHA + ".png"), secret);
        refused("found a link out of it", () -> store().get(ref(PATH, SHA, 3)));
    }

    @Test
    void neitherWritesNorDeletesThroughALinkOutOfTheRoot() throws IOException {
        Path outside = Files.createDirectories(dir.resolve("outside"));
        Path precious = Files.write(outside.resolve(SHA + ".png"), ABC);
        Files.createDirectories(dir.resolve("blobs/previews"));
        Files.createSymbolicLink(dir.resolve("blobs/previews/ba"), outside);
        var stored = new StoredBlob(PATH, 3, Instant.EPOCH);
        refused("found a link out of it", () -> store().delete(stored));
        Files.delete(precious);
        refused("found a link out of it", () -> store().put("previews", "png", ABC));
        assertEquals(List.of(), names(outside));
    }

    private static List<String> names(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    @Test
    void refusesABlobThatNoArrayHolds() {
        refused("expected at most 2147483639 bytes", () -> store().get(ref(PATH, SHA, 1L << 40)));
    }

    @Test
    void aRootThatIsItselfALinkIsFine() throws IOException {
        Files.createDirectory(dir.resolve("real"));
        Files.createSymbolicLink(dir.resolve("blobs"), dir.resolve("real"));
        assertArrayEquals(ABC, store().get(store().put("previews", "png", ABC)));
    }

    @Test
    void anUnwritableRootIsToldInOneLine() throws IOException {
        Files.writeString(dir.resolve("blobs"), "a file, not a directory");
        refused("cannot write 3 bytes", () -> store().put("previews", "png", ABC));
    }

    @Test
    void refusesWordsThatWouldEscape() {
        for (String word : List.of("", "..", "a/b", "A", ".png", "a\n")) {
            assertThrows(IllegalArgumentException.class, () -> store().put(word, "png", ABC));
            assertThrows(IllegalArgumentException.class, () -> store().put("a", word, ABC));
        }
    }

    @Test
    void worksOnAnotherFileSystem() throws IOException {
        URI zip = URI.create("jar:" + dir.resolve("blobs.zip").toUri());
        try (var files = FileSystems.newFileSystem(zip, Map.of("create", "true"))) {
            var store = BlobStore.at(files.getPath("/root"));
            assertArrayEquals(ABC, store.get(store.put("previews", "png", ABC)));
            store.put("previews", "png", ABC);
            assertTrue(Files.exists(files.getPath("/root", PATH)));
        }
    }

    @Test
    void refusesUrisOfNoInstalledFileSystem() {
        assertEquals(dir, Path.of(BlobStore.at(dir.toUri()).root()));
        for (String uri : List.of("s3x://bucket/blobs", "http://h/blobs", "blobs", "file:blobs")) {
            refused("expected the URI of an", () -> BlobStore.at(URI.create(uri)));
        }
    }

    @Test
    void listsWhatIsThereAndOnlyThat() throws IOException {
        assertEquals(List.of(), listed());
        store().put("previews", "png", ABC);
        Files.writeString(dir.resolve("blobs/previews/README"), "foreign");
        Files.writeString(dir.resolve("blobs/previews/ba/" + SHA), "foreign");
        Files.createDirectories(dir.resolve("blobs/previews/ba/" + "ba".repeat(32) + ".png"));
        assertEquals(List.of(PATH), listed());
        try (var all = store().list()) {
            var blob = all.findFirst().orElseThrow();
            assertEquals(3, blob.size());
            assertTrue(Duration.between(blob.modified(), Instant.now()).toHours() == 0);
        }
    }

    @Test
    void deletesOneBlobAndSaysWhetherItWasThere() {
        var ref = store().put("previews", "png", ABC);
        assertTrue(store().has(ref));
        var blob = new StoredBlob(PATH, 3, Instant.now());
        assertTrue(store().delete(blob));
        assertFalse(store().delete(blob));
        assertFalse(store().has(ref));
        var outside = new StoredBlob("../" + PATH, 3, Instant.now());
        assertThrows(IllegalArgumentException.class, () -> store().delete(outside));
    }

    @Test
    void puttingAgainMakesABlobYoung() throws IOException {
        var file = store().resolve(store().put("previews", "png", ABC));
        Files.setLastModifiedTime(file, FileTime.from(Instant.EPOCH));
        store().put("previews", "png", ABC);
        assertTrue(Files.getLastModifiedTime(file).toInstant().isAfter(Instant.EPOCH));
    }

    @Test
    void sweepsOnlyOldUnfinishedFiles() throws IOException {
        assertEquals(0, store().sweep(Instant.now()));
        store().put("previews", "png", ABC);
        var name = ".%s.tmp".formatted(UUID.randomUUID());
        var unfinished = Files.write(dir.resolve("blobs/previews/ba").resolve(name), ABC);
        assertEquals(0, store().sweep(Instant.now().minusSeconds(3600)));
        assertEquals(1, store().sweep(Instant.now().plusSeconds(3600)));
        assertFalse(Files.exists(unfinished));
        assertEquals(List.of(PATH), files());
    }

    private List<String> listed() {
        try (var all = store().list()) {
            return all.map(StoredBlob::path).toList();
        }
    }

    private BlobStore store() {
        return BlobStore.at(dir.resolve("blobs"));
    }

    private static BlobRef ref(String path, String sha256, long size) {
        return BlobRef.newBuilder().setPath(path).setSha256(sha256).setSize(size).build();
    }

    private static void refused(String part, Executable action) {
        String message = assertThrows(BlobException.class, action).getMessage();
        assertTrue(message.startsWith("blob") && message.contains(part), message);
        assertFalse(message.contains("\n"), message);
    }

    private List<String> files() throws IOException {
        Path root = dir.resolve("blobs");
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(Files::isRegularFile)
                    .map(f -> root.relativize(f).toString())
                    .toList();
        }
    }
}
