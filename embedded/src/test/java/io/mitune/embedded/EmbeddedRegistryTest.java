package io.mitune.embedded;

import static io.mitune.embedded.RegistryCalls.schema;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedRegistryTest {
    private static final String A = schema("a:string");
    private static final String A_AND_B = schema("a:string", "b:string:x");
    private static final String A_IS_INT = schema("a:int");
    private static final String BACKWARD_ONLY = schema("b:string:x");

    @TempDir Path dir;
    private EmbeddedRegistry registry;
    private RegistryCalls calls;

    @BeforeEach
    void start() {
        registry = EmbeddedRegistry.start(dir.resolve("registry.log"), 0);
        calls = new RegistryCalls(registry.url());
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    @Test
    void registersOnceAndFindsAgain() throws Exception {
        assertEquals("1", calls.post("/subjects/s/versions", A, "id"));
        assertEquals("1", calls.post("/subjects/s/versions", A, "id"));
        assertEquals("1", calls.post("/subjects/other/versions", A, "id"));
        assertEquals("2", calls.post("/subjects/s/versions", A_AND_B, "id"));
        assertEquals("2", calls.post("/subjects/s", A_AND_B, "version"));
        assertEquals("[\"other\",\"s\"]", calls.get("/subjects"));
        assertEquals("[1,2]", calls.get("/subjects/s/versions"));
        assertTrue(calls.get("/subjects/s/versions/latest").contains("\"version\":2"));
        assertTrue(calls.get("/subjects/s/versions/1").contains("\"id\":1"));
        assertTrue(calls.get("/schemas/ids/2").contains("\\\"b\\\""));
        assertTrue(calls.get("/subjects/s/versions/1/schema").startsWith("{\"type\":\"record\""));
        assertEquals("[\"other\",\"s\"]", calls.get("/schemas/ids/1/subjects"));
        assertEquals("[\"AVRO\"]", calls.get("/schemas/types"));
        assertEquals("{}", calls.get("/"));
    }

    @Test
    void subjectsMayHoldAnyCharacters() throws Exception {
        assertEquals("1", calls.post("/subjects/a%2Fb%20c/versions", A, "id"));
        assertEquals("[\"a/b c\"]", calls.get("/subjects"));
        assertEquals("[1]", calls.get("/subjects/a%2Fb%20c/versions"));
    }

    @Test
    void whatIsNotThereHasConfluentsCodes() throws Exception {
        assertEquals("404 40401", calls.get("/subjects/s/versions"));
        assertEquals("404 40401", calls.post("/subjects/s", A, "id"));
        calls.post("/subjects/s/versions", A, "id");
        assertEquals("404 40402", calls.get("/subjects/s/versions/2"));
        assertEquals("422 42202", calls.get("/subjects/s/versions/x"));
        assertEquals("404 40403", calls.post("/subjects/s", A_AND_B, "id"));
        assertEquals("404 40403", calls.get("/schemas/ids/9"));
        assertEquals("404 40403", calls.get("/schemas/ids/x"));
        assertEquals("404 40408", calls.get("/config/s"));
        assertEquals("404 404", calls.get("/nonsense"));
        assertEquals("404 404", calls.put("/subjects", "{}"));
    }

    @Test
    void keepsFullTransitiveCompatibilityUnlessToldOtherwise() throws Exception {
        assertEquals("{\"compatibilityLevel\":\"FULL_TRANSITIVE\"}", calls.get("/config"));
        calls.post("/subjects/s/versions", A, "id");
        assertEquals("409 409", calls.post("/subjects/s/versions", A_IS_INT, "id"));
        assertEquals("409 409", calls.post("/subjects/s/versions", BACKWARD_ONLY, "id"));
        calls.put("/config/s", "{\"compatibility\":\"BACKWARD\"}");
        assertEquals("2", calls.post("/subjects/s/versions", BACKWARD_ONLY, "id"));
        assertEquals("{\"compatibilityLevel\":\"BACKWARD\"}", calls.get("/config/s"));
        calls.delete("/config/s");
        assertEquals("404 40408", calls.get("/config/s"));
        assertTrue(calls.get("/config/s?defaultToGlobal=true").contains("FULL_TRANSITIVE"));
        assertEquals("422 42203", calls.put("/config", "{\"compatibility\":\"SOME\"}"));
        calls.put("/config", "{\"compatibility\":\"NONE\"}");
        assertEquals("3", calls.post("/subjects/s/versions", A_IS_INT, "id"));
    }

    @Test
    void tellsWhetherASchemaWouldFit() throws Exception {
        String latest = "/compatibility/subjects/s/versions/latest";
        assertEquals("404 40401", calls.post(latest, A, "is_compatible"));
        calls.post("/subjects/s/versions", A, "id");
        assertEquals("true", calls.post(latest, A_AND_B, "is_compatible"));
        assertEquals("false", calls.post(latest, A_IS_INT, "is_compatible"));
        String all = "/compatibility/subjects/s/versions";
        assertEquals("false", calls.post(all, A_IS_INT, "is_compatible"));
        assertTrue(calls.post(all + "?verbose=true", A_IS_INT, "messages").contains("TYPE_MISM"));
        assertEquals("[1]", calls.get("/subjects/s/versions"));
    }

    @Test
    void readOnlyModeRegistersNothingNew() throws Exception {
        calls.post("/subjects/s/versions", A, "id");
        calls.put("/mode/s", "{\"mode\":\"READONLY\"}");
        assertEquals("422 42205", calls.post("/subjects/s/versions", A_AND_B, "id"));
        assertEquals("1", calls.post("/subjects/s/versions", A, "id"));
        assertEquals("{\"mode\":\"READWRITE\"}", calls.get("/mode"));
        assertEquals("422 42204", calls.put("/mode", "{\"mode\":\"IMPORT\"}"));
    }

    @Test
    void deletesSoftlyThenForEver() throws Exception {
        calls.post("/subjects/s/versions", A, "id");
        calls.post("/subjects/s/versions", A_AND_B, "id");
        assertEquals("404 40405", calls.delete("/subjects/s?permanent=true"));
        assertEquals("2", calls.delete("/subjects/s/versions/latest"));
        assertEquals("[1]", calls.get("/subjects/s/versions"));
        assertEquals("404 40402", calls.delete("/subjects/s/versions/2"));
        assertEquals("1", calls.delete("/subjects/s/versions/latest"));
        assertEquals("[]", calls.get("/subjects"));
        assertEquals("[\"s\"]", calls.get("/subjects?deleted=true"));
        assertTrue(calls.get("/schemas/ids/2").contains("schema"), "old records stay readable");
        assertEquals("[1,2]", calls.delete("/subjects/s?permanent=true"));
        assertEquals("[]", calls.get("/subjects?deleted=true"));
        assertEquals("404 40401", calls.delete("/subjects/s"));
        assertEquals("3", calls.post("/subjects/s/versions", A, "version"), "never used twice");
    }

    @Test
    void refusesWhatIsNoSchema() throws Exception {
        assertEquals("422 42201", calls.post("/subjects/s/versions", "{\"type\":\"x\"}", "id"));
        assertEquals("422 42201", calls.post("/subjects/s/versions", "", "id"));
        String nested = "{\"type\":\"array\",\"items\":".repeat(900) + "\"int\"" + "}".repeat(900);
        assertTrue(calls.post("/subjects/s/versions", nested, "id").matches("1|422 42201"));
        String proto = "{\"schemaType\":\"PROTOBUF\",\"schema\":\"\"}";
        assertEquals("422 42201", calls.call("POST", "/subjects/s/versions", proto).text());
        assertEquals("400 40001", calls.call("POST", "/subjects/s/versions", "{").text());
        String large = "x".repeat((1 << 20) + 1);
        assertEquals("413 41301", calls.call("POST", "/subjects/s/versions", large).text());
        assertEquals("[]", calls.get("/subjects").replace("[\"s\"]", "[]"));
    }

    @Test
    void refusesABrowserThatWasLuredHere() throws IOException {
        URI url = URI.create(registry.url());
        try (var socket = new Socket(url.getHost(), url.getPort())) {
            socket.setSoTimeout(60_000);
            String request = "GET /subjects HTTP/1.1\r\nHost: evil.example\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            byte[] answer = socket.getInputStream().readNBytes(12);
            assertEquals("HTTP/1.1 403", new String(answer, StandardCharsets.US_ASCII));
        }
    }

    @Test
    void manyClientsRegisterOneSchemaOnce() throws Exception {
        var clients = Executors.newFixedThreadPool(8);
        try {
            Callable<String> register = () -> calls.post("/subjects/s/versions", A, "id");
            var ids = new HashSet<String>();
            for (var id : clients.invokeAll(Collections.nCopies(40, register))) {
                ids.add(id.get());
            }
            assertEquals("[1]", ids.toString());
            assertEquals("[1]", calls.get("/subjects/s/versions"));
        } finally {
            clients.shutdownNow();
        }
    }
}
