package io.mitune.app.cli;

import io.mitune.schemas.blobs.BlobStore;
import java.net.URI;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where latents, pictures and adapters lie; all roles of a stream must see the same place. */
public final class BlobOptions {
    @Option(
            names = "--blobs",
            paramLabel = "DIR|URI",
            defaultValue = "${env:MITUNE_BLOBS:-mitune-data/blobs}",
            description =
                    "Root of the blob store (default: ${DEFAULT-VALUE}; environment"
                            + " MITUNE_BLOBS).")
    private String root;

    /** The store; nothing is read or made yet. */
    public BlobStore store() {
        if (root.matches("[a-z][a-z0-9+.-]+://.*")) {
            try {
                return BlobStore.at(URI.create(root));
            } catch (IllegalArgumentException e) {
                throw new UserError("--blobs: expected a folder or a URI, found " + root, e);
            }
        }
        return BlobStore.at(Path.of(root));
    }
}
