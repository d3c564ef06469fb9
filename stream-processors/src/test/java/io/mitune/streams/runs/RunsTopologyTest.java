package io.mitune.streams.runs;

import static io.mitune.streams.Samples.adapter;
import static io.mitune.streams.Samples.candidate;
import static io.mitune.streams.Samples.evaluation;
import static io.mitune.streams.Samples.prompt;
import static io.mitune.streams.Samples.settings;
import static io.mitune.streams.Samples.step;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.Identity;
import io.mitune.schemas.PromptRequest;
import io.mitune.schemas.RunCount;
import io.mitune.schemas.RunSettings;
import io.mitune.schemas.RunStatus;
import io.mitune.streams.Samples;
import io.mitune.streams.TopologyHarness;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunsTopologyTest {
    private static final int A_WHILE = 8;

    @TempDir Path dir;
    private TopologyHarness harness;

    @BeforeEach
    void start() {
        harness = new TopologyHarness(dir, RunsTopology::role);
    }

    @AfterEach
    void stop() {
        harness.close();
    }

    @Test
    void aRoundFollowsTheDecisionOfTheOneBeforeOnceUntilTheLast() {
        send(settings(1).setRounds(3));
        publish(1, 2);
        assertEquals(List.of(), followed());

        decide(1, 1);
        var second = followed();
        assertEquals(2, second.size());
        for (var request : second) {
            var first = prompt(request.getPosition(), 1, 8, 1).build();
            var expected =
                    PromptRequest.newBuilder(first)
                            .setRound(2)
                            .setSeed(Identity.roundSeed(first.getSeed(), 2))
                            .build();
            assertEquals(expected, request);
        }
        assertEquals(List.of(), followed());
        assertEquals("running", status().getState());

        decide(1, 2); // version 2 was rejected, version 1 stays in use
        assertEquals(List.of(3, 3), followed().stream().map(PromptRequest::getRound).toList());
        decide(3, 3);
        assertEquals(List.of(), followed());
        assertEquals("done", status().getState());
        assertEquals("", status().getWaits());

        send(settings(2).setRounds(0).setDraw("same-seeds"));
        var fourth = followed();
        assertEquals(2, fourth.size());
        long third = Identity.roundSeed(Identity.roundSeed(7, 2), 3);
        assertEquals(third, fourth.get(0).getSeed());
    }

    @Test
    void nothingFollowsWithoutSettings() {
        publish(1, 2);
        decide(1, 1);
        assertEquals(List.of(), followed());
        var status = status();
        assertEquals("running", status.getState());
        assertEquals(0, status.getSettingsVersion());
        assertEquals(1, status.getDecidedRound());
        assertNull(status.getSecondsLeft());
    }

    @Test
    void aRoundThatSomebodyPublishedIsNotOpenedAgain() {
        send(settings(1).setRounds(0));
        publish(1, 2);
        publish(2, 2);
        decide(1, 1);
        assertEquals(List.of(), followed());
        decide(2, 2);
        assertEquals(List.of(3, 3), followed().stream().map(PromptRequest::getRound).toList());
    }

    @Test
    void promptsOfARoundThatAreReadLateFollowToo() {
        send(settings(1).setRounds(0));
        publish(1, 1);
        decide(1, 1);
        assertEquals(1, followed().size());
        send(prompt(1, 1, 8, 1).build());
        assertEquals(List.of(1), followed().stream().map(PromptRequest::getPosition).toList());
    }

    @Test
    void aLargeRoundFollowsInParts() {
        send(settings(1).setRounds(0));
        publish(1, 1200);
        decide(1, 1);
        assertEquals(1200, followed().stream().map(PromptRequest::getPromptId).distinct().count());
        assertEquals(List.of(), followed());
    }

    @Test
    void aPausedRunSaysWhyAndOpensNothing() {
        send(settings(1).setRounds(0));
        publish(1, 2);
        send(settings(2).setRounds(0).setPaused(true).setReason("looked odd"));
        decide(1, 1);
        assertEquals(List.of(), followed());
        var paused = status();
        assertEquals("paused", paused.getState());
        assertEquals("paused: looked odd", paused.getWaits());
        send(settings(3).setRounds(0));
        assertEquals(2, followed().size());
        assertEquals("", status().getWaits());
    }

    @Test
    void noRoundOpensBeforeTheSettingsThatCameWithTheDecision() {
        send(settings(1).setRounds(0));
        publish(1, 1);
        var decided = adapter(0, 1, "promoted").setMetrics(Map.of("settings_version", 2.0));
        send(decided.build());
        assertEquals(List.of(), followed());
        send(settings(2).setRounds(0).setPaused(true).setReason("collapse"));
        assertEquals(List.of(), followed());
        send(settings(3).setRounds(0));
        assertEquals(1, followed().size());
    }

    @Test
    void aBudgetOfCandidatesIsCountedAndHoldsTheRunUp() {
        send(settings(1).setRounds(0).setBudgetSamples(4));
        publish(1, 1);
        draw(3, 0.5);
        pass(A_WHILE);
        var status = status();
        assertEquals(3, status.getSamples());
        assertEquals(1L, status.getSamplesLeft());
        assertEquals("", status.getWaits());
        draw(1, 0.5);
        pass(A_WHILE);
        decide(1, 1);
        assertEquals(List.of(), followed());
        status = status();
        assertEquals("spent", status.getState());
        assertEquals("budget of 4 candidates is spent, 4 were drawn", status.getWaits());
        assertEquals(0L, status.getSamplesLeft());
        send(settings(2).setRounds(0).setBudgetSamples(5));
        assertEquals(1, followed().size());
    }

    @Test
    void aBudgetOfDeviceTimeCountsCandidatesAndValidationAndHasAnOutlook() {
        send(settings(1).setBudgetSeconds(100));
        publish(1, 1);
        pass(A_WHILE);
        draw(8, 1);
        send(evaluation(0, 0, 1, 5).setSeconds(8).build());
        pass(A_WHILE);
        var status = status();
        assertEquals(16, status.getSeconds());
        assertEquals(84, status.getSecondsLeft());
        // 16 device seconds in the 9 seconds up to that
        assertEquals(84 / (16 / 9.0), status.getEtaSeconds(), 1e-9);
        draw(1, 84);
        draw(1, Double.NaN);
        pass(A_WHILE);
        assertEquals(
                "budget of 100.0 device seconds is spent, 100.0 were used", status().getWaits());
    }

    @Test
    void trainingIsPaidFromTheSameBudgetAndEachStepAsOftenAsItWasTaken() {
        send(settings(1).setRounds(0).setBudgetSeconds(10));
        publish(1, 1);
        draw(2, 1);
        train(1, 2.5);
        train(2, 2.5);
        pass(A_WHILE);
        var status = status();
        assertEquals(7, status.getSeconds());
        assertEquals(5, status.getTrainingSeconds());
        assertEquals(3, status.getSecondsLeft());
        assertEquals("running", status.getState());

        train(2, 2.5); // a trainer that was killed takes its step again
        train(3, Double.NaN);
        train(4, -1);
        train(5, 1e12);
        pass(A_WHILE);
        assertEquals(7.5, status().getTrainingSeconds());
        train(3, 0.5);
        pass(A_WHILE);
        decide(1, 1);
        assertEquals(List.of(), followed());
        status = status();
        assertEquals("spent", status.getState());
        assertEquals("budget of 10.0 device seconds is spent, 10.0 were used", status.getWaits());
        send(settings(2).setRounds(0).setBudgetSeconds(11));
        assertEquals(1, followed().size());
    }

    @Test
    void trainingOfRunsIsCountedApartAndNoCountFromElsewhereReplacesIt() {
        train(1, 3);
        var other = step(1, 4).setRun("other").build();
        harness.send(harness.topics().trainingSteps(), "other", other);
        var forged =
                RunCount.newBuilder()
                        .setRun(Samples.RUN)
                        .setPart(-1)
                        .setRound(0)
                        .setSeconds(0)
                        .setSamples(0)
                        .build();
        harness.send(harness.topics().runCounts(), Samples.RUN + "/-1", forged);
        pass(A_WHILE);
        var told =
                harness.read(harness.topics().runStatus()).stream()
                        .collect(Collectors.toMap(RunStatus::getRun, s -> s, (a, b) -> b));
        assertEquals(3, told.get(Samples.RUN).getTrainingSeconds());
        assertEquals(4, told.get("other").getTrainingSeconds());
        assertEquals(
                "run: part: expected 0 or more, found -1",
                harness.deadLetters().get(0).replaceFirst("^.*?(?=run: )", ""));
    }

    @Test
    void aRunEndsWhenItsTimeIsUp() {
        var end = Instant.EPOCH.plus(Duration.ofDays(20_000)).plusSeconds(60);
        send(settings(1).setEndsAt(end));
        pass(30);
        var status = status();
        assertEquals("", status.getWaits());
        assertTrue(status.getEtaSeconds() <= 60, status::toString);
        pass(40);
        assertEquals("time is up since " + end, status().getWaits());
    }

    @Test
    void figuresThatOnlyGrowAreToldFromTimeToTime() {
        publish(1, 1);
        pass(A_WHILE);
        harness.read(harness.topics().runStatus());
        for (int i = 0; i < 12; i++) {
            draw(1, 1);
            pass(1);
        }
        int told = harness.read(harness.topics().runStatus()).size();
        assertTrue(told >= 3 && told <= 5, "told " + told + " times");
    }

    @Test
    void theStatusNamesAdapterDecisionAndStaleness() {
        send(adapter(2, 3, "promoted").setReason("mean MI 8").build());
        var step = step(9, 1).setStaleness(2).setStaleSamples(7).build();
        harness.send(harness.topics().trainingSteps(), Samples.RUN, step);
        pass(A_WHILE);
        var status = status();
        assertEquals(2, status.getAdapterVersion());
        assertEquals("mean MI 8", status.getDecision());
        assertEquals(2, status.getStaleness());
        assertEquals(7, status.getStaleSamples());
    }

    @Test
    void badSettingsGoToTheDeadLettersAndOthersRecordsToNobody() {
        send(settings(1).setBudgetSeconds(-1));
        send(settings(1).setDraw("all sorts"));
        harness.sendRaw(harness.topics().runs(), Samples.RUN, new byte[2]);
        harness.sendRaw(harness.topics().candidates(), "p", new byte[2]);
        harness.sendRaw(harness.topics().prompts(), "p", new byte[2]);
        harness.sendRaw(harness.topics().adapters(), Samples.RUN, new byte[2]);
        harness.sendRaw(harness.topics().adapters(), Samples.RUN, null);
        harness.send(harness.topics().adapters(), "another", adapter(1, 1, "promoted").build());
        var reasons = harness.deadLetters();
        assertEquals(6, reasons.size(), reasons::toString);
        assertTrue(reasons.get(0).contains("run: budgetSeconds: expected 0.0 to"), reasons.get(0));
        assertTrue(reasons.get(1).contains("draw: expected new-seeds"), reasons.get(1));
        assertTrue(reasons.get(4).contains("expected a value, found none"), reasons.get(4));
        assertTrue(reasons.get(5).contains("key: expected the run"), reasons.get(5));
    }

    @Test
    void theTopologyIsTheOneThatRuns() throws IOException {
        assertEquals(TopologyHarness.golden("runs"), harness.description());
    }

    /** The driver's timers ring once an advance. */
    private void pass(int seconds) {
        for (int i = 0; i < seconds; i++) {
            harness.advance(Duration.ofSeconds(1));
        }
    }

    private void publish(int round, int prompts) {
        for (int i = 0; i < prompts; i++) {
            send(prompt(i, round, 8, 1).build());
        }
    }

    private void draw(int candidates, double seconds) {
        var request = prompt(0, 1, 8, 1).build();
        for (int i = 0; i < candidates; i++) {
            var candidate = candidate(request, i, 1).setSeconds(seconds).build();
            harness.send(harness.topics().candidates(), request.getPromptId(), candidate);
        }
    }

    private void train(int number, double seconds) {
        var step = step(number, seconds).build();
        harness.send(harness.topics().trainingSteps(), Samples.RUN, step);
    }

    private void decide(int version, int round) {
        send(adapter(version, round, "promoted").build());
    }

    private void send(PromptRequest request) {
        harness.send(harness.topics().prompts(), request.getPromptId(), request);
    }

    private void send(AdapterEvent event) {
        harness.send(harness.topics().adapters(), event.getRun(), event);
    }

    private void send(io.mitune.schemas.Evaluation evaluation) {
        harness.send(harness.topics().evaluations(), evaluation.getRun(), evaluation);
    }

    private void send(RunSettings.Builder settings) {
        var built = settings.build();
        harness.send(harness.topics().runs(), built.getRun(), built);
    }

    private List<PromptRequest> followed() {
        pass(A_WHILE);
        return harness.read(harness.topics().prompts());
    }

    /** The last status written since the last call. */
    private RunStatus status() {
        var all = harness.read(harness.topics().runStatus());
        if (!all.isEmpty()) {
            last = all.get(all.size() - 1);
        }
        return last;
    }

    private RunStatus last;
}
