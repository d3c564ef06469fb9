package io.mitune.schemas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RunLimitsTest {
    @Test
    void whatNobodySetIsAllowed() {
        assertEquals(Optional.empty(), RunLimits.fault(settings().build()));
    }

    @Test
    void namesTheFirstFieldThatIsWrong() {
        assertFault("run: ", settings().setRun("a/b"));
        assertFault("version: expected 1 to", settings().setVersion(0));
        assertFault("rounds: expected 0 to 1000000, found -1", settings().setRounds(-1));
        assertFault("draw: expected new-seeds or same-seeds", settings().setDraw("other"));
        assertFault("maxStaleness: expected -1", settings().setMaxStaleness(-2));
        assertFault("budgetSeconds: ", settings().setBudgetSeconds(Double.NaN));
        assertFault("budgetSamples: expected 0", settings().setBudgetSamples(-1));
        assertFault("guardVersions: ", settings().setGuardVersions(1001));
        assertFault("guardDiversityDrop: ", settings().setGuardDiversityDrop(1.5));
        assertFault("guardScoreDrop: ", settings().setGuardScoreDrop(-1));
        assertFault("guardScoreRise: ", settings().setGuardScoreRise(0.9));
        assertFault("reason: ", settings().setReason("two\nlines"));
    }

    @Test
    void aRoundsSeedFollowsFromTheOneBefore() {
        // frozen: stored rounds depend on it
        assertEquals(-8411255310303534874L, Identity.roundSeed(42, 2));
    }

    private static void assertFault(String begin, RunSettings.Builder settings) {
        var fault = RunLimits.fault(settings.build()).orElseThrow();
        assertTrue(fault.startsWith(begin), fault);
    }

    private static RunSettings.Builder settings() {
        return RunSettings.newBuilder().setRun("main").setVersion(1).setChangedAt(Instant.EPOCH);
    }
}
