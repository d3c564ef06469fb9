package io.mitune.app.dashboard;

import io.mitune.app.api.ApiParts;
import io.mitune.app.dashboard.http.DashboardPart;
import io.mitune.app.web.WebPart;
import io.mitune.schemas.Connection;
import io.mitune.schemas.blobs.BlobStore;
import java.util.ArrayList;
import java.util.List;

/** What the web server of a stream serves, wherever it runs: the live page and the API. */
public final class DashboardParts {
    private DashboardParts() {}

    /** Starts to read the log. */
    public static List<WebPart> of(Connection connection, BlobStore blobs) {
        return of(connection, new DashboardPart(connection, blobs));
    }

    /** With a live page that reads already. */
    static List<WebPart> of(Connection connection, DashboardPart page) {
        var parts = new ArrayList<WebPart>();
        parts.add(page);
        parts.addAll(ApiParts.of(connection));
        return parts;
    }
}
