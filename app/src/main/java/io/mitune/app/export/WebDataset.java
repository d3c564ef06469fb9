package io.mitune.app.export;

import io.mitune.app.export.files.TarWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * WebDataset shards, {@code 000000.tar} and on: NAME.png, NAME.txt with the prompt, NAME.json with
 * everything, and NAME.safetensors or NAME.npy.
 *
 * <p>A shard ends before the sample that would make it too large.
 */
final class WebDataset implements ItemWriter {
    private final Path folder;
    private final long shardBytes;
    private Optional<TarWriter> shard = Optional.empty();
    private int shards;

    WebDataset(Path folder, long shardBytes) {
        this.folder = folder;
        this.shardBytes = shardBytes;
    }

    @Override
    public void add(Item item) throws IOException {
        if (shard.isPresent() && shard.get().size() + item.size() > shardBytes) {
            close();
        }
        if (shard.isEmpty()) {
            var name = String.format(Locale.ROOT, "%06d.tar", shards++);
            shard = Optional.of(new TarWriter(folder.resolve(name)));
        }
        var tar = shard.get();
        for (var file : item.files()) {
            tar.add(item.name() + "." + file.ending(), file.bytes());
        }
        var json = MetadataFile.json(item.values()).toString();
        tar.add(item.name() + ".json", json.getBytes(StandardCharsets.UTF_8));
        var text = item.values().get("text").toString();
        tar.add(item.name() + ".txt", text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() throws IOException {
        if (shard.isPresent()) {
            shard.get().close();
            shard = Optional.empty();
        }
    }
}
