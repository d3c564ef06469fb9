package io.mitune.app.adapter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.app.CuratedSamples;
import io.mitune.schemas.AdapterEvent;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LineageReportTest {
    @ParameterizedTest
    @ValueSource(ints = {80, 100, 200})
    void longPromptsAndSeedsFitTheScreen(int columns) {
        var text = "a red circle above a blue square, ".repeat(20);
        var sample =
                CuratedSamples.curated("main", "p", 1, 0)
                        .setText(text)
                        .setSeed(Long.MIN_VALUE)
                        .build();
        var version =
                AdapterEvent.newBuilder()
                        .setRun("main")
                        .setVersion(1)
                        .setRound(1)
                        .setStep(1)
                        .setParentVersion(0)
                        .setStatus("candidate")
                        .setCreatedAt(Instant.EPOCH)
                        .build();
        var generation = new Lineage.Generation(version, List.of(sample), List.of());
        var lines =
                LineageReport.table(new Lineage("main", List.of(generation)), columns).stream()
                        .limit(3)
                        .toList();
        var row = lines.get(2);
        assertTrue(lines.stream().allMatch(line -> line.length() <= columns), lines::toString);
        assertTrue(row.startsWith("a red circle above ") && row.contains("…"), row);
        assertTrue(row.contains(" v1  -9223372036854775808  2.5000  mi-max@1"), row);
        assertEquals(columns >= 100, lines.get(0).endsWith("margin  of"), lines.get(0));
    }
}
