package io.mitune.app.security;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.metadata.authorizer.StandardAuthorizer;
import org.apache.kafka.server.authorizer.Action;
import org.apache.kafka.server.authorizer.AuthorizableRequestContext;
import org.apache.kafka.server.authorizer.AuthorizationResult;

/** Kafka's own authorizer, which also writes down what it was asked and allowed. */
public final class RecordingAuthorizer extends StandardAuthorizer {
    /** One right that somebody made use of. */
    record Use(String user, ResourceType type, String name, AclOperation operation) {}

    static final Set<Use> ALLOWED = ConcurrentHashMap.newKeySet();

    @Override
    public List<AuthorizationResult> authorize(
            AuthorizableRequestContext context, List<Action> actions) {
        var results = super.authorize(context, actions);
        for (int i = 0; i < actions.size(); i++) {
            // what a description of a topic lists as allowed is asked for, but not made use of
            boolean used = actions.get(i).logIfAllowed();
            if (used && results.get(i) == AuthorizationResult.ALLOWED) {
                var resource = actions.get(i).resourcePattern();
                ALLOWED.add(
                        new Use(
                                context.principal().getName(),
                                resource.resourceType(),
                                resource.name(),
                                actions.get(i).operation()));
            }
        }
        return results;
    }
}
