package io.mitune.schemas.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.schemas.Topic;
import io.mitune.schemas.Topics;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AccessCatalogueTest {
    private final Topics topics = new Topics("x.");
    private final AccessCatalogue catalogue = new AccessCatalogue(topics);

    /** Fails when a topic is added that no role may write, or that no role but the tap reads. */
    @Test
    void everyTopicHasAWriterAndAReader() {
        var readers = rolesBut(Role.ADMIN);
        var writers = rolesBut(Role.ADMIN);
        assertEquals(names(), covered(writers, AclOperation.WRITE));
        assertEquals(names(), covered(readers, AclOperation.READ));
    }

    @Test
    void onlyTopologiesOwnTopicsThatAreNotInTheCatalogue() {
        for (var role : rolesBut(Role.CURATOR)) {
            catalogue.of(role).stream()
                    .filter(g -> g.type() == ResourceType.TOPIC)
                    .forEach(g -> assertTrue(names().contains(g.name()), g.toString()));
        }
        var own =
                catalogue.of(Role.CURATOR).stream()
                        .filter(g -> g.type() == ResourceType.TOPIC)
                        .filter(g -> g.pattern() == PatternType.PREFIXED)
                        .map(Grant::name)
                        .toList();
        assertEquals(AccessCatalogue.TOPOLOGIES.stream().map(t -> "x-" + t + "-").toList(), own);
    }

    @ParameterizedTest
    @EnumSource(
            value = Role.class,
            names = {"ADMIN", "CURATOR"},
            mode = EnumSource.Mode.EXCLUDE)
    void ordinaryRolesNeitherMakeNorChangeAnything(Role role) {
        for (var grant : catalogue.of(role)) {
            var rest = grant.operations().stream().filter(o -> !isPlain(o)).toList();
            assertEquals(List.of(), rest, grant.toString());
        }
    }

    @Test
    void printsCommandLinesOfKafka() {
        var lines = AclForms.kafkaAcls(catalogue.of(Role.TRAINER), "User:t", "h:1");
        assertTrue(
                lines.contains(
                        "kafka-acls.sh --bootstrap-server h:1 --add --allow-principal 'User:t'"
                                + " --operation Read --topic x.curated"),
                lines.toString());
        assertTrue(
                lines.contains(
                        "kafka-acls.sh --bootstrap-server h:1 --add --allow-principal 'User:t'"
                                + " --operation Write --transactional-id x.trainer-"
                                + " --resource-pattern-type prefixed"),
                lines.toString());
    }

    @Test
    void printsOneRowForEachOperation() {
        var rows = AclForms.flat(catalogue.of(Role.PUBLISHER), "User:p");
        assertEquals(List.of("READ", "WRITE"), rows.stream().map(r -> r.get("operation")).toList());
        assertEquals("x.prompts", rows.get(0).get("resource_name"));
    }

    @Test
    void namesWhatARefusedClientLacks() {
        var topic =
                new RuntimeException(new TopicAuthorizationException(Set.of("x.training-steps")));
        var line = MissingAccess.explain(topic, topics, Role.TRAINER).orElseThrow();
        assertTrue(line.contains("an ACL for Read and Write on topic x.training-steps"), line);
        var group = GroupAuthorizationException.forGroupId("x.workers");
        line = MissingAccess.explain(group, topics, Role.WORKER).orElseThrow();
        assertTrue(line.contains("an ACL for Read on group x.workers"), line);
        assertTrue(MissingAccess.explain(new RuntimeException(), topics, Role.WORKER).isEmpty());
    }

    @Test
    void namesTheRolesWhenOneIsUnknown() {
        var error = assertThrows(IllegalArgumentException.class, () -> Role.of("boss"));
        assertTrue(error.getMessage().startsWith("role: expected one of worker, curator"));
    }

    private Set<String> names() {
        return topics.all().stream().map(Topic::name).collect(Collectors.toSet());
    }

    private Set<String> covered(List<Role> roles, AclOperation operation) {
        return roles.stream()
                .flatMap(role -> catalogue.of(role).stream())
                .filter(g -> g.type() == ResourceType.TOPIC && g.operations().contains(operation))
                .map(Grant::name)
                .filter(names()::contains)
                .collect(Collectors.toSet());
    }

    private static List<Role> rolesBut(Role other) {
        return Arrays.stream(Role.values()).filter(role -> role != other).toList();
    }

    private static boolean isPlain(AclOperation operation) {
        return operation == AclOperation.READ
                || operation == AclOperation.WRITE
                || operation == AclOperation.DESCRIBE;
    }
}
