package io.mitune.app.dlq;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.mitune.app.CommandLineRunner;
import io.mitune.app.CommandLineRunner.Result;
import io.mitune.app.Main;
import io.mitune.app.log.TopicLog;
import io.mitune.embedded.EmbeddedStack;
import io.mitune.schemas.ClientNames;
import io.mitune.schemas.Connection;
import io.mitune.schemas.DeadLetters;
import io.mitune.streams.StreamsApp;
import io.mitune.streams.StreamsSettings;
import io.mitune.streams.planner.PlannerTopology;
import io.mitune.streams.planner.TaskSplit;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Dead letters of a real planner, listed and sent again. */
class DlqIT {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final int LARGE = 150;
    private static EmbeddedStack stack;

    @TempDir Path folder;

    @BeforeAll
    static void start() {
        stack = EmbeddedStack.temporary();
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @Test
    void poisonComesBackWithItsHistoryAndIsNotLost() throws Exception {
        var to = connection("poison.");
        mitune("poison.", "topics", "create").ok();
        var poison = "no record".getBytes(StandardCharsets.UTF_8);
        var headers = new RecordHeaders().add("source", "test".getBytes(StandardCharsets.UTF_8));
        send(to, new ProducerRecord<>("poison.prompts", 2, bytes("k"), poison, headers));
        try (var planner = planner(to)) {
            assertNotNull(planner);
            await(() -> open(to).size() == 1);
            var list = mitune("poison.", "dlq", "list").ok().out();
            assertTrue(list.contains("poison.prompts-2 at 0"), list);
            assertTrue(mitune("poison.", "dlq", "list", "--topic", "curated").ok().out().isEmpty());
            var shown = new ObjectMapper().readTree(mitune("poison.", "dlq", "show", "0-0").out());
            assertEquals("bm8gcmVjb3Jk", shown.get("base64").asText());

            var dry = mitune("poison.", "dlq", "redrive", "--all", "--dry-run").ok().out();
            assertTrue(dry.contains("0-0 to poison.prompts"), dry);
            assertEquals(1, TopicLog.records(to, to.topics().prompts()).size());

            mitune("poison.", "dlq", "redrive", "--topic", "prompts").ok();
            await(() -> open(to).stream().anyMatch(letter -> letter.redrives() == 1));
            var letters = open(to);
            assertEquals(1, letters.size(), "the first is marked as sent again");
            var again = TopicLog.records(to, to.topics().prompts()).get(1);
            assertEquals(2, again.partition());
            assertArrayEquals(poison, again.value());
            assertEquals("test", header(again, "source"));
            assertEquals("1", header(again, DeadLetters.REDRIVES));
            assertEquals(2, again.headers().toArray().length);
            assertTrue(mitune("poison.", "dlq", "list", "--all").ok().out().contains("sent again"));
        }
    }

    @Test
    void aGoodRecordThatFailedForAReasonOutsideIsDoneAfterAll() throws Exception {
        var to = connection("good.");
        mitune("good.", "topics", "create").ok();
        var file = folder.resolve("prompts.txt");
        Files.writeString(file, "a red star\n");
        mitune("elsewhere.", "topics", "create").ok();
        mitune("elsewhere.", "publish", "--prompts", file, "--candidates", 4).ok();
        var elsewhere = connection("elsewhere.");
        var prompt = TopicLog.records(elsewhere, elsewhere.topics().prompts()).get(0);
        var failed =
                new ConsumerRecord<>(
                        "good.prompts", prompt.partition(), 7, prompt.key(), prompt.value());
        send(to, DeadLetters.of(to.topics(), failed, "planner", "disk full"));
        try (var planner = planner(to)) {
            assertNotNull(planner);
            mitune("good.", "dlq", "redrive", "0-0").ok();
            await(() -> !TopicLog.records(to, to.topics().generationTasks()).isEmpty());
            assertTrue(open(to).isEmpty());
        }
    }

    @Test
    void whatCannotBeSentIsNamedAndLeft() throws Exception {
        var to = connection("left.");
        mitune("left.", "topics", "create").ok();
        var foreign = new ConsumerRecord<>("payroll", 0, 1, bytes("k"), bytes("v"));
        send(to, DeadLetters.of(to.topics(), foreign, "worker w", "odd"));
        var large = new ConsumerRecord<>("left.curated", 0, 1, bytes("k"), new byte[4 << 20]);
        send(to, DeadLetters.of(to.topics(), large, "trainer t", "large"));
        var result = mitune("left.", "dlq", "redrive", "--all");
        assertEquals(1, result.code(), result.err());
        assertTrue(result.err().contains("found 'payroll'"), result.err());
        assertTrue(result.err().contains("only the beginning"), result.err());
        assertTrue(result.out().contains("0 sent again, 2 left"), result.out());
        assertEquals(2, open(to).size());
        assertTrue(mitune("left.", "dlq", "redrive").failedInOneLine().contains("--all"));
        assertTrue(mitune("left.", "dlq", "redrive", "0-9").failedInOneLine().contains("0-9"));
        assertTrue(
                mitune("left.", "dlq", "list", "--reason", "(").failedInOneLine().contains("'('"));
    }

    /** Letters far apart may be looked for longer than a transaction may be open. */
    @Test
    void noTransactionIsOpenWhileLettersAreLookedFor() throws Exception {
        var to = connection("slow.");
        mitune("slow.", "topics", "create").ok();
        var failed = new ConsumerRecord<>("slow.prompts", 0, 1, bytes("k"), bytes("v"));
        send(to, DeadLetters.of(to.topics(), failed, "planner", "odd"));
        var letter = open(to).get(0);
        var id = new ClientNames("slow.").redrive();
        try (var redrive = new Redrive(to);
                var admin = Admin.create(to.adminProperties())) {
            redrive.send(letter);
            long end = System.nanoTime() + Duration.ofSeconds(1).toNanos();
            while (System.nanoTime() < end) {
                var known = admin.describeTransactions(List.of(id)).description(id).get();
                assertEquals(TransactionState.EMPTY, known.state());
                LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
            }
            redrive.finish();
        }
        assertEquals(List.of(), open(to));
    }

    @Test
    void lettersThatExceedTheMemoryAreListedAndSent() throws Exception {
        var to = connection("large.");
        mitune("large.", "topics", "create").ok();
        var noise = new Random(7);
        for (int i = 0; i < LARGE; i++) {
            var value = new byte[1_000_000];
            noise.nextBytes(value);
            var failed = new ConsumerRecord<>("large.curated", 0, i, bytes("k" + i), value);
            send(to, DeadLetters.of(to.topics(), failed, "trainer t", "odd"));
        }
        var listed = inSmallMemory(to, "dlq", "list", "--json");
        assertEquals(LARGE, listed.lines().filter(l -> l.contains("\"odd\"")).count(), listed);
        var sent = inSmallMemory(to, "dlq", "redrive", "--all");
        assertTrue(sent.contains(LARGE + " sent again, 0 left"), sent);
        assertTrue(open(to).isEmpty());
        var again = new HashSet<String>();
        try (var log = TopicLog.untilEnd(to, to.topics().curated())) {
            log.forEach(record -> again.add(new String(record.key(), StandardCharsets.UTF_8)));
        }
        assertEquals(LARGE, again.size());
    }

    /** What a process says that has less memory than the letters take. */
    private String inSmallMemory(Connection to, String... words) throws Exception {
        var line = new ArrayList<String>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        line.addAll(List.of("-Xmx96m", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError"));
        line.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        line.addAll(List.of(words));
        line.add("--bootstrap-server=" + to.bootstrapServers());
        line.add("--schema-registry-url=" + to.schemaRegistryUrl());
        line.add("--topic-prefix=" + to.topics().prefix());
        var log = folder.resolve("small.log");
        var process =
                new ProcessBuilder(line)
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        try {
            assertTrue(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS));
        } finally {
            process.destroyForcibly();
        }
        var said = Files.readString(log);
        assertEquals(0, process.exitValue(), said);
        return said;
    }

    private static List<DeadLetter> open(Connection to) {
        var letters = new ArrayList<DeadLetter>();
        DeadLetterSet.open(to, letter -> true).forEach(letters::add);
        return letters;
    }

    private StreamsApp planner(Connection to) throws IOException {
        var settings = StreamsSettings.of(to, folder.resolve("streams"));
        return StreamsApp.start(PlannerTopology.role(to, new TaskSplit(4, 4)), settings);
    }

    private static void send(Connection to, ProducerRecord<byte[], byte[]> record)
            throws Exception {
        var bytes = new ByteArraySerializer();
        try (var producer = new KafkaProducer<>(to.producerProperties(), bytes, bytes)) {
            producer.send(record).get();
        }
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, "waited " + LIMIT);
            LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
        }
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Connection connection(String prefix) {
        return new Connection(
                stack.bootstrapServers(), stack.schemaRegistryUrl(), prefix, Map.of());
    }

    private static Result mitune(String prefix, Object... words) {
        return CommandLineRunner.on(connection(prefix), words);
    }
}
