package io.mitune.streams.promotion;

import static io.mitune.streams.Samples.evaluation;
import static io.mitune.streams.Samples.settings;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.schemas.Evaluation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Runs of the demo model as measured: one healthy, one that begins to collapse in its third round,
 * three that were driven into it. Decision 14 says how, and what their pictures were worth.
 */
class CollapseMeasuredTest {
    private static final List<String> COLLAPSED = List.of("few", "hot", "one");

    private static final CollapseGuard GUARD = CollapseGuard.of(settings(1).build()).orElseThrow();

    private final Map<String, List<Evaluation>> runs = new LinkedHashMap<>();

    @BeforeEach
    void read() throws IOException {
        try (var in = getClass().getResourceAsStream("/collapse/measured.csv")) {
            var lines = new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().skip(1);
            for (var line : lines.toList()) {
                var cells = line.split(",");
                int version = Integer.parseInt(cells[1]);
                var scores =
                        Arrays.stream(cells).skip(4).mapToDouble(Double::parseDouble).toArray();
                runs.computeIfAbsent(cells[0], run -> new ArrayList<>())
                        .add(
                                evaluation(version, version, scores)
                                        .setDiversity(Double.parseDouble(cells[3]))
                                        .build());
            }
        }
        assertEquals(List.of("healthy", "rounds", "few", "hot", "one"), List.copyOf(runs.keySet()));
    }

    @Test
    void theDefaultsFindEveryVersionThatWasDrivenAndNoHealthyOne() {
        for (var run : List.of("healthy", "few", "hot", "one")) {
            for (var version : after(run)) {
                assertEquals(
                        COLLAPSED.contains(run),
                        GUARD.examine(version, List.of(runs.get(run).get(0))).collapsed(),
                        run + " " + version);
            }
        }
    }

    @Test
    void theDefaultsStopEachRunWhereItsCollapseBegins() {
        assertEquals(Optional.empty(), firstFound("healthy"));
        assertEquals(Optional.of(3), firstFound("rounds"));
        for (var run : COLLAPSED) {
            assertEquals(Optional.of(1), firstFound(run), run);
        }
    }

    /** The score is the model's own word: who becomes sure of a wrong picture scores higher. */
    @Test
    void noneOfThemIsFoundByAFallOfTheScore() {
        var strictest = new CollapseGuard(3, 0, 0, Double.POSITIVE_INFINITY);
        for (var run : COLLAPSED) {
            for (var version : after(run)) {
                assertFalse(
                        strictest.examine(version, List.of(runs.get(run).get(0))).collapsed(),
                        run + " " + version);
            }
        }
    }

    /** How far the bounds lie from what was seen on either side. */
    @Test
    void theBoundsLieBetweenTheGoodVersionsAndTheOthers() {
        for (var version : after("healthy")) {
            assertTrue(score("healthy", version) < 1.15, version::toString);
            assertTrue(diversity("healthy", version) > -0.005, version::toString);
        }
        for (var version : runs.get("rounds").subList(1, 3)) {
            assertTrue(diversity("rounds", version) > -0.012, version::toString);
        }
        for (var version : runs.get("rounds").subList(3, 5)) {
            assertTrue(score("rounds", version) > 1.8, version::toString);
            assertTrue(diversity("rounds", version) < -0.029, version::toString);
        }
        for (var run : COLLAPSED) {
            for (var version : after(run)) {
                assertTrue(score(run, version) > 1.4, version::toString);
                assertTrue(diversity(run, version) < -0.035, version::toString);
            }
        }
    }

    /** The first version at which the guard would stop the run. */
    private Optional<Integer> firstFound(String run) {
        var versions = runs.get(run);
        return after(run).stream()
                .filter(v -> GUARD.examine(v, versions.subList(0, v.getVersion())).collapsed())
                .map(Evaluation::getVersion)
                .findFirst();
    }

    private List<Evaluation> after(String run) {
        return runs.get(run).subList(1, runs.get(run).size());
    }

    /** Mean MI as a multiple of the base model's. */
    private double score(String run, Evaluation version) {
        return version.getMeanMi() / runs.get(run).get(0).getMeanMi();
    }

    /** Part of the base model's diversity that was gained. */
    private double diversity(String run, Evaluation version) {
        return version.getDiversity() / runs.get(run).get(0).getDiversity() - 1;
    }
}
