package io.mitune.app.blobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.app.CommandLineRunner;
import io.mitune.app.CommandLineRunner.Result;
import io.mitune.app.CuratedSamples;
import io.mitune.embedded.EmbeddedStack;
import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.BlobRef;
import io.mitune.schemas.Candidate;
import io.mitune.schemas.Connection;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.DeadLetters;
import io.mitune.schemas.Identity;
import io.mitune.schemas.SamplingSettings;
import io.mitune.schemas.Topic;
import io.mitune.schemas.blobs.BlobStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What garbage collection removes, and above all what it leaves. */
class BlobsGcIT {
    private static final String PROMPT = Identity.promptId("b", 0, "a cat");
    private static EmbeddedStack stack;
    private static int streams;

    @TempDir Path folder;
    private Connection to;
    private String prefix;
    private BlobStore blobs;

    @BeforeAll
    static void start() {
        stack = EmbeddedStack.temporary();
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @BeforeEach
    void prepare() {
        prefix = "gc" + streams++ + ".";
        to = connection(prefix);
        blobs = BlobStore.at(folder.resolve("blobs"));
        mitune("topics", "create").ok();
    }

    @Test
    void whatAnEventNamesStaysAndTheRestGoesWhenItIsOld() throws Exception {
        var named = old("candidate");
        var kept = old("kept");
        var adapter = old("adapter");
        var firstState = old("state 1");
        var lastState = old("state 2");
        var letter = old("in a dead letter");
        var orphan = old("orphan");
        var young = blobs.put("latents", "bin", bytes("young orphan"));
        var unfinished = blobs.resolve(orphan).resolveSibling("." + "0".repeat(36) + ".tmp");
        Files.writeString(unfinished, "cut");
        age(unfinished);
        send(to.topics().candidates(), candidate(0, named));
        send(to.topics().curated(), curated(1, kept));
        send(to.topics().adapterHistory(), state(1, null, firstState));
        send(to.topics().adapterHistory(), state(2, adapter, lastState));
        var topic = to.topics().curated().name();
        var value = to.serde(CuratedSample.class).serializer().serialize(topic, curated(2, letter));
        var failed = new ConsumerRecord<>(topic, 0, 0, bytes(PROMPT), value);
        send(DeadLetters.of(to.topics(), failed, "trainer r", "blob missing"));

        var dry = gc().ok();
        assertTrue(dry.err().contains("nothing was removed"), dry.err());
        int topics = to.topics().all().size();
        assertTrue(dry.err().contains("read %d/%d topics".formatted(topics, topics)), dry.err());
        assertTrue(blobs.has(orphan));
        var told = gc("--delete").ok().out();
        assertTrue(told.contains("removed 2 blobs") && told.contains("1 unfinished"), told);
        for (var ref : List.of(named, kept, adapter, lastState, letter, young)) {
            assertTrue(blobs.has(ref), new String(blobs.get(ref), StandardCharsets.UTF_8));
        }
        assertFalse(blobs.has(orphan) || blobs.has(firstState) || Files.exists(unfinished));
    }

    @Test
    void whatWasNotKeptGoesOnlyWhenAskedForAndItsPromptIsClosed() throws Exception {
        var kept = old("kept");
        var loser = old("loser");
        var open = old("of an open prompt");
        send(to.topics().candidates(), candidate(1, kept));
        send(to.topics().candidates(), candidate(2, loser));
        var other = Candidate.newBuilder(candidate(3, open)).setPromptId("other").build();
        send(to.topics().candidates(), other);
        send(to.topics().curated(), curated(1, kept));
        assertTrue(gc("--delete").ok().out().contains("removed 0 blobs"));
        var told = gc("--delete", "--unkept-older-than", "P7D").ok().out();
        assertTrue(told.contains("removed 1 blobs"), told);
        assertTrue(blobs.has(kept) && blobs.has(open) && !blobs.has(loser));
    }

    @Test
    void itRefusesWhereItCannotKnow() throws Exception {
        old("somebody's");
        assertTrue(gc("--delete", "--quiet").failedInOneLine().contains("--topic-prefix"));
        assertTrue(gc("--older-than", "PT1M").failedInOneLine().contains("--older-than"));
        var named = old("named");
        send(to.topics().candidates(), candidate(0, named));
        var poison = new ProducerRecord<>(to.topics().curated().name(), bytes("k"), bytes("?"));
        send(poison);
        var refused = gc("--delete");
        assertEquals(1, refused.code());
        assertTrue(refused.err().contains("--ignore-unreadable"), refused.err());
        assertTrue(gc("--delete", "--ignore-unreadable").ok().out().contains("removed 1 blobs"));
    }

    @Test
    void twoStreamsMayShareAStore() throws Exception {
        var here = old("here");
        var there = old("there");
        send(to.topics().candidates(), candidate(0, here));
        var first = prefix;
        prepare();
        send(to.topics().candidates(), candidate(0, there));
        assertTrue(gc("--delete", "--also-prefix", first).ok().out().contains("removed 0 blobs"));
        assertTrue(blobs.has(here) && blobs.has(there));
    }

    private Result gc(Object... more) {
        var words = new ArrayList<Object>(List.of("blobs", "gc", "--blobs", folder + "/blobs"));
        words.addAll(List.of(more));
        return mitune(words.toArray());
    }

    private BlobRef old(String text) throws IOException {
        var ref = blobs.put("latents", "bin", bytes(text));
        age(blobs.resolve(ref));
        return ref;
    }

    private static void age(Path file) throws IOException {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(Duration.ofDays(30))));
    }

    private static AdapterEvent state(int step, BlobRef adapter, BlobRef state) {
        return AdapterEvent.newBuilder()
                .setRun("r")
                .setVersion(1)
                .setRound(1)
                .setStep(step)
                .setParentVersion(0)
                .setStatus("checkpoint")
                .setAdapter(adapter)
                .setCheckpoint(state)
                .setCreatedAt(Instant.EPOCH)
                .build();
    }

    private static Candidate candidate(int index, BlobRef latents) {
        return Candidate.newBuilder()
                .setCandidateId(Identity.candidateId(PROMPT, 1, index))
                .setPromptId(PROMPT)
                .setRun("r")
                .setRound(1)
                .setRoundSize(1)
                .setBatch("b")
                .setText("a cat")
                .setIndex(index)
                .setSeed(index)
                .setCandidates(4)
                .setKeep(1)
                .setSampling(sampling())
                .setMi(1)
                .setTimesteps(List.of())
                .setMiTerms(List.of())
                .setMiWeights(List.of())
                .setLatents(latents)
                .setAdapterVersion(0)
                .setModelDigest("m")
                .setWorker("w")
                .setSeconds(1)
                .setCreatedAt(Instant.EPOCH)
                .build();
    }

    private static SamplingSettings sampling() {
        return SamplingSettings.newBuilder()
                .setScheduler("ddim")
                .setNumInferenceSteps(2)
                .setGuidanceScale(2)
                .setHeight(32)
                .setWidth(32)
                .build();
    }

    private static CuratedSample curated(int index, BlobRef latents) {
        return CuratedSamples.curated("r", PROMPT, 1, 0)
                .setCandidateId(Identity.candidateId(PROMPT, 1, index))
                .setIndex(index)
                .setLatents(latents)
                .build();
    }

    private <V extends SpecificRecord> void send(Topic<V> topic, V value) throws Exception {
        var bytes = to.serde(topic.type()).serializer().serialize(topic.name(), value);
        send(new ProducerRecord<>(topic.name(), 0, bytes(PROMPT), bytes));
    }

    private void send(ProducerRecord<byte[], byte[]> record) throws Exception {
        var bytes = new ByteArraySerializer();
        try (var producer = new KafkaProducer<>(to.producerProperties(), bytes, bytes)) {
            producer.send(record).get();
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Connection connection(String prefix) {
        return new Connection(
                stack.bootstrapServers(), stack.schemaRegistryUrl(), prefix, Map.of());
    }

    private Result mitune(Object... words) {
        return CommandLineRunner.on(to, words);
    }
}
