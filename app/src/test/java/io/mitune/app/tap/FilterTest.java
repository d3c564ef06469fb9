package io.mitune.app.tap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mitune.schemas.Candidate;
import io.mitune.schemas.Connection;
import io.mitune.schemas.CuratedSample;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What filters mean, and how wrong ones are told. */
class FilterTest {
    private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");
    private static final Map<String, FieldKind> CANDIDATE =
            FieldKind.of(Optional.of(Candidate.getClassSchema()));
    private static final JsonNode RECORD =
            json(
                    """
                    {"partition":1,"offset":7,"timestamp":"2026-01-31T11:55:00.500Z","key":"ab12",
                     "headers":{"mitune.role":"worker","n":"12"},
                     "value":{"text":"a \\"Red\\" cube","category":"color","mi":300.5,"index":3,
                      "seed":9007199254740993,"failure":null,"sampling":{"guidanceScale":7.5},
                      "timesteps":[999,500],"createdAt":"2026-01-31T11:00:00Z","worker":"w-1"}}
                    """);

    @Test
    void comparisons() {
        shown("mi > 300 and category = color");
        shown("mi>300 and category=color");
        hidden("mi > 300.5");
        shown("mi >= 300.5 and mi <= 300.5 and mi = 300.5");
        hidden("mi != 300.5");
        shown("category != \"shape\"");
        shown("sampling.guidanceScale = 7.5");
        shown("text contains cube and not text contains red");
        shown("text ~ 'RED'");
        shown("text contains \"\\\"Red\\\"\"");
        shown("timesteps contains 500");
        hidden("timesteps contains 50");
        shown("partition = 1 and offset = 7 and key = ab12");
        shown("headers.mitune.role = worker and headers.n = 12");
        shown("worker = w-1");
        shown("");
    }

    @Test
    void integersOf64BitsAreExact() {
        shown("seed = 9007199254740993");
        hidden("seed = 9007199254740992");
    }

    @Test
    void timesAreTimes() {
        shown("createdAt = 2026-01-31T11:00:00.000Z");
        shown("createdAt > -PT61M and createdAt < -PT59M");
        shown("timestamp > 2026-01-31T11:55:00Z");
    }

    @Test
    void whatIsAbsentComparesToNothing() {
        shown("failure = null");
        hidden("failure != null");
        hidden("failure = x or failure < x or failure ~ x");
        shown("failure != x");
        hidden("adapterVersion > 0 or adapterVersion <= 0");
    }

    @Test
    void andBindsMoreThanOrAndNotMoreThanAnd() {
        shown("mi > 1 or mi < 0 and mi < 0");
        hidden("(mi > 1 or mi < 0) and mi < 0");
        hidden("not mi > 1 or mi < 0");
        shown("not (mi < 0)");
        shown("not not mi > 1");
    }

    @Test
    void flagsStandAlone() {
        var fields = FieldKind.of(Optional.of(CuratedSample.getClassSchema()));
        var record = json("{\"value\":{\"complete\":true}}");
        assertTrue(Filter.compile("complete", fields, NOW).shows(record));
        assertFalse(Filter.compile("not complete", fields, NOW).shows(record));
        assertTrue(Filter.compile("complete = true", fields, NOW).shows(record));
        assertFalse(Filter.compile("complete", fields, NOW).shows(json("{\"value\":{}}")));
    }

    @Test
    void whatIsWrongIsToldWithItsPlace() {
        wrong(
                "mii > 3",
                "at character 1: expected a field, found mii; did you mean mi; fields are");
        wrong("mi > abc", "at character 6: expected a number for mi, found abc");
        wrong("mi >", "at character 5: expected a value, found its end");
        wrong("mi 3", "at character 4: expected one of = != < <= > >= contains ~, found 3");
        wrong("mi > 3 category = x", "at character 8: expected and, or, or the end");
        wrong("(mi > 3", "at character 8: expected and, or, or ), found its end");
        wrong("text = \"abc", "at character 8: expected a closing \", found its end");
        wrong("mi > 3 & mi < 4", "at character 8");
        wrong("createdAt > soon", "at character 13: expected a time");
        wrong("timesteps = 3", "at character 13: expected contains or ~ with the list timesteps");
        wrong("failure < null", "at character 9: expected = or != with null, found <");
        wrong("not ".repeat(60) + "mi > 3", "at most 50 levels");
        wrong("a".repeat(3000), "at most 2000 characters");
    }

    private static void wrong(String filter, String message) {
        var e =
                assertThrows(
                        FilterException.class,
                        () -> Filter.compile(filter, CANDIDATE, NOW),
                        filter);
        assertTrue(e.getMessage().contains(message), e.getMessage());
        assertEquals(1, e.getMessage().lines().count());
    }

    private static void shown(String filter) {
        assertTrue(Filter.compile(filter, CANDIDATE, NOW).shows(RECORD), filter);
    }

    private static void hidden(String filter) {
        assertFalse(Filter.compile(filter, CANDIDATE, NOW).shows(RECORD), filter);
    }

    static JsonNode json(String text) {
        try {
            return new ObjectMapper().readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void csvFollowsTheRulesOfItsForm() {
        var csv = TapCsv.of(CANDIDATE);
        var header = csv.header().get(0);
        assertTrue(header.startsWith("partition,offset,timestamp,key,headers,unreadable,"), header);
        assertTrue(header.contains(",sampling.guidanceScale,"), header);
        var line = csv.line(RECORD);
        assertTrue(line.startsWith("1,7,2026-01-31T11:55:00.500Z,ab12,\"{\"\"mitune.role"), line);
        assertTrue(line.contains(",\"a \"\"Red\"\" cube\","), line);
        assertTrue(line.contains(",\"[999,500]\","), line);
        assertEquals("\"a\nb\"", TapCsv.cell("a\nb"));
        assertEquals("plain text", TapCsv.cell("plain text"));
    }

    @Test
    void tablesFitTheTerminal() {
        for (var width : List.of(20, 80, 120, 200)) {
            var table = new TapTable("candidates", CANDIDATE, width);
            for (var line : List.of(table.header().get(0), table.line(RECORD))) {
                assertTrue(line.length() <= Math.max(width, 46), width + ": " + line);
            }
        }
        var narrow = new TapTable("candidates", CANDIDATE, 80);
        assertTrue(narrow.header().get(0).matches("timestamp +text +mi +index +.*"), "80 columns");
        assertTrue(
                narrow.line(RECORD).matches("2026-01-31T11:55:00Z  a \"Red\" cube +300.50 +3 .*"));
        var wide = new TapTable("candidates", CANDIDATE, 200);
        assertTrue(wide.line(RECORD).endsWith("1:7"), wide.line(RECORD));
    }

    @Test
    void theColumnsOfEveryTopicAreFieldsOfItsRecords() {
        var connection = new Connection("localhost:1", "http://localhost:1", "x.", Map.of());
        for (var topic : connection.topics().all()) {
            var records = new TapRecords(connection, topic);
            var columns = TapColumns.of(connection.topics().shortNames().get(topic.name()));
            columns.stream()
                    .filter(c -> !c.startsWith("headers."))
                    .forEach(c -> assertTrue(records.fields().containsKey(c), topic + ": " + c));
            assertTrue(records.table(80).header().get(0).length() <= 80, topic.name());
        }
    }
}
