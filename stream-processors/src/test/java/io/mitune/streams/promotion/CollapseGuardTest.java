package io.mitune.streams.promotion;

import static io.mitune.streams.Samples.adapter;
import static io.mitune.streams.Samples.evaluation;
import static io.mitune.streams.Samples.settings;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.RunSettings;
import io.mitune.streams.Samples;
import io.mitune.streams.TopologyHarness;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Versions that each pass the comparison with their parent, and fall all the same. */
class CollapseGuardTest {
    private static final Double[] FALLING = {0.5, 0.45, 0.40, 0.34};

    @TempDir Path dir;
    private TopologyHarness harness;

    @BeforeEach
    void start() {
        harness = new TopologyHarness(dir, c -> PromotionTopology.role(c, PromotionRule.DEFAULT));
    }

    @AfterEach
    void stop() {
        harness.close();
    }

    @Test
    void aSlowFallOfScoreAndDiversityPausesTheRunAndSaysWhy() {
        send(guarded(1));
        assertEquals(List.of(0, 1, 2, 2), inUse(1, FALLING));
        var paused = one(runs());
        assertTrue(paused.getPaused());
        assertEquals(2, paused.getVersion());
        assertEquals(3, paused.getGuardVersions());
        assertEquals(
                "version 3: collapse: since version 0 diversity went from 0.5000 to 0.3400 (at"
                        + " least 0.3500 allowed), mean MI from 6.500 to 6.050 (6.213 to 8.125"
                        + " allowed)",
                paused.getReason());
        assertEquals(Samples.THEN.plusSeconds(60), paused.getChangedAt());
        assertTrue(last.getReason().contains("version 3 rejected: "), last.getReason());
        assertTrue(last.getReason().contains("; collapse: since"), last.getReason());
        assertEquals(3, last.getRound());
        assertEquals(2.0, last.getMetrics().get("settings_version"));
    }

    @Test
    void nothingIsPromotedUntilSomebodyResumesAndThenItGoesOn() {
        send(guarded(1));
        inUse(1, FALLING);
        version(4, 2, 2, 0.39);
        assertEquals(List.of(), harness.read(harness.topics().adapters()));
        // the guard looks no further back than version 2, which was in use then
        send(guarded(3));
        var adapter = one(harness.read(harness.topics().adapters()));
        assertEquals(4, adapter.getVersion());
        assertEquals("promoted", adapter.getStatus());
        assertTrue(adapter.getReason().contains("no collapse: since version 2 "));
    }

    /** A version rejected later for its score leaves the same one in use, and pauses nothing. */
    @Test
    void onlyTheDecisionThatPausedTheRunSaysSo() {
        send(guarded(1));
        inUse(1, FALLING);
        send(guarded(3));
        var event = adapter(4, 4, "candidate").setParentVersion(2).build();
        harness.send(harness.topics().adapterHistory(), event.getRun(), event);
        var bad = evaluation(4, 4, 1, 2, 3, 4).build();
        harness.send(harness.topics().evaluations(), bad.getRun(), bad);
        var now = one(harness.read(harness.topics().adapters()));
        assertEquals(2, now.getVersion());
        assertTrue(now.getReason().startsWith("version 4 rejected: "), now.getReason());
        assertNull(now.getMetrics().get("settings_version"));
    }

    @Test
    void aFallOfOneOfTheTwoIsNoCollapse() {
        send(guarded(1));
        assertEquals(List.of(0, 1, 2, 3), inUse(0, FALLING));
        assertEquals(List.of(), runs());
        assertTrue(last.getReason().contains("no collapse: since version 0"), last.getReason());
    }

    @Test
    void theScoreMayFallWhileThePicturesStayApart() {
        send(guarded(1));
        assertEquals(List.of(0, 1, 2, 3), inUse(1, 0.5, 0.5, 0.5, 0.5));
        assertEquals(List.of(), runs());
    }

