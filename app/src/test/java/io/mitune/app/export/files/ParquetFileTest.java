package io.mitune.app.export.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.jerolba.carpet.CarpetReader;
import io.mitune.app.export.files.ParquetColumn.Type;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.parquet.io.api.Binary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What ParquetFile writes, read by Apache's own parquet library. */
class ParquetFileTest {
    private static final List<ParquetColumn> COLUMNS =
            List.of(
                    new ParquetColumn(List.of("image", "bytes"), Type.BINARY),
                    new ParquetColumn(List.of("image", "path"), Type.STRING),
                    ParquetColumn.of("text", Type.STRING),
                    ParquetColumn.of("mi", Type.DOUBLE),
                    ParquetColumn.of("seed", Type.INT64),
                    ParquetColumn.of("rank", Type.INT32),
                    ParquetColumn.of("complete", Type.BOOLEAN));

    @TempDir Path folder;

    record Image(Binary bytes, String path) {}

    record Row(Image image, String text, double mi, long seed, int rank, boolean complete) {}

    @Test
    void valuesOfEveryTypeComeBackOverSeveralRowGroups() throws IOException {
        var picture = new byte[1 << 20];
        var file = write("a.parquet", 40, picture);
        var rows = new CarpetReader<>(file.toFile(), Row.class).toList();
        assertEquals(40, rows.size());
        for (var i = 0; i < 40; i++) {
            var row = rows.get(i);
            picture[i] = (byte) i;
            assertArrayEquals(picture, row.image().bytes().getBytes());
            assertEquals("p" + i + ".png", row.image().path());
            assertEquals("\u00e9\u732b\ud83d\ude3a " + i, row.text());
            assertEquals(i == 3 ? Double.NaN : -i / 3.0, row.mi());
            assertEquals(Long.MIN_VALUE + i, row.seed());
            assertEquals(-i, row.rank());
            assertEquals(i % 3 == 0, row.complete());
        }
    }

    @Test
    void theSameRowsGiveTheSameBytesAndNoneGiveAnEmptyTable() throws IOException {
        var first = write("a.parquet", 300, new byte[400]);
        var second = write("b.parquet", 300, new byte[400]);
        assertEquals(-1, Files.mismatch(first, second));
        assertEquals(300, new CarpetReader<>(first.toFile(), Row.class).toList().size());
        var empty = write("c.parquet", 0, new byte[400]);
        assertEquals(List.of(), new CarpetReader<>(empty.toFile(), Row.class).toList());
    }

    @Test
    void aRowOfAnotherLengthIsRefused() throws IOException {
        try (var parquet = new ParquetFile(folder.resolve("a"), COLUMNS, Map.of())) {
            assertThrows(IllegalArgumentException.class, () -> parquet.add(List.of("alone")));
        }
    }

    private Path write(String name, int rows, byte[] first) throws IOException {
        var file = folder.resolve(name);
        var picture = first.clone();
        try (var parquet = new ParquetFile(file, COLUMNS, Map.of("k", "v"))) {
            for (var i = 0; i < rows; i++) {
                picture[i] = (byte) i;
                parquet.add(
                        List.of(
                                picture,
                                "p" + i + ".png",
                                "\u00e9\u732b\ud83d\ude3a " + i,
                                i == 3 ? Double.NaN : -i / 3.0,
                                Long.MIN_VALUE + i,
                                -i,
                                i % 3 == 0));
            }
        }
        return file;
    }
}
