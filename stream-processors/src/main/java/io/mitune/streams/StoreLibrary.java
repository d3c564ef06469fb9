package io.mitune.streams;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.rocksdb.NativeLibraryLoader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where RocksDB's native library is unpacked: beside the stores, under one name.
 *
 * <p>By itself RocksDB takes a new name in the system's temporary directory each time, and every
 * process that is killed leaves some 15 MB there. Stateless.
 */
final class StoreLibrary {
    private static final Logger log = LoggerFactory.getLogger(StoreLibrary.class);

    private StoreLibrary() {}

    /** To be called before the first store is opened; only the first call of a process counts. */
    static void unpackTo(Path directory) {
        try {
            Files.createDirectories(directory);
            NativeLibraryLoader.getInstance().loadLibrary(directory.toString());
        } catch (IOException | RuntimeException | UnsatisfiedLinkError e) {
            // such as a file system that runs no programs; then as RocksDB does it by itself
            log.debug("{}: not for RocksDB's library: {}", directory, e.getMessage());
        }
    }
}
