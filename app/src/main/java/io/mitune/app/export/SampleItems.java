package io.mitune.app.export;

import io.mitune.schemas.CuratedSample;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Curated samples as items: picture, caption, how it was chosen, latents when asked for. */
final class SampleItems implements ItemSource {
    private final List<CuratedSample> samples;
    private final Materials materials;
    private final LatentsForm latents;

    SampleItems(List<CuratedSample> samples, Materials materials, LatentsForm latents) {
        this.samples = samples;
        this.materials = materials;
        this.latents = latents;
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
        var files = new ArrayList<Item.File>();
        files.add(new Item.File("image", "png", materials.picture(shot)));
        if (latents != LatentsForm.NONE) {
            files.add(latents.file("latents", materials.latents(shot)));
        }
        return new Item(name(sample), values(sample), files);
    }

    /** promptId, round and rank: stays the same when the set grows. */
    static String name(CuratedSample s) {
        return "%s-r%d-%d".formatted(s.getPromptId(), s.getRound(), s.getRank());
    }

    /** All that is known of a sample; free of clocks. */
    static Map<String, Object> values(CuratedSample s) {
        var row = new LinkedHashMap<String, Object>();
        row.put("text", s.getText());
        row.put("negative_prompt", s.getNegativePrompt());
        row.put("category", s.getCategory());
        row.put("mi", s.getMi());
        row.put("margin", s.getMargin());
        row.put("score_mean", s.getScoreMean());
        row.put("score_std", s.getScoreStd());
        row.put("score_min", s.getScoreMin());
        row.put("score_max", s.getScoreMax());
        row.put("rank", s.getRank());
        row.put("kept", s.getKept());
        row.put("candidates_requested", s.getCandidatesRequested());
        row.put("candidates_seen", s.getCandidatesSeen());
        row.put("candidates_failed", s.getCandidatesFailed());
        row.put("complete", s.getComplete());
        row.put("index", s.getIndex());
        row.put("seed", s.getSeed());
        row.put("prompt_id", s.getPromptId());
        row.put("candidate_id", s.getCandidateId());
        row.put("batch", s.getBatch());
        row.put("run", s.getRun());
        row.put("round", s.getRound());
        row.put("adapter_version", s.getAdapterVersion());
        row.put("model_digest", s.getModelDigest());
        row.put("policy", s.getPolicy());
        row.put("policy_version", s.getPolicyVersion());
        row.put("reason", s.getReason());
        return row;
    }
}
