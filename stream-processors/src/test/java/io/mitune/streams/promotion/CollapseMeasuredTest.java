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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * One healthy run of the demo model and three that were driven into collapse, as measured; decision
 * 14 says how, and what their pictures were worth.
 */
class CollapseMeasuredTest {
    private static final List<String> COLLAPSED = List.of("few", "hot", "one");

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
        assertEquals(List.of("healthy", "few", "hot", "one"), List.copyOf(runs.keySet()));
    }

    @Test
    void theDefaultsLetTheHealthyRunPass() {
        var s = settings(1).setGuardVersions(3).build();
        assertFalse(fires(CollapseGuard.of(s).orElseThrow(), runs.get("healthy")));
    }

    /** The score is the model's own word: who becomes sure of a wrong picture scores higher. */
    @Test
    void noBoundsFindACollapseWhoseScoreRises() {
        for (var run : COLLAPSED) {
            for (double diversityDrop : new double[] {0, 0.03, 0.3}) {
                var strictest = new CollapseGuard(3, diversityDrop, 0);
                assertFalse(fires(strictest, runs.get(run)), run + " " + diversityDrop);
            }
        }
    }

    @Test
    void whatTellsThemApartIsARiseOfTheScoreAndAFallOfDiversityTogether() {
        for (var version : after("healthy")) {
            assertTrue(score("healthy", version) < 1.15, version::toString);
            assertTrue(diversity("healthy", version) > -0.005, version::toString);
        }
        for (var run : COLLAPSED) {
            for (var version : after(run)) {
                assertTrue(score(run, version) > 1.4, version::toString);
                assertTrue(diversity(run, version) < -0.03, version::toString);
            }
        }
    }

    private static boolean fires(CollapseGuard guard, List<Evaluation> versions) {
        boolean fired = false;
        for (int v = 1; v < versions.size(); v++) {
            var finding = guard.examine(versions.get(v), versions.subList(0, v));
            fired |= finding.orElseThrow().collapsed();
        }
        return fired;
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
