package io.mitune.diffusion.safetensors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsFileTest {
    @TempDir Path dir;

    @Test
    void readsTheBytesThatTheFormatDescribes() throws IOException {
        var json = "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";
        var file = SafetensorsFile.open(write(json, 0x00, 0x00, 0x80, 0x3f, 0, 0, 0x20, 0xc1));

        assertEquals(new TensorInfo(TensorType.F32, List.of(2L), 0, 8), file.info("a"));
        assertTrue(file.tensor("a").isDirect());
        assertEquals(1.0f, file.tensor("a").getFloat(0));
        assertEquals(-10.0f, file.tensor("a").getFloat(4));
    }

    @Test
    void writesWhatItReadsBack() {
        var tensors = new LinkedHashMap<String, Tensor>();
        tensors.put("half", new Tensor(TensorType.F16, List.of(3L), ByteBuffer.allocate(6)));
        tensors.put("matrix", Tensor.f32(new float[] {1, 2, 3, 4, 5, 6}, 2, 3));
        tensors.put("none", new Tensor(TensorType.F32, List.of(0L, 4L), ByteBuffer.allocate(0)));
        var path = dir.resolve("x.safetensors");

        SafetensorsWriter.write(path, tensors, Map.of("format", "pt"));
        var file = SafetensorsFile.open(path);

        assertEquals(Map.of("format", "pt"), file.metadata());
        assertEquals(List.of("matrix", "none", "half"), List.copyOf(file.names()));
        var values = new float[6];
        file.tensor("matrix").asFloatBuffer().get(values);
        assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, values);
        assertEquals(0, file.tensor("none").remaining());
        assertFalse(Files.exists(dir.resolve("x.safetensors.partial")));
    }

    @Test
    void bytesInMemoryAreThoseOfTheFileAndMetadataAreSorted() throws IOException {
        var tensors = Map.of("a", Tensor.f32(new float[] {1, 2}, 2));
        var metadata = new LinkedHashMap<String, String>();
        metadata.put("z", "1");
        metadata.put("b", "2");
        var file = dir.resolve("x");

        SafetensorsWriter.write(file, tensors, metadata);

        var bytes = SafetensorsWriter.bytes(tensors, metadata);
        assertEquals(ByteBuffer.wrap(Files.readAllBytes(file)), bytes);
        var header = StandardCharsets.UTF_8.decode(bytes).toString();
        assertTrue(header.contains("{\"b\":\"2\",\"z\":\"1\"}"), header);
    }

    @Test
    void writesTheSameBytesTwice() throws IOException {
        var tensors = Map.of("a", Tensor.f32(new float[] {1, 2}, 2));
        SafetensorsWriter.write(dir.resolve("1"), tensors, Map.of("k", "v"));
        SafetensorsWriter.write(dir.resolve("2"), tensors, Map.of("k", "v"));

        assertEquals(-1, Files.mismatch(dir.resolve("1"), dir.resolve("2")));
    }

    @Test
    void alignsDataThatTheFileDoesNot() throws IOException {
        var json =
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
                        + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[1,5]}}";
        var file = SafetensorsFile.open(write(json, 7, 0, 0, 0x80, 0x3f));

        assertEquals(1.0f, file.tensor("b").getFloat(0));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "not json            | header is not JSON",
                "[1]                 | expected a JSON object",
                "{\"a\":{\"dtype\":\"F31\",\"shape\":[1],\"data_offsets\":[0,4]}} | a: unknown dtype 'F31'",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,8]}} | within the 4 bytes",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}} | begin <= end",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}} | numbers >= 0",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}} | expected 8 bytes",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296,4],\"data_offsets\":[0,4]}} | too large",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,4]}} | numbers >= 0",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}} | a: data_offsets, expected a list",
                "{\"a\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[0,2]}} | expected 2 bytes of data",
                "{\"a\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[2,4]}} | (hole)",
                "{\"a\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[0,2]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}} | (overlap)",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"a\":{}} | not JSON",
                "{\"__metadata__\":{\"k\":1},\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}} | __metadata__ k"
            })
    void refusesAMalformedHeader(String json, String expected) throws IOException {
        var path = write(json, 0, 0, 0, 0);
        assertOneLine(path, expected);
    }

    @Test
    void refusesAFileThatEndsInTheHeader() throws IOException {
        var whole =
                write(
                        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
                        0,
                        0,
                        0,
                        0);
        var bytes = Files.readAllBytes(whole);
        for (int length : new int[] {0, 7, 8, 20, bytes.length - 5, bytes.length - 1}) {
            var cut = Files.write(dir.resolve("cut"), java.util.Arrays.copyOf(bytes, length));
            assertOneLine(cut, "expected");
        }
    }

    @ParameterizedTest
    @CsvSource({"-1", "0", "100000001", "9223372036854775807"})
    void refusesAHeaderLengthBeyondTheFile(long length) throws IOException {
        var bytes = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array();
        var path = Files.write(dir.resolve("long"), bytes);
        assertOneLine(path, "expected a header of 2 to 56 bytes, found " + length);
    }

    @Test
    void namesAMissingFile() {
        assertOneLine(dir.resolve("absent"), "no such file");
    }

    private void assertOneLine(Path path, String expected) {
        var e = assertThrows(ModelFileException.class, () -> SafetensorsFile.open(path));
        assertTrue(e.getMessage().startsWith(path + ": "), e.getMessage());
        assertTrue(e.getMessage().contains(expected), e.getMessage());
        assertEquals(1, e.getMessage().lines().count(), e.getMessage());
    }

    private Path write(String json, int... data) throws IOException {
        var header = json.getBytes(StandardCharsets.UTF_8);
        var buffer =
                ByteBuffer.allocate(8 + header.length + data.length)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(header.length)
                        .put(header);
        for (int b : data) {
            buffer.put((byte) b);
        }
        return Files.write(dir.resolve("file.safetensors"), buffer.array());
    }
}
