package io.mitune.app.tap;

import io.mitune.app.cli.UserError;
import io.mitune.schemas.Topic;
import io.mitune.schemas.Topics;

/** Topics by the names that people use: with or without the prefix. Stateless. */
public final class TopicNames {
    private TopicNames() {}

    /** The topic, or an error that names all. */
    public static Topic<?> find(Topics topics, String name) {
        var prefix = topics.prefix();
        return topics.all().stream()
                .filter(t -> t.name().equals(name) || t.name().equals(prefix + name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new UserError(
                                        "TOPIC: expected one of "
                                                + String.join(", ", topics.shortNames().values())
                                                + ", found "
                                                + name));
    }
}
