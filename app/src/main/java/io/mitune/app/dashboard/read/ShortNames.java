package io.mitune.app.dashboard.read;

import io.mitune.schemas.Topics;
import java.util.LinkedHashMap;
import java.util.Map;

/** Topic names without the prefix, as the page shows them. Stateless. */
public final class ShortNames {
    private ShortNames() {}

    /** Full name to short name, in the order of the flow. */
    public static Map<String, String> of(Topics topics) {
        var names = new LinkedHashMap<String, String>();
        topics.all()
                .forEach(t -> names.put(t.name(), t.name().substring(topics.prefix().length())));
        return names;
    }
}
