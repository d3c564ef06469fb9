package io.mitune.app.dashboard;

import io.mitune.embedded.EmbeddedStack;
import io.mitune.producers.TopicCreation;
import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.BlobRef;
import io.mitune.schemas.Candidate;
import io.mitune.schemas.Connection;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.DeadLetters;
import io.mitune.schemas.Evaluation;
import io.mitune.schemas.Identity;
import io.mitune.schemas.PromptRequest;
import io.mitune.schemas.RunStatus;
import io.mitune.schemas.SamplingSettings;
import io.mitune.schemas.Topic;
import io.mitune.schemas.Topics;
import io.mitune.schemas.TrainingStep;
import io.mitune.schemas.blobs.BlobStore;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serializer;

/** A broker with a registry, and records as the roles would write them. Belongs to one thread. */
public final class TestStream implements AutoCloseable {
    public static final String RUN = "default";
    private static final int STEPS = 50;

    private final EmbeddedStack stack;
    private final Connection connection;
    private final BlobStore blobs;
    private final KafkaProducer<byte[], byte[]> producer;
    private final Map<Class<?>, Serializer<?>> serializers = new HashMap<>();

    public TestStream(Path folder) {
        stack = EmbeddedStack.in(folder, 0, 0);
        connection =
                new Connection(
                        stack.bootstrapServers(),
                        stack.schemaRegistryUrl(),
                        Topics.DEFAULT_PREFIX,
                        Map.of());
        blobs = BlobStore.at(folder.resolve("blobs"));
        try (var topics = new TopicCreation(connection)) {
            topics.ensure(Optional.empty());
        }
        var properties = new HashMap<>(connection.producerProperties());
        properties.put("linger.ms", "20");
        var bytes = new ByteArraySerializer();
        producer = new KafkaProducer<>(properties, bytes, bytes);
    }

    public Connection connection() {
        return connection;
    }

    public BlobStore blobs() {
        return blobs;
    }

    public static String promptId(int number) {
        return Identity.promptId("test", number, text(number));
    }

    public static String text(int number) {
        return "prompt %d: a red circle and a blue square".formatted(number);
    }

    public void prompt(int number, int candidates) {
        var request = request(number, candidates);
        send(connection.topics().prompts(), request.getPromptId(), request);
    }

    /** All candidates of a prompt. */
    void candidates(int number, int count, BlobRef picture) {
        for (int index = 0; index < count; index++) {
            candidate(number, index, count, 5 + Math.sin(number * 7 + index) * 2, picture);
        }
    }

    /** Without a picture where {@code picture} is null. */
    public void candidate(int number, int index, int of, double mi, BlobRef picture) {
        candidate(request(number, of), index, mi, picture);
    }

    /** A candidate of a prompt that somebody published. */
    public void candidate(PromptRequest of, int index, double mi, BlobRef picture) {
        var terms = IntStream.range(0, STEPS).mapToObj(t -> (float) (mi / STEPS)).toList();
        var promptId = of.getPromptId();
        var candidate =
                Candidate.newBuilder()
                        .setCandidateId(Identity.candidateId(promptId, of.getRound(), index))
                        .setPromptId(promptId)
                        .setRun(of.getRun())
                        .setRound(of.getRound())
                        .setRoundSize(of.getRoundSize())
                        .setBatch(of.getBatch())
                        .setText(of.getText())
                        .setCategory(of.getCategory())
                        .setIndex(index)
                        .setSeed(Identity.candidateSeed(42, promptId, index))
                        .setCandidates(of.getCandidates())
                        .setKeep(1)
                        .setSampling(of.getSampling())
                        .setMi(mi)
                        .setTimesteps(
                                IntStream.range(0, STEPS).map(t -> 980 - 20 * t).boxed().toList())
                        .setMiTerms(terms)
                        .setMiWeights(terms)
                        .setPreview(picture)
                        .setAdapterVersion(0)
                        .setModelDigest("0123456789abcdef")
                        .setWorker("worker-" + (index % 2 + 1))
                        .setSeconds(0.25)
                        .setCreatedAt(Instant.now())
                        .build();
        send(connection.topics().candidates(), promptId, candidate);
    }

