package io.mitune.app.adapter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.mitune.app.CommandLineRunner;
import io.mitune.app.CommandLineRunner.Result;
import io.mitune.app.log.TopicLog;
import io.mitune.diffusion.adapter.DoraConfig;
import io.mitune.diffusion.model.Family;
import io.mitune.diffusion.model.LoadOptions;
import io.mitune.diffusion.model.StableDiffusion;
import io.mitune.diffusion.sampling.CandidateNoise;
import io.mitune.diffusion.training.BatchPlan;
import io.mitune.diffusion.training.TrainingConfig;
import io.mitune.embedded.EmbeddedStack;
import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.Connection;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.Identity;
import io.mitune.schemas.SamplingSettings;
import io.mitune.schemas.Topic;
import io.mitune.schemas.blobs.BlobStore;
import io.mitune.schemas.serde.AvroSerde;
import io.mitune.workers.DeviceLock;
import io.mitune.workers.TrainerListener;
import io.mitune.workers.TrainerRoleConfig;
import io.mitune.workers.TrainerRoleConfig.Validation;
import io.mitune.workers.generation.LatentsBlob;
import io.mitune.workers.training.Trainer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lineage of an adapter that a real trainer made, and that trainer without one prompt. */
class LineageIT {
    private static final Path MODEL = Path.of("../demo/model");
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final List<String> TEXTS =
            List.of("a red circle", "a blue star", "a green ring");

    @TempDir static Path folder;
    private static EmbeddedStack stack;
    private static Connection to;
    private static BlobStore blobs;
    private static String digest;

