package io.mitune.app.export;

import io.mitune.app.cli.Console;
import io.mitune.app.cli.ErrorLine;
import io.mitune.app.cli.ProgressBar;
import io.mitune.app.cli.UserError;
import io.mitune.schemas.blobs.BlobException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes items to a new folder; what cannot be had is named, left out and counted.
 *
 * <p>Belongs to one thread.
 */
final class Export {
    private static final int NAMED = 20;

    private final Console console;
    private final ExportFormat format;
    private final long shardBytes;
    private int leftOut;

    Export(Console console, ExportFormat format, long shardBytes) {
        this.console = console;
        this.format = format;
        this.shardBytes = shardBytes;
    }

    /**
     * Writes all items.
     *
     * @param faults records that were no items, one line each
     * @throws UserError at the end, when something was left out
     */
    void write(ItemSource items, List<String> faults, Path output) throws IOException {
        faults.forEach(this::leaveOut);
        var written = 0;
        try (var folder = OutputFolder.make(output)) {
            try (var writer = format.writer(folder.path(), shardBytes);
                    var bar = new ProgressBar(console, "export", items.count(), "items")) {
                for (var i = 0; i < items.count(); i++) {
                    try {
                        writer.add(items.item(i));
                        written++;
                    } catch (BlobException e) {
                        leaveOut(items.id(i) + ": " + e.getMessage());
                    }
                    bar.advance(1);
                }
            }
            if (written > 0) {
                folder.publish();
            }
        }
        var all = written + leftOut;
        if (written == 0) {
            throw new UserError(
                    "%s: expected something to export, found %d records, none usable; not made"
                            .formatted(output, all));
        }
        console.print("%d of %d in %s".formatted(written, all, output));
        if (leftOut > 0) {
            throw new UserError(
                    "%s: expected %d, found %d whole; the others are left out"
                            .formatted(output, all, written));
        }
    }

    private void leaveOut(String line) {
        leftOut++;
        if (leftOut <= NAMED) {
            console.remark("left out " + ErrorLine.clean(line));
        } else if (leftOut == NAMED + 1) {
            console.remark("left out more; they are counted only");
        }
    }
}
