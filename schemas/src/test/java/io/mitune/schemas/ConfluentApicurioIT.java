package io.mitune.schemas;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Confluent's serializers with a registry that is neither Confluent's nor ours. */
@ExtendWith(RealRegistry.class)
class ConfluentApicurioIT extends ConfluentExchange {
    @TempDir static Path folder;
    private static RealRegistry registry;

    @BeforeAll
    static void start() throws IOException {
        registry = RealRegistry.start(folder);
    }

    @AfterAll
    static void stop() {
        if (registry != null) {
            registry.close();
        }
    }

    @Override
    String url() {
        return registry.url();
    }
}