    @BeforeAll
    static void start() {
        AvroSerde.trustOwnRecords();
        stack = EmbeddedStack.temporary();
        to = new Connection(stack.bootstrapServers(), stack.schemaRegistryUrl(), "line.", Map.of());
        mitune("topics", "create").ok();
        blobs = BlobStore.at(folder.resolve("blobs"));
        try (var model = StableDiffusion.load(MODEL, LoadOptions.plain())) {
            digest = model.modelDigest();
        }
        publish("full", TEXTS);
        train("full");
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @Test
    void everySampleBehindAVersionIsListed() throws Exception {
        var table = mitune("adapters", "lineage", "full", 1, "--blobs", blobs.root()).ok().out();
        for (var text : TEXTS) {
            assertTrue(table.contains(text), table);
        }
        assertTrue(table.contains("mi-max@1") && table.contains("full@1 continues 0"), table);
        var lines = mitune("adapters", "lineage", "full", 1, "--json", "--blobs", blobs.root());
        var seeds = new ArrayList<Long>();
        for (var line : lines.ok().out().lines().toList()) {
            var json = new ObjectMapper().readTree(line);
            assertEquals(1, json.get("version").asInt());
            seeds.add(json.get("sample").get("seed").asLong());
        }
        assertEquals(List.of(0L, 1L, 2L), seeds.stream().sorted().toList());
        var missing = mitune("adapters", "lineage", "full", 9, "--blobs", blobs.root());
        assertTrue(missing.failedInOneLine().contains("found 9"));
    }

    @Test
    void trainedWithoutAPromptItIsTheAdapterThatNeverSawIt() {
        var id = Identity.promptId("batch", 1, TEXTS.get(1));
        Object[] without = {
            "adapters", "lineage", "full", 1, "--blobs", blobs.root(), "--without", TEXTS.get(1)
        };
        assertTrue(mitune(without).failedInOneLine().contains("--into"));
        var told = mitune(with(without, "--into", "less")).ok();
        assertTrue(told.err().contains(id), told.err());
        assertTrue(told.out().contains("2 curated records"), told.out());
        assertTrue(mitune(with(without, "--into", "less")).failedInOneLine().contains("less"));
        train("less");

        publish("never", List.of(TEXTS.get(0), TEXTS.get(2)));
        train("never");
        assertArrayEquals(weights("never"), weights("less"));
        assertTrue(!Arrays.equals(weights("full"), weights("less")));
        var lineage = mitune("adapters", "lineage", "less", 1, "--blobs", blobs.root()).ok().out();
        assertTrue(!lineage.contains(TEXTS.get(1)), lineage);
        Object[] unknown = {
            "adapters", "lineage", "full", 1, "--blobs", blobs.root(), "--without", "no such"
        };
        assertTrue(mitune(with(unknown, "--into", "x")).failedInOneLine().contains("no such"));
    }

    private static Object[] with(Object[] words, Object... more) {
        var all = new ArrayList<>(List.of(words));
        all.addAll(List.of(more));
        return all.toArray();
    }

    private static void publish(String run, List<String> texts) {
        for (var text : texts) {
            send(to.topics().curated(), sample(run, text, texts.size()));
        }
    }

    private static CuratedSample sample(String run, String text, int size) {
        int position = TEXTS.indexOf(text);
        var id = Identity.promptId("batch", position, text);
        var values = new float[4 * 8 * 8];
        CandidateNoise.fill(position, 0, FloatBuffer.wrap(values));
        var latents = new LatentsBlob.Latents(new long[] {4, 8, 8}, values);
        return CuratedSample.newBuilder()
                .setPromptId(id)
                .setRun(run)
                .setRound(1)
                .setRoundSize(size)
                .setBatch("batch")
                .setText(text)
                .setRank(0)
                .setKept(1)
                .setCandidateId(Identity.candidateId(id, 1, 3))
                .setIndex(3)
                .setSeed(position)
                .setMi(2)
                .setMargin(0.5)
                .setScoreMean(1)
                .setScoreStd(0.5)
                .setScoreMin(0)
                .setScoreMax(2)
                .setCandidatesRequested(4)
                .setCandidatesSeen(4)
                .setCandidatesFailed(0)
                .setComplete(true)
                .setPolicy("mi-max")
                .setPolicyVersion(1)
                .setReason("highest MI")
                .setAdapterVersion(0)
                .setModelDigest(digest)
                .setLatents(LatentsBlob.put(blobs, latents))
                .build();
    }

    /** One round; the test plays promotion. */
    private static void train(String run) {
        var training =
                TrainingConfig.official(Family.SD)
                        .with(
                                c -> {
                                    c.adapter = DoraConfig.dora(2);
                                    c.batches = new BatchPlan(2, 1, 4);
                                });
        var sampling =
                SamplingSettings.newBuilder()
                        .setScheduler("ddim")
                        .setNumInferenceSteps(2)
                        .setGuidanceScale(2)
                        .setHeight(32)
                        .setWidth(32)
                        .build();
        var validation = new Validation(List.of("a circle"), 1, 1, sampling, 1);
        var config = TrainerRoleConfig.of(run, MODEL, training, validation).withRounds(1);
        var trainer =
                new Trainer(to, "line.", blobs, config, new DeviceLock(), TrainerListener.NONE);
        var ended = CompletableFuture.runAsync(trainer::run);
        long end = System.nanoTime() + LIMIT.toNanos();
        while (candidates(run).isEmpty()) {
            assertTrue(System.nanoTime() < end && !ended.isDone(), "no version of " + run);
            LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
        }
        var promoted = AdapterEvent.newBuilder(candidates(run).get(0)).setStatus("promoted");
        send(to.topics().adapters(), promoted.build());
        ended.join();
    }

    private static List<AdapterEvent> candidates(String run) {
        return TopicLog.values(to, to.topics().adapterHistory()).stream()
                .filter(e -> e.getRun().equals(run) && e.getStatus().equals("candidate"))
                .toList();
    }

    /** The tensors of the run's version; the header before them names the run. */
    private static byte[] weights(String run) {
        var file = blobs.get(candidates(run).get(0).getAdapter());
        long header = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
        return Arrays.copyOfRange(file, 8 + (int) header, file.length);
    }

    private static <V extends SpecificRecord> void send(Topic<V> topic, V value) {
        try (var producer =
                new KafkaProducer<>(
                        to.producerProperties(),
                        new StringSerializer(),
                        to.serde(topic.type()).serializer())) {
            var key =
                    value instanceof CuratedSample sample
                            ? sample.getPromptId()
                            : ((AdapterEvent) value).getRun();
            producer.send(new ProducerRecord<>(topic.name(), key, value)).get();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static Result mitune(Object... words) {
        return CommandLineRunner.on(to, words);
    }
}
