package io.mitune.embedded;

import static io.mitune.embedded.RegistryCalls.schema;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the registry's file survives, and what it must refuse. */
class RegistryFileTest {
    @TempDir Path dir;
    private Path file;

    @BeforeEach
    void fill() throws Exception {
        file = dir.resolve("data/registry.log");
        try (var registry = EmbeddedRegistry.start(file, 0)) {
            var calls = new RegistryCalls(registry.url());
            calls.post("/subjects/s/versions", schema("a:string"), "id");
            calls.post("/subjects/s/versions", schema("a:string", "b:string:x"), "id");
            calls.put("/config/t", "{\"compatibility\":\"NONE\"}");
            calls.put("/mode/t", "{\"mode\":\"READONLY\"}");
            calls.delete("/subjects/s/versions/2");
        }
    }

    @Test
    void aRestartKeepsEverything() throws Exception {
        try (var registry = EmbeddedRegistry.start(file, 0)) {
            var calls = new RegistryCalls(registry.url());
            assertEquals("[1]", calls.get("/subjects/s/versions"));
            assertTrue(calls.get("/schemas/ids/2").contains("\\\"b\\\""));
            assertEquals("{\"compatibilityLevel\":\"NONE\"}", calls.get("/config/t"));
            assertEquals("{\"mode\":\"READONLY\"}", calls.get("/mode/t"));
            assertEquals("3", calls.post("/subjects/u/versions", schema("c:int"), "id"));
        }
    }

    @Test
    void aLastLineCutShortByACrashIsDropped() throws Exception {
        List<String> lines = Files.readAllLines(file);
        int whole = String.join("\n", lines.subList(0, lines.size() - 1)).length() + 1;
        byte[] bytes = Files.readAllBytes(file);
        for (int length = whole; length < bytes.length; length += 7) {
            Files.write(file, Arrays.copyOf(bytes, length));
            try (var registry = EmbeddedRegistry.start(file, 0)) {
                var calls = new RegistryCalls(registry.url());
                assertEquals("[1,2]", calls.get("/subjects/s/versions"), "the cut deletion");
                calls.put("/config/v", "{\"compatibility\":\"FULL\"}");
            }
            try (var registry = EmbeddedRegistry.start(file, 0)) {
                var calls = new RegistryCalls(registry.url());
                assertEquals("{\"compatibilityLevel\":\"FULL\"}", calls.get("/config/v"));
            }
        }
    }

    @Test
    void damageElsewhereIsRefusedByLine() throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int second = Files.readAllLines(file).get(0).length() + 1;
        bytes[second + 20] ^= 1;
        Files.write(file, bytes);
        refused("line 2: expected an event after its checksum");
        assertEquals(bytes.length, Files.size(file));
    }

    @Test
    void anEventThatMakesNoSenseIsRefusedByLine() throws IOException {
        List<String> lines = Files.readAllLines(file);
        String deletion = lines.get(lines.size() - 1);
        Files.writeString(file, lines.get(0) + "\n" + deletion + "\n");
        refused("line 2: expected an event after its checksum");
    }

    @Test
    void aForeignFileIsRefusedAndLeftAlone() throws IOException {
        for (String text : List.of("Dear diary\n", "mitune schema registry 2\n", "\n", "m\n")) {
            Files.writeString(file, text);
            refused("line 1: expected the registry's title");
            assertEquals(text, Files.readString(file));
        }
    }

    @Test
    void aTitleCutShortByACrashIsWrittenAgain() throws Exception {
        Files.writeString(file, "mitune sch");
        try (var registry = EmbeddedRegistry.start(file, 0)) {
            new RegistryCalls(registry.url()).put("/mode", "{\"mode\":\"READONLY\"}");
        }
        assertEquals(2, Files.readAllLines(file).size());
        EmbeddedRegistry.start(file, 0).close();
    }

    @Test
    void aDirectoryIsRefused() throws IOException {
        Files.delete(file);
        Files.createDirectory(file);
        refused("expected a file to write to");
    }

    @Test
    void oneRegistryPerFile() {
        try (var registry = EmbeddedRegistry.start(file, 0)) {
            refused("found another registry running on it");
            assertFalse(registry.url().isEmpty());
        }
    }

    @Test
    void aPortInUseIsToldAndTheFileIsFreeAgain() throws IOException {
        try (var other = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            String error = error(other.getLocalPort());
            assertTrue(error.startsWith("registry port " + other.getLocalPort()), error);
        }
        EmbeddedRegistry.start(file, 0).close();
    }

    private void refused(String part) {
        String error = error(0);
        assertTrue(error.startsWith("registry file " + file) && error.contains(part), error);
    }

    private String error(int port) {
        String message =
                assertThrows(
                                EmbeddedException.class,
                                () -> EmbeddedRegistry.start(file, port).close())
                        .getMessage();
        assertFalse(message.contains("\n"), message);
        return message;
    }
}
