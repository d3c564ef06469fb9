package io.mitune.app.export;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;

/**
 * Hugging Face's imagefolder: {@code images/NAME.png} and {@code metadata.jsonl} with their paths.
 *
 * <p>Its loader turns {@code file_name} into the column {@code image} and {@code X_file_name} into
 * {@code X}; other files are named by {@code X_file}, which stays text.
 */
final class ImageFolder implements ItemWriter {
    private final Path folder;
    private final MetadataFile metadata;

    ImageFolder(Path folder) throws IOException {
        this.folder = folder;
        metadata = new MetadataFile(folder);
    }

    @Override
    public void add(Item item) throws IOException {
        var paths = new LinkedHashMap<String, String>();
        for (var file : item.files()) {
            var picture = file.ending().equals("png");
            var single = file.column().equals("image");
            var place = picture ? "images" : file.column();
            var ending = (picture && !single ? "." + file.column() : "") + "." + file.ending();
            var path = place + "/" + item.name() + ending;
            Files.createDirectories(folder.resolve(place));
            Files.write(folder.resolve(path), file.bytes());
            var column = file.column() + (picture ? "_file_name" : "_file");
            paths.put(single ? "file_name" : column, path);
        }
        metadata.add(paths, item.values());
    }

    @Override
    public void close() throws IOException {
        metadata.close();
    }
}
