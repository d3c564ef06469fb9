package io.mitune.app.export;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** One folder an item, {@code NAME/COLUMN.ENDING}, and {@code metadata.jsonl} beside them. */
final class OfficialFolder implements ItemWriter {
    private final Path folder;
    private final MetadataFile metadata;
    private final Set<String> taken = new HashSet<>();

    OfficialFolder(Path folder) throws IOException {
        this.folder = folder;
        metadata = new MetadataFile(folder);
    }

    @Override
    public void add(Item item) throws IOException {
        var name = item.name();
        // the same prompt and seed in two rounds, or two names that differ in case only
        for (var n = 2; !taken.add(name.toLowerCase(Locale.ROOT)); n++) {
            name = item.name() + "_" + n;
        }
        Files.createDirectory(folder.resolve(name));
        for (var file : item.files()) {
            var path = folder.resolve(name).resolve(file.column() + "." + file.ending());
            Files.write(path, file.bytes());
        }
        metadata.add(Map.of("folder", name), item.values());
    }

    @Override
    public void close() throws IOException {
        metadata.close();
    }
}
