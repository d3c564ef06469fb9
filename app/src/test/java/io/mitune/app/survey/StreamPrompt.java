package io.mitune.app.survey;

import io.mitune.diffusion.image.Png;
import io.mitune.diffusion.image.RgbImage;
import io.mitune.schemas.Candidate;
import io.mitune.schemas.Connection;
import io.mitune.schemas.Identity;
import io.mitune.schemas.PromptRequest;
import io.mitune.schemas.SamplingSettings;
import io.mitune.schemas.Topic;
import io.mitune.schemas.blobs.BlobStore;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** A prompt of the stream with candidates that need no model. */
final class StreamPrompt {
    static final String RUN = "default";
    private static final String TEXT = "a red cube";
    private static final int SIDE = 8;

    private StreamPrompt() {}

    /** Writes the request and a candidate for each score; gives the prompt's id. */
    static String write(Connection connection, BlobStore blobs, double... mi) {
        var promptId = Identity.promptId("test", 0, TEXT);
        var sampling =
                SamplingSettings.newBuilder()
                        .setScheduler("ddpm")
                        .setNumInferenceSteps(20)
                        .setGuidanceScale(2)
                        .build();
        var request =
                PromptRequest.newBuilder()
                        .setPromptId(promptId)
                        .setRun(RUN)
                        .setBatch("test")
                        .setPosition(0)
                        .setText(TEXT)
                        .setCategory("color")
                        .setRound(1)
                        .setRoundSize(1)
                        .setSeed(42)
                        .setCandidates(mi.length)
                        .setKeep(1)
                        .setSampling(sampling)
                        .setRequestedAt(Instant.EPOCH)
                        .build();
        send(connection, connection.topics().prompts(), promptId, request);
        for (var i = 0; i < mi.length; i++) {
            var pixels = new byte[SIDE * SIDE * 3];
            Arrays.fill(pixels, (byte) (40 * i));
            var png = Png.encode(new RgbImage(SIDE, SIDE, pixels), Map.of("mi", "secret"));
            var candidate =
                    Candidate.newBuilder()
                            .setCandidateId(Identity.candidateId(promptId, 1, i))
                            .setPromptId(promptId)
                            .setRun(RUN)
                            .setRound(1)
                            .setRoundSize(1)
                            .setBatch("test")
                            .setText(TEXT)
                            .setCategory("color")
                            .setIndex(i)
                            .setSeed(i)
                            .setCandidates(mi.length)
                            .setKeep(1)
                            .setSampling(sampling)
                            .setMi(mi[i])
                            .setTimesteps(List.of())
                            .setMiTerms(List.of())
                            .setMiWeights(List.of())
                            .setLatents(blobs.put("latents", "safetensors", png))
                            .setPreview(blobs.put("previews", "png", png))
                            .setAdapterVersion(0)
                            .setModelDigest("m")
                            .setWorker("w")
                            .setSeconds(0)
                            .setCreatedAt(Instant.EPOCH)
                            .build();
            send(connection, connection.topics().candidates(), promptId, candidate);
        }
        return promptId;
    }

    private static <V extends SpecificRecord> void send(
            Connection connection, Topic<V> topic, String key, V value) {
        try (var producer =
                new KafkaProducer<>(
                        connection.producerProperties(),
                        new StringSerializer(),
                        connection.serde(topic.type()).serializer())) {
            producer.send(new ProducerRecord<>(topic.name(), key, value));
        }
    }
}
