package io.mitune.app.docs;

import io.mitune.app.CommandLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The folder in which the commands of a page are executed: like the project's own, but what they
 * write stays out of that, and prompt files are short. Immutable.
 *
 * @param folder where a user would be
 */
record Checkout(Path folder) {
    static final int PROMPTS = 2;

    private static final String TEXTS = "a red circle\na blue star and a red square\n";

    /** Prompt files that the documentation names; those of the user's own are here, too. */
    private static final List<String> PROMPT_FILES =
            List.of(
                    "demo/prompts/tune.txt",
                    "demo/prompts/validation.txt",
                    "demo/prompts/eval.txt",
                    "tune.txt",
                    "validation.txt",
                    "test.txt",
                    "val.txt",
                    "color_val.txt");

    private static final List<String> LINKED =
            List.of(
                    "app",
                    "benchmarks",
                    "diffusion",
                    "docker",
                    "docker-compose.cpu.yml",
                    "docker-compose.yml",
                    "demo/model",
                    "docs",
                    "helm",
                    "pom.xml",
                    "schemas",
                    "tools");

    /** Makes it. */
    static Checkout in(Path folder) throws IOException {
        Files.createDirectories(folder.resolve("demo/prompts"));
        Files.createDirectories(folder.resolve("bin"));
        for (var name : LINKED) {
            Files.createSymbolicLink(folder.resolve(name), Docs.ROOT.resolve(name));
        }
        for (var name : PROMPT_FILES) {
            Files.writeString(folder.resolve(name), TEXTS);
        }
        Files.writeString(folder.resolve("prompts.txt"), "a green ring\ntwo yellow stars\n");
        var java = "exec '" + ProcessHandle.current().info().command().orElseThrow() + "'";
        var options =
                " -Xmx768m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 '-Dmitune.home=" + folder + "'";
        var start = java + options + " -cp '" + System.getProperty("java.class.path") + "' ";
        script(folder.resolve("mitune"), start + CommandLines.MAIN);
        // Kafka's own program without its download; the class path is the test's
        var consumer = "org.apache.kafka.tools.consumer.ConsoleConsumer";
        script(folder.resolve("bin/kafka-console-consumer.sh"), start + consumer);
        script(folder.resolve("bin/python3"), "exec " + python());
        return new Checkout(folder);
    }

    /** Takes the links away, so that whoever removes the folder need not think of them. */
    void unlink() throws IOException {
        for (var name : LINKED) {
            Files.deleteIfExists(folder.resolve(name));
        }
    }

    Path resolve(String name) {
        return folder.resolve(name);
    }

    /** What a model such as HPS would have written about the pictures of an album. */
    void score(String album, String file) throws IOException {
        var lines = new StringBuilder("image,hps\n");
        try (var pictures = Files.list(resolve(album).resolve("samples"))) {
            for (var picture : pictures.sorted().toList()) {
                var name = picture.getFileName().toString();
                var score = Math.floorMod(name.hashCode(), 1000) / 1000.0;
                lines.append('"').append(name).append("\",").append(score).append('\n');
            }
        }
        Files.writeString(resolve(file), lines);
    }

    private static String python() {
        var name = Optional.ofNullable(System.getenv("MITUNE_PYTHON")).orElse("python3");
        if (name.contains("/")) {
            return name;
        }
        // in full, since the script that calls it has its name
        return Stream.of(System.getenv("PATH").split(":"))
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst()
                .orElse("/usr/bin/" + name);
    }

    private static void script(Path file, String command) throws IOException {
        Files.writeString(file, "#!/bin/bash\n" + command + " \"$@\"\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
