package io.mitune.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher script, in a copy of its own so that the test builds nothing here. */
class LauncherTest {
    private static final Path SCRIPT = Path.of("..", "mitune");

    @TempDir Path folder;

    @Test
    void saysWhichJdkItNeeds() throws Exception {
        assertTrue(launch("none").contains("expected a JDK 17 or newer, found none"));
        java("11");
        assertTrue(launch("jdk").contains("expected a JDK 17 or newer, found 11"));
    }

    @Test
    void saysThatMavenIsMissing() throws Exception {
        java("17");
        assertTrue(launch("jdk").contains("mvn: expected Maven 3.8 or newer"));
    }

    private String launch(String javaHome) throws IOException, InterruptedException {
        Files.createDirectories(folder.resolve("app"));
        Files.writeString(folder.resolve("pom.xml"), "");
        Files.copy(SCRIPT, folder.resolve("mitune"), StandardCopyOption.REPLACE_EXISTING);
        var bin = folder.resolve("bin"); // a PATH without Maven
        for (var tool : new String[] {"sed", "dirname", "find", "flock", "mkdir"}) {
            script(bin.resolve(tool), "PATH=/usr/bin:/bin exec " + tool + " \"$@\"");
        }
        var process = new ProcessBuilder("/bin/bash", "mitune");
        process.directory(folder.toFile()).redirectErrorStream(true);
        process.environment().put("PATH", bin.toString());
        process.environment().put("JAVA_HOME", folder.resolve(javaHome).toString());
        var running = process.start();
        var said = new String(running.getInputStream().readAllBytes());
        assertEquals(1, running.waitFor(), said);
        assertEquals(1, said.lines().count(), said);
        return said;
    }

    private void java(String version) throws IOException {
        script(
                folder.resolve("jdk/bin/java"),
                "echo '  java.specification.version = " + version + "'");
    }

    private static void script(Path file, String line) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/bash\n" + line + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
