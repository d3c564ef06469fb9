package io.mitune.workers.training;

import io.mitune.diffusion.adapter.DoraConfig;
import io.mitune.diffusion.devices.Devices;
import io.mitune.diffusion.model.Family;
import io.mitune.diffusion.model.LoadOptions;
import io.mitune.diffusion.model.StableDiffusion;
import io.mitune.diffusion.sampling.CandidateNoise;
import io.mitune.diffusion.training.BatchPlan;
import io.mitune.diffusion.training.LossConfig;
import io.mitune.diffusion.training.OptimizerConfig;
import io.mitune.diffusion.training.TrainingConfig;
import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.Identity;
import io.mitune.schemas.blobs.BlobStore;
import io.mitune.workers.TrainerRoleConfig;
import io.mitune.workers.TrainerRoleConfig.Validation;
import io.mitune.workers.TrainingMode;
import io.mitune.workers.generation.LatentsBlob;
import io.mitune.workers.support.DemoModel;
import io.mitune.workers.support.Tasks;
import java.nio.FloatBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** A small training run on the demo model. */
final class TrainerFixture {
    static final String RUN = "run";
    static final int STEPS = 24;
    static final int STREAM_STEPS = 12;
    static final int ROUNDS = 2;
    static final int PROMPTS = 6;
    private static final List<String> COLOURS = List.of("red", "blue", "green");

    private TrainerFixture() {}

    static TrainerRoleConfig config() {
        var training =
                TrainingConfig.official(Family.SD)
                        .with(
                                c -> {
                                    c.adapter = DoraConfig.dora(2);
                                    c.optimizer = OptimizerConfig.defaults().withLearningRate(1e-3);
                                    c.loss = new LossConfig(5, 0, 0.1);
                                    c.batches = new BatchPlan(4, 2, STEPS);
                                    c.emaDecay = 0.9;
                                    c.seed = 11;
                                });
        var validation = new Validation(List.of("a red circle"), 2, 3, Tasks.sampling(4), 2);
        return TrainerRoleConfig.of(RUN, DemoModel.DIRECTORY, training, validation)
                .withRounds(ROUNDS)
                .withCheckpointEvery(5);
    }

    /** The same run on the CPU twice, each with the one thread that tests compute with. */
    static TrainerRoleConfig twoDevices() {
        return config().withDevices(Devices.cpus(2, 1));
    }

    /** 12 steps on a window of 8 samples, a version after 5, 10 and 12. */
    static TrainerRoleConfig streamConfig() {
        var rounds = config();
        return TrainerRoleConfig.of(
                        RUN,
                        DemoModel.DIRECTORY,
                        rounds.training().with(c -> c.batches = new BatchPlan(4, 2, STREAM_STEPS)),
                        rounds.validation())
                .withMode(new TrainingMode.Stream(2, 8, 2, 5))
                .withCheckpointEvery(3);
    }

    static String modelDigest() {
        try (var model = StableDiffusion.load(DemoModel.DIRECTORY, LoadOptions.plain())) {
            return model.modelDigest();
        }
    }

    /** A round with two kept samples of each prompt, and one prompt of which nothing is kept. */
    static List<CuratedSample> round(int round, String modelDigest, BlobStore blobs) {
        var samples = new ArrayList<CuratedSample>();
        for (int p = 0; p < PROMPTS - 1; p++) {
            for (int rank = 0; rank < 2; rank++) {
                samples.add(sample(round, p, rank, modelDigest, blobs));
            }
        }
        samples.add(nothingKept(round, PROMPTS - 1, modelDigest));
        return samples;
    }

    static CuratedSample nothingKept(int round, int prompt, String modelDigest) {
        return common(round, prompt, modelDigest).setRank(0).setKept(0).setIndex(-1).build();
    }

    private static CuratedSample sample(
            int round, int prompt, int rank, String modelDigest, BlobStore blobs) {
        float[] values = new float[4 * 8 * 8];
        CandidateNoise.fill(100L * round + 10L * prompt + rank, 0, FloatBuffer.wrap(values));
        var builder = common(round, prompt, modelDigest);
        int index = 3 + rank;
        return builder.setRank(rank)
                .setKept(2)
                .setIndex(index)
                .setCandidateId(Identity.candidateId(builder.getPromptId(), round, index))
                .setLatents(
                        LatentsBlob.put(
                                blobs, new LatentsBlob.Latents(new long[] {4, 8, 8}, values)))
                .build();
    }

    private static CuratedSample.Builder common(int round, int prompt, String modelDigest) {
        String text = "a " + COLOURS.get(prompt % COLOURS.size()) + " circle";
        return CuratedSample.newBuilder()
                .setPromptId(Identity.promptId("batch", 10 * round + prompt, text))
                .setRun(RUN)
                .setRound(round)
                .setRoundSize(PROMPTS)
                .setBatch("batch")
                .setText(text)
                .setSeed(prompt)
                .setMi(1)
                .setMargin(0)
                .setScoreMean(1)
                .setScoreStd(0)
                .setScoreMin(1)
                .setScoreMax(1)
                .setCandidatesRequested(4)
                .setCandidatesSeen(4)
                .setCandidatesFailed(0)
                .setComplete(true)
                .setPolicy("default")
                .setPolicyVersion(1)
                .setReason("test")
                .setAdapterVersion(round - 1)
                .setModelDigest(modelDigest);
    }

    /** What promotion writes when it lets a candidate pass. */
    static AdapterEvent promoted(AdapterEvent candidate) {
        return AdapterEvent.newBuilder(candidate)
                .setStatus("promoted")
                .setCheckpoint(null)
                .setCreatedAt(Instant.ofEpochMilli(0))
                .build();
    }
}
