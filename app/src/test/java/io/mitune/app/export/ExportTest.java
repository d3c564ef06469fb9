package io.mitune.app.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.jerolba.carpet.CarpetReader;
import io.mitune.app.cli.Console;
import io.mitune.app.cli.UserError;
import io.mitune.schemas.blobs.BlobException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shards, what is left out, and what a failure leaves behind. */
class ExportTest {
    private static final int ITEM_BYTES = 100_000;

    private final StringWriter err = new StringWriter();

    @TempDir Path folder;

    record Row(String text, int rank) {}

    @Test
    void shardsAreFullButNeverTooLargeAndKeepTheOrder() throws IOException {
        var limit = 350_000;
        write(ExportFormat.WEBDATASET, limit, new Made(10), "tar");
        var names = new ArrayList<String>();
        for (var shard : List.of("000000.tar", "000001.tar", "000002.tar", "000003.tar")) {
            var file = folder.resolve("tar").resolve(shard);
            assertTrue(Files.size(file) <= limit, shard);
            try (var in = new TarArchiveInputStream(Files.newInputStream(file))) {
                for (var e = in.getNextEntry(); e != null; e = in.getNextEntry()) {
                    if (e.getName().endsWith(".png")) {
                        names.add(e.getName());
                    }
                }
            }
        }
        assertEquals(names(10), names);
        assertFalse(Files.exists(folder.resolve("tar/000004.tar")));

        write(ExportFormat.PARQUET, limit, new Made(10), "parquet");
        var ranks = new ArrayList<Integer>();
        for (var n = 0; n < 4; n++) {
            var file = folder.resolve("parquet/data/train-0000" + n + ".parquet");
            assertTrue(Files.size(file) <= limit, file.toString());
            new CarpetReader<>(file.toFile(), Row.class).forEach(row -> ranks.add(row.rank()));
        }
        assertEquals(List.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9), ranks);
    }

    @Test
    void whatIsMissingIsNamedUpToABoundAndCountedToTheLast() {
        var items = new Made(60, 10, 50);
        var line =
                assertThrows(
                        UserError.class,
                        () -> write(ExportFormat.WEBDATASET, 1 << 20, items, "out"));
        assertTrue(line.getMessage().contains("expected 60, found 20 whole"), line.getMessage());
        var named = err.toString().lines().filter(l -> l.startsWith("left out item")).toList();
        assertEquals(20, named.size());
        assertEquals("left out item 10: blob: expected a file, found none", named.get(0));
        assertTrue(Files.exists(folder.resolve("out/000000.tar")));
    }

    @Test
    void afterAFailureThereIsNothing() throws IOException {
        for (var format : ExportFormat.values()) {
            var items = new Made(5, 0, 5);
            assertThrows(UserError.class, () -> write(format, 1 << 20, items, "none"));
            assertThrows(
                    IllegalStateException.class,
                    () -> write(format, 1 << 20, new Broken(), "broken"));
        }
        try (var files = Files.list(folder)) {
            assertEquals(List.of(), files.toList());
        }
    }

    private void write(ExportFormat format, long shard, ItemSource items, String name)
            throws IOException {
        var out = new PrintWriter(new StringWriter());
        var console = new Console(out, new PrintWriter(err, true), false, 80);
        new Export(console, format, shard).write(items, List.of(), folder.resolve(name));
    }

    private static List<String> names(int count) {
        var names = new ArrayList<String>();
        for (var i = 0; i < count; i++) {
            names.add("item" + i + ".png");
        }
        return names;
    }

    /** Items of one size; those from one index to another are missing. */
    private record Made(int count, int missingFrom, int missingTo) implements ItemSource {
        Made(int count) {
            this(count, 0, 0);
        }

        @Override
        public String id(int index) {
            return "item " + index;
        }

        @Override
        public Item item(int index) {
            if (index >= missingFrom && index < missingTo) {
                throw new BlobException("blob: expected a file, found none");
            }
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("text", "text " + index);
            values.put("rank", index);
            var file = new Item.File("image", "png", new byte[ITEM_BYTES]);
            return new Item("item" + index, values, List.of(file));
        }
    }

    /** Fails in a way that nobody foresaw, after one good item. */
    private static final class Broken implements ItemSource {
        @Override
        public int count() {
            return 2;
        }

        @Override
        public String id(int index) {
            return "item";
        }

        @Override
        public Item item(int index) {
            if (index == 1) {
                throw new IllegalStateException("a bug");
            }
            return new Made(1).item(0);
        }
    }
}
