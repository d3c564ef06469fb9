package io.mitune.app.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mitune.app.dashboard.DashboardParts;
import io.mitune.app.survey.SurveyServer;
import io.mitune.app.web.HttpProbe;
import io.mitune.app.web.WebServer;
import io.mitune.app.web.WebSettings;
import io.mitune.schemas.Connection;
import io.mitune.schemas.RequestLimits;
import io.mitune.schemas.blobs.BlobStore;
import io.swagger.v3.parser.OpenAPIV3Parser;
import io.swagger.v3.parser.core.models.ParseOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The served description is valid, and is of what is served. */
class OpenApiTest {
    private static final Connection NOBODY =
            new Connection("127.0.0.1:1", "http://127.0.0.1:1", "x.", Map.of());

    @Test
    void eachServerDescribesWhatItServes(@TempDir Path folder) throws Exception {
        var described = new TreeSet<String>();
        var blobs = BlobStore.at(folder);
        for (var parts : List.of(DashboardParts.of(NOBODY, blobs), SurveyServer.parts())) {
            try (var server = WebServer.start(WebSettings.loopback(0), parts)) {
                var text = new HttpProbe(server.port()).get("/api/openapi.json").body();
                assertEquals(served(server), described(text));
                described.addAll(described(text));
            }
        }
        assertEquals(described(document()), described, "described and served by nobody");
    }

    @Test
    void itsFiguresAreThoseOfTheCode() throws IOException {
        checkLimits(new ObjectMapper().readTree(document()));
    }

    @Test
    void everyOperationMayRefuseItsQuery() throws IOException {
        for (var path : new ObjectMapper().readTree(document()).path("paths")) {
            for (var operation : path) {
                var name = operation.path("operationId").asText();
                assertTrue(operation.path("responses").has("400"), name);
            }
        }
    }

    private static Set<String> served(WebServer server) {
        return server.routes().stream()
                .filter(route -> (route.path() + "/").startsWith("/api/"))
                .map(route -> route.method() + " " + route.path())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Its operations, when it is valid. */
    private static Set<String> described(String text) {
        var options = new ParseOptions();
        options.setResolve(true);
        var parsed = new OpenAPIV3Parser().readContents(text, null, options);
        assertEquals(List.of(), parsed.getMessages());
        assertNotNull(parsed.getOpenAPI());
        assertEquals("3.1.0", parsed.getOpenAPI().getOpenapi());
        var operations = new TreeSet<String>();
        parsed.getOpenAPI()
                .getPaths()
                .forEach(
                        (path, item) ->
                                item.readOperationsMap()
                                        .keySet()
                                        .forEach(m -> operations.add(m + " " + path)));
        return operations;
    }

    private static String document() throws IOException {
        try (var in = ApiDocument.class.getResourceAsStream("openapi.json")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** The figures of the description are those of the code. */
    private static void checkLimits(JsonNode document) {
        var body = document.at("/components/schemas/Publication/properties");
        assertEquals(PublishBody.MAX_PROMPTS, body.at("/prompts/maxItems").asInt());
        assertEquals(RequestLimits.MAX_CANDIDATES, body.at("/candidates/maximum").asInt());
        assertEquals(RequestLimits.MAX_ROUND, body.at("/round/maximum").asInt());
        assertEquals(RequestLimits.MAX_PRIORITY, body.at("/priority/maximum").asInt());
        var sampling = body.at("/sampling/properties");
        assertEquals(RequestLimits.MAX_STEPS, sampling.at("/numInferenceSteps/maximum").asInt());
        assertEquals(RequestLimits.MAX_SIDE, sampling.at("/height/maximum").asInt());
        var schedulers = new TreeSet<String>();
        sampling.at("/scheduler/enum").forEach(name -> schedulers.add(name.asText()));
        assertEquals(new TreeSet<>(RequestLimits.SCHEDULERS), schedulers);

        var plain = new ObjectMapper().createObjectNode().put("text", "a");
        var settings = PublishBody.of(plain).settings();
        var defaults = new TreeMap<String, Long>();
        for (var name : List.of("seed", "candidates", "keep", "priority")) {
            defaults.put(name.toLowerCase(Locale.ROOT), body.at("/" + name + "/default").asLong());
        }
        assertEquals(
                Map.of(
                        "seed", settings.seed(),
                        "candidates", (long) settings.candidates(),
                        "keep", (long) settings.keep(),
                        "priority", (long) settings.priority()),
                defaults);
    }
}
