package io.mitune.app.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.jerolba.carpet.CarpetReader;
import io.mitune.app.CommandLineRunner;
import io.mitune.app.CommandLineRunner.Result;
import io.mitune.app.TinyModel;
import io.mitune.app.generate.Studio;
import io.mitune.app.local.LocalSettings;
import io.mitune.app.local.LocalStack;
import io.mitune.app.log.TopicLog;
import io.mitune.app.metrics.RoleMetrics;
import io.mitune.diffusion.model.LoadOptions;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.safetensors.SafetensorsFile;
import io.mitune.schemas.Connection;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.blobs.BlobException;
import io.mitune.streams.curator.CurationConfig;
import io.mitune.streams.planner.TaskSplit;
import io.mitune.streams.promotion.PromotionRule;
import io.mitune.workers.generation.LatentsBlob;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.ZipFile;
import javax.imageio.ImageIO;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.parquet.io.api.Binary;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Samples that a worker drew and a curator chose, in every form, opened by other libraries. */
class ExportIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int SAMPLES = 6; // three prompts, two kept of each

    @TempDir static Path data;
    @TempDir Path folder;

    private static LocalStack stack;
    private static List<CuratedSample> curated;

    @BeforeAll
    static void curate() throws Exception {
        var settings =
                new LocalSettings(
                        data,
                        0,
                        0,
                        TinyModel.MODEL,
                        LoadOptions.plain(),
                        1,
                        new TaskSplit(4, 4),
                        CurationConfig.DEFAULT,
                        PromotionRule.DEFAULT,
                        List.of());
        stack = LocalStack.start(settings, new RoleMetrics());
        var prompts = data.resolve("prompts.txt");
        Files.writeString(prompts, "the red cat\n../a \"blue\" dog: caf\u00e9?\nthe cat\n");
        mitune(
                        "publish",
                        "--prompts",
                        prompts,
                        "--run",
                        "r",
                        "--candidates",
                        4,
                        "--keep",
                        2,
                        "--num-inference-steps",
                        3,
                        "--guidance-scale",
                        2)
                .ok();
        var deadline = Instant.now().plus(Duration.ofMinutes(3));
        curated = curated();
        while (curated.size() < SAMPLES) {
            assertTrue(Instant.now().isBefore(deadline), "curated in time");
            LockSupport.parkNanos(50_000_000);
            curated = curated();
        }
    }

    private static List<CuratedSample> curated() {
        return TopicLog.values(stack.connection(), stack.connection().topics().curated());
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @Test
    void imagefolderHasThePicturesAndWhatIsKnownOfThem() throws IOException {
        var out = folder.resolve("out");
        var said = export("imagefolder", out, "--latents", "npy").ok();
        assertTrue(said.out().contains("6 of 6"), said.out());
        var rows = rows(out.resolve("metadata.jsonl"));
        assertEquals(SAMPLES, rows.size());
        for (var row : rows) {
            var sample = sample(row);
            assertEquals(sample.getText(), row.get("text").asText());
            assertEquals(sample.getMi(), row.get("mi").asDouble());
            assertEquals(sample.getSeed(), row.get("seed").asLong());
            assertPicture(sample, Files.readAllBytes(out.resolve(row.get("file_name").asText())));
            var npy = Files.readAllBytes(out.resolve(row.get("latents_file").asText()));
            var header = new String(npy, StandardCharsets.ISO_8859_1);
            assertTrue(header.contains("NUMPY") && header.contains("'shape': (1, 4, "), header);
        }
    }

    @Test
    void webdatasetIsTarShardsOfBoundedSize() throws IOException {
        var out = folder.resolve("out");
        export("webdataset", out, "--latents", "safetensors").ok();
        var entries = tar(out.resolve("000000.tar"));
        assertEquals(4 * SAMPLES, entries.size());
        for (var name : entries.keySet()) {
            if (name.endsWith(".json")) {
                var key = name.replaceFirst("\\..*", "");
                var sample = sample(JSON.readTree(entries.get(name)));
                assertPicture(sample, entries.get(key + ".png"));
                assertEquals(sample.getText(), utf8(entries.get(key + ".txt")));
                var latents = stack.blobs().get(sample.getLatents());
                assertArrayEquals(latents, entries.get(key + ".safetensors"));
            }
        }
    }

    record Image(Binary bytes, String path) {}

    record Row(Image image, String text, double mi, long seed, String candidate_id) {}

    @Test
    void parquetHasOneRowASample() throws IOException {
        var out = folder.resolve("out");
        export("parquet", out).ok();
        var file = out.resolve("data/train-00000.parquet").toFile();
        var rows = new CarpetReader<>(file, Row.class).toList();
        assertEquals(SAMPLES, rows.size());
        for (var row : rows) {
            var sample = sample(row.candidate_id());
            assertEquals(sample.getText(), row.text());
            assertEquals(sample.getSeed(), row.seed());
            assertEquals(sample.getMi(), row.mi());
            assertPicture(sample, row.image().bytes().getBytes());
        }
    }

    @Test
    void officialIsAFolderASampleWithEverythingToTrainOn() throws IOException {
        var out = folder.resolve("out");
        export("official", out, "--model", TinyModel.MODEL).ok();
        var rows = rows(out.resolve("metadata.jsonl"));
        assertEquals(SAMPLES, rows.size());
        for (var row : rows) {
            var sample = sample(row);
            var name = row.get("folder").asText();
            assertTrue(name.endsWith("_" + sample.getSeed()), name);
            assertTrue(sample.getText().startsWith("..") == name.startsWith("a blue dog"), name);
            var place = out.resolve(name);
            assertPicture(sample, Files.readAllBytes(place.resolve("image.png")));
            var file = SafetensorsFile.open(place.resolve("sample.safetensors"));
            var latents = LatentsBlob.get(stack.blobs(), sample.getLatents()).values();
            var wanted = ByteBuffer.allocate(4 * latents.length).order(ByteOrder.LITTLE_ENDIAN);
            wanted.asFloatBuffer().put(latents);
            assertEquals(wanted, file.tensor("latents"));
            assertEquals(1, file.info("prompt_embeds").shape().get(0));
            assertEquals(3, file.info("prompt_embeds").shape().size());
            for (var tensor : file.names()) {
                try (var zip = new ZipFile(place.resolve(tensor + ".pt").toFile())) {
                    var elements = zip.getInputStream(zip.getEntry("archive/data/0"));
                    var bytes = ByteBuffer.wrap(elements.readAllBytes());
                    assertEquals(file.tensor(tensor), bytes);
                }
            }
        }
        var line = export("official", folder.resolve("none")).failedInOneLine();
        assertTrue(line.contains("--model: expected one to encode the prompts"), line);
    }

    record Pair(
            String caption,
            Binary jpg_0,
            Binary jpg_1,
            double label_0,
            double mi_0,
            double mi_1,
            String candidate_id_0) {}

    @Test
    void preferencePairsAreTheBestAndTheWorstOfAPrompt() throws IOException {
        var out = folder.resolve("out");
        export("preference", out).ok();
        var file = out.resolve("data/train-00000.parquet").toFile();
        var pairs = new CarpetReader<>(file, Pair.class).toList();
        assertEquals(SAMPLES / 2, pairs.size());
        for (var pair : pairs) {
            var best = sample(pair.candidate_id_0());
            assertEquals(0, best.getRank());
            assertEquals(best.getText(), pair.caption());
            assertEquals(best.getScoreMax(), pair.mi_0());
            assertEquals(best.getScoreMin(), pair.mi_1());
            assertEquals(1.0, pair.label_0());
            assertPicture(best, pair.jpg_0().getBytes());
            assertTrue(ImageIO.read(new ByteArrayInputStream(pair.jpg_1().getBytes())) != null);
        }
        var asFolder = folder.resolve("folder");
        export("preference-folder", asFolder, "--latents", "npy").ok();
        for (var row : rows(asFolder.resolve("metadata.jsonl"))) {
            var best = sample(row.get("candidate_id_0").asText());
            var picture = asFolder.resolve(row.get("jpg_0_file_name").asText());
            assertPicture(best, Files.readAllBytes(picture));
            assertTrue(Files.exists(asFolder.resolve(row.get("jpg_1_file_name").asText())));
            assertTrue(Files.exists(asFolder.resolve(row.get("latents_1_file").asText())));
        }
    }

    @Test
    void aPictureThatWasNeverMadeIsDecodedFromTheLatents() throws IOException {
        var sample = CuratedSample.newBuilder(curated.get(0)).setPreview(null).build();
        var samples = List.of(sample);
        var without = new Materials(stack.blobs(), Optional.empty());
        var told =
                assertThrows(
                        BlobException.class,
                        () -> new SampleItems(samples, without, LatentsForm.NONE).item(0));
        assertTrue(told.getMessage().contains("--model decodes"), told.getMessage());
        try (var studio = new Studio(TinyModel.MODEL, Device.cpu(), Dtype.FP32)) {
            var with = new Materials(stack.blobs(), Optional.of(() -> studio));
            var item = new SampleItems(samples, with, LatentsForm.NONE).item(0);
            assertPicture(curated.get(0), item.files().get(0).bytes());
            var other = CuratedSample.newBuilder(sample).setModelDigest("other").build();
            var items = new SampleItems(List.of(other), with, LatentsForm.NONE);
            var refused = assertThrows(BlobException.class, () -> items.item(0));
            assertTrue(refused.getMessage().contains("expected other, which drew it"));
        }
    }

    @Test
    void twoExportsOfOneTopicAreTheSameBytes() throws IOException {
        for (var format : List.of("webdataset", "official", "preference", "preference-folder")) {
            var first = folder.resolve(format + "-1");
            var second = folder.resolve(format + "-2");
            export(format, first, "--model", TinyModel.MODEL).ok();
            export(format, second, "--model", TinyModel.MODEL, "--run", "r", "--round", 1).ok();
            assertEquals(List.of(), differences(first, second), format);
        }
    }

    @Test
    void aMissingPictureIsNamedOrDecodedAndADamagedOneIsLeftOut() throws IOException {
        var blobs = folder.resolve("blobs");
        copy(Path.of(stack.blobs().root()), blobs);
        var missing = curated.get(0);
        var damaged = curated.get(1);
        Files.delete(blobs.resolve(missing.getPreview().getPath()));
        var file = blobs.resolve(damaged.getPreview().getPath());
        var bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        var out = folder.resolve("out");
        var said = mitune("export", "--format", "imagefolder", "--output", out, "--blobs", blobs);
        assertEquals(1, said.code(), said.err());
        assertTrue(said.err().contains("left out " + missing.getCandidateId()), said.err());
        assertTrue(said.err().contains("left out " + damaged.getCandidateId()), said.err());
        assertTrue(said.err().contains("the file is damaged"), said.err());
        assertTrue(said.err().contains("expected 6, found 4 whole"), said.err());
        assertEquals(4, rows(out.resolve("metadata.jsonl")).size());
        assertFalse(Files.exists(folder.resolve("out.partial")));
    }

    @Test
    void recordsThatCannotBeReadAreTold() throws Exception {
        var at =
                new Connection(
                        stack.connection().bootstrapServers(),
                        stack.connection().schemaRegistryUrl(),
                        "poison.",
                        Map.of());
        CommandLineRunner.on(at, "topics", "create").ok();
        var topic = at.topics().curated();
        var bytes = new ByteArraySerializer();
        var good = at.serde(topic.type()).serializer().serialize(topic.name(), curated.get(0));
        var bad = "no record".getBytes(StandardCharsets.UTF_8);
        try (var producer = new KafkaProducer<>(at.producerProperties(), bytes, bytes)) {
            for (var value : List.of(bad, good, good)) {
                producer.send(new ProducerRecord<>(topic.name(), 0, null, value)).get();
            }
        }
        var out = folder.resolve("out");
        var said = CommandLineRunner.on(at, exportWords("imagefolder", out));
        assertEquals(1, said.code(), said.err());
        assertTrue(said.err().contains("left out record poison.curated-0 at 0: "), said.err());
        assertTrue(said.out().contains("1 of 2 in "), said.out());
        assertEquals(1, rows(out.resolve("metadata.jsonl")).size());
    }

    @Test
    void whatCannotBeDoneIsSaidAtOnce() throws IOException {
        var taken = Files.createDirectories(folder.resolve("taken"));
        var line = export("parquet", taken).failedInOneLine();
        assertTrue(line.contains("remove it or choose another --output"), line);
        var out = folder.resolve("out");
        assertTrue(export("zip", out).failedInOneLine().contains("expected one of imagefolder"));
        var run = export("parquet", out, "--run", "q").failedInOneLine();
        assertTrue(run.contains("--run: expected one of [r], found q"), run);
        var round = export("parquet", out, "--round", 9).failedInOneLine();
        assertTrue(round.contains("expected something to export"), round);
        assertFalse(Files.exists(out));
    }

    private static Result export(String format, Path out, Object... more) {
        return mitune(exportWords(format, out, more));
    }

    private static Object[] exportWords(String format, Path out, Object... more) {
        var words = new ArrayList<Object>(List.of("export", "--format", format));
        words.addAll(List.of("--output", out, "--blobs", stack.blobs().root()));
        words.addAll(List.of(more));
        return words.toArray();
    }

    private static Result mitune(Object... words) {
        return CommandLineRunner.on(stack.connection(), words);
    }

    private static CuratedSample sample(JsonNode row) {
        return sample(row.get("candidate_id").asText());
    }

    private static CuratedSample sample(String candidateId) {
        return curated.stream()
                .filter(s -> s.getCandidateId().equals(candidateId))
                .findFirst()
                .orElseThrow();
    }

    private static void assertPicture(CuratedSample sample, byte[] png) throws IOException {
        assertArrayEquals(stack.blobs().get(sample.getPreview()), png);
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));
        assertTrue(image.getWidth() > 1 && image.getHeight() > 1);
    }

    private static List<JsonNode> rows(Path file) throws IOException {
        var rows = new ArrayList<JsonNode>();
        for (var line : Files.readAllLines(file)) {
            rows.add(JSON.readTree(line));
        }
        return rows;
    }

    private static Map<String, byte[]> tar(Path file) throws IOException {
        var entries = new TreeMap<String, byte[]>();
        try (var in = new TarArchiveInputStream(Files.newInputStream(file))) {
            for (var entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                entries.put(entry.getName(), in.readAllBytes());
            }
        }
        return entries;
    }

    private static List<String> differences(Path first, Path second) throws IOException {
        var found = new ArrayList<String>();
        try (var files = Files.walk(first)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                var other = second.resolve(first.relativize(file).toString());
                if (Files.mismatch(file, other) >= 0) {
                    found.add(file.toString());
                }
            }
        }
        return found;
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (var file : files.sorted(Comparator.naturalOrder()).toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    private static String utf8(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