    public void curated(int number, int index, double mi, BlobRef picture) {
        curated(request(number, 6), index, mi, picture);
    }

    /** The sample that was kept of a prompt. */
    public void curated(PromptRequest of, int index, double mi, BlobRef picture) {
        var promptId = of.getPromptId();
        var sample =
                CuratedSample.newBuilder()
                        .setPromptId(promptId)
                        .setRun(of.getRun())
                        .setRound(of.getRound())
                        .setRoundSize(of.getRoundSize())
                        .setBatch(of.getBatch())
                        .setText(of.getText())
                        .setCategory(of.getCategory())
                        .setRank(0)
                        .setKept(1)
                        .setCandidateId(Identity.candidateId(promptId, of.getRound(), index))
                        .setIndex(index)
                        .setSeed(7)
                        .setMi(mi)
                        .setMargin(0.5)
                        .setScoreMean(2)
                        .setScoreStd(0.5)
                        .setScoreMin(1)
                        .setScoreMax(mi)
                        .setCandidatesRequested(of.getCandidates())
                        .setCandidatesSeen(of.getCandidates())
                        .setCandidatesFailed(0)
                        .setComplete(true)
                        .setPolicy("mi-max")
                        .setPolicyVersion(1)
                        .setReason("best of " + of.getCandidates())
                        .setAdapterVersion(0)
                        .setModelDigest("0123456789abcdef")
                        .setPreview(picture)
                        .build();
        send(connection.topics().curated(), promptId, sample);
    }

    /** A prompt of round 1 as it is published. */
    public static PromptRequest request(int number, int candidates) {
        return PromptRequest.newBuilder()
                .setPromptId(promptId(number))
                .setRun(RUN)
                .setRound(1)
                .setRoundSize(100)
                .setBatch("test")
                .setText(text(number))
                .setCategory(category(number))
                .setPosition(number)
                .setSeed(42)
                .setCandidates(candidates)
                .setKeep(1)
                .setSampling(sampling())
                .setRequestedAt(Instant.now())
                .build();
    }

    public void step(int step) {
        var record =
                TrainingStep.newBuilder()
                        .setRun(RUN)
                        .setRound(1)
                        .setStep(step)
                        .setLoss(0.2 + 1.0 / (step + 5))
                        .setGradientNorm(0.5)
                        .setLearningRate(Math.min(1, step / 20.0) * 1e-4)
                        .setSamplesPerSecond(30)
                        .setSamples(step * 32L)
                        .setSeconds(1.5)
                        .setSkippedSteps(0)
                        .setStaleness(0)
                        .setCreatedAt(Instant.now())
                        .build();
        send(connection.topics().trainingSteps(), RUN, record);
    }

    /** Version 0 is the base model, which has an evaluation and no event of its own. */
    public void judged(int version, double mi) {
        var evaluation =
                Evaluation.newBuilder()
                        .setRun(RUN)
                        .setVersion(version)
                        .setRound(version)
                        .setImages(8)
                        .setPromptMi(List.of(mi, mi))
                        .setMeanMi(mi)
                        .setStandardErrorMi(0.1)
                        .setFinite(true)
                        .setAdapterNorm(0.01)
                        .setSheet(picture(version, 240, 300))
                        .setModelDigest("0123456789abcdef")
                        .setWorker("worker-1")
                        .setSeconds(3)
                        .setCreatedAt(Instant.now())
                        .build();
        send(connection.topics().evaluations(), RUN + "/" + version, evaluation);
    }

    public void adapter(int version, String status, boolean inUse) {
        adapter(version, status, inUse, null);
    }

    /** A version and the list of the prompts whose picture with that index it was trained on. */
    public void adapter(int version, String status, boolean inUse, IntStream prompts, int index) {
        var ids =
                prompts.mapToObj(p -> Identity.candidateId(promptId(p), 1, index))
                        .collect(Collectors.joining("\n", "", "\n"));
        adapter(
                version,
                status,
                inUse,
                blobs.put("datasets", "txt", ids.getBytes(StandardCharsets.UTF_8)));
    }

