package io.mitune.app.faults;

import io.mitune.schemas.BlobRef;
import io.mitune.schemas.Candidate;
import io.mitune.schemas.Connection;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.GenerationTask;
import io.mitune.schemas.Identity;
import io.mitune.schemas.PromptRequest;
import io.mitune.schemas.SamplingSettings;
import io.mitune.schemas.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Records that no role can use, each for a reason of its own. */
final class Poison {
    private static final byte[] NO_AVRO = "no Avro".getBytes(StandardCharsets.UTF_8);
    private static final byte[] UNKNOWN_SCHEMA = {0, 0, 1, 0, 0, 5, 5};

    private final Connection connection;
    private final Oracle oracle;

    Poison(Connection connection, Oracle oracle) {
        this.connection = connection;
        this.oracle = oracle;
    }

    /** Ends up in the dead letters; sent before the first role starts. */
    List<ProducerRecord<byte[], byte[]>> first() {
        var curated = connection.topics().curated();
        var sample = oracle.curated().get(0).as(CuratedSample.class);
        // the trainer surely reads the partition of a prompt of its first round
        var key = sample.getPromptId();
        var rank = CuratedSample.newBuilder(sample).setRank(Workload.KEEP).build();
        return List.of(
                record(curated, key, NO_AVRO),
                record(curated, key, truncated(curated, sample)),
                record(curated, key, bytes(curated, rank)));
    }

    /** Ends up in the dead letters, whenever it comes. */
    List<ProducerRecord<byte[], byte[]>> anyTime() {
        var topics = connection.topics();
        var prompts = topics.prompts();
        var candidates = topics.candidates();
        var tasks = topics.generationTasks();
        var prompt = prompt();
        var id = prompt.getPromptId();
        var none = PromptRequest.newBuilder(prompt).setCandidates(0).build();
        var candidate = oracle.candidates().values().iterator().next().as(Candidate.class);
        var negative = Candidate.newBuilder(candidate).setIndex(-1).build();
        return List.of(
                record(prompts, id, NO_AVRO),
                record(prompts, id, UNKNOWN_SCHEMA),
                record(prompts, id, truncated(prompts, prompt)),
                record(prompts, id, bytes(prompts, none)),
                record(prompts, "another", bytes(prompts, prompt)),
                record(candidates, id, NO_AVRO),
                record(candidates, id, UNKNOWN_SCHEMA),
                record(candidates, id, truncated(candidates, candidate)),
                record(candidates, candidate.getPromptId(), bytes(candidates, negative)),
                record(tasks, "p", UNKNOWN_SCHEMA),
                task(connection, t -> t.setModel("another model")),
                task(connection, t -> t.setSampling(sampling("no scheduler"))),
                task(connection, t -> t.setAdapterVersion(1).setAdapter(absent())),
                record(topics.evaluationTasks(), "p", NO_AVRO),
                record(topics.evaluations(), "p", UNKNOWN_SCHEMA),
                record(topics.adapterHistory(), "p", NO_AVRO),
                record(topics.adapters(), Workload.RUN, NO_AVRO),
                record(topics.adapters(), Workload.RUN, UNKNOWN_SCHEMA),
                record(topics.policies(), "p/1", NO_AVRO),
                record(topics.runStatus(), Workload.RUN, UNKNOWN_SCHEMA));
    }

    private static PromptRequest prompt() {
        var text = "a prompt that is never asked for";
        return PromptRequest.newBuilder()
                .setPromptId(Identity.promptId("poison", 0, text))
                .setRun("poison")
                .setRound(1)
                .setRoundSize(1)
                .setBatch("poison")
                .setText(text)
                .setPosition(0)
                .setSeed(Workload.SEED)
                .setCandidates(2)
                .setKeep(1)
                .setSampling(Workload.sampling())
                .setRequestedAt(Instant.EPOCH)
                .build();
    }

    /** A task of two candidates, good but for the fault. */
    static ProducerRecord<byte[], byte[]> task(
            Connection connection, Consumer<GenerationTask.Builder> fault) {
        var prompt = prompt();
        var task =
                GenerationTask.newBuilder()
                        .setTaskId(Identity.taskId(prompt.getPromptId(), 1, 0))
                        .setPromptId(prompt.getPromptId())
                        .setRun(prompt.getRun())
                        .setRound(1)
                        .setRoundSize(1)
                        .setBatch(prompt.getBatch())
                        .setText(prompt.getText())
                        .setSeed(prompt.getSeed())
                        .setFirstIndex(0)
                        .setCount(2)
                        .setMicroBatch(2)
                        .setCandidates(2)
                        .setKeep(1)
                        .setSampling(prompt.getSampling())
                        .setAdapterVersion(0);
        fault.accept(task);
        var topic = connection.topics().generationTasks();
        return record(topic, "p", bytes(connection, topic, task.build()));
    }

    private static SamplingSettings sampling(String scheduler) {
        return SamplingSettings.newBuilder(Workload.sampling()).setScheduler(scheduler).build();
    }

    private static BlobRef absent() {
        var sha256 = Identity.sha256("absent".getBytes(StandardCharsets.UTF_8));
        var path = "adapters/" + sha256.substring(0, 2) + "/" + sha256 + ".safetensors";
        return BlobRef.newBuilder().setPath(path).setSha256(sha256).setSize(6).build();
    }

    private <V extends SpecificRecord> byte[] truncated(Topic<V> topic, V value) {
        var whole = bytes(topic, value);
        return Arrays.copyOf(whole, whole.length / 2);
    }

    private <V extends SpecificRecord> byte[] bytes(Topic<V> topic, V value) {
        return bytes(connection, topic, value);
    }

    private static <V extends SpecificRecord> byte[] bytes(
            Connection connection, Topic<V> topic, V value) {
        return connection.serde(topic.type()).serializer().serialize(topic.name(), value);
    }

    private static ProducerRecord<byte[], byte[]> record(Topic<?> topic, String key, byte[] value) {
        return new ProducerRecord<>(topic.name(), key.getBytes(StandardCharsets.UTF_8), value);
    }
}
