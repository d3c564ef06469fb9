package io.mitune.app.generate;

import static io.mitune.app.generate.AlbumFiles.generate;
import static io.mitune.app.generate.AlbumFiles.rows;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.app.CommandLineRunner;
import io.mitune.app.CommandLineRunner.Result;
import io.mitune.app.TinyModel;
import io.mitune.diffusion.adapter.AdapterFile;
import io.mitune.diffusion.image.Png;
import io.mitune.diffusion.model.LoadOptions;
import io.mitune.diffusion.model.StableDiffusion;
import io.mitune.embedded.EmbeddedStack;
import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.BlobRef;
import io.mitune.schemas.Connection;
import io.mitune.schemas.Evaluation;
import io.mitune.schemas.Topic;
import io.mitune.schemas.blobs.BlobStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code generate} with adapters that a real broker and a blob store hold. */
class GenerateFromStreamIT {
    private static final String PICTURE = "samples/a_000000.png";

    private static EmbeddedStack stack;

    @TempDir static Path folder;

    private static Path blobs;
    private static BlobRef adapter;

    @BeforeAll
    static void publishVersions() throws Exception {
        stack = EmbeddedStack.temporary();
        mitune("topics", "create").ok();
        blobs = folder.resolve("blobs");
        var store = BlobStore.at(blobs);
        var file = TinyModel.CASE.resolve("adapter/diffusers").resolve(AdapterFile.DIFFUSERS_NAME);
        adapter = store.put("adapters", "safetensors", Files.readAllBytes(file));
        String digest;
        try (var model = StableDiffusion.load(TinyModel.MODEL, LoadOptions.plain())) {
            digest = model.modelDigest();
        }
        var topics = connection().topics();
        send(topics.adapterHistory(), version(1, "promoted", adapter, digest));
        send(topics.adapterHistory(), version(2, "rejected", adapter, digest));
        var damaged = store.put("adapters", "safetensors", new byte[] {1, 2, 3});
        Files.write(store.resolve(damaged), new byte[] {1, 2, 4});
        send(topics.adapterHistory(), version(3, "candidate", damaged, digest));
        send(topics.adapterHistory(), version(4, "candidate", adapter, "another model"));
        send(topics.adapters(), version(1, "promoted", adapter, digest));
        var fresh = AdapterEvent.newBuilder(version(1, "candidate", adapter, digest));
        send(topics.adapterHistory(), fresh.setRun("fresh").build());
        send(topics.evaluations(), evaluation(0, 9.5));
        send(topics.evaluations(), evaluation(1, 1.25));
        send(topics.evaluations(), evaluation(2, 7));
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @Test
    void versionCurrentAndBestAreTheSameAdapterAsItsFile() throws IOException {
        var direct = folder.resolve("direct");
        generate(direct, "--prompt", "a", "--adapter", blobs.resolve(adapter.getPath())).ok();
        var expected = Png.read(direct.resolve(PICTURE)).image();
        var out = folder.resolve("out"); // one folder: the three names mean one version
        for (var name : List.of("r@1", "r@current", "r@best")) {
            fromStream(out, name).ok();
            assertEquals(expected, Png.read(out.resolve(PICTURE)).image(), name);
            var row = rows(out).get(0);
            assertEquals("r@1", row.get("adapter").asText());
            assertEquals(adapter.getSha256(), row.get("adapter_sha256").asText());
            assertEquals("r", row.get("adapter_run").asText());
            assertEquals(1, row.get("adapter_version").asInt());
            assertEquals(1.25, row.get("adapter_score").asDouble());
        }
        var text = Png.read(out.resolve(PICTURE)).text().get("parameters");
        assertTrue(text.contains("\"adapter_score\":1.25"), text);
    }

    @Test
    void evaluateNamesTheVersion() {
        var table = fromStream("evaluate", "r@best", "--num-images-per-prompt", 1).ok().out();
        assertTrue(table.lines().findFirst().orElseThrow().contains("r@1 MI"), table);
    }

    @Test
    void whatCannotBeUsedIsToldInOneLine() {
        var out = folder.resolve("none");
        assertFails(out, "r@9", "expected one of [1, 2, 3, 4] of run r, found 9");
        assertFails(out, "q@best", "RUN: expected one of [fresh, r], found q");
        assertFails(out, "r@0", "version 0 is the base model");
        assertFails(out, "fresh@current", "run fresh: expected an adapter in use, found the base");
        assertFails(out, "fresh@best", "run fresh: expected a version with a validation score");
        assertFails(out, "r@newest", "expected a path, RUN@VERSION");
        assertFails(out, "r@3", "the file is damaged");
        assertFails(out, "r@4", "expected the model it was trained on, another mode, found");
        var options = new ArrayList<Object>(List.of("--adapter", "r@1", "--prompt", "a"));
        options.addAll(List.of("--bootstrap-server", "localhost:1"));
        options.addAll(List.of("--kafka", "default.api.timeout.ms=1000"));
        var line = generate(out, options.toArray()).failedInOneLine();
        assertTrue(line.contains("kafka at localhost:1: expected an answer"), line);
        assertTrue(Files.notExists(out), "something was written");
    }

    private static void assertFails(Path out, String adapter, String found) {
        var line = fromStream(out, adapter).failedInOneLine();
        assertTrue(line.contains(found), line);
    }

    private static Result fromStream(Path out, String adapter) {
        return fromStream("generate", adapter, "--output", out);
    }

    private static Result fromStream(String command, String adapter, Object... more) {
        var args = new ArrayList<Object>(List.of(command, "--model", TinyModel.MODEL));
        args.addAll(List.of("--prompt", "a", "--num-inference-steps", 2));
        args.addAll(List.of("--adapter", adapter, "--blobs", blobs));
        args.addAll(List.of(more));
        return mitune(args.toArray());
    }

    private static Result mitune(Object... words) {
        return CommandLineRunner.on(connection(), words);
    }

    private static Connection connection() {
        return new Connection(
                stack.bootstrapServers(), stack.schemaRegistryUrl(), "mitune.", Map.of());
    }

    private static <V extends SpecificRecord> void send(Topic<V> topic, V value) throws Exception {
        try (var producer =
                new KafkaProducer<>(
                        connection().producerProperties(),
                        new StringSerializer(),
                        connection().serde(topic.type()).serializer())) {
            producer.send(new ProducerRecord<>(topic.name(), "r", value)).get();
        }
    }

    private static AdapterEvent version(int version, String status, BlobRef blob, String model) {
        return AdapterEvent.newBuilder()
                .setRun("r")
                .setVersion(version)
                .setRound(version)
                .setStep(version)
                .setParentVersion(version - 1)
                .setStatus(status)
                .setAdapter(blob)
                .setModelDigest(model)
                .setCreatedAt(Instant.EPOCH)
                .build();
    }

    private static Evaluation evaluation(int version, double score) {
        return Evaluation.newBuilder()
                .setRun("r")
                .setVersion(version)
                .setRound(version)
                .setImages(4)
                .setPromptMi(List.of(score, score))
                .setMeanMi(score)
                .setStandardErrorMi(0)
                .setFinite(true)
                .setAdapterNorm(0)
                .setModelDigest("m")
                .setWorker("w")
                .setSeconds(1)
                .setCreatedAt(Instant.EPOCH)
                .build();
    }
}
