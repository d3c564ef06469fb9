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
    PARQUET,
    OFFICIAL,
    PREFERENCE,
    PREFERENCE_FOLDER;

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

    /** Whether its rows are pairs of candidates and not curated samples. */
    boolean isPairs() {
        return this == PREFERENCE || this == PREFERENCE_FOLDER;
    }

    /** Writes this format to a folder. */
    ItemWriter writer(Path folder, long shardBytes) throws IOException {
        return switch (this) {
            case IMAGEFOLDER, PREFERENCE_FOLDER -> new ImageFolder(folder);
            case WEBDATASET -> new WebDataset(folder, shardBytes);
            case PARQUET, PREFERENCE -> new ParquetTable(folder, shardBytes);
            case OFFICIAL -> new OfficialFolder(folder);
        };
    }

    private static String labels() {
        return Arrays.stream(values()).map(ExportFormat::label).collect(Collectors.joining(", "));
    }

    private String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
