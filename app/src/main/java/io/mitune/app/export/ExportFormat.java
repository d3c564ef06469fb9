package io.mitune.app.export;

import io.mitune.app.cli.UserError;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The forms of an export. */
enum ExportFormat {
    IMAGEFOLDER,
    WEBDATASET,
    PARQUET;

    static ExportFormat of(String name) {
        return Arrays.stream(values())
                .filter(format -> format.label().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new UserError(
                                        "--format: expected one of %s, found %s"
                                                .formatted(labels(), name)));
    }

    /** Writes this format to a folder. */
    ItemWriter writer(Path folder, long shardBytes) throws IOException {
        return switch (this) {
            case IMAGEFOLDER -> new ImageFolder(folder);
            case WEBDATASET -> new WebDataset(folder, shardBytes);
            case PARQUET -> new ParquetTable(folder, shardBytes);
        };
    }

    private static String labels() {
        return Arrays.stream(values()).map(ExportFormat::label).collect(Collectors.joining(", "));
    }

    private String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
