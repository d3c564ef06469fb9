package io.mitune.diffusion.adapter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.safetensors.ModelFileException;
import io.mitune.diffusion.safetensors.SafetensorsFile;
import io.mitune.diffusion.safetensors.SafetensorsWriter;
import io.mitune.diffusion.safetensors.Tensor;
import io.mitune.diffusion.safetensors.TensorType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdapterFileTest {
    private static final DoraConfig CONFIG =
            new DoraConfig(2, 3, List.of("to_out.0", "to_q"), true);
    private static final String Q = "unet.a.to_q";

    @TempDir Path folder;

    private static AdapterWeights adapter() {
        var modules = new TreeMap<String, LoraFactors>();
        modules.put("a.to_q", factors(4, 3));
        modules.put("b.to_out.0", factors(3, 5));
        return new AdapterWeights("test", CONFIG, modules, Map.of("base_model", "abc"));
    }

    private static LoraFactors factors(int in, int out) {
        return new LoraFactors(
                in,
                out,
                2,
                TwoLayers.values(in, 2 * in),
                TwoLayers.values(out, 2 * out),
                TwoLayers.values(7, out));
    }

    static void assertSame(AdapterWeights expected, AdapterWeights found) {
        assertEquals(expected.config(), found.config());
        assertEquals(expected.modules().keySet(), found.modules().keySet());
        expected.modules()
                .forEach(
                        (path, f) -> {
                            var g = found.modules().get(path);
                            assertArrayEquals(f.a(), g.a());
                            assertArrayEquals(f.b(), g.b());
                            assertArrayEquals(f.magnitude(), g.magnitude());
                        });
        assertEquals(expected.metadata(), found.metadata());
    }

    @Test
    void diffusersFormReadsBack() {
        var file = folder.resolve(AdapterFile.DIFFUSERS_NAME);
        AdapterFile.writeDiffusers(file, adapter());
        assertSame(adapter(), AdapterFile.read(file));
        assertSame(adapter(), AdapterFile.read(folder));
        var stored = SafetensorsFile.open(file);
        assertEquals(
                List.of(
                        Q + ".lora_A.weight",
                        Q + ".lora_B.weight",
                        Q + ".lora_magnitude_vector",
                        "unet.b.to_out.0.lora_A.weight",
                        "unet.b.to_out.0.lora_B.weight",
                        "unet.b.to_out.0.lora_magnitude_vector"),
                List.copyOf(stored.names()));
        assertEquals("pt", stored.metadata().get("format"));
        assertTrue(
                stored.metadata().get("lora_adapter_metadata").contains("\"unet.lora_alpha\" : 3"));
    }

    @Test
    void peftFormReadsBack() throws IOException {
        var directory = folder.resolve("peft");
        AdapterFile.write(directory, AdapterFormat.PEFT, adapter(), Dtype.FP32, Optional.empty());
        assertSame(adapter(), AdapterFile.read(directory));
        var config = Files.readString(directory.resolve("adapter_config.json"));
        assertTrue(config.contains("\"lora_alpha\" : 3"), config);
        assertTrue(
                SafetensorsFile.open(directory.resolve("adapter_model.safetensors"))
                        .names()
                        .contains("base_model.model.a.to_q.lora_magnitude_vector"));
    }

    @Test
    void fractionalAlphaSurvives() {
        var config = new DoraConfig(2, 0.75, CONFIG.targetModules(), true);
        var file = folder.resolve("fraction.safetensors");
        AdapterFile.writeDiffusers(
                file, new AdapterWeights("t", config, adapter().modules(), Map.of()));
        assertEquals(0.75, AdapterFile.read(file).config().alpha());
    }

    @Test
    void olderNamesAndHalfPrecisionAreRead() {
        var tensors = new LinkedHashMap<String, Tensor>();
        tensors.put(Q + ".lora.down.weight", half(TensorType.F16, 0x3c00, 0xc000, 0x0001, 0x7bff));
        tensors.put(Q + ".lora.up.weight", half(TensorType.BF16, 0x3f80, 0xc000, 0x0000, 0x3f00));
        tensors.put(Q + ".lora_magnitude_vector.weight", Tensor.f32(new float[] {1, 2}, 2));
        var read = AdapterFile.read(write(tensors, Map.of()));
        var f = read.modules().get("a.to_q");
        assertArrayEquals(new float[] {1, -2, 0x1p-24f, 65504}, f.a());
        assertArrayEquals(new float[] {1, -2, 0, 0.5f}, f.b());
        assertArrayEquals(new float[] {1, 2}, f.magnitude());
        assertEquals(new DoraConfig(2, 2, List.of("to_q"), true), read.config());
    }

    private static Tensor half(TensorType type, int... bits) {
        var data = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        for (int b : bits) {
            data.putShort((short) b);
        }
        return new Tensor(type, List.of(2L, 2L), data.flip());
    }

    private Path write(Map<String, Tensor> tensors, Map<String, String> metadata) {
        var file = folder.resolve("adapter.safetensors");
        SafetensorsWriter.write(file, tensors, metadata);
        return file;
    }

    /** The file of {@link #adapter} with one thing changed. */
    private String errorWith(String key, Tensor replacement) {
        var tensors = new LinkedHashMap<String, Tensor>();
        tensors.put(Q + ".lora_A.weight", Tensor.f32(new float[8], 2, 4));
        tensors.put(Q + ".lora_B.weight", Tensor.f32(new float[6], 3, 2));
        tensors.put(Q + ".lora_magnitude_vector", Tensor.f32(new float[3], 3));
        if (replacement == null) {
            tensors.remove(key);
        } else {
            tensors.put(key, replacement);
        }
        var header = Map.of("lora_adapter_metadata", AdapterMetadata.write(CONFIG, "unet."));
        var file = write(tensors, header);
        var e = assertThrows(ModelFileException.class, () -> AdapterFile.read(file));
        assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
        assertTrue(!e.getMessage().contains("\n"), e.getMessage());
        return e.getMessage().substring(file.toString().length() + 2);
    }

    @Test
    void damagedFilesAreRefusedByKey() {
        assertEquals(
                "key unet.a.to_q.lora_A.weight: expected beside it a factor B of a.to_q, found"
                        + " none",
                errorWith(Q + ".lora_B.weight", null));
        assertEquals(
                "a.to_q: expected a lora_magnitude_vector as use_dora=true, found none",
                errorWith(Q + ".lora_magnitude_vector", null));
        assertEquals(
                "key unet.a.to_q.lora_B.weight: expected [out, 2] to match"
                        + " unet.a.to_q.lora_A.weight, found [2, 3]",
                errorWith(Q + ".lora_B.weight", Tensor.f32(new float[6], 2, 3)));
        assertEquals(
                "key unet.a.to_q.lora_A.weight: expected shape [rank, in], found [8]",
                errorWith(Q + ".lora_A.weight", Tensor.f32(new float[8], 8)));
        assertEquals(
                "key unet.a.to_q.lora_magnitude_vector: expected [3], found [2]",
                errorWith(Q + ".lora_magnitude_vector", Tensor.f32(new float[2], 2)));
        assertEquals(
                "key unet.a.to_q.lora_magnitude_vector: expected finite values, found NaN at 1",
                errorWith(
                        Q + ".lora_magnitude_vector",
                        Tensor.f32(new float[] {1, Float.NaN, 1}, 3)));
        assertEquals(
                "key unet.a.to_q.dora_scale: expected unet.<module> with lora_A, lora_B, lora.down,"
                        + " lora.up or lora_magnitude_vector",
                errorWith(Q + ".dora_scale", Tensor.f32(new float[1], 1)));
        assertEquals(
                "key text_encoder.x.lora_A.weight: expected unet.<module> with lora_A, lora_B,"
                        + " lora.down, lora.up or lora_magnitude_vector; adapters of text encoders"
                        + " are not supported",
                errorWith("text_encoder.x.lora_A.weight", Tensor.f32(new float[8], 2, 4)));
        assertTrue(
                errorWith(Q + ".lora.down.weight", Tensor.f32(new float[8], 2, 4))
                        .contains("expected one key for this weight"));
    }

    @Test
    void configurationsThatChangeTheArithmeticAreRefused() {
        assertEquals(
                "m: unsupported use_rslora=true, expected false", errorOf("use_rslora", "true"));
        assertEquals("m: unsupported bias=\"all\", expected none", errorOf("bias", "\"all\""));
        assertEquals(
                "m: unsupported rank_pattern={\"x\":4}, expected none",
                errorOf("rank_pattern", "{\"x\":4}"));
        assertEquals("m: r: expected a whole number, found 1.5", errorOf("r", "1.5"));
        assertEquals("m: adapter rank: expected 1 to 4096, found -1", errorOf("r", "-1"));
        assertEquals(
                "m: lora_alpha: expected a number, found \"8\"", errorOf("lora_alpha", "\"8\""));
    }

    private static String errorOf(String key, String value) {
        var text =
                "{\"r\": 2, \"lora_alpha\": 2, \"target_modules\": [\"to_q\"], \"%s\": %s}"
                        .formatted(key, value);
        return assertThrows(ModelFileException.class, () -> AdapterMetadata.read("m", text, ""))
                .getMessage();
    }

    @Test
    void anotherNetworksAdapterIsRefused() {
        var e = assertThrows(ModelFileException.class, () -> adapter().factors("a.to_q", 3, 9));
        assertEquals(
                "test: a.to_q: expected a layer of [3, 9], found factors for [3, 4]; was it trained"
                        + " on another model?",
                e.getMessage());
        e =
                assertThrows(
                        ModelFileException.class,
                        () -> adapter().requireSameModules(List.of("a.to_q")));
        assertEquals(
                "test: adapter weights for b.to_out.0 (and 0 more), expected linear layers of the"
                        + " network",
                e.getMessage());
    }
}
