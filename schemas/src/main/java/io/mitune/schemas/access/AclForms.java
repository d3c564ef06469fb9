package io.mitune.schemas.access;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.PatternType;

/** Grants in the forms in which administrators take them. Stateless. */
public final class AclForms {
    private AclForms() {}

    /** One call of Kafka's {@code kafka-acls.sh} for each grant. */
    public static List<String> kafkaAcls(
            List<Grant> grants, String principal, String bootstrapServers) {
        var lines = new ArrayList<String>();
        for (Grant grant : grants) {
            lines.add(
                    "kafka-acls.sh --bootstrap-server %s --add --allow-principal '%s' %s --%s %s%s"
                            .formatted(
                                    bootstrapServers,
                                    principal,
                                    grant.operations().stream()
                                            .map(o -> "--operation " + word(o))
                                            .collect(Collectors.joining(" ")),
                                    grant.type().name().toLowerCase(Locale.ROOT).replace('_', '-'),
                                    grant.name(),
                                    grant.pattern() == PatternType.PREFIXED
                                            ? " --resource-pattern-type prefixed"
                                            : ""));
        }
        return lines;
    }

    /** One flat map for each operation, for tools that keep such lists. */
    public static List<Map<String, String>> flat(List<Grant> grants, String principal) {
        var rows = new ArrayList<Map<String, String>>();
        for (Grant grant : grants) {
            for (AclOperation operation : grant.operations()) {
                var row = new LinkedHashMap<String, String>();
                row.put("principal", principal);
                row.put("host", "*");
                row.put("operation", operation.name());
                row.put("permission", "ALLOW");
                row.put("resource_type", grant.type().name());
                row.put("resource_name", grant.name());
                row.put("pattern_type", grant.pattern().name());
                rows.add(row);
            }
        }
        return rows;
    }

    /** DESCRIBE_CONFIGS is DescribeConfigs there. */
    static String word(AclOperation operation) {
        var word = new StringBuilder();
        for (String part : operation.name().toLowerCase(Locale.ROOT).split("_")) {
            word.append(Character.toUpperCase(part.charAt(0))).append(part.substring(1));
        }
        return word.toString();
    }
}
