package io.mitune.app.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.schemas.RunSettings;
import io.mitune.schemas.RunStatus;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RunTextTest {
    private static final String WHY = "version 3: collapse: since version 0 ...";

    @Test
    void whyARunIsPausedIsSaidOnceWithTheWayOn() {
        var lines = lines(paused(), Optional.of(waits("paused: " + WHY)));
        assertEquals(1, lines.stream().filter(l -> l.contains(WHY)).count(), lines::toString);
        assertTrue(lines.contains("waits       paused: " + WHY), lines::toString);
        assertTrue(
                lines.contains("            `mitune run resume r` lets it go on"), lines::toString);
    }

    @Test
    void aPauseThatNoCuratorHasSeenYetIsSaidByTheSettings() {
        var lines = lines(paused(), Optional.empty());
        assertTrue(lines.contains("reason      " + WHY), lines::toString);
    }

    @Test
    void aRunThatGoesOnNeedsNoResuming() {
        var lines = lines(settings().setReason("looks well").build(), Optional.of(waits("")));
        assertTrue(lines.contains("reason      looks well"), lines::toString);
        assertFalse(lines.toString().contains("resume"), lines::toString);
    }

    private static List<String> lines(RunSettings settings, Optional<RunStatus> status) {
        return RunText.lines(Optional.of(settings), status);
    }

    private static RunSettings paused() {
        return settings().setPaused(true).setReason(WHY).build();
    }

    private static RunSettings.Builder settings() {
        return RunSettings.newBuilder().setRun("r").setVersion(2).setChangedAt(Instant.EPOCH);
    }

    private static RunStatus waits(String why) {
        return RunStatus.newBuilder()
                .setRun("r")
                .setState(why.isEmpty() ? "running" : "paused")
                .setWaits(why)
                .setRound(3)
                .setDecidedRound(3)
                .setAdapterVersion(2)
                .setSamples(16)
                .setSeconds(60)
                .setUpdatedAt(Instant.EPOCH)
                .build();
    }
}
