package io.mitune.app.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mitune.app.CuratedSamples;
import io.mitune.app.generate.Studio;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.safetensors.SafetensorsFile;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.blobs.BlobStore;
import io.mitune.workers.generation.LatentsBlob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the authors' scripts train on, beside what diffusers makes of the same texts. */
class OfficialItemsTest {
    private static final Path CASES =
            Path.of("..", "diffusion", "src", "test", "resources", "parity");

    @TempDir Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"epsilon-fp32", "xl-fp32", "sd35-fp32"})
    void embeddingsAreThoseOfDiffusers(String name) throws IOException {
        var at = CASES.resolve(name);
        var expected = SafetensorsFile.open(at.resolve("io.safetensors"));
        var texts = new ObjectMapper().readTree(at.resolve("case.json").toFile()).get("texts");
        var blobs = BlobStore.at(folder.resolve("blobs"));
        try (var studio = new Studio(at.resolve("model"), Device.cpu(), Dtype.FP32)) {
            var samples = new ArrayList<CuratedSample>();
            for (var i = 0; i < texts.size(); i++) {
                samples.add(sample(studio, blobs, i, texts.get(i).asText()));
            }
            var items = new OfficialItems(samples, new Materials(blobs, Optional.of(() -> studio)));
            for (var i = 0; i < texts.size(); i++) {
                var item = items.item(i);
                assertTrue(item.name().endsWith("_" + i), item.name());
                assertTrue(item.name().matches("[^/\\\\:*?\"<>|]{1,250}"), item.name());
                var found = tensors(item);
                assertRow(expected, "text/embeddings", i, found, "prompt_embeds");
                if (expected.names().contains("text/pooled")) {
                    assertRow(expected, "text/pooled", i, found, "pooled_prompt_embeds");
                }
                var pt = item.files().stream().filter(f -> f.ending().equals("pt"));
                assertEquals(found.names(), pt.map(Item.File::column).collect(Collectors.toSet()));
            }
        }
    }

    private static CuratedSample sample(Studio studio, BlobStore blobs, int seed, String text) {
        var shape = studio.model().latentShape(0, 0);
        var values = new float[Math.toIntExact(shape.size())];
        values[seed] = 1;
        var latents = new LatentsBlob.Latents(shape.getShape(), values);
        return CuratedSamples.curated("r", "a", 1, seed)
                .setText(text)
                .setSeed(seed)
                .setModelDigest(studio.model().modelDigest())
                .setLatents(LatentsBlob.put(blobs, latents))
                .build();
    }

    private SafetensorsFile tensors(Item item) throws IOException {
        var file = folder.resolve("sample.safetensors");
        var sample = item.files().get(item.files().size() - 1);
        assertEquals("sample", sample.column());
        return SafetensorsFile.open(Files.write(file, sample.bytes()));
    }

    private static void assertRow(
            SafetensorsFile expected, String key, int row, SafetensorsFile found, String name) {
        var shape = new ArrayList<>(expected.info(key).shape());
        shape.set(0, 1L);
        assertEquals(List.copyOf(shape), found.info(name).shape(), name);
        var values = found.tensor(name).asFloatBuffer();
        var wanted = expected.tensor(key).asFloatBuffer();
        wanted.position(row * values.remaining());
        for (var i = 0; i < values.limit(); i++) {
            assertEquals(wanted.get(), values.get(i), 1e-4f, name);
        }
    }
}
