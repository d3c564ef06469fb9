package io.mitune.app.faults;

import io.mitune.app.cli.TrainingOptions;
import io.mitune.diffusion.adapter.AdapterFile;
import io.mitune.diffusion.devices.Devices;
import io.mitune.diffusion.model.Family;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.training.AdapterTrainer;
import io.mitune.diffusion.training.EncodedCaption;
import io.mitune.diffusion.training.ReplicatedModel;
import io.mitune.diffusion.training.TrainingConfig;
import io.mitune.diffusion.training.TrainingSample;
import io.mitune.schemas.BlobRef;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.Identity;
import io.mitune.schemas.blobs.BlobStore;
import io.mitune.workers.generation.LatentsBlob;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;

/** One round of training, from first to last step in one go. */
final class BatchTraining {
    private static final long SEED_STEP = 1_000_003;

    private BatchTraining() {}

    /**
     * What came of it.
     *
     * @param adapter its file
     * @param dataset digest of the samples
     */
    record Trained(BlobRef adapter, String dataset) {}

    /**
     * @param from adapter of the round before
     * @param samples in the order of training
     */
    static Trained train(
            Workload work,
            int round,
            Optional<BlobRef> from,
            List<CuratedSample> samples,
            BlobStore blobs,
            Path scratch) {
        var config = config(work, round);
        var ids =
                samples.stream()
                        .map(s -> s.getCandidateId() + "\n")
                        .collect(Collectors.joining())
                        .getBytes(StandardCharsets.UTF_8);
        var dataset = Identity.sha256(ids);
        var file = scratch.resolve("adapter-" + round + ".safetensors");
        try (var model = ReplicatedModel.load(Workload.MODEL, devices(), config)) {
            var captions = captions(model, samples);
            var latents = samples.stream().map(s -> sample(s, captions, blobs)).toList();
            try (var trainer = trainer(model, config, from, blobs);
                    var set = model.upload(latents, captions.get(""))) {
                for (long step = 0; step < work.trainingSteps(); step++) {
                    trainer.trainStep(step, set);
                }
                var metadata =
                        Map.of(
                                "mitune.run",
                                Workload.RUN,
                                "mitune.version",
                                Integer.toString(round),
                                "mitune.model_digest",
                                model.base().modelDigest(),
                                "mitune.dataset_digest",
                                dataset);
                AdapterFile.writeDiffusers(file, trainer.exportAdapter(metadata));
            }
            return new Trained(
                    blobs.put("adapters", "safetensors", Files.readAllBytes(file)), dataset);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Devices devices() {
        return Devices.of(ai.djl.Device.cpu());
    }

    private static TrainingConfig config(Workload work, int round) {
        var options = new TrainingOptions();
        CommandLine.populateCommand(options, work.trainingOptions().toArray(String[]::new));
        return options.config(Family.of(Workload.MODEL), Dtype.FP32)
                .with(c -> c.seed += SEED_STEP * (round - 1));
    }

    private static AdapterTrainer trainer(
            ReplicatedModel model, TrainingConfig config, Optional<BlobRef> from, BlobStore blobs) {
        return from.map(f -> AdapterFile.read(blobs.resolve(f)))
                .map(adapter -> AdapterTrainer.from(model, config, adapter))
                .orElseGet(() -> AdapterTrainer.fresh(model, config));
    }

    private static Map<String, EncodedCaption> captions(
            ReplicatedModel model, List<CuratedSample> samples) {
        var texts =
                Stream.concat(Stream.of(""), samples.stream().map(CuratedSample::getText))
                        .distinct()
                        .toList();
        var encoded = EncodedCaption.of(model.base(), texts);
        Map<String, EncodedCaption> captions = new HashMap<>();
        for (int i = 0; i < texts.size(); i++) {
            captions.put(texts.get(i), encoded.get(i));
        }
        return captions;
    }

    private static TrainingSample sample(
            CuratedSample sample, Map<String, EncodedCaption> captions, BlobStore blobs) {
        var latents = LatentsBlob.get(blobs, sample.getLatents());
        return new TrainingSample(
                latents.values(), latents.shape(), captions.get(sample.getText()));
    }
}
