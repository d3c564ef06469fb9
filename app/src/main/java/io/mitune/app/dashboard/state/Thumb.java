package io.mitune.app.dashboard.state;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Comparator;

/**
 * What a prompt's card shows of one candidate.
 *
 * @param mi nats; NaN when it failed
 * @param image its picture, or null where it has none
 */
record Thumb(int index, double mi, Sha256 image) {
    /** The best first; of equals the first drawn, as the curator decides. */
    static final Comparator<Thumb> BEST_FIRST =
            Comparator.comparingDouble((Thumb t) -> Double.isFinite(t.mi) ? -t.mi : 1e300)
                    .thenComparingInt(Thumb::index);

    ObjectNode json(boolean kept) {
        var object = Json.object().put("index", index).put("kept", kept);
        Json.put(object, "mi", mi);
        return object.put("image", image == null ? "" : image.hex());
    }
}
