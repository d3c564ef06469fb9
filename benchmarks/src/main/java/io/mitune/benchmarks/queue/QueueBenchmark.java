package io.mitune.benchmarks.queue;

import io.mitune.app.cli.ErrorLine;
import io.mitune.embedded.BrokerMain;
import io.mitune.producers.Prompt;
import io.mitune.producers.PromptPublisher;
import io.mitune.producers.Prompts;
import io.mitune.producers.PublishProgress;
import io.mitune.producers.PublishSettings;
import io.mitune.producers.TopicCreation;
import io.mitune.schemas.Connection;
import io.mitune.schemas.SamplingSettings;
import io.mitune.schemas.ScratchDirectory;
import io.mitune.schemas.Topics;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Throughput with 1 to 64 workers that sleep, and what planner, curator and broker cost.
 *
 * <p>Broker, planner and curator are processes of their own; the workers are threads of this one,
 * and more join while the others work. A measurement begins when every worker has done a task.
 */
@Command(name = "queue", mixinStandardHelpOptions = true)
public final class QueueBenchmark implements Callable<Integer> {
    private static final long PATIENCE_MS = 180_000;

    @Option(names = "--workers", defaultValue = "1,2,4,8,16,32,64", split = ",")
    private List<Integer> workers;

    @Option(names = "--seconds", defaultValue = "0.5", description = "of a device per candidate")
    private double seconds;

    @Option(names = "--candidates-per-task", defaultValue = "16")
    private int perTask;

    @Option(names = "--measure", defaultValue = "32", description = "seconds with each number")
    private int measured;

    @Option(names = "--backlog", defaultValue = "5000", description = "prompts of 16 candidates")
    private int backlog;

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final Map<String, ChildJvm> processes = new LinkedHashMap<>();
    private Connection connection;

    /** Runs the benchmark and prints its tables. */
    public static void main(String[] args) {
        System.exit(
                new CommandLine(new QueueBenchmark())
                        .setExecutionExceptionHandler(ErrorLine::onFailure)
                        .setParameterExceptionHandler(ErrorLine::onUsage)
                        .execute(args));
    }

    @Override
    public Integer call() throws Exception {
        try {
            start();
            accept();
            measureAll();
        } finally {
            while (!parts.isEmpty()) {
                parts.pop().close();
            }
        }
        return 0;
    }

    private void start() throws IOException {
        var scratch = ScratchDirectory.create("mitune-queue-");
        parts.push(scratch);
        var directory = scratch.path();
        var broker = child("broker", BrokerMain.class, directory.resolve("broker").toString());
        var addresses = broker.ready();
        connection =
                new Connection(addresses.get(1), addresses.get(2), Topics.DEFAULT_PREFIX, Map.of());
        try (var topics = new TopicCreation(connection)) {
            topics.ensure(Optional.empty());
        }
        for (var role : List.of("planner", "curator")) {
            child(
                    role,
                    RoleMain.class,
                    role,
                    addresses.get(1),
                    addresses.get(2),
                    directory.resolve(role).toString(),
                    Integer.toString(perTask));
        }
    }

    private ChildJvm child(String name, Class<?> main, String... arguments) throws IOException {
        var child = ChildJvm.start(name, main, arguments);
        parts.push(child);
        processes.put(name, child);
        return child;
    }

    /** Publishes the backlog and waits until the planner has it. */
    private void accept() throws Exception {
        long begin = System.nanoTime();
        var prompts =
                IntStream.rangeClosed(1, backlog)
                        .mapToObj(
                                line ->
                                        new Prompt(
                                                line,
                                                "a red cube and %d balls".formatted(line),
                                                ""))
                        .toList();
        var sampling =
                SamplingSettings.newBuilder()
                        .setScheduler("ddpm")
                        .setNumInferenceSteps(50)
                        .setGuidanceScale(7.5)
                        .build();
        new PromptPublisher(connection)
                .publish(
                        new Prompts("benchmark", prompts, List.of(), 0),
                        new PublishSettings(
                                "main",
                                Optional.of("backlog"),
                                OptionalInt.of(1),
                                0,
                                16,
                                1,
                                "",
                                sampling,
                                ""),
                        PublishProgress.NONE);
        double published = (System.nanoTime() - begin) / 1e9;
        try (var admin = Admin.create(connection.adminProperties())) {
            await("the planner to take all prompts", () -> accepted(admin) >= backlog);
        }
        System.err.printf(
                "%d prompts: published in %.1f s, all taken by the planner after %.1f s,"
                        + " with %.1f s of its processor%n",
                backlog,
                published,
                (System.nanoTime() - begin) / 1e9,
                processes.get("planner").cpuSeconds());
    }

    private long accepted(Admin admin) {
        try {
            return admin
                    .listConsumerGroupOffsets("mitune-planner")
                    .partitionsToOffsetAndMetadata()
                    .get()
                    .entrySet()
                    .stream()
                    .filter(e -> e.getKey().topic().equals(connection.topics().prompts().name()))
                    .filter(e -> e.getValue() != null)
                    .mapToLong(e -> e.getValue().offset())
                    .sum();
        } catch (Exception e) {
            throw new IllegalStateException("offsets of the planner", e);
        }
    }

    private void measureAll() {
        var stages = new ArrayList<Stage>();
        try (var meter = new Meter(connection, perTask);
                var devices = new SimulatedWorkers(connection, seconds)) {
            for (int n : workers) {
                stages.add(measure(n, meter, devices));
                System.err.println(stages.get(stages.size() - 1).row(stages.get(0)));
            }
            System.out.println(Stage.header());
            stages.forEach(stage -> System.out.println(stage.row(stages.get(0))));
            System.out.println();
            System.out.print(stages.get(stages.size() - 1).bytesTable());
            System.out.printf("%nCandidates that came twice: %d.%n", meter.repeated());
        }
    }

    private Stage measure(int n, Meter meter, SimulatedWorkers devices) {
        devices.grow(n);
        long joined = System.currentTimeMillis();
        awaitTasks(meter, devices, joined);
        var bytes = LogSizes.of(connection);
        var cpu = cpu();
        long from = System.currentTimeMillis();
        long to = from + measured * 1000L;
        await(
                "the end of the measurement",
                () -> {
                    meter.look();
                    devices.check();
                    return System.currentTimeMillis() >= to;
                });
        var cpuAfter = cpu();
        var grown = LogSizes.of(connection);
        long end = System.currentTimeMillis();
        awaitTasks(meter, devices, end);
        cpuAfter.replaceAll((process, used) -> used - cpu.get(process));
        grown.replaceAll((log, size) -> size - bytes.getOrDefault(log, 0L));
        double length = (end - from) / 1e3;
        return new Stage(
                n, length, meter.between(from, end), n * length / seconds, cpuAfter, grown);
    }

    private void awaitTasks(Meter meter, SimulatedWorkers devices, long after) {
        await(
                "a task of every worker",
                () -> {
                    meter.look();
                    devices.check();
                    return meter.allAfter(devices.names(), after);
                });
    }

    private Map<String, Double> cpu() {
        var used = new LinkedHashMap<String, Double>();
        processes.forEach((name, process) -> used.put(name, process.cpuSeconds()));
        return used;
    }

    private static void await(String what, BooleanSupplier condition) {
        long end = System.currentTimeMillis() + PATIENCE_MS;
        while (!condition.getAsBoolean()) {
            if (System.currentTimeMillis() > end) {
                throw new IllegalStateException(
                        "queue: expected %s within %d s".formatted(what, PATIENCE_MS / 1000));
            }
        }
    }
}
