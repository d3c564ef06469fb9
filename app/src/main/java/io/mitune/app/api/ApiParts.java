package io.mitune.app.api;

import io.mitune.app.web.RateLimit;
import io.mitune.app.web.RateLimit.Rate;
import io.mitune.app.web.WebPart;
import io.mitune.schemas.Connection;
import java.util.List;

/** The API for programs, as parts of a web server. Stateless. */
public final class ApiParts {
    private static final Rate EACH = new Rate(20, 2);
    private static final Rate ALL = new Rate(100, 20);

    private ApiParts() {}

    /** Publishing, the state of prompts, taps, and their description. */
    public static List<WebPart> of(Connection connection) {
        return of(connection, new RateLimit(EACH, ALL));
    }

    static List<WebPart> of(Connection connection, RateLimit publishing) {
        return List.of(
                new PublishApi(connection, publishing),
                new PromptApi(connection),
                new TapApi(connection),
                ApiDocument.part());
    }
}
