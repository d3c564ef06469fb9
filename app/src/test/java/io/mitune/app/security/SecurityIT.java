package io.mitune.app.security;

import static io.mitune.app.web.HttpProbe.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mitune.app.CommandLineRunner;
import io.mitune.app.CommandLineRunner.Result;
import io.mitune.app.TinyModel;
import io.mitune.app.survey.SurveyForm;
import io.mitune.app.web.HttpProbe;
import io.mitune.schemas.DeadLetters;
import io.mitune.schemas.Topics;
import io.mitune.schemas.access.AccessCatalogue;
import io.mitune.schemas.access.Role;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.serialization.ByteArraySerializer;
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

    private static final List<String> GROUPS =
            List.of("workers", "trainer-r", "planner", "curator", "promotion", "runs");

    @TempDir static Path folder;
    private static final Topics TOPICS = new Topics(Topics.DEFAULT_PREFIX);
    private static SecuredCluster cluster;
    private static Users users;

    @BeforeAll
    static void start() throws Exception {
        cluster = new SecuredCluster(folder);
        users = new Users(cluster, folder);
        var names = new ArrayList<>(Arrays.stream(Role.values()).map(Role::word).toList());
        names.add(NOBODY);
        cluster.plainFile();
        cluster.createUsers(names.toArray(String[]::new));
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
        users.close();
        cluster.close();
    }

    @Test
    @Order(1)
    void eachRoleWorksWithItsOwnAcls() throws Exception {
        as("publisher", publish()).ok();
        assertTrue(as("publisher", publish()).ok().out().contains("3 were there already"));
        users.start("curator", curate());
        users.start("worker", worker());
        var train = users.start("trainer", train());
        assertTrue(train.waitFor(4, TimeUnit.MINUTES), said());
        assertEquals(0, train.exitValue(), said());
        var again = users.start("trainer", train());
        assertTrue(again.waitFor(2, TimeUnit.MINUTES), said());
        assertEquals(0, again.exitValue(), said());
        assertEquals(9, as("tap", "tap", "candidates").ok().out().lines().count());
        assertTrue(as("tap", "adapters", "list").ok().out().contains("in use"), said());
        var metrics = new HttpProbe(users.port("curator", "metrics:"));
        for (var group : List.of("workers", "trainer-r", "planner")) {
            var line = "mitune_consumer_lag_records{group=\"" + group + "\"";
            Users.await(
                    () -> metrics.get("/metrics").body().contains(line),
                    () -> group + ": " + users.said("curator"));
        }
        assertTrue(lossesAreIn(folder.resolve("curves/r")), said());
    }

    @Test
    @Order(2)
    void theDashboardShowsPublishesAndDecidesWithItsOwnAcls() throws Exception {
        users.start("dashboard", words("dashboard --http-port 0 --blobs", folder.resolve("blobs")));
        var http = new HttpProbe(users.port("dashboard", "dashboard at"));
        Users.await(
                () -> groupsIn(http.get("/api/dashboard")).containsAll(GROUPS),
                () -> http.get("/api/dashboard").body() + users.said("dashboard"));
        Users.await(
                () -> candidatesIn(json(http.get("/api/dashboard"))) == 9,
                () -> http.get("/api/dashboard").body());
        var all = json(http.get("/api/dashboard"));
        var promptId = all.at("/prompts/cards/0/promptId").asText();
        var prompt = json(http.get("/api/dashboard/prompts/" + promptId + "/1"));
        assertEquals(3, prompt.get("candidates").size(), prompt.toString());
        var picture = prompt.at("/candidates/0/image").asText();
        assertEquals(200, http.get("/blobs/" + picture).statusCode());
        var published =
                http.post(
                        "/api/prompts",
                        "{\"text\": \"a cat\", \"run\": \"d\", \"candidates\": 1,"
                                + " \"sampling\": {\"numInferenceSteps\": 3}}");
        assertEquals(201, published.statusCode(), published.body());
        var id = json(published).at("/promptIds/0").asText();
        assertEquals(200, http.get("/api/prompts/" + id).statusCode());
        assertEquals(200, http.get("/api/tap/prompts").statusCode());
        assertEquals(202, http.post("/api/adapters/r/promote", "{\"version\":1}").statusCode());
        assertEquals(202, http.post("/api/adapters/r/rollback", "{\"version\":0}").statusCode());
    }

    @Test
    @Order(3)
    void theSurveyAsksAndCountsWithItsOwnAcls() throws Exception {
        users.start(
                "survey",
                words(
                        "survey --campaign c --form pair --run r --http-port 0 --blobs",
                        folder.resolve("blobs")));
        var http = new HttpProbe(users.port("survey", "survey at"));
        var ballot = http.form("/survey/start", "").headers().firstValue("Location");
        assertEquals(200, http.get(ballot.orElseThrow()).statusCode());
        var vote = SurveyForm.send(http, ballot.orElseThrow(), "choice=0");
        assertEquals(303, vote.statusCode(), vote.body());
        assertEquals(1, json(http.get("/api/survey/results")).get("answers").asInt());
        var results = as("survey", "survey", "results", "--campaign", "c", "--json").ok().out();
        assertTrue(results.contains("\"answers\" : 1"), results);
    }

    @Test
    @Order(4)
    void theTapReadsEverythingWithItsOwnAcls() throws Exception {
        for (var topic : TOPICS.all()) {
            as("tap", "tap", topic.name().substring(TOPICS.prefix().length())).ok();
        }
        var status = as("tap", "status", "--json").ok().out();
        assertTrue(names(new ObjectMapper().readTree(status).get("groups")).containsAll(GROUPS));
    }

    /** Ends with nonsense in every topic, as something broken would write it. */
    @Test
    @Order(5)
    void theAdministratorLooksAfterTheStreamWithItsOwnAcls() throws Exception {
        as("admin", "topics", "describe").ok();
        as("admin", "policy", "set", "p", "--keep", 1, "--only-recurate").ok();
        as("admin", "run", "pause", "r", "--reason", "looked odd").ok();
        as("admin", "adapters", "rollback", "r", "--to", 0).ok();
        as("admin", "recurate", "--policy", "p", "--run", "r", "--into", "again").ok();
        var blobs = List.of("--blobs", folder.resolve("blobs"));
        var lineage = List.of("adapters", "lineage", "r", 1, "--without", "the cat");
        var without = new ArrayList<Object>(lineage);
        without.addAll(List.of("--into", "without"));
        without.addAll(blobs);
        as("admin", without.toArray()).ok();
        assertEquals(3, curated("again"));
        assertEquals(2, curated("without"));
        var gc = new ArrayList<Object>(List.of("blobs", "gc"));
        gc.addAll(blobs);
        assertTrue(as("admin", gc.toArray()).ok().out().contains("latents"));
        buryOneOfEachTopic();
        var sent = as("admin", "dlq", "redrive", "--all").ok().out();
        assertEquals(TOPICS.all().size() - 1 + " sent again, 0 left", sent.strip());
    }

    /** Runs after those: everything that the catalogue grants was needed by them. */
    @Test
    @Order(6)
    void noAclIsSuperfluous() {
        var catalogue = new AccessCatalogue(TOPICS);
        var unused = new TreeSet<String>();
        for (var role : Role.values()) {
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
        assertFalse(said().contains("secret-"), "no log has a password");
    }

    @Test
    @Order(7)
    void withoutAclsARoleEndsInOneLineThatNamesThem() throws Exception {
        refused("Read and Write on topic mitune.prompts", publish());
        refused("Read on topic mitune.candidates", "tap", "candidates");
        refused("Read on topic mitune.curated", train());
        refused("Read on topic mitune.generation-tasks", worker());
        refused("on topic mitune.", words("curate --state-dir", folder.resolve("state-of-nobody")));
        refused("and on 12 more", words("dashboard --http-port 0 --blobs", folder));
        refused(
                "Write on topic mitune.votes",
                words("survey --campaign c --run r --form pair --blobs", folder));
        refused("on topic mitune.policies", "recurate", "--policy", "p");
        refused("on topic mitune.dead-letters", "dlq", "list");
        refused("on topic mitune.", words("blobs gc --blobs", folder));
        var noAdmin = as(NOBODY, "topics", "create").failedInOneLine();
        assertTrue(noAdmin.contains("uthoriz") || noAdmin.contains("ACL"), noAdmin);
    }

    @Test
    @Order(8)
    void aRoleCannotDoAnothersWork() throws Exception {
        var line = as("worker", publish()).failedInOneLine();
        assertTrue(line.contains("topic mitune.prompts"), line);
        Files.writeString(prompts(), "a green bird\n");
        line = as("tap", publish()).failedInOneLine();
        assertTrue(line.contains("Write on topic mitune.prompts"), line);
        line = as("worker", worker("--configure")).failedInOneLine();
        assertTrue(line.contains("an ACL for AlterConfigs"), line);
        line = last(as("tap", train()));
        assertTrue(line.contains("on transactional ids mitune.trainer-"), line);
        line = last(as("tap", "dlq", "redrive", "--all"));
        assertTrue(line.contains("on transactional ids mitune.dead-letters-redrive"), line);
        assertTrue(line.contains("topics acl --role admin"), line);
        line = last(as("tap", "recurate", "--policy", "p", "--run", "r", "--into", "third"));
        assertTrue(line.contains("on transactional ids mitune.curated-for-"), line);
    }

    @Test
    @Order(9)
    void aWrongPasswordIsRefusedAndNotShown() throws Exception {
        var file = cluster.clientFile(NOBODY, "guess-77");
        var words = new ArrayList<Object>(List.of("tap", "candidates", "--kafka-config", file));
        words.addAll(List.of("--bootstrap-server", cluster.bootstrapServers()));
        var line = CommandLineRunner.run(words.toArray()).failedInOneLine();
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
        var last = last(result);
        assertTrue(last.contains(need) && last.contains("kafka refuses access"), result.err());
    }

    /** The line that a failure ends with. */
    private static String last(Result result) {
        assertNotEquals(0, result.code(), result.out());
        var lines = result.err().lines().toList();
        return lines.get(lines.size() - 1);
    }

    private static List<String> groupsIn(HttpResponse<String> dashboard) {
        return names(json(dashboard).at("/pipeline/groups"));
    }

    private static List<String> names(JsonNode groups) {
        var names = new ArrayList<String>();
        groups.forEach(group -> names.add(group.get("group").asText()));
        return names;
    }

    private static int candidatesIn(JsonNode dashboard) {
        for (var topic : dashboard.at("/pipeline/topics")) {
            if (topic.get("name").asText().equals("candidates")) {
                return topic.get("records").asInt();
            }
        }
        return 0;
    }

    private static long curated(String run) {
        var filter = "run = " + run;
        return as("tap", "tap", "curated", "--filter", filter).ok().out().lines().count();
    }

    private static boolean lossesAreIn(Path curves) throws IOException {
        var file = curves.resolve("events.out.tfevents.0000000001.mitune");
        var text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        return text.contains("train/loss");
    }

    private static void buryOneOfEachTopic() throws Exception {
        var bytes = new ByteArraySerializer();
        var key = "k".getBytes(StandardCharsets.UTF_8);
        var to = cluster.rootConnection();
        try (var producer = new KafkaProducer<>(to.producerProperties(), bytes, bytes)) {
            for (var topic : TOPICS.all()) {
                if (!topic.name().equals(TOPICS.deadLetters().name())) {
                    var bad = new ConsumerRecord<>(topic.name(), 0, 0, key, key);
                    producer.send(DeadLetters.of(TOPICS, bad, "test", "nonsense")).get();
                }
            }
        }
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
        return words("curate --metrics-port 0 --state-dir", folder.resolve("state"));
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
                        + (" --log-dir " + folder.resolve("curves"))
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
        return users.run(user, words);
    }

    private static String said() {
        return users.said();
    }
}
