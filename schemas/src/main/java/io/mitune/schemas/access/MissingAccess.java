package io.mitune.schemas.access;

import static org.apache.kafka.common.acl.AclOperation.WRITE;
import static org.apache.kafka.common.resource.ResourceType.GROUP;
import static org.apache.kafka.common.resource.ResourceType.TOPIC;
import static org.apache.kafka.common.resource.ResourceType.TRANSACTIONAL_ID;

import io.mitune.schemas.Topics;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.apache.kafka.common.resource.ResourceType;

/** Says in one line which access control entries a refused client lacks. Stateless. */
public final class MissingAccess {
    private static final int MOST_TOPICS = 5;

    private MissingAccess() {}

    /**
     * The line, when the failure was caused by a refusal.
     *
     * @param role what the client is
     */
    public static Optional<String> explain(Throwable failure, Topics topics, Role role) {
        for (var e = failure; e != null; e = e.getCause()) {
            if (e instanceof AuthorizationException refusal) {
                List<Grant> grants = new AccessCatalogue(topics).of(role);
                return Optional.of(
                        "kafka refuses access: expected "
                                + needed(refusal, grants)
                                + ", found none; mitune topics acl --role "
                                + role.word()
                                + " prints what is needed");
            }
        }
        return Optional.empty();
    }

    private static String needed(AuthorizationException refusal, List<Grant> grants) {
        if (refusal instanceof TopicAuthorizationException e) {
            return e.unauthorizedTopics().isEmpty()
                    ? "an ACL on a topic (" + refusal.getMessage() + ")"
                    : onTopics(new TreeSet<>(e.unauthorizedTopics()), grants);
        }
        if (refusal instanceof GroupAuthorizationException e && e.groupId() != null) {
            return acl(GROUP, "group", e.groupId(), grants);
        }
        if (refusal instanceof TransactionalIdAuthorizationException) {
            return "an ACL for "
                    + grants.stream()
                            .filter(g -> g.type() == TRANSACTIONAL_ID)
                            .map(g -> words(g.operations()) + " on transactional ids " + g.name())
                            .collect(Collectors.joining("*, ", "", "*"));
        }
        if (refusal instanceof ClusterAuthorizationException) {
            // what a producer is told that may write to no topic at all
            return "an ACL for "
                    + grants.stream()
                            .filter(g -> g.type() == TOPIC && g.operations().contains(WRITE))
                            .map(g -> "Write on topic " + g.name())
                            .collect(Collectors.joining(", "));
        }
        return "an ACL (" + refusal.getMessage() + ")";
    }

    private static String onTopics(Collection<String> topics, List<Grant> grants) {
        var first =
                topics.stream()
                        .limit(MOST_TOPICS)
                        .map(t -> acl(TOPIC, "topic", t, grants))
                        .collect(Collectors.joining(", "));
        int more = topics.size() - MOST_TOPICS;
        return more > 0 ? first + " and on " + more + " more" : first;
    }

    private static String acl(ResourceType type, String word, String name, List<Grant> grants) {
        String operations =
                words(
                        grants.stream()
                                .filter(g -> g.covers(type, name))
                                .flatMap(g -> g.operations().stream())
                                .distinct()
                                .toList());
        return "an ACL for " + operations + " on " + word + " " + name;
    }

    private static String words(Collection<AclOperation> operations) {
        return operations.isEmpty()
                ? "access"
                : operations.stream().map(AclForms::word).collect(Collectors.joining(" and "));
    }
}
