package io.mitune.diffusion.adapter;

import static io.mitune.diffusion.adapter.AdapterFileTest.assertSame;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AdapterFormatsTest {
    private static final String BLOCK = ".transformer_blocks.0.";
    private static final List<String> SD =
            List.of(
                    "down_blocks.0.attentions.1" + BLOCK + "attn1.to_q",
                    "mid_block.attentions.0" + BLOCK + "attn2.to_out.0",
                    "up_blocks.3.attentions.2" + BLOCK + "ff.net.0.proj",
                    "up_blocks.1.attentions.0.proj_in");
    private static final List<String> SDXL =
            List.of(
                    "down_blocks.2.attentions.1.transformer_blocks.9.attn2.to_k",
                    "down_blocks.1.attentions.0.transformer_blocks.1.attn1.to_out.0",
                    "mid_block.attentions.0.transformer_blocks.9.ff.net.2",
                    "up_blocks.0.attentions.2.proj_out");
    private static final List<String> SD3 =
            List.of(
                    "transformer_blocks.0.attn.add_k_proj",
                    "transformer_blocks.0.attn.add_q_proj",
                    "transformer_blocks.0.attn.add_v_proj",
                    "transformer_blocks.0.attn.to_add_out",
                    "transformer_blocks.0.attn.to_k",
                    "transformer_blocks.0.attn.to_q",
                    "transformer_blocks.0.attn.to_v",
                    "transformer_blocks.11.attn2.to_k",
                    "transformer_blocks.11.attn2.to_out.0",
                    "transformer_blocks.11.attn2.to_q",
                    "transformer_blocks.11.attn2.to_v");

    @TempDir Path folder;

    private static AdapterWeights adapter(List<String> paths, boolean dora) {
        var modules = new TreeMap<String, LoraFactors>();
        int seed = 1;
        for (var path : paths) {
            modules.put(
                    path,
                    new LoraFactors(
                            4,
                            6,
                            2,
                            TwoLayers.values(seed++, 8),
                            TwoLayers.values(seed++, 12),
                            dora ? TwoLayers.values(seed++, 6) : new float[0]));
        }
        var leaves =
                paths.stream()
                        .map(p -> p.replaceFirst(".*\\.(?=[a-z])", ""))
                        .distinct()
                        .sorted()
                        .toList();
        return new AdapterWeights(
                "test", new DoraConfig(2, 3, leaves, dora), modules, Map.of("note", "x"));
    }

    private AdapterWeights roundTrip(AdapterFormat format, AdapterWeights adapter) {
        var path =
                folder.resolve(
                        format.label() + (format == AdapterFormat.PEFT ? "" : ".safetensors"));
        AdapterFile.write(path, format, adapter, Dtype.FP32, Optional.empty());
        var stored = AdapterFile.open(path, Optional.empty());
        assertEquals(format, stored.format());
        assertEquals(List.of("F32"), stored.types());
        return stored.adapter();
    }

    @ParameterizedTest
    @EnumSource(names = {"DIFFUSERS", "DIFFUSERS_OLD", "PEFT", "KOHYA"})
    void everyFormReadsBackForEveryFamily(AdapterFormat format) {
        for (var family : List.of(SD, SDXL, SD3)) {
            for (var dora : List.of(true, false)) {
                var adapter = adapter(family, dora);
                assertSame(adapter, roundTrip(format, adapter));
            }
        }
    }

    @Test
    void keysAreThoseOfOtherTools() {
        assertEquals(
                Set.of(
                        "lora_unet_down_blocks_0_attentions_1_transformer_blocks_0_attn1_to_q",
                        "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn2_to_out_0",
                        "lora_unet_up_blocks_1_attentions_0_proj_in",
                        "lora_unet_up_blocks_3_attentions_2_transformer_blocks_0_ff_net_0_proj"),
                kohyaNames(SD));
        assertEquals(
                Set.of(
                        "lora_unet_input_blocks_4_1_transformer_blocks_1_attn1_to_out_0",
                        "lora_unet_input_blocks_8_1_transformer_blocks_9_attn2_to_k",
                        "lora_unet_middle_block_1_transformer_blocks_9_ff_net_2",
                        "lora_unet_output_blocks_2_1_proj_out"),
                kohyaNames(SDXL));
        assertEquals(
                Set.of(
                        "lora_unet_joint_blocks_0_context_block_attn_proj",
                        "lora_unet_joint_blocks_0_context_block_attn_qkv",
                        "lora_unet_joint_blocks_0_x_block_attn_qkv",
                        "lora_unet_joint_blocks_11_x_block_attn2_proj",
                        "lora_unet_joint_blocks_11_x_block_attn2_qkv"),
                kohyaNames(SD3));
        var file = folder.resolve("sd3.safetensors");
        AdapterFile.writeDiffusers(file, adapter(SD3, false));
        var stored = SafetensorsFile.open(file);
        assertTrue(
                stored.names()
                        .contains("transformer.transformer_blocks.0.attn.to_q.lora_A.weight"));
        assertTrue(
                stored.metadata()
                        .get("lora_adapter_metadata")
                        .contains("\"transformer.lora_alpha\" : 3"));
    }

    private Set<String> kohyaNames(List<String> family) {
        var file = folder.resolve("names.safetensors");
        var adapter = adapter(family, false);
        AdapterFile.write(file, AdapterFormat.KOHYA, adapter, Dtype.FP32, Optional.empty());
        var names = new TreeSet<String>();
        SafetensorsFile.open(file).names().forEach(k -> names.add(k.split("\\.")[0]));
        return names;
    }

    /** B A of q, k, v one below the other is the B A of qkv. */
    @Test
    void fusedProjectionsHaveTheSameProduct() {
        var adapter = adapter(SD3, false);
        var file = folder.resolve("fused.safetensors");
        AdapterFile.write(file, AdapterFormat.KOHYA, adapter, Dtype.FP32, Optional.empty());
        var stored = SafetensorsFile.open(file);
        var name = "lora_unet_joint_blocks_0_x_block_attn_qkv.";
        assertEquals(List.of(6L, 4L), stored.info(name + "lora_down.weight").shape());
        assertEquals(List.of(18L, 6L), stored.info(name + "lora_up.weight").shape());
        assertEquals(9, FloatTensors.read(stored, name + "alpha")[0]);
        var fused =
                new LoraFactors(
                        4,
                        18,
                        6,
                        FloatTensors.read(stored, name + "lora_down.weight"),
                        FloatTensors.read(stored, name + "lora_up.weight"),
                        new float[0]);
        var product = product(fused);
        int row = 0;
        for (var part : List.of("to_q", "to_k", "to_v")) {
            var own = product(adapter.modules().get("transformer_blocks.0.attn." + part));
            assertArrayEquals(own, Arrays.copyOfRange(product, row * 24, ++row * 24), part);
        }
    }

    private static float[] product(LoraFactors f) {
        var product = new float[f.out() * f.in()];
        for (int i = 0; i < f.out(); i++) {
            for (int j = 0; j < f.in(); j++) {
                for (int k = 0; k < f.rank(); k++) {
                    product[i * f.in() + j] += f.b()[i * f.rank() + k] * f.a()[k * f.in() + j];
                }
            }
        }
        return product;
    }

    @Test
    void namesOfAttentionProcessorsAreRead() {
        var tensors = new LinkedHashMap<String, Tensor>();
        for (var prefix : List.of("unet.", "")) {
            var attention = prefix + "mid_block.attentions.0" + BLOCK + "attn1.processor.";
            tensors.clear();
            put(tensors, attention + "to_q_lora.down.weight", 2, 4);
            put(tensors, attention + "to_q_lora.up.weight", 6, 2);
            put(tensors, attention + "to_out_lora.down.weight", 2, 4);
            put(tensors, attention + "to_out_lora.up.weight", 6, 2);
            var read = AdapterFile.read(written(tensors));
            var expected = "mid_block.attentions.0" + BLOCK + "attn1.";
            assertEquals(Set.of(expected + "to_q", expected + "to_out.0"), read.modules().keySet());
            assertEquals(List.of("to_out.0", "to_q"), read.config().targetModules());
        }
    }

    @Test
    void ranksAndAlphasOfTheirOwnBecomeOne() {
        var tensors = new LinkedHashMap<String, Tensor>();
        var one = "lora_unet_up_blocks_1_attentions_0_transformer_blocks_0_attn1_to_q.";
        var two = "lora_unet_up_blocks_1_attentions_0_transformer_blocks_0_attn1_to_v.";
        put(tensors, one + "lora_down.weight", 4, 3);
        put(tensors, one + "lora_up.weight", 5, 4);
        tensors.put(one + "alpha", Tensor.f32(new float[] {2}));
        put(tensors, two + "lora_down.weight", 1, 3);
        put(tensors, two + "lora_up.weight", 5, 1);
        tensors.put(two + "alpha", Tensor.f32(new float[] {4}));
        var read = AdapterFile.read(written(tensors));
        assertEquals(4, read.config().rank());
        assertEquals(2, read.config().alpha());
        var v = read.modules().get("up_blocks.1.attentions.0" + BLOCK + "attn1.to_v");
        var own =
                new LoraFactors(
                        3, 5, 1, TwoLayers.values(1, 3), TwoLayers.values(5, 5), new float[0]);
        var expected = product(own);
        var found = product(v);
        for (int i = 0; i < expected.length; i++) {
            assertEquals(4 * expected[i], 0.5 * found[i], 1e-6);
        }
    }

    private static void put(Map<String, Tensor> tensors, String key, int rows, int columns) {
        tensors.put(key, Tensor.f32(TwoLayers.values(rows, rows * columns), rows, columns));
    }

    private Path written(Map<String, Tensor> tensors) {
        var file = folder.resolve("written.safetensors");
        SafetensorsWriter.write(file, tensors, Map.of());
        return file;
    }

    @Test
    void halfPrecisionRoundsToTheNearest() {
        for (int bits = 0; bits < 0x7c00; bits++) {
            assertEquals(bits, HalfFloat.ofFloat(HalfFloat.toFloat((short) bits)));
        }
        assertEquals(0x3c00, HalfFloat.ofFloat(1 + 0x1p-11f), "half way, to the even one");
        assertEquals(0x3c02, HalfFloat.ofFloat(1 + 3 * 0x1p-11f));
        assertEquals((short) 0xbc01, HalfFloat.ofFloat(-1 - 0x1.1p-11f));
        var e =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> FloatTensors.bytes("k", new float[] {70000}, TensorType.F16));
        assertTrue(e.getMessage().contains("found 70000"), e.getMessage());
    }

    @Test
    void whatIsNoAdapterIsRefusedInOneLine() throws IOException {
        var pickle = Files.write(folder.resolve("lora.ckpt"), new byte[] {'P', 'K', 3, 4});
        assertTrue(errorOf(pickle).contains("a pickle, expected .safetensors"));
        Files.write(folder.resolve("pytorch_lora_weights.bin"), new byte[] {'P', 'K', 3, 4});
        assertTrue(errorOf(folder).contains("pytorch_lora_weights.bin: a pickle"));

        var tensors = new LinkedHashMap<String, Tensor>();
        put(tensors, "lora_unet_mid_block_attentions_0_proj_in.diff", 2, 2);
        assertTrue(errorOf(written(tensors)).contains("a full difference is no adapter"));
        tensors.clear();
        put(tensors, "lora_te_text_model_encoder_layers_0_mlp_fc1.lora_up.weight", 2, 2);
        assertTrue(errorOf(written(tensors)).contains("text encoders are not supported"));
        tensors.clear();
        put(tensors, "something.else", 2, 2);
        assertTrue(errorOf(written(tensors)).contains("found something.else"));
        tensors.clear();
        put(tensors, "transformer.mid_block.attentions.0.proj_in.lora_A.weight", 2, 4);
        put(tensors, "transformer.mid_block.attentions.0.proj_in.lora_B.weight", 6, 2);
        assertTrue(errorOf(written(tensors)).contains("expected keys that start with unet."));
        tensors.clear();
        var q = "lora_unet_mid_block_attentions_0_proj_in.";
        put(tensors, q + "lora_down.weight", 2, 4);
        put(tensors, q + "lora_up.weight", 6, 2);
        put(tensors, q + "dora_scale", 1, 4);
        assertTrue(errorOf(written(tensors)).contains("DoRA by columns is not supported"));
        var whole = Files.readAllBytes(written(tensors));
        var cut = Files.write(folder.resolve("cut.safetensors"), Arrays.copyOf(whole, 99));
        assertTrue(errorOf(cut).contains("not a whole safetensors file"));
    }

    private static String errorOf(Path path) {
        var e = assertThrows(ModelFileException.class, () -> AdapterFile.read(path));
        assertEquals(1, e.getMessage().lines().count(), e.getMessage());
        return e.getMessage();
    }

    @Test
    void anotherFamilysAdapterIsRefusedWithAHint() {
        var e =
                assertThrows(
                        ModelFileException.class, () -> adapter(SD3, true).requireKnownModules(SD));
        assertTrue(
                e.getMessage()
                        .endsWith(
                                "the adapter is for a transformer, the model has a unet: another"
                                        + " family"),
                e.getMessage());
    }
}
