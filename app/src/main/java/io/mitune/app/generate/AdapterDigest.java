package io.mitune.app.generate;

import io.mitune.app.cli.UserError;
import io.mitune.diffusion.adapter.AdapterFile;
import io.mitune.schemas.Identity;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.util.HexFormat;
import java.util.List;

/** Names an adapter by what is in its files. Stateless. */
final class AdapterDigest {
    private static final List<String> FILES =
            List.of(AdapterFile.PEFT_CONFIG, AdapterFile.PEFT_WEIGHTS, AdapterFile.DIFFUSERS_NAME);

    private AdapterDigest() {}

    /** SHA-256 of a file; of a folder, over the files of an adapter in it, in a fixed order. */
    static String of(Path path) {
        var files =
                Files.isDirectory(path)
                        ? FILES.stream().map(path::resolve).filter(Files::exists).toList()
                        : List.of(path);
        var digest = Identity.newSha256();
        try (var into = new DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
            for (var file : files) {
                Files.copy(file, into);
            }
        } catch (IOException e) {
            throw new UserError(path + ": cannot be read: " + e.getMessage(), e);
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
