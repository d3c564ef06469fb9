package io.mitune.app.export;

import io.mitune.schemas.Candidate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Pairs as items, with the columns that trainers of Diffusion-DPO read: caption, jpg_0, jpg_1,
 * label_0. The first picture is always the preferred one; both are PNG, whatever the columns say.
 */
final class PairItems implements ItemSource {
    private final List<PreferencePairs.Pair> pairs;
    private final Materials materials;
    private final LatentsForm latents;

    PairItems(List<PreferencePairs.Pair> pairs, Materials materials, LatentsForm latents) {
        this.pairs = pairs;
        this.materials = materials;
        this.latents = latents;
    }

    @Override
    public int count() {
        return pairs.size();
    }

    @Override
    public String id(int index) {
        var pair = pairs.get(index);
        return pair.best().getCandidateId() + " and " + pair.worst().getCandidateId();
    }

    @Override
    public Item item(int index) {
        var pair = pairs.get(index);
        var files = new ArrayList<Item.File>();
        addFiles(files, pair.best(), "_0");
        addFiles(files, pair.worst(), "_1");
        var name = "%s-r%d".formatted(pair.best().getPromptId(), pair.best().getRound());
        return new Item(name, values(pair), files);
    }

    private void addFiles(List<Item.File> files, Candidate candidate, String suffix) {
        var shot = Shot.of(candidate);
        files.add(new Item.File("jpg" + suffix, "png", materials.picture(shot)));
        if (latents != LatentsForm.NONE) {
            files.add(latents.file("latents" + suffix, materials.latents(shot)));
        }
    }

    private static Map<String, Object> values(PreferencePairs.Pair pair) {
        var best = pair.best();
        var worst = pair.worst();
        var row = new LinkedHashMap<String, Object>();
        row.put("caption", best.getText());
        row.put("label_0", 1.0);
        row.put("label_1", 0.0);
        row.put("mi_0", best.getMi());
        row.put("mi_1", worst.getMi());
        row.put("candidate_id_0", best.getCandidateId());
        row.put("candidate_id_1", worst.getCandidateId());
        row.put("seed_0", best.getSeed());
        row.put("seed_1", worst.getSeed());
        row.put("negative_prompt", best.getNegativePrompt());
        row.put("category", best.getCategory());
        row.put("prompt_id", best.getPromptId());
        row.put("batch", best.getBatch());
        row.put("run", best.getRun());
        row.put("round", best.getRound());
        row.put("adapter_version", best.getAdapterVersion());
        row.put("model_digest", best.getModelDigest());
        return row;
    }
}
