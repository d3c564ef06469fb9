package io.mitune.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BrokerMainIT {
    @TempDir Path dir;

    @Test
    void survivesSigkillOnItsPortsAndDirectory() throws Exception {
        String ready;
        Process process = start(dir.toString());
        try {
            ready = firstLine(process);
            String[] words = ready.split(" ");
            try (var admin = admin(words[1])) {
                admin.createTopics(List.of(new NewTopic("t", 1, (short) 1)))
                        .all()
                        .get(3, TimeUnit.MINUTES);
            }
            var calls = new RegistryCalls(words[2]);
            assertEquals(
                    "1", calls.post("/subjects/s/versions", RegistryCalls.schema("a:int"), "id"));
        } finally {
            process.destroyForcibly().waitFor();
        }
        String[] words = ready.split("[ :]+");
        Process again = start(dir.toString(), words[2], words[5]);
        try {
            assertEquals(ready, firstLine(again));
            try (var admin = admin(ready.split(" ")[1])) {
                assertEquals(Set.of("t"), admin.listTopics().names().get(3, TimeUnit.MINUTES));
            }
            var calls = new RegistryCalls(ready.split(" ")[2]);
            assertEquals("[\"s\"]", calls.get("/subjects"));
            again.destroy();
            assertTrue(again.waitFor(3, TimeUnit.MINUTES), "stops on a termination signal");
        } finally {
            again.destroyForcibly();
        }
    }

    @Test
    void tellsBadArgumentsInOneLine() throws Exception {
        Process process = start(dir.toString(), "70000");
        try (BufferedReader errors = process.errorReader()) {
            assertEquals(
                    List.of("port: expected a number up to 65535, found 70000"),
                    errors.lines().toList());
        }
        assertEquals(1, process.waitFor());
    }

    private static Process start(String... arguments) throws Exception {
        var command = new ArrayList<String>();
        command.add(ProcessHandle.current().info().command().orElse("java"));
        command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add(BrokerMain.class.getName());
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).start();
    }

    private static String firstLine(Process process) throws Exception {
        return process.inputReader().readLine();
    }

    private static Admin admin(String bootstrapServers) {
        return Admin.create(Map.<String, Object>of("bootstrap.servers", bootstrapServers));
    }
}
