package io.mitune.app.docs;

import io.mitune.app.CommandLines;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/**
 * What a documented command is executed as: all that is changed about it is in the tables here, so
 * that it works on the test's stream and is done in a second. Immutable.
 *
 * @param texts what stands for something else: placeholders, places, ports; the first that fits
 * @param ports options that say where a broker or registry of this page listens
 */
record SmallCommand(Map<String, String> texts, Map<String, List<String>> ports) {
    /** Numbers that are too large for a test. */
    private static final Map<String, String> SMALL =
            Map.of(
                    "--candidates", "2",
                    "--num-inference-steps", "2",
                    "--num-images-per-prompt", "2",
                    "--rounds", "1",
                    "--http-port", "0");

    /**
     * At this rate a LoRA adapter changes no picture, so that every version is as good as before.
     */
    private static final List<String> TRAINING =
            words(
                    "--dora=false --learning-rate 1e-30 --steps 2 --rank 2 --train-batch-size 2"
                            + " --gradient-accumulation-steps 1 --num-validation-images 2"
                            + " --num-inference-steps 2");

    /** What is said beside that, where the usual is too large or a port is taken. */
    private static final Map<String, List<String>> MORE =
            Map.of(
                    "up", join(TRAINING, words("--port 0 --registry-port 0 --http-port 0")),
                    "train", TRAINING,
                    "publish", words("--candidates 2 --num-inference-steps 2"),
                    "generate", words("--num-inference-steps 2 --num-images-per-prompt 1"),
                    "dashboard", words("--http-port 0"),
                    "--follow", words("--from beginning"));

    /** What stands in a page for something of the user's. */
    static Map<String, String> texts(Place place, Map<String, String> ports) {
        var texts = new LinkedHashMap<>(ports);
        texts.put("kafka-1:9092,kafka-2:9092,kafka-3:9092", place.get(Place.KAFKA));
        texts.put("localhost:9092", place.get(Place.KAFKA));
        texts.put("http://registry:8081", place.get(Place.REGISTRY));
        texts.put("s3://bucket/mitune", place.get(Place.BLOBS));
        texts.put("/models/sd21", "demo/model");
        texts.put("/var/lib/mitune", "state");
        texts.put("/tmp/three", "three");
        texts.put("0-17", "0-0"); // the dead letter that the test has caused
        texts.put("gpu:", "cpu:");
        texts.put("MODEL", "demo/model");
        texts.put("STATE", "state");
        texts.put("BLOBS", place.get(Place.BLOBS));
        texts.put("RUN", "trial");
        texts.put("FILE", "prompts.txt");
        return texts;
    }

    /** A line for a shell. */
    String line(String documented) {
        var text = documented;
        for (var entry : texts.entrySet()) {
            var whole = Pattern.quote(entry.getKey());
            var isWord = entry.getKey().matches("[A-Z]+");
            var pattern = isWord ? "(?<![\\w-])" + whole + "(?![\\w-])" : whole;
            text = text.replaceAll(pattern, entry.getValue());
        }
        return text;
    }

    /**
     * The words of a mitune command, for a process in the page's folder and with its environment.
     */
    List<String> words(List<String> documented, Place place) {
        var words = new ArrayList<String>();
        var option = "";
        for (var word : documented) {
            words.add(value(option, line(word), place));
            option = word;
        }
        var spec = spec(documented);
        var name = documented.get(0);
        add(words, MORE.getOrDefault(name, List.of()), spec);
        add(words, ports.getOrDefault(name, List.of()), spec);
        if (documented.contains("--follow") && spec.findOption("--from") != null) {
            add(words, MORE.get("--follow"), spec);
        }
        return words;
    }

    /** The same for the test's own process, which has another folder and environment. */
    List<String> wordsHere(List<String> documented, Place place, Path folder) {
        var words = words(documented, place);
        words.addAll(place.options(spec(documented), words));
        var parsed = CommandLines.create().parseArgs(words.toArray(String[]::new));
        while (parsed.hasSubcommand()) {
            parsed = parsed.subcommand();
        }
        var paths = new HashSet<String>();
        parsed.matchedArgs().stream()
                .filter(SmallCommand::isPath)
                .forEach(a -> paths.addAll(a.originalStringValues()));
        words.replaceAll(w -> paths.contains(w) ? folder.resolve(w).toString() : w);
        return words;
    }

    private static boolean isPath(ArgSpec argument) {
        return argument.type() == Path.class
                || List.of(argument.auxiliaryTypes()).contains(Path.class)
                || argument.paramLabel().startsWith("[NAME=]");
    }

    private static String value(String option, String word, Place place) {
        if (option.equals("--replication-factor")) {
            return Integer.toString(place.brokers());
        }
        return word.matches("\\d+") ? SMALL.getOrDefault(option, word) : word;
    }

    /** Adds the options, NAME VALUE or NAME=VALUE, that the command has and that are not given. */
    private static void add(List<String> words, List<String> more, CommandSpec spec) {
        for (var i = 0; i < more.size(); i++) {
            var name = more.get(i).replaceFirst("=.*", "");
            var end = more.get(i).equals(name) ? i + 2 : i + 1;
            if (!words.contains(name) && spec.findOption(name) != null) {
                words.addAll(more.subList(i, end));
            }
            i = end - 1;
        }
    }

    private static CommandSpec spec(List<String> documented) {
        CommandLine line = CommandLines.create();
        for (var word : documented) {
            var next = Optional.ofNullable(line.getSubcommands().get(word));
            if (next.isEmpty()) {
                break;
            }
            line = next.get();
        }
        return line.getCommandSpec();
    }

    private static List<String> words(String text) {
        return List.of(text.split(" "));
    }

    private static List<String> join(List<String> some, List<String> more) {
        var all = new ArrayList<>(some);
        all.addAll(more);
        return List.copyOf(all);
    }
}
