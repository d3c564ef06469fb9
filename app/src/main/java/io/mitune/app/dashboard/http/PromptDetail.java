package io.mitune.app.dashboard.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mitune.app.dashboard.read.CandidateReader;
import io.mitune.app.dashboard.state.Images;
import io.mitune.app.dashboard.state.Sha256;
import io.mitune.diffusion.sampling.SamplingSettings;
import io.mitune.schemas.Candidate;
import java.util.List;

/**
 * All that the log says of one prompt in one round: its candidates with seeds, terms and blobs.
 *
 * <p>Seeds have 64 bits, more than a script's numbers hold, so they are text. Stateless.
 */
final class PromptDetail {
    private PromptDetail() {}

    /**
     * @param candidates at least one
     * @param samples what was kept of them
     * @param images gets their pictures, so that they can be asked for
     */
    static ObjectNode of(List<Candidate> candidates, ArrayNode samples, Images images) {
        var c = candidates.get(0);
        var object = JsonNodeFactory.instance.objectNode();
        object.put("promptId", c.getPromptId()).put("round", c.getRound()).put("run", c.getRun());
        object.put("text", c.getText()).put("negativePrompt", c.getNegativePrompt());
        object.put("category", c.getCategory()).put("batch", c.getBatch());
        object.put("wanted", c.getCandidates()).put("keep", c.getKeep());
        var sampling = c.getSampling();
        object.put("scheduler", sampling.getScheduler());
        object.put("inferenceSteps", sampling.getNumInferenceSteps());
        object.put("guidanceScale", sampling.getGuidanceScale());
        object.put("cut", SamplingSettings.Score.OFFICIAL_CUT);
        object.put("modelDigest", c.getModelDigest());
        object.set("samples", samples);
        object.put("truncated", CandidateReader.isCut(candidates));
        var list = object.putArray("candidates");
        candidates.forEach(candidate -> list.add(candidate(candidate, images)));
        return object;
    }

    private static ObjectNode candidate(Candidate c, Images images) {
        var object = JsonNodeFactory.instance.objectNode().put("index", c.getIndex());
        object.put("seed", Long.toString(c.getSeed())).put("adapter", c.getAdapterVersion());
        object.put("worker", c.getWorker()).put("createdAt", c.getCreatedAt().toEpochMilli());
        object.put("failure", c.getFailure() == null ? "" : c.getFailure());
        put(object, "mi", c.getMi());
        put(object, "seconds", c.getSeconds());
        var preview = c.getPreview();
        object.put("image", preview == null ? "" : images.add(preview).map(Sha256::hex).orElse(""));
        object.put("latents", c.getLatents() == null ? "" : c.getLatents().getSha256());
        var timesteps = object.putArray("timesteps");
        c.getTimesteps().forEach(timesteps::add);
        var terms = object.putArray("terms");
        c.getMiTerms().forEach(term -> add(terms, term));
        return object;
    }

    private static void put(ObjectNode object, String name, double value) {
        if (Double.isFinite(value)) {
            object.put(name, value);
        } else {
            object.putNull(name);
        }
    }

    private static void add(ArrayNode list, float value) {
        if (Float.isFinite(value)) {
            list.add(value);
        } else {
            list.addNull();
        }
    }
}
