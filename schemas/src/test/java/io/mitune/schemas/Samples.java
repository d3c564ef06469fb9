package io.mitune.schemas;

import java.time.Instant;
import java.util.List;

/** One full value of the larger records, for tests. */
public final class Samples {
    private Samples() {}

    /** A candidate with all parts, among them text outside ASCII and a blob reference. */
    public static Candidate candidate() {
        return Candidate.newBuilder()
                .setCandidateId("27004824eea84314dc0fa2026d6926a1/1/3")
                .setPromptId("27004824eea84314dc0fa2026d6926a1")
                .setRun("demo")
                .setRound(1)
                .setRoundSize(2)
                .setBatch("demo")
                .setText("ein gr\u00fcner W\u00fcrfel")
                .setNegativePrompt("")
                .setCategory("color")
                .setIndex(3)
                .setSeed(-5682508362844368582L)
                .setCandidates(8)
                .setKeep(1)
                .setSampling(
                        SamplingSettings.newBuilder()
                                .setScheduler("ddpm")
                                .setNumInferenceSteps(3)
                                .setGuidanceScale(7.5)
                                .build())
                .setMi(1.25)
                .setTimesteps(List.of(900, 500, 100))
                .setMiTerms(List.of(0.5f, 1.5f, 1.75f))
                .setMiWeights(List.of(2f, 3f, 4f))
                .setLatents(
                        BlobRef.newBuilder()
                                .setPath("latents/ab/ab.safetensors")
                                .setSha256("ab")
                                .setSize(1024)
                                .setDtype("F32")
                                .setShape(List.of(1, 4, 8, 8))
                                .build())
                .setAdapterVersion(0)
                .setModelDigest("feed")
                .setWorker("w1")
                .setSeconds(0.5)
                .setCreatedAt(Instant.ofEpochMilli(1_700_000_000_123L))
                .build();
    }
}
