package io.mitune.app.web;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.javalin.http.Context;
import java.io.IOException;
import java.util.Optional;

/** JSON of requests and answers. Thread-safe. */
public final class Json {
    static final String TYPE = "application/json; charset=utf-8";
    private static final int MAX_DEPTH = 20;
    private static final ObjectMapper MAPPER =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(MAX_DEPTH)
                                                    .build())
                                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                    .build())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private Json() {}

    /** Answers with this. */
    public static void send(Context ctx, JsonNode json) {
        ctx.contentType(TYPE).header("Cache-Control", "no-store").result(json.toString());
    }

    /**
     * The body of a request.
     *
     * @param maxBytes a longer one is refused, before it is read where it says its length
     */
    public static JsonNode read(Context ctx, int maxBytes) {
        var type = Optional.ofNullable(ctx.contentType()).orElse("");
        if (!type.split(";")[0].strip().equalsIgnoreCase("application/json")) {
            var found = type.isBlank() ? "none" : Problem.shown(type);
            throw new WebException(415, Problem.of("Content-Type", "application/json", found));
        }
        try {
            var json = MAPPER.readTree(bytes(ctx, maxBytes));
            if (json.isMissingNode()) {
                throw new WebException(400, Problem.of("body", "JSON", "nothing"));
            }
            return json;
        } catch (JsonProcessingException e) {
            var at = e.getLocation();
            var where =
                    at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
            throw new WebException(
                    400, Problem.of("body", "JSON", shown(e.getOriginalMessage()) + where));
        } catch (IOException e) {
            throw new WebException(400, Problem.line("body: expected all of it, found its end"));
        }
    }

    private static byte[] bytes(Context ctx, int maxBytes) throws IOException {
        var said = ctx.req().getContentLengthLong();
        var bytes =
                said > maxBytes ? new byte[0] : ctx.req().getInputStream().readNBytes(maxBytes + 1);
        if (said > maxBytes || bytes.length > maxBytes) {
            ctx.header("Connection", "close");
            throw new WebException(
                    413,
                    Problem.of(
                            "body",
                            "at most " + maxBytes + " bytes",
                            said < 0 ? "more" : Long.toString(said)));
        }
        return bytes;
    }

    private static String shown(String text) {
        var line = text.replaceAll("\\p{Cntrl}+", " ");
        return line.length() <= 120 ? line : line.substring(0, 120) + "...";
    }
}
