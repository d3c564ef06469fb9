package io.mitune.app.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.junit.jupiter.api.Test;

class StatusTextTest {
    @Test
    void anEmptyStreamHasAStatus() {
        var view = StatusView.of(JsonNodeFactory.instance.objectNode(), 0);
        var lines = StatusText.lines(view);
        assertEquals("at        1970-01-01T00:00:00Z", lines.get(0));
        assertEquals(
                "prompts   0 open, 0 of them begun, 0 closed; 0 candidates to come, -",
                lines.get(1));
        assertEquals(3, lines.size());
    }

    @Test
    void nothingFromARecordControlsTheTerminal() {
        var text = String.join("\n", StatusText.lines(StatusView.of(hostile(), 1)));
        assertFalse(text.contains("\u001b"), text);
        assertFalse(text.contains("\u0007"), text);
        assertTrue(text.lines().allMatch(line -> line.length() < 200), text);
    }

    @Test
    void theScreenIsNeverOverfull() {
        var lines = List.of("a", "bcdefgh", "c", "d");
        assertEquals(List.of("a", "bcd", "c", "d"), StatusText.fitting(lines, 3, 4));
        assertEquals(List.of("a", "bcd", "... 2 more lines"), StatusText.fitting(lines, 3, 3));
    }

    @Test
    void theVersionInUseAndTheNewestAreShown() {
        var snapshot = JsonNodeFactory.instance.objectNode();
        var run = snapshot.putArray("adapters").addObject().put("run", "r").put("inUse", 1);
        var versions = run.putArray("versions");
        for (var version = 0; version < 4; version++) {
            versions.addObject().put("version", version).put("status", "s" + version);
        }
        var shown = StatusView.of(snapshot, 0).path("adapters");
        assertEquals(2, shown.size());
        assertTrue(shown.get(0).path("inUse").asBoolean());
        assertEquals(3, shown.get(1).path("version").asInt());
    }

    private static ObjectNode hostile() {
        var snapshot = JsonNodeFactory.instance.objectNode();
        var name = "\u001b[2J\u0007" + "x".repeat(500);
        var workers = snapshot.putObject("workers").putArray("workers");
        workers.addObject().put("name", name).put("perSecond", 1.0).put("lastSeen", 0);
        snapshot.putArray("runs").addObject().put("run", name).put("waits", name);
        var latest = snapshot.putObject("deadLetters").put("count", 1).putArray("latest");
        latest.addObject().put("topic", "t").put("reason", name);
        return snapshot;
    }
}
