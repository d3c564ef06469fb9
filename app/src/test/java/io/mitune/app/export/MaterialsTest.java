package io.mitune.app.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import io.mitune.app.TinyModel;
import io.mitune.app.generate.Studio;
import io.mitune.diffusion.image.Png;
import io.mitune.diffusion.image.RgbImage;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.schemas.BlobRef;
import io.mitune.schemas.blobs.BlobException;
import io.mitune.schemas.blobs.BlobStore;
import io.mitune.workers.generation.LatentsBlob;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Blobs that are not what the record says, and latents that no model can decode. */
class MaterialsTest {
    @TempDir Path folder;

    @Test
    void theStoredPictureIsTakenAndNoModelIsLoaded() {
        var blobs = BlobStore.at(folder);
        var png = Png.encode(new RgbImage(2, 2, new byte[12]), Map.of());
        var ref = blobs.put("previews", "png", png);
        try (var materials = new Materials(blobs, Optional.of(MaterialsTest::noModel))) {
            assertArrayEquals(png, materials.picture(shot(ref, null)));
            var html = blobs.put("previews", "png", "<html>".getBytes());
            assertTold("expected a PNG file", materials, shot(html, null));
            var large = BlobRef.newBuilder(ref).setSize(1L << 40).build();
            assertTold("expected at most", materials, shot(large, null));
            var outside = BlobRef.newBuilder(ref).setPath("../../etc/passwd").build();
            assertTold("blob reference", materials, shot(outside, null));
        }
    }

    @Test
    void latentsAreCheckedBeforeTheyAreDecoded() {
        var blobs = BlobStore.at(folder);
        try (var materials =
                new Materials(
                        blobs,
                        Optional.of(() -> new Studio(TinyModel.MODEL, Device.cpu(), Dtype.FP32)))) {
            assertTold("expected a blob, found none", materials, shot(null, null));
            var channels = LatentsBlob.put(blobs, latents(3, 0.5f));
            assertTold("expected 4 channels as --model has", materials, shot(null, channels));
            var broken = LatentsBlob.put(blobs, latents(4, Float.NaN));
            assertTold("expected finite latents, found NaN", materials, shot(null, broken));
            var good = LatentsBlob.put(blobs, latents(4, 0.5f));
            var image = Png.decode(materials.picture(shot(null, good))).image();
            assertTrue(image.width() > 8 && image.height() > 8, image.toString());
        }
    }

    private static Studio noModel() {
        throw new AssertionError("the model was loaded");
    }

    private static void assertTold(String expected, Materials materials, Shot shot) {
        var told = assertThrows(BlobException.class, () -> materials.picture(shot));
        assertTrue(told.getMessage().contains(expected), told.getMessage());
    }

    private static LatentsBlob.Latents latents(int channels, float value) {
        var values = new float[channels * 8 * 8];
        values[7] = value;
        return new LatentsBlob.Latents(new long[] {channels, 8, 8}, values);
    }

    private static Shot shot(BlobRef preview, BlobRef latents) {
        return new Shot(
                "a/1/0",
                TinyDigest.VALUE,
                Optional.ofNullable(preview),
                Optional.ofNullable(latents));
    }

    /** Read once: it hashes all files. */
    private static final class TinyDigest {
        private static final String VALUE;

        static {
            try (var studio = new Studio(TinyModel.MODEL, Device.cpu(), Dtype.FP32)) {
                VALUE = studio.model().modelDigest();
            }
        }
    }
}
