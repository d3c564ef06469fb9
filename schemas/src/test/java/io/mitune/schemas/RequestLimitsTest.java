package io.mitune.schemas;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class RequestLimitsTest {

    @Test
    void aReasonableRequestPasses() {
        assertEquals(Optional.empty(), fault(r -> r));
    }

    @Test
    void eachFieldIsBounded() {
        expect(
                "run: expected 1 to 100 letters, digits, dots, hyphens or underscores,"
                        + " found '../x'",
                r -> r.setRun("../x"));
        expect(
                "batch: expected at most 200 characters, found 201",
                r -> r.setBatch("b".repeat(201)));
        expect("text: expected a text, found none", r -> r.setText("  "));
        expect(
                "text: expected at most 4096 bytes, found 4098",
                r -> r.setText("\u20AC".repeat(1366)));
        expect(
                "negativePrompt: expected printable text, found control character U+0000",
                r -> r.setNegativePrompt("\u0000"));
        expect("round: expected 1 to 1000000, found 0", r -> r.setRound(0));
        expect("roundSize: expected 1 to 1000000, found -1", r -> r.setRoundSize(-1));
        expect("position: expected 0 to 999999, found -1", r -> r.setPosition(-1));
        expect("candidates: expected 1 to 10000, found 10001", r -> r.setCandidates(10_001));
        expect("keep: expected 1 to 12, found 13", r -> r.setKeep(13));
        expect("priority: expected -1000 to 1000, found 1001", r -> r.setPriority(1001));
    }

    @Test
    void theSamplerIsBounded() {
        expect(
                "scheduler: expected ddpm, ddim, euler, pndm or flow-match-euler, found 'dd?m'",
                r -> r.setSampling(sampling().setScheduler("dd\u0007m").build()));
        expect(
                "numInferenceSteps: expected 1 to 1000, found 1001",
                r -> r.setSampling(sampling().setNumInferenceSteps(1001).build()));
        expect(
                "guidanceScale: expected 0 to 100.0, found NaN",
                r -> r.setSampling(sampling().setGuidanceScale(Double.NaN).build()));
        expect(
                "height: expected 0 to 8192, found 8193",
                r -> r.setSampling(sampling().setHeight(8193).build()));
        expect(
                "width: expected 0 to 8192, found -8",
                r -> r.setSampling(sampling().setWidth(-8).build()));
    }

    @Test
    void theIdIsTheHashOfWhatItNames() {
        expect(
                "promptId: expected "
                        + Identity.promptId("b", 1, "a cube")
                        + ", the hash of batch, position and text, found 'p'",
                r -> r.setPromptId("p"));
    }

    private static void expect(String fault, UnaryOperator<PromptRequest.Builder> change) {
        assertEquals(Optional.of(fault), fault(change));
    }

    private static Optional<String> fault(UnaryOperator<PromptRequest.Builder> change) {
        var request =
                PromptRequest.newBuilder()
                        .setPromptId(Identity.promptId("b", 1, "a cube"))
                        .setRun("main")
                        .setRound(1)
                        .setRoundSize(2)
                        .setBatch("b")
                        .setText("a cube")
                        .setPosition(1)
                        .setSeed(7)
                        .setCandidates(12)
                        .setKeep(1)
                        .setSampling(sampling().build())
                        .setRequestedAt(Instant.EPOCH);
        return RequestLimits.fault(change.apply(request).build());
    }

    private static SamplingSettings.Builder sampling() {
        return SamplingSettings.newBuilder()
                .setScheduler("ddpm")
                .setNumInferenceSteps(50)
                .setGuidanceScale(2);
    }
}
