package io.mitune.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.diffusion.adapter.AdapterFile;
import io.mitune.diffusion.image.Png;
import io.mitune.diffusion.image.RgbImage;
import io.mitune.diffusion.model.LoadOptions;
import io.mitune.diffusion.model.StableDiffusion;
import io.mitune.diffusion.safetensors.ModelFileException;
import io.mitune.diffusion.safetensors.SafetensorsFile;
import io.mitune.diffusion.safetensors.WeightFiles;
import io.mitune.diffusion.text.ClipTokenizer;
import io.mitune.diffusion.text.T5Tokenizer;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of models, adapters and pictures from whom nobody knows: they may be refused, not more. */
class HostileFilesTest {
    private static final Path PARITY = Path.of("src/test/resources/parity");
    private static final String CONFIG = "config.json";

    @TempDir Path folder;
    private Path sharded;
    private Path sd3;

    @BeforeEach
    void copy() throws IOException {
        sharded = copy("sharded-bf16");
        sd3 = copy("sd35-fp32");
    }

    @Test
    void weights() throws IOException {
        attack(
                sharded.resolve("adapter/diffusers/pytorch_lora_weights.safetensors"),
                600,
                file -> {
                    var open = SafetensorsFile.open(file);
                    open.names().forEach(open::tensor);
                });
        var index = sharded.resolve("model/unet/diffusion_pytorch_model.safetensors.index.json");
        attack(index, 100, WeightFiles::open);
    }

    @Test
    void adapters() throws IOException {
        for (String form : new String[] {"diffusers", "peft"}) {
            var adapter = sharded.resolve("adapter").resolve(form);
            try (var files = Files.list(adapter)) {
                for (Path file : files.sorted().toList()) {
                    attack(file, 150, damaged -> AdapterFile.read(adapter));
                }
            }
        }
    }

    @Test
    void tokenizers() throws IOException {
        var pair = sharded.resolve("model/tokenizer");
        var single = sd3.resolve("model/tokenizer");
        for (String name : new String[] {"vocab.json", "merges.txt", "tokenizer_config.json"}) {
            attack(pair.resolve(name), 100, file -> encode(ClipTokenizer.load(pair)));
        }
        attack(single.resolve("tokenizer.json"), 300, file -> encode(ClipTokenizer.load(single)));
        var t5 = sd3.resolve("model/tokenizer_3");
        attack(t5.resolve("tokenizer.json"), 100, file -> T5Tokenizer.load(t5).encode("a cat", 8));
    }

    @Test
    void settingsOfModels() throws IOException {
        for (var model : new Path[] {sharded.resolve("model"), sd3.resolve("model")}) {
            attack(model.resolve("model_index.json"), 20, file -> load(model));
            for (String part : new String[] {"unet", "transformer", "vae", "text_encoder"}) {
                if (Files.exists(model.resolve(part))) {
                    attack(model.resolve(part).resolve(CONFIG), 25, file -> load(model));
                }
            }
            attack(model.resolve("scheduler/scheduler_config.json"), 20, file -> load(model));
        }
    }

    @Test
    void pictures() throws IOException {
        var file = folder.resolve("picture.png");
        var image = new RgbImage(8, 8, new byte[8 * 8 * 3]);
        Files.write(file, Png.encode(image, Map.of("prompt", "a cat", "seed", "Käse")));
        HostileFiles.attack(
                file, 300, f -> Png.decode(Files.readAllBytes(f)), IllegalArgumentException.class);
    }

    @Test
    void aPictureOfTextThatGrowsAThousandfoldIsNotUnpacked() throws IOException {
        var packed = new ByteArrayOutputStream();
        try (var deflater = new DeflaterOutputStream(packed)) {
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 300; i++) {
                deflater.write(zeros);
            }
        }
        var file = folder.resolve("bomb.png");
        var png = Png.encode(new RgbImage(8, 8, new byte[8 * 8 * 3]), Map.of("key", "value"));
        for (String begin : new String[] {"zTXtkey\0\0", "iTXtkey\0\1\0en\0key\0", "iCCPkey\0\0"}) {
            var chunk = new ByteArrayOutputStream();
            chunk.write(begin.getBytes(StandardCharsets.ISO_8859_1));
            chunk.write(packed.toByteArray());
            Files.write(file, withChunk(png, chunk.toByteArray()));
            HostileFiles.readDamaged(
                    file,
                    f -> assertEquals(Map.of("key", "value"), Png.read(f).text()),
                    IllegalArgumentException.class,
                    "a bomb in " + begin.substring(0, 4));
        }
    }

    @Test
    void aPictureOfTooManyPixelsIsNotDrawn() throws IOException {
        var file = folder.resolve("large.png");
        byte[] png = Png.encode(new RgbImage(8, 8, new byte[8 * 8 * 3]), Map.of());
        var view = ByteBuffer.wrap(png).putInt(16, 16000).putInt(20, 16000);
        var crc = new CRC32();
        crc.update(png, 12, 17);
        view.putInt(29, (int) crc.getValue());
        Files.write(file, png);
        HostileFiles.readDamaged(
                file,
                f -> Png.decode(Files.readAllBytes(f)),
                IllegalArgumentException.class,
                "a large picture");
        var error = assertThrows(IllegalArgumentException.class, () -> Png.decode(png));
        assertTrue(error.getMessage().contains("found 16000 x 16000"), error.getMessage());
    }

    @Test
    void aHeaderOfMegabytesIsRefusedBeforeItIsRead() throws IOException {
        var header = ByteBuffer.allocate(60 << 20).order(ByteOrder.LITTLE_ENDIAN);
        header.putLong(header.capacity() - 8).put("{\"a\":\"".getBytes(StandardCharsets.UTF_8));
        var file = Files.write(folder.resolve("a.safetensors"), header.array());
        HostileFiles.readDamaged(
                file, SafetensorsFile::open, ModelFileException.class, "a long header");
        var error = assertThrows(ModelFileException.class, () -> SafetensorsFile.open(file));
        assertTrue(error.getMessage().contains("expected a header of"), error.getMessage());
    }

    private static void attack(Path file, int count, HostileFiles.Reader reader)
            throws IOException {
        HostileFiles.attack(file, count, reader, ModelFileException.class);
    }

    private static void encode(ClipTokenizer tokenizer) {
        tokenizer.encode("A photo of a GREEN cat, 2 dogs");
    }

    private static void load(Path model) {
        StableDiffusion.load(model, LoadOptions.plain()).close();
    }

    private static byte[] withChunk(byte[] png, byte[] typeAndData) throws IOException {
        int afterHeader = 8 + 25;
        var crc = new CRC32();
        crc.update(typeAndData);
        var bytes = new ByteArrayOutputStream();
        var out = new DataOutputStream(bytes);
        out.write(png, 0, afterHeader);
        out.writeInt(typeAndData.length - 4);
        out.write(typeAndData);
        out.writeInt((int) crc.getValue());
        out.write(png, afterHeader, png.length - afterHeader);
        return bytes.toByteArray();
    }

    private Path copy(String name) throws IOException {
        var to = folder.resolve(name);
        try (var all = Files.walk(PARITY.resolve(name))) {
            for (var from : (Iterable<Path>) all::iterator) {
                var target = to.resolve(PARITY.resolve(name).relativize(from).toString());
                if (Files.isDirectory(from)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(from, target);
                }
            }
        }
        return to;
    }
}
