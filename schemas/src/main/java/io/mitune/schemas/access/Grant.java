package io.mitune.schemas.access;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * Operations on one resource, or on all whose names begin alike. READ and WRITE imply DESCRIBE, as
 * in Kafka. Immutable.
 *
 * @param type topic, group or transactional id
 * @param name of the resource, or the beginning of it
 * @param pattern LITERAL or PREFIXED
 * @param operations in the order of Kafka's own list
 */
public record Grant(
        ResourceType type, String name, PatternType pattern, Set<AclOperation> operations) {

    static Grant on(ResourceType type, String name, AclOperation... operations) {
        return new Grant(type, name, PatternType.LITERAL, setOf(operations));
    }

    static Grant onAll(ResourceType type, String prefix, AclOperation... operations) {
        return new Grant(type, prefix, PatternType.PREFIXED, setOf(operations));
    }

    /** Whether it is about the resource of that name. */
    public boolean covers(ResourceType otherType, String otherName) {
        return type == otherType
                && (pattern == PatternType.PREFIXED
                        ? otherName.startsWith(name)
                        : otherName.equals(name));
    }

    /**
     * In Kafka's form, one for each operation.
     *
     * @param principal such as User:worker
     */
    public List<AclBinding> bindings(String principal) {
        var resource = new ResourcePattern(type, name, pattern);
        return operations.stream()
                .map(o -> new AccessControlEntry(principal, "*", o, AclPermissionType.ALLOW))
                .map(entry -> new AclBinding(resource, entry))
                .toList();
    }

    private static Set<AclOperation> setOf(AclOperation... operations) {
        return java.util.Collections.unmodifiableSet(EnumSet.copyOf(List.of(operations)));
    }
}