    /** A fall by -6 is a rise of 0.9, from 6.5 to 7.4, for the first two of four prompts. */
    @Test
    void aScoreThatLeapsWhileThePicturesBecomeAlikePausesTheRunToo() {
        send(guarded(1).setGuardDiversityDrop(0.03).setGuardScoreRise(1.1));
        assertEquals(List.of(0, 0), inUse(-6, 0.5, 0.48));
        var paused = one(runs());
        assertTrue(paused.getPaused());
        assertTrue(paused.getReason().contains("mean MI from 6.500 to 7.400"), paused::getReason);
    }

    @Test
    void aScoreMayLeapWhileThePicturesStayApart() {
        send(guarded(1).setGuardDiversityDrop(0.03).setGuardScoreRise(1.1));
        assertEquals(List.of(0, 1), inUse(-6, 0.5, 0.49));
        assertEquals(List.of(), runs());
    }

    @Test
    void whereNobodyKnowsTheDiversityTheDecisionSaysThatNobodyLooked() {
        send(guarded(1));
        assertEquals(List.of(0, 1), inUse(-6, null, null));
        assertTrue(last.getReason().contains("collapse not looked for"), last.getReason());
    }

    @Test
    void withoutSettingsNothingIsGuarded() {
        assertEquals(List.of(0, 1, 2, 3), inUse(1, FALLING));
        assertEquals(List.of(), runs());
    }

    @Test
    void settingsOfSomebodyWhoHasNotSeenThePauseDoNotEndIt() {
        send(guarded(1));
        inUse(1, FALLING);
        runs();
        send(guarded(2).setRounds(9));
        var again = one(runs());
        assertTrue(again.getPaused());
        assertEquals(3, again.getVersion());
        assertEquals(9, again.getRounds());
        version(4, 2, 2, 0.39);
        assertEquals(List.of(), harness.read(harness.topics().adapters()));
    }

    @Test
    void aPauseByHandHoldsDecisionsToo() {
        send(settings(1));
        send(settings(2).setPaused(true));
        version(0, 0, 1, 0.5);
        version(1, 0, 1, 0.5);
        assertEquals(List.of(), harness.read(harness.topics().adapters()));
        send(settings(3));
        assertEquals(1, one(harness.read(harness.topics().adapters())).getVersion());
    }

    private AdapterEvent last;

    private static RunSettings.Builder guarded(int version) {
        return settings(version)
                .setGuardVersions(3)
                .setGuardDiversityDrop(0.3)
                .setGuardScoreDrop(1);
    }

    /** Evaluates versions 0, 1, ... of these diversities; which version is in use after each. */
    private List<Integer> inUse(double fall, Double... diversities) {
        var inUse = new java.util.ArrayList<Integer>();
        for (int v = 0; v < diversities.length; v++) {
            version(v, Math.max(0, v - 1), v * fall, diversities[v]);
            var adapters = harness.read(harness.topics().adapters());
            last = adapters.isEmpty() ? last : adapters.get(adapters.size() - 1);
            inUse.add(last == null ? 0 : last.getVersion());
        }
        return inUse;
    }

    /** Each unit of fall costs 0.15 +- 0.096 nats: more than one standard error, less than two. */
    private void version(int version, int parent, double fall, Double diversity) {
        if (version > 0) {
            var event = adapter(version, version, "candidate").setParentVersion(parent).build();
            harness.send(harness.topics().adapterHistory(), event.getRun(), event);
        }
        var evaluation =
                evaluation(version, version, 5 - 0.4 * fall, 6 - 0.2 * fall, 7, 8)
                        .setDiversity(diversity)
                        .build();
        harness.send(harness.topics().evaluations(), evaluation.getRun(), evaluation);
    }

    private void send(RunSettings.Builder settings) {
        var built = settings.build();
        harness.send(harness.topics().runs(), built.getRun(), built);
    }

    /** What promotion wrote, not what the test sent. */
    private List<RunSettings> runs() {
        return harness.read(harness.topics().runs());
    }

    private static <T> T one(List<T> all) {
        assertEquals(1, all.size(), all::toString);
        return all.get(0);
    }
}