    private void adapter(int version, String status, boolean inUse, BlobRef dataset) {
        var event =
                AdapterEvent.newBuilder()
                        .setRun(RUN)
                        .setVersion(version)
                        .setRound(version)
                        .setStep(60 * version)
                        .setParentVersion(version - 1)
                        .setStatus(status)
                        .setDatasetSize(12)
                        .setDataset(dataset)
                        .setMetrics(Map.of("loss", 0.31))
                        .setReason("mean MI rose")
                        .setCreatedAt(Instant.now())
                        .build();
        send(connection.topics().adapterHistory(), RUN, event);
        if (inUse) {
            send(connection.topics().adapters(), RUN, event);
        }
    }

    /** Where the run stands, with 400 candidates left to spend. */
    public void status(String state, String waits) {
        status(RUN, state, waits, 400L);
    }

    /**
     * Where some run stands.
     *
     * @param left candidates that it may still spend; null where nothing limits them
     */
    public void status(String run, String state, String waits, Long left) {
        var record =
                RunStatus.newBuilder()
                        .setRun(run)
                        .setState(state)
                        .setWaits(waits)
                        .setRound(1)
                        .setDecidedRound(0)
                        .setAdapterVersion(1)
                        .setDecision("version 1: promoted")
                        .setSeconds(7200)
                        .setTrainingSeconds(1800)
                        .setSamples(600)
                        .setSamplesLeft(left)
                        .setStaleness(0)
                        .setStaleSamples(0)
                        .setUpdatedAt(Instant.now())
                        .build();
        send(connection.topics().runStatus(), run, record);
    }

    public void deadLetter(String reason) {
        var failed =
                new ConsumerRecord<byte[], byte[]>(
                        connection.topics().candidates().name(), 1, 17, null, new byte[] {1});
        producer.send(DeadLetters.of(connection.topics(), failed, "worker", reason));
    }

    /** A prompt with all its candidates, of which the best is kept. */
    public void round(int number, int candidates, List<BlobRef> pictures) {
        prompt(number, candidates);
        double best = 0;
        int at = 0;
        for (int index = 0; index < candidates; index++) {
            double mi = 6 + (number * 31 + index * 17) % 23 / 10.0;
            candidate(number, index, candidates, mi, pictures.get((number + index) % 12));
            if (mi > best) {
                best = mi;
                at = index;
            }
        }
        curated(number, at, best, pictures.get((number + at) % 12));
    }

    /** The mark that a dead letter was sent again. */
    public void redriven() {
        var topic = connection.topics().deadLetters().name();
        var mark = new ProducerRecord<byte[], byte[]>(topic, null, null);
        mark.headers()
                .add(DeadLetters.REDRIVEN, "candidates/1/17".getBytes(StandardCharsets.UTF_8));
        producer.send(mark);
    }

    /** A plain picture, different for each number. */
    public BlobRef picture(int number, int width, int height) {
        var image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        var pen = image.createGraphics();
        pen.setColor(Color.getHSBColor(number * 0.137f, 0.35f, 0.95f));
        pen.fillRect(0, 0, width, height);
        pen.setColor(Color.getHSBColor(number * 0.311f, 0.8f, 0.7f));
        pen.fillOval(number % 7 * width / 12, number % 5 * height / 10, width / 3, height / 3);
        pen.dispose();
        var out = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "png", out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return blobs.put("previews", "png", out.toByteArray());
    }

    public void flush() {
        producer.flush();
    }

    @Override
    public void close() {
        producer.close();
        stack.close();
    }

    private static String category(int number) {
        return List.of("color", "spatial", "numeracy").get(number % 3);
    }

    private static SamplingSettings sampling() {
        return SamplingSettings.newBuilder()
                .setScheduler("ddpm")
                .setNumInferenceSteps(STEPS)
                .setGuidanceScale(2)
                .build();
    }

    @SuppressWarnings("unchecked") // by the type that is its key
    private <V extends SpecificRecord> void send(Topic<V> topic, String key, V value) {
        var serializer =
                serializers.computeIfAbsent(
                        topic.type(), t -> connection.serde(topic.type()).serializer());
        var bytes = ((Serializer<V>) serializer).serialize(topic.name(), value);
        producer.send(
                new ProducerRecord<>(topic.name(), key.getBytes(StandardCharsets.UTF_8), bytes));
    }
}
