package io.mitune.app.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mitune.app.CommandLineRunner;
import io.mitune.app.CommandLineRunner.Result;
import io.mitune.app.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Runs {@code generate} with the tiny model, and looks at what it leaves. */
public final class AlbumFiles {
    private static final ObjectMapper JSON = new ObjectMapper();

    private AlbumFiles() {}

    /** Two steps unless the options say so. */
    public static Result generate(Path out, Object... more) {
        return CommandLineRunner.run(command(out, more));
    }

    static Object[] command(Path out, Object... more) {
        return command(TinyModel.MODEL, out, more);
    }

    static Object[] command(Path model, Path out, Object... more) {
        var args = new ArrayList<Object>();
        args.addAll(List.of("generate", "--model", model, "--output", out));
        if (!List.of(more).contains("--num_inference_steps=6")) {
            args.addAll(List.of("--num-inference-steps", 2));
        }
        args.addAll(List.of(more));
        return args.toArray();
    }

    static List<JsonNode> rows(Path out) throws IOException {
        var rows = new ArrayList<JsonNode>();
        for (var line : Files.readAllLines(out.resolve("metadata.jsonl"))) {
            rows.add(JSON.readTree(line));
        }
        return rows;
    }

    static List<String> files(Path folder) throws IOException {
        try (var list = Files.list(folder)) {
            return list.map(p -> p.getFileName().toString()).sorted().toList();
        }
    }

    static void assertSame(Path expected, Path found) throws IOException {
        var wanted = contents(expected);
        var there = contents(found);
        assertFalse(wanted.isEmpty());
        assertEquals(wanted.keySet(), there.keySet());
        wanted.forEach((name, bytes) -> assertArrayEquals(bytes, there.get(name), name));
    }

    private static Map<String, byte[]> contents(Path folder) throws IOException {
        var contents = new TreeMap<String, byte[]>();
        try (var all = Files.walk(folder)) {
            for (var file : all.filter(Files::isRegularFile).toList()) {
                contents.put(folder.relativize(file).toString(), Files.readAllBytes(file));
            }
        }
        return contents;
    }
}
