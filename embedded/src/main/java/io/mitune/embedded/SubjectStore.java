package io.mitune.embedded;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.avro.Schema;

/**
 * Subjects, their versions and the schemas by id: the registry without HTTP.
 *
 * <p>Follows Confluent's rules: equal schema texts share one id, version numbers of a subject only
 * grow, a soft-deleted version can still be read by its id. Thread-safe by one lock.
 */
final class SubjectStore implements AutoCloseable {
    /** One version of a subject. */
    record Version(String subject, int version, int id, String schema, boolean deleted) {}

    private static final Set<String> MODES = Set.of("READWRITE", "READONLY");
    private static final String GLOBAL = "";

    private final Map<Integer, String> schemas = new TreeMap<>();
    private final Map<String, Integer> ids = new HashMap<>();
    private final Map<String, TreeMap<Integer, Version>> subjects = new TreeMap<>();
    private final Map<String, Integer> lastVersions = new HashMap<>();
    private final Map<String, Compatibility> compatibility = new HashMap<>();
    private final Map<String, String> modes = new HashMap<>();
    private final RegistryLog log;

    SubjectStore(Path file) {
        compatibility.put(GLOBAL, Compatibility.FULL_TRANSITIVE);
        modes.put(GLOBAL, "READWRITE");
        log = RegistryLog.open(file, this::apply);
    }

    synchronized List<String> subjects(boolean withDeleted) {
        return subjects.keySet().stream()
                .filter(subject -> withDeleted || !live(subject).isEmpty())
                .toList();
    }

    /** Live versions, oldest first. */
    synchronized List<Version> versions(String subject) {
        List<Version> live = live(subject);
        if (live.isEmpty()) {
            throw RegistryProblem.noSubject(subject);
        }
        return live;
    }

    /** One live version, by number, "latest" or "-1". */
    synchronized Version version(String subject, String version) {
        List<Version> live = versions(subject);
        if (isLatest(version)) {
            return live.get(live.size() - 1);
        }
        int number = versionNumber(version);
        return live.stream()
                .filter(v -> v.version() == number)
                .findFirst()
                .orElseThrow(() -> RegistryProblem.noVersion(version));
    }

    synchronized String schema(int id) {
        return Optional.ofNullable(schemas.get(id)).orElseThrow(RegistryProblem::noSchema);
    }

    /** The live versions, in all subjects, that have this schema. */
    synchronized List<Version> uses(int id) {
        schema(id);
        return subjects.keySet().stream()
                .flatMap(subject -> live(subject).stream())
                .filter(v -> v.id() == id)
                .toList();
    }

    /** The live version with exactly this schema. */
    synchronized Version lookup(String subject, Schema schema) {
        return find(versions(subject), schema.toString()).orElseThrow(RegistryProblem::noSchema);
    }

    /** The version with this schema, made when there is none and it is compatible. */
    synchronized Version register(String subject, Schema schema) {
        String text = schema.toString();
        Optional<Version> known = find(live(subject), text);
        if (known.isPresent()) {
            return known.get();
        }
        if (mode(subject).equals("READONLY")) {
            throw new RegistryProblem(422, 42205, "Subject " + subject + " is in read-only mode");
        }
        List<String> objections = compatibilityOf(subject).objections(schema, parsed(subject));
        if (!objections.isEmpty()) {
            throw new RegistryProblem(
                    409,
                    409,
                    "Schema being registered is incompatible with an earlier schema for subject \""
                            + subject
                            + "\", level "
                            + compatibilityOf(subject)
                            + ": "
                            + String.join("; ", objections));
        }
        int id = ids.getOrDefault(text, schemas.size() + 1);
        int version = lastVersions.getOrDefault(subject, 0) + 1;
        commit(RegistryEvent.schema(subject, version, id, text));
        return subjects.get(subject).get(version);
    }

    /** What stands against the schema, compared with one version or, when empty, by the level. */
    synchronized List<String> objections(String subject, Optional<String> version, Schema schema) {
        Compatibility level = compatibilityOf(subject);
        if (version.isEmpty()) {
            return level.objections(schema, parsed(subject));
        }
        return level.objections(schema, List.of(parse(version(subject, version.get()))));
    }

