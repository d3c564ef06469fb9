package io.mitune.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.mitune.embedded.SubjectStore.Version;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;

/**
 * The resources of Confluent's schema registry REST API, for Avro without references.
 *
 * <p>An answer is an object that prints as JSON, a refusal a {@link RegistryProblem}. Thread-safe.
 */
final class RegistryApi {
    /**
     * One request.
     *
     * @param path decoded parts of the path
     * @param flags query parameters as they stand, e.g. permanent=true
     * @param body JSON, a missing node when there is none
     */
    record Request(String method, List<String> path, List<String> flags, JsonNode body) {
        String part(int i) {
            return path.get(i);
        }

        /** Whether it is METHOD of a path of this form, where * stands for any one part. */
        boolean is(String verb, String... form) {
            if (!method.equals(verb) || path.size() != form.length) {
                return false;
            }
            for (int i = 0; i < form.length; i++) {
                if (!form[i].equals("*") && !form[i].equals(path.get(i))) {
                    return false;
                }
            }
            return true;
        }
    }

    private final SubjectStore store;

    RegistryApi(SubjectStore store) {
        this.store = store;
    }

    Object answer(Request request) {
        Request r =
                request.method().equals("HEAD")
                        ? new Request("GET", request.path(), request.flags(), request.body())
                        : request;
        String resource = r.path().isEmpty() ? "" : r.part(0);
        return switch (resource) {
            case "" -> Map.of();
            case "subjects" -> subjects(r);
            case "schemas" -> schemas(r);
            case "compatibility" -> compatibility(r);
            case "config" -> config(r);
            case "mode" -> mode(r);
            default -> throw unknown(r);
        };
    }

    private Object subjects(Request r) {
        if (r.is("GET", "subjects")) {
            return store.subjects(r.flags().contains("deleted=true"));
        }
        if (r.is("POST", "subjects", "*")) {
            return shown(store.lookup(r.part(1), schema(r)));
        }
        if (r.is("GET", "subjects", "*", "versions")) {
            return store.versions(r.part(1)).stream().map(Version::version).toList();
        }
        if (r.is("POST", "subjects", "*", "versions")) {
            return shown(store.register(r.part(1), schema(r)));
        }
        if (r.is("GET", "subjects", "*", "versions", "*")) {
            return shown(store.version(r.part(1), r.part(3)));
        }
        if (r.is("GET", "subjects", "*", "versions", "*", "schema")) {
            return raw(store.version(r.part(1), r.part(3)).schema());
        }
        boolean permanent = r.flags().contains("permanent=true");
        if (r.is("DELETE", "subjects", "*")) {
            return store.delete(r.part(1), Optional.empty(), permanent);
        }
        if (r.is("DELETE", "subjects", "*", "versions", "*")) {
            return store.delete(r.part(1), Optional.of(r.part(3)), permanent).get(0);
        }
        throw unknown(r);
    }

    private Object schemas(Request r) {
        if (r.is("GET", "schemas", "types")) {
            return List.of("AVRO");
        }
        if (r.is("GET", "schemas", "ids", "*")) {
            return Map.of("schema", store.schema(id(r)));
        }
        if (r.is("GET", "schemas", "ids", "*", "schema")) {
            return raw(store.schema(id(r)));
        }
        if (r.is("GET", "schemas", "ids", "*", "subjects")) {
            return store.uses(id(r)).stream().map(Version::subject).distinct().toList();
        }
        if (r.is("GET", "schemas", "ids", "*", "versions")) {
            return store.uses(id(r)).stream()
                    .map(v -> Map.of("subject", v.subject(), "version", v.version()))
                    .toList();
        }
        throw unknown(r);
    }

    private Object compatibility(Request r) {
        List<String> objections;
        if (r.is("POST", "compatibility", "subjects", "*", "versions", "*")) {
            objections = store.objections(r.part(2), Optional.of(r.part(4)), schema(r));
        } else if (r.is("POST", "compatibility", "subjects", "*", "versions")) {
            objections = store.objections(r.part(2), Optional.empty(), schema(r));
        } else {
            throw unknown(r);
        }
        return r.flags().contains("verbose=true")
                ? Map.of("is_compatible", objections.isEmpty(), "messages", objections)
                : Map.of("is_compatible", objections.isEmpty());
    }

    private Object config(Request r) {
        String subject = subjectOrAll(r);
        switch (r.method()) {
            case "GET" -> {
                if (store.ownCompatibility(subject).isEmpty()
                        && !r.flags().contains("defaultToGlobal=true")) {
                    throw new RegistryProblem(
                            404,
                            40408,
                            "Subject '"
                                    + subject
                                    + "' does not have subject-level compatibility configured");
                }
                return Map.of("compatibilityLevel", store.compatibilityOf(subject));
            }
            case "PUT" -> {
                var level = Compatibility.named(r.body().path("compatibility").asText());
                store.setCompatibility(subject, level);
                return Map.of("compatibility", level);
            }
            case "DELETE" -> {
                var before = store.compatibilityOf(subject);
                store.clearCompatibility(subject);
                return Map.of("compatibilityLevel", before);
            }
            default -> throw unknown(r);
        }
    }

    private Object mode(Request r) {
        String subject = subjectOrAll(r);
        if (r.method().equals("PUT")) {
            store.setMode(subject, r.body().path("mode").asText());
        } else if (!r.method().equals("GET")) {
            throw unknown(r);
        }
        return Map.of("mode", store.mode(subject));
    }

    private static String subjectOrAll(Request r) {
        if (r.path().size() > 2) {
            throw unknown(r);
        }
        return r.path().size() == 1 ? "" : r.part(1);
    }

    private static Schema schema(Request r) {
        String type = r.body().path("schemaType").asText("AVRO");
        if (!type.equals("AVRO") || !r.body().path("references").isEmpty()) {
            throw invalid("expected an AVRO schema without references, found type " + type);
        }
        try {
            return new Schema.Parser().parse(r.body().path("schema").asText());
        } catch (RuntimeException | StackOverflowError e) {
            throw invalid(String.valueOf(e.getMessage()));
        }
    }

    private static RegistryProblem invalid(String found) {
        return new RegistryProblem(422, 42201, "Invalid schema: " + found);
    }

    private static int id(Request r) {
        if (!r.part(2).matches("[0-9]{1,9}")) {
            throw RegistryProblem.noSchema();
        }
        return Integer.parseInt(r.part(2));
    }

    private static Map<String, Object> shown(Version v) {
        return Map.of(
                "subject", v.subject(),
                "version", v.version(),
                "id", v.id(),
                "schema", v.schema());
    }

    private static Object raw(String schema) {
        return new RawValue(schema);
    }

    private static RegistryProblem unknown(Request r) {
        return new RegistryProblem(
                404, 404, "no resource " + r.method() + " /" + String.join("/", r.path()));
    }
}
