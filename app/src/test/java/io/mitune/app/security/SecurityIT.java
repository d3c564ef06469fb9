package io.mitune.app.security;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.app.CommandLineRunner;
import io.mitune.app.CommandLineRunner.Result;
import io.mitune.app.Main;
import io.mitune.app.TinyModel;
import io.mitune.schemas.Topics;
import io.mitune.schemas.access.AccessCatalogue;
import io.mitune.schemas.access.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.tools.AclCommand;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** SCRAM, TLS and the authorizer: each role with its own least set of ACLs, and without any. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SecurityIT {
    private static final String NOBODY = "nobody";

    /** Used where a policy is changed, rounds follow by themselves, or a guard pauses them. */
    private static final Set<String> NOT_USED_BY_ONE_ROUND =
            Set.of(
                    "curator WRITE mitune.policies",
                    "curator WRITE mitune.prompts",
                    "curator WRITE mitune.runs",
                    "trainer READ mitune.runs");

    @TempDir static Path folder;
    private static SecuredCluster cluster;
    private static final List<Process> PROCESSES = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        cluster = new SecuredCluster(folder);
        var users = new ArrayList<>(Arrays.stream(Role.values()).map(Role::word).toList());
        users.add(NOBODY);
        cluster.plainFile();
        cluster.createUsers(users.toArray(String[]::new));
        for (var role : Role.values()) {
            if (role == Role.TRAINER) {
                runWithKafkasOwnTool(acl(role).ok().out());
            } else {
                acl(role, "--apply").ok();
            }
        }
        as("admin", "topics", "create").ok();
        Files.writeString(prompts(), "the red cat\na blue dog\nthe cat\n");
    }

    @AfterAll
    static void stop() {
        PROCESSES.forEach(Process::destroyForcibly);
        cluster.close();
    }

    @Test
    @Order(1)
    void eachRoleWorksWithItsOwnAcls() throws Exception {
        as("publisher", publish()).ok();
        assertTrue(as("publisher", publish()).ok().out().contains("3 were there already"));
        process("curator", curate());
        process("worker", worker());
        var train = process("trainer", train());
        assertTrue(train.waitFor(4, TimeUnit.MINUTES), said());
        assertEquals(0, train.exitValue(), said());
        var again = process("trainer", train());
        assertTrue(again.waitFor(2, TimeUnit.MINUTES), said());
        assertEquals(0, again.exitValue(), said());
        assertEquals(9, as("tap", "tap", "candidates").ok().out().lines().count());
        assertTrue(as("tap", "adapters", "list").ok().out().contains("in use"), said());
        assertFalse(said().contains("secret-"), "no log has a password");
    }

    /** Runs second: everything that the catalogue grants was needed by the first test. */
    @Test
    @Order(2)
    void noAclIsSuperfluous() {
        var catalogue = new AccessCatalogue(new Topics(Topics.DEFAULT_PREFIX));
        var unused = new TreeSet<String>();
        for (var role : List.of(Role.PUBLISHER, Role.CURATOR, Role.WORKER, Role.TRAINER)) {
            for (var grant : catalogue.of(role)) {
                for (AclOperation operation : grant.operations()) {
                    boolean used =
                            RecordingAuthorizer.ALLOWED.stream()
                                    .anyMatch(
                                            use ->
                                                    use.user().equals(role.word())
                                                            && use.operation() == operation
                                                            && grant.covers(
                                                                    use.type(), use.name()));
                    if (!used) {
                        unused.add(role.word() + " " + operation + " " + grant.name());
                    }
                }
            }
        }
        unused.removeIf(line -> line.endsWith("WRITE mitune.dead-letters")); // nothing failed
        unused.removeAll(NOT_USED_BY_ONE_ROUND);
        assertEquals(new TreeSet<String>(), unused);
    }

    @Test
    @Order(3)
    void withoutAclsARoleEndsInOneLineThatNamesThem() throws Exception {
        refused("Read and Write on topic mitune.prompts", publish());
        refused("Read on topic mitune.candidates", "tap", "candidates");
        refused("on transactional ids mitune.trainer-", train());
        var line = as(NOBODY, worker("--configure")).failedInOneLine();
        assertTrue(line.contains("an ACL for AlterConfigs"), line);
        refused("Read on topic mitune.generation-tasks", worker());
        refused("on topic mitune.", words("curate --state-dir", folder.resolve("state-of-nobody")));
        var noAdmin = as(NOBODY, "topics", "create").failedInOneLine();
        assertTrue(noAdmin.contains("uthoriz") || noAdmin.contains("ACL"), noAdmin);
    }

    @Test
    @Order(4)
    void aRoleCannotDoAnothersWork() throws Exception {
        var line = as("worker", publish()).failedInOneLine();
        assertTrue(line.contains("topic mitune.prompts"), line);
        Files.writeString(prompts(), "a green bird\n");
        line = as("tap", publish()).failedInOneLine();
        assertTrue(line.contains("Write on topic mitune.prompts"), line);
    }

    @Test
    @Order(5)
    void aWrongPasswordIsRefusedAndNotShown() throws Exception {
        cluster.clientFile(NOBODY, "guess-77");
        var line = withFile(NOBODY, "tap", "candidates").failedInOneLine();
        assertTrue(line.contains("uthentication failed"), line);
        assertFalse(line.contains("guess-77"), line);
    }

    private static Result acl(Role role, Object... more) {
        var principal = "User:" + role.word();
        var words = new ArrayList<Object>(List.of("topics", "acl", "--role", role.word()));
        words.addAll(List.of("--principal", principal));
        words.addAll(List.of(more));
        return as(SecuredCluster.ROOT, words.toArray());
    }

    /** What an administrator would do with the printed lines. */
    private static void runWithKafkasOwnTool(String lines) {
        for (String line : lines.lines().toList()) {
            var words = new ArrayList<>(List.of(line.replace("'", "").split(" ")));
            assertEquals("kafka-acls.sh", words.remove(0));
            words.addAll(
                    List.of(
                            "--command-config",
                            folder.resolve(SecuredCluster.ROOT + ".plain").toString()));
            AclCommand.main(words.toArray(String[]::new));
        }
    }

    private static void refused(String need, Object... words) throws Exception {
        var result = as(NOBODY, words);
        var lines = result.err().lines().toList();
        var last = lines.get(lines.size() - 1);
        assertNotEquals(0, result.code());
        assertTrue(last.contains(need) && last.contains("kafka refuses access"), result.err());
    }

    private static Path prompts() {
        return folder.resolve("prompts.txt");
    }

    private static Object[] publish() {
        return words(
                "publish --run r --candidates 3 --num-inference-steps 3 --guidance-scale 2"
                        + " --prompts",
                prompts());
    }

    private static Object[] curate() {
        return words("curate --state-dir", folder.resolve("state"));
    }

    private static Object[] worker(String... configure) {
        String group = configure.length == 0 ? " --no-configure-group" : "";
        return words(
                "worker" + group + " --blobs " + folder.resolve("blobs") + " --model",
                TinyModel.MODEL);
    }

    private static Object[] train() {
        return words(
                "train --run r --rounds 1 --steps 3 --rank 2 --train-batch-size 2"
                        + " --gradient-accumulation-steps 1 --checkpointing-steps 2"
                        + " --num-validation-images 2 --num-inference-steps 3"
                        + (" --validation-prompts " + prompts())
                        + (" --blobs " + folder.resolve("blobs"))
                        + " --model",
                TinyModel.MODEL);
    }

    private static Object[] words(String line, Path last) {
        var all = new ArrayList<Object>(List.of(line.split(" ")));
        all.add(last);
        return all.toArray();
    }

    private static Result as(String user, Object... words) {
        try {
            cluster.clientFile(user);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return withFile(user, words);
    }

    private static Result withFile(String user, Object... words) {
        return CommandLineRunner.run(connected(user, words).toArray());
    }

    private static List<Object> connected(String user, Object... words) {
        var all = new ArrayList<Object>(List.of(words));
        all.addAll(List.of("--bootstrap-server", cluster.bootstrapServers()));
        all.addAll(List.of("--schema-registry-url", cluster.registryUrl()));
        all.addAll(List.of("--kafka-config", folder.resolve(user + ".properties")));
        return all;
    }

    private static Process process(String user, Object... words) throws IOException {
        cluster.clientFile(user);
        var line = new ArrayList<String>();
        line.add(ProcessHandle.current().info().command().orElseThrow());
        line.addAll(List.of("-Xmx512m", "-cp", System.getProperty("java.class.path")));
        line.add(Main.class.getName());
        line.add("--verbose");
        connected(user, words).forEach(word -> line.add(word.toString()));
        var log = folder.resolve(user + ".log").toFile();
        var process =
                new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(log).start();
        PROCESSES.add(process);
        return process;
    }

    private static String said() throws IOException {
        var text = new StringBuilder();
        for (var name : List.of("curator.log", "worker.log", "trainer.log")) {
            var log = folder.resolve(name);
            text.append(name).append(":\n").append(Files.exists(log) ? Files.readString(log) : "");
        }
        return text.toString();
    }
}
