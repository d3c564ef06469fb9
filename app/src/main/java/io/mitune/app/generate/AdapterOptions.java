package io.mitune.app.generate;

import io.mitune.app.adapter.AdapterReference;
import io.mitune.app.adapter.PublishedAdapter;
import io.mitune.app.cli.BlobOptions;
import io.mitune.app.cli.ConnectionOptions;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;

/** Where adapters that are named by their run come from. */
public final class AdapterOptions {
    @Mixin private ConnectionOptions connection;
    @Mixin private BlobOptions blobs;

    /** Reads a file, a folder, or a version of a run; only the last asks the brokers. */
    public UsedAdapter read(String text) {
        return AdapterReference.of(text)
                .map(r -> PublishedAdapter.find(r, connection.connect(), blobs.store()))
                .map(UsedAdapter::of)
                .orElseGet(() -> UsedAdapter.file(Path.of(text)));
    }
}
