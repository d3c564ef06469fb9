package io.mitune.app.faults;

import io.mitune.app.FreePorts;
import io.mitune.app.Main;
import io.mitune.schemas.Connection;
import io.mitune.schemas.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The whole stream as processes on the loopback: broker with registry, two workers, curator,
 * trainer. All but the first worker reach broker and registry through a {@link SlowProxy} only.
 */
final class Stage implements AutoCloseable {
    private static final String HOST = "127.0.0.1:";

    private final Path folder;
    private final Workload work;
    private final int kafkaPort = FreePorts.one();
    private final int registryPort = FreePorts.one();
    private final SlowProxy kafkaNetwork;
    private final SlowProxy registryNetwork;
    private final Map<String, Child> children = new LinkedHashMap<>();

    /**
     * @param folder for logs and data
     */
    Stage(Path folder, Workload work) throws IOException {
        this.folder = folder;
        this.work = work;
        int behind = FreePorts.one();
        kafkaNetwork = new SlowProxy(behind);
        registryNetwork = new SlowProxy(registryPort);
        var broker =
                Stream.of(kafkaPort, registryPort, behind, kafkaNetwork.port())
                        .map(Object::toString);
        var arguments = Stream.concat(Stream.of(folder.resolve("data").toString()), broker);
        add(new Child("broker", folder, BrokerProcess.class, arguments.toList()));
        role("curator", curator());
        role("trainer", trainer());
        role("worker-1", worker("worker-1", Network.DIRECT));
        role("worker-2", worker("worker-2", Network.SLOW));
    }

    private enum Network {
        DIRECT,
        SLOW
    }

    Child child(String name) {
        return children.get(name);
    }

    /** Not through the proxies. */
    Connection connection() {
        return new Connection(
                HOST + kafkaPort, "http://" + HOST + registryPort, Topics.DEFAULT_PREFIX, Map.of());
    }

    /** Arguments of a command that runs undisturbed. */
    List<String> direct(String... words) {
        return Stream.concat(Stream.of(words), network(Network.DIRECT).stream()).toList();
    }

    void become(SlowProxy.Weather weather) {
        registryNetwork.become(weather);
        kafkaNetwork.become(weather);
    }

    void startRoles() {
        children.values().stream().filter(c -> !c.name().equals("broker")).forEach(Child::start);
    }

    /** Whether the trainer has ended by itself, with all rounds done. */
    boolean isDone() {
        return child("trainer").endedWell();
    }

    /** A process that ended although nobody told it to. */
    Optional<Child> fallen() {
        return children.values().stream()
                .filter(Child::hasFallen)
                .filter(c -> !c.name().equals("trainer") || !c.endedWell())
                .findFirst();
    }

    /** The last that each process said. */
    String lastLines() {
        return children.values().stream().map(Child::lastLines).collect(Collectors.joining("\n"));
    }

    /** A file of prompts. */
    Path prompts(String name, List<String> texts) {
        try {
            return Files.write(folder.resolve(name + ".txt"), texts);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        children.values().forEach(Child::close);
        kafkaNetwork.close();
        registryNetwork.close();
    }

    private void role(String name, List<String> arguments) {
        add(new Child(name, folder, Main.class, arguments));
    }

    private void add(Child child) {
        children.put(child.name(), child);
    }

    private List<String> curator() {
        return line(
                Network.SLOW,
                "curate",
                "--promote-always",
                "--state-dir=" + folder.resolve("data/state"),
                "--candidates-per-task=" + Workload.PER_TASK,
                "--micro-batch=" + Workload.PER_TASK,
                // a killed one is replaced soon
                "--kafka=main.consumer.session.timeout.ms=6000");
    }

    private List<String> worker(String name, Network network) {
        return line(network, "worker", model(), blobs(), "--name=" + name, "--lock-seconds=6");
    }

    private List<String> trainer() {
        var line =
                line(
                        Network.SLOW,
                        "train",
                        model(),
                        blobs(),
                        "--run=" + Workload.RUN,
                        "--rounds=" + work.rounds(),
                        "--checkpointing-steps=" + Workload.CHECKPOINT_EVERY,
                        "--validation-prompts="
                                + prompts("validation", List.of("the red cat", "a blue dog")),
                        "--num-validation-images=2",
                        "--validation-batch-size=2",
                        "--num-inference-steps=4");
        return Stream.concat(line.stream(), work.trainingOptions().stream()).toList();
    }

    private List<String> line(Network network, String... words) {
        var line = new ArrayList<>(List.of(words));
        line.addAll(network(network));
        return line;
    }

    private List<String> network(Network network) {
        boolean direct = network == Network.DIRECT;
        int kafka = direct ? kafkaPort : kafkaNetwork.port();
        int registry = direct ? registryPort : registryNetwork.port();
        return List.of(
                "--bootstrap-server=" + HOST + kafka,
                "--schema-registry-url=http://" + HOST + registry);
    }

    private static String model() {
        return "--model=" + Workload.MODEL;
    }

    private String blobs() {
        return "--blobs=" + folder.resolve("data/blobs");
    }
}
