package io.mitune.benchmarks;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.mitune.diffusion.adapter.DoraConfig;
import io.mitune.diffusion.model.Family;
import io.mitune.diffusion.model.StableDiffusion;
import io.mitune.diffusion.sampling.ImageGenerator;
import io.mitune.diffusion.sampling.Samples;
import io.mitune.diffusion.sampling.SamplingListener;
import io.mitune.diffusion.sampling.SamplingRequest;
import io.mitune.diffusion.training.AdapterTrainer;
import io.mitune.diffusion.training.BatchPlan;
import io.mitune.diffusion.training.EncodedCaption;
import io.mitune.diffusion.training.SampleSet;
import io.mitune.diffusion.training.TrainableModel;
import io.mitune.diffusion.training.TrainingConfig;
import io.mitune.diffusion.training.TrainingSample;
import java.nio.FloatBuffer;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** The jobs, each what peer.py does under the same name, through the classes the product uses. */
enum Job {
    CANDIDATES {
        @Override
        Measurement run(Settings s) {
            return withGenerator(
                    s,
                    generator -> {
                        generate(generator, s.warmUp().candidates(0));
                        return Measurement.of(
                                s.count(), () -> generate(generator, s.candidates(0)));
                    });
        }
    },
    IMAGES {
        @Override
        Measurement run(Settings s) {
            return withGenerator(
                    s,
                    generator -> {
                        draw(generator, s.warmUp());
                        return Measurement.of(s.count(), () -> draw(generator, s));
                    });
        }

        /** As the peer: sampled and decoded in batches. */
        private void draw(ImageGenerator generator, Settings s) {
            generator.decode(generate(generator, s.images()));
        }
    },
    TRAIN {
        @Override
        Measurement run(Settings s) {
            var config =
                    TrainingConfig.official(Family.of(s.model()))
                            .with(
                                    c -> {
                                        c.adapter = DoraConfig.dora(s.rank());
                                        c.batches = new BatchPlan(s.batch(), 1, s.steps() + 1L);
                                        c.dtype = s.dtype();
                                        c.gradientCheckpointing = s.checkpointing();
                                    });
            try (var model = TrainableModel.load(s.model(), Device.cpu(), config);
                    var samples = samples(model, s);
                    var trainer = AdapterTrainer.fresh(model, config)) {
                PeakMemory.restart();
                step(trainer, samples);
                int items = s.steps() * s.batch();
                double seconds =
                        Measurement.seconds(
                                () ->
                                        IntStream.range(0, s.steps())
                                                .forEach(i -> step(trainer, samples)));
                var more = new TreeMap<String, Double>();
                PeakMemory.sinceRestart().ifPresent(peak -> more.put("train_peak_mib", peak));
                return new Measurement(seconds, items, more);
            }
        }

        private void step(AdapterTrainer trainer, SampleSet samples) {
            var result = trainer.trainStep(trainer.progress().step(), samples);
            if (result.skipped()) {
                throw new IllegalStateException("training: expected finite numbers, found NaN");
            }
        }

        /** Random latents with the prompt's encoding. */
        private SampleSet samples(TrainableModel model, Settings s) {
            long[] latent = model.base().latentShape(0, 0).getShape();
            var caption = EncodedCaption.of(model.base(), s.prompt());
            model.base().text().release();
            var random = new Random(0);
            var samples =
                    IntStream.range(0, s.batch())
                            .mapToObj(i -> normals(random, latent))
                            .map(x -> new TrainingSample(x, latent, caption))
                            .toList();
            return SampleSet.upload(model.manager(), samples, caption);
        }

        private float[] normals(Random random, long[] shape) {
            var values = FloatBuffer.allocate(Math.toIntExact(shape[0] * shape[1] * shape[2]));
            while (values.hasRemaining()) {
                values.put((float) random.nextGaussian());
            }
            return values.array();
        }
    },
    /** All networks, and the first text embedding. */
    LOAD {
        @Override
        Measurement run(Settings s) {
            return Measurement.of(
                    1,
                    () -> {
                        try (var model = StableDiffusion.load(s.model(), s.loading());
                                NDManager scratch = model.manager().newSubManager()) {
                            model.text().encode(scratch, s.prompt());
                            model.vae();
                        }
                    });
        }
    },
    /** Ours alone: peak memory by phase. */
    MEMORY {
        @Override
        Measurement run(Settings s) {
            return new MemoryJob(s).run();
        }
    },
    /** All roles: candidates, curation and a few optimizer steps on the best. */
    ROLES {
        @Override
        Measurement run(Settings s) {
            return new RolesJob(s).run();
        }
    },
    /** Ours alone: a round of candidates over Kafka against the same work without it. */
    STREAM {
        @Override
        Measurement run(Settings s) {
            return new StreamJob(s).run();
        }
    };

    abstract Measurement run(Settings settings);

    private interface Work {
        Measurement with(ImageGenerator generator);
    }

    private static Measurement withGenerator(Settings s, Work work) {
        try (var model = StableDiffusion.load(s.model(), s.loading());
                var generator = new ImageGenerator(model)) {
            return work.with(generator);
        }
    }

    /** Draws and makes sure that the result is one. */
    static Samples generate(ImageGenerator generator, SamplingRequest request) {
        var samples = generator.generate(request, SamplingListener.NONE);
        if (samples.samples().stream().anyMatch(sample -> !sample.finite())) {
            throw new IllegalStateException("latents: expected finite numbers, found NaN");
        }
        return samples;
    }
}
