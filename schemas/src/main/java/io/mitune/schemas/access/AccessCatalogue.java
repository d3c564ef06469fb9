package io.mitune.schemas.access;

import static org.apache.kafka.common.acl.AclOperation.ALTER_CONFIGS;
import static org.apache.kafka.common.acl.AclOperation.CREATE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE_CONFIGS;
import static org.apache.kafka.common.acl.AclOperation.READ;
import static org.apache.kafka.common.acl.AclOperation.WRITE;
import static org.apache.kafka.common.resource.ResourceType.GROUP;
import static org.apache.kafka.common.resource.ResourceType.TOPIC;
import static org.apache.kafka.common.resource.ResourceType.TRANSACTIONAL_ID;

import io.mitune.schemas.ClientNames;
import io.mitune.schemas.Topic;
import io.mitune.schemas.Topics;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.acl.AclOperation;

/**
 * The least that each role must be allowed to on a cluster with access control.
 *
 * <p>The one list of who reads and writes what: {@code topics acl} prints it, and the test on a
 * broker with its authorizer on grants it, so that it can be neither too small nor too large.
 * Idempotent producers need no right of their own. Immutable.
 */
public final class AccessCatalogue {
    /** Names of the topologies that the curator role runs. */
    static final List<String> TOPOLOGIES = List.of("planner", "curator", "promotion", "runs");

    private final Topics topics;
    private final ClientNames names;

    public AccessCatalogue(Topics topics) {
        this.topics = topics;
        names = new ClientNames(topics.prefix());
    }

    /** The grants of one role. */
    public List<Grant> of(Role role) {
        return switch (role) {
            case WORKER -> worker();
            case CURATOR -> curator();
            case TRAINER -> trainer();
            case PUBLISHER -> topics(List.of(topics.prompts()), READ, WRITE);
            case TAP -> all(List.of(topics(topics.all(), READ), groups()));
            case DASHBOARD -> dashboard();
            case SURVEY -> survey();
            case ADMIN -> admin();
        };
    }

    private List<Grant> worker() {
        return all(
                List.of(
                        topics(List.of(topics.generationTasks(), topics.evaluationTasks()), READ),
                        topics(
                                List.of(
                                        topics.candidates(),
                                        topics.evaluations(),
                                        topics.deadLetters()),
                                WRITE),
                        List.of(Grant.on(GROUP, names.workers(), READ))));
    }

    private List<Grant> curator() {
        var grants = new ArrayList<Grant>();
        grants.addAll(
                topics(
                        List.of(
                                topics.prompts(),
                                topics.releases(),
                                topics.candidates(),
                                topics.policies(),
                                topics.roundChoices(),
                                topics.adapters(),
                                topics.adapterHistory(),
                                topics.evaluations(),
                                topics.trainingSteps(),
                                topics.runs(),
                                topics.runCounts(),
                                topics.runStatus(),
                                topics.deadLetters()),
                        READ));
        grants.addAll(
                topics(
                        List.of(
                                topics.prompts(),
                                topics.generationTasks(),
                                topics.releases(),
                                topics.curated(),
                                topics.policies(),
                                topics.roundChoices(),
                                topics.adapters(),
                                topics.adapterHistory(),
                                topics.runs(),
                                topics.runCounts(),
                                topics.runStatus(),
                                topics.deadLetters()),
                        WRITE));
        for (String topology : TOPOLOGIES) {
            String id = names.streams(topology);
            grants.add(Grant.on(GROUP, id, READ));
            grants.add(Grant.onAll(TRANSACTIONAL_ID, id, WRITE));
            grants.add(Grant.onAll(TOPIC, id + "-", READ, WRITE, CREATE));
        }
        // its metrics say how far the others are behind
        grants.add(Grant.on(TOPIC, topics.evaluationTasks().name(), DESCRIBE));
        grants.add(Grant.on(GROUP, names.workers(), DESCRIBE));
        grants.add(Grant.onAll(GROUP, names.trainer(""), DESCRIBE));
        return List.copyOf(grants);
    }

    private List<Grant> trainer() {
        return all(
                List.of(
                        topics(
                                List.of(
                                        topics.curated(),
                                        topics.adapters(),
                                        topics.adapterHistory(),
                                        topics.runs(),
                                        topics.trainingSteps(),
                                        topics.evaluations()),
                                READ),
                        topics(
                                List.of(
                                        topics.adapterHistory(),
                                        topics.evaluationTasks(),
                                        topics.trainingSteps(),
                                        topics.deadLetters()),
                                WRITE),
                        List.of(
                                Grant.onAll(GROUP, names.trainer(""), READ),
                                Grant.onAll(TRANSACTIONAL_ID, names.trainer(""), WRITE))));
    }

    private List<Grant> dashboard() {
        return all(
                List.of(
                        topics(topics.all(), READ),
                        topics(List.of(topics.prompts(), topics.adapterHistory()), WRITE),
                        groups()));
    }

    /** To see how far all groups are behind. */
    private List<Grant> groups() {
        var grants = new ArrayList<Grant>();
        grants.add(Grant.on(GROUP, names.workers(), DESCRIBE));
        grants.add(Grant.onAll(GROUP, names.trainer(""), DESCRIBE));
        TOPOLOGIES.forEach(t -> grants.add(Grant.on(GROUP, names.streams(t), DESCRIBE)));
        return List.copyOf(grants);
    }

    private List<Grant> survey() {
        return all(
                List.of(
                        topics(List.of(topics.candidates(), topics.votes()), READ),
                        topics(List.of(topics.votes()), WRITE)));
    }

    /** Not over access itself: that is for whoever looks after the cluster. */
    private List<Grant> admin() {
        return all(
                List.of(
                        topics(topics.all(), READ, WRITE, CREATE, DESCRIBE_CONFIGS),
                        List.of(
                                Grant.on(GROUP, names.workers(), ALTER_CONFIGS),
                                Grant.on(TRANSACTIONAL_ID, names.redrive(), WRITE),
                                Grant.onAll(TRANSACTIONAL_ID, names.curatedWriter(""), WRITE))));
    }

    private static List<Grant> topics(List<? extends Topic<?>> list, AclOperation... operations) {
        return list.stream().map(topic -> Grant.on(TOPIC, topic.name(), operations)).toList();
    }

    private static List<Grant> all(List<List<Grant>> parts) {
        return parts.stream().flatMap(List::stream).toList();
    }
}
