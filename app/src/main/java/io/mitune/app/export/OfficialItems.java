package io.mitune.app.export;

import io.mitune.app.export.files.TorchFile;
import io.mitune.app.generate.ImageNames;
import io.mitune.diffusion.safetensors.SafetensorsWriter;
import io.mitune.diffusion.safetensors.Tensor;
import io.mitune.schemas.CuratedSample;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Curated samples as the authors' training scripts read them: per sample a folder {@code
 * PROMPT_SEED} with the picture, the final latents and the text embeddings, fp32, each with a
 * leading dimension of 1.
 *
 * <p>Their scripts read one {@code .pt} file a tensor and no name but those; the same tensors lie
 * in {@code sample.safetensors} for whoever does not unpickle. Where a prompt is no file name, what
 * a file system refuses becomes a space; {@code metadata.jsonl} has the exact text.
 */
final class OfficialItems implements ItemSource {
    private final List<CuratedSample> samples;
    private final Materials materials;

    OfficialItems(List<CuratedSample> samples, Materials materials) {
        this.samples = samples;
        this.materials = materials;
    }

    @Override
    public int count() {
        return samples.size();
    }

    @Override
    public String id(int index) {
        return samples.get(index).getCandidateId();
    }

    @Override
    public Item item(int index) {
        var sample = samples.get(index);
        var shot = Shot.of(sample);
        var latents = materials.latents(shot);
        var shape = latents.shape();
        var tensors = new LinkedHashMap<String, Tensor>();
        tensors.put("latents", Tensor.f32(latents.values(), 1, shape[0], shape[1], shape[2]));
        tensors.putAll(materials.embeddings(shot, sample.getText()));
        var files = new ArrayList<Item.File>();
        files.add(new Item.File("image", "png", materials.picture(shot)));
        tensors.forEach((name, t) -> files.add(new Item.File(name, "pt", TorchFile.bytes(t))));
        var all = SafetensorsWriter.bytes(tensors, Map.of("format", "pt")).array();
        files.add(new Item.File("sample", "safetensors", all));
        var name = ImageNames.readable(sample.getText()) + "_" + sample.getSeed();
        return new Item(name, SampleItems.values(sample), files);
    }
}
