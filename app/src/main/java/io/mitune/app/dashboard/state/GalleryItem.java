package io.mitune.app.dashboard.state;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mitune.schemas.CuratedSample;

/**
 * What the gallery shows of one curated sample.
 *
 * @param image its picture, or null where it has none
 * @param time when it was curated, milliseconds since 1970
 */
record GalleryItem(
        String promptId,
        int round,
        int rank,
        int index,
        String run,
        String text,
        String category,
        String policy,
        int adapter,
        double mi,
        double margin,
        String reason,
        Sha256 image,
        long time) {

    static GalleryItem of(CuratedSample s, Sha256 image, long time) {
        return new GalleryItem(
                Json.cut(s.getPromptId()),
                s.getRound(),
                s.getRank(),
                s.getIndex(),
                Json.cut(s.getRun()).intern(),
                Json.cut(s.getText()),
                Json.cut(s.getCategory()).intern(),
                (Json.cut(s.getPolicy()) + " v" + s.getPolicyVersion()).intern(),
                s.getAdapterVersion(),
                s.getMi(),
                s.getMargin(),
                Json.cut(s.getReason()),
                image,
                time);
    }

    /** The same sample keeps its name when it comes again. */
    String key() {
        return run + "/" + promptId + "/" + round + "/" + rank;
    }

    ObjectNode json() {
        var object = Json.object().put("promptId", promptId).put("round", round);
        object.put("rank", rank).put("index", index).put("run", run).put("text", text);
        object.put("category", category).put("policy", policy).put("adapter", adapter);
        Json.put(object, "mi", mi);
        Json.put(object, "margin", margin);
        object.put("reason", reason);
        return object.put("image", image == null ? "" : image.hex()).put("time", time);
    }
}
