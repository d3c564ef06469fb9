package io.mitune.app.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mitune.app.web.HttpProbe;
import io.mitune.app.web.WebServer;
import io.mitune.app.web.WebSettings;
import io.mitune.schemas.Connection;
import io.mitune.schemas.RequestLimits;
import io.swagger.v3.parser.OpenAPIV3Parser;
import io.swagger.v3.parser.core.models.ParseOptions;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The served description is valid, and is of what is served. */
class OpenApiTest {
    private static final Connection NOBODY =
            new Connection("127.0.0.1:1", "http://127.0.0.1:1", "x.", Map.of());

    @Test
    void itDescribesTheRoutesAndIsValid() throws Exception {
        try (var server = WebServer.start(WebSettings.loopback(0), ApiParts.of(NOBODY))) {
            var text = new HttpProbe(server.port()).get("/api/openapi.json").body();
            var options = new ParseOptions();
            options.setResolve(true);
            var parsed = new OpenAPIV3Parser().readContents(text, null, options);
            assertEquals(List.of(), parsed.getMessages());
            assertNotNull(parsed.getOpenAPI());
            assertEquals("3.1.0", parsed.getOpenAPI().getOpenapi());

            var served = new TreeSet<String>();
            server.routes().stream()
                    .filter(route -> route.path().startsWith("/api/"))
                    .forEach(route -> served.add(route.method() + " " + route.path()));
            var described = new TreeSet<String>();
            parsed.getOpenAPI()
                    .getPaths()
                    .forEach(
                            (path, item) ->
                                    item.readOperationsMap()
                                            .keySet()
                                            .forEach(m -> described.add(m + " " + path)));
            assertEquals(served, described);
            checkLimits(new ObjectMapper().readTree(text));
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
