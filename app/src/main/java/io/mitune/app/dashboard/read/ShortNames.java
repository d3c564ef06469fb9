package io.mitune.app.dashboard.read;

import io.mitune.schemas.Topics;
import java.util.LinkedHashMap;
import java.util.Map;

/** Topic names without the prefix, as the page shows them. Stateless. */
public final class ShortNames {
    private static final String ONE = "prompts";

    private ShortNames() {}

    /** Full name to short name, in the order of the flow. */
    public static Map<String, String> of(Topics topics) {
        var prefix = prefix(topics);
        var names = new LinkedHashMap<String, String>();
        topics.all().forEach(t -> names.put(t.name(), t.name().substring(prefix.length())));
        return names;
    }

    /** The beginning of all names. */
    static String prefix(Topics topics) {
        var name = topics.prompts().name();
        return name.substring(0, name.length() - ONE.length());
    }
}