    /** Deletes one version, or all when empty; a permanent deletion must follow a soft one. */
    synchronized List<Integer> delete(String subject, Optional<String> version, boolean permanent) {
        var all = subjects.getOrDefault(subject, new TreeMap<>());
        List<Version> chosen =
                all.values().stream().filter(v -> permanent || !v.deleted()).toList();
        if (version.isPresent() && !chosen.isEmpty()) {
            int number = isLatest(version.get()) ? last(chosen) : versionNumber(version.get());
            chosen = chosen.stream().filter(v -> v.version() == number).toList();
        }
        if (chosen.isEmpty()) {
            throw version.map(RegistryProblem::noVersion)
                    .orElseGet(() -> RegistryProblem.noSubject(subject));
        }
        if (permanent && chosen.stream().anyMatch(v -> !v.deleted())) {
            throw new RegistryProblem(
                    404, 40405, "Subject '" + subject + "' was not deleted first before");
        }
        chosen.forEach(v -> commit(RegistryEvent.delete(subject, v.version(), permanent)));
        return chosen.stream().map(Version::version).toList();
    }

    /** Level set for the subject itself. */
    synchronized Optional<Compatibility> ownCompatibility(String subject) {
        return Optional.ofNullable(compatibility.get(subject));
    }

    /** Level that counts for the subject, "" for the registry's own. */
    synchronized Compatibility compatibilityOf(String subject) {
        return compatibility.getOrDefault(subject, compatibility.get(GLOBAL));
    }

    synchronized void setCompatibility(String subject, Compatibility level) {
        commit(RegistryEvent.compatibility(subject, level.name()));
    }

    /** Goes back to the registry's level, or, for "", to the default. */
    synchronized void clearCompatibility(String subject) {
        commit(RegistryEvent.compatibility(subject, ""));
    }

    synchronized String mode(String subject) {
        return modes.getOrDefault(subject, modes.get(GLOBAL));
    }

    synchronized void setMode(String subject, String mode) {
        if (!MODES.contains(mode)) {
            throw new RegistryProblem(
                    422, 42204, "mode: expected READWRITE or READONLY, found '" + mode + "'");
        }
        commit(RegistryEvent.mode(subject, mode));
    }

    @Override
    public synchronized void close() {
        log.close();
    }

    private void commit(RegistryEvent event) {
        log.append(event);
        apply(event);
    }

    private void apply(RegistryEvent event) {
        String subject = event.subject();
        switch (event.kind()) {
            case SCHEMA -> {
                schemas.put(event.id(), event.value());
                ids.put(event.value(), event.id());
                lastVersions.put(subject, event.version());
                put(new Version(subject, event.version(), event.id(), event.value(), false));
            }
            case SOFT_DELETE -> {
                Version v = subjects.get(subject).get(event.version());
                put(new Version(subject, v.version(), v.id(), v.schema(), true));
            }
            case HARD_DELETE -> {
                subjects.get(subject).remove(event.version());
                subjects.computeIfPresent(subject, (s, rest) -> rest.isEmpty() ? null : rest);
            }
            case COMPATIBILITY -> {
                if (!event.value().isEmpty()) {
                    compatibility.put(subject, Compatibility.valueOf(event.value()));
                } else if (subject.equals(GLOBAL)) {
                    compatibility.put(GLOBAL, Compatibility.FULL_TRANSITIVE);
                } else {
                    compatibility.remove(subject);
                }
            }
            case MODE -> modes.put(subject, event.value());
        }
    }

    private void put(Version version) {
        subjects.computeIfAbsent(version.subject(), s -> new TreeMap<>())
                .put(version.version(), version);
    }

    private List<Version> live(String subject) {
        return subjects.getOrDefault(subject, new TreeMap<>()).values().stream()
                .filter(v -> !v.deleted())
                .toList();
    }

    private List<Schema> parsed(String subject) {
        var parsed = new ArrayList<Schema>();
        live(subject).forEach(v -> parsed.add(parse(v)));
        return parsed;
    }

    private static Schema parse(Version version) {
        return new Schema.Parser().parse(version.schema());
    }

    private static Optional<Version> find(List<Version> versions, String schema) {
        return versions.stream().filter(v -> v.schema().equals(schema)).findFirst();
    }

    private static boolean isLatest(String version) {
        return version.equals("latest") || version.equals("-1");
    }

    private static int last(List<Version> versions) {
        return versions.get(versions.size() - 1).version();
    }

    private static int versionNumber(String version) {
        if (!version.matches("[1-9][0-9]{0,8}")) {
            throw new RegistryProblem(
                    422,
                    42202,
                    "version: expected a whole number from 1 or 'latest', found '" + version + "'");
        }
        return Integer.parseInt(version);
    }
}
