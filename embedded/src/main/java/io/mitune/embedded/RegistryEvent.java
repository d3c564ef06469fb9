package io.mitune.embedded;

/**
 * One change of the registry, as it is kept in its file. Fields that a kind does not use are empty
 * or 0.
 *
 * @param kind what changed
 * @param subject subject, or empty for the whole registry
 * @param version version of the subject
 * @param id schema id
 * @param value schema, compatibility level or mode
 */
record RegistryEvent(Kind kind, String subject, int version, int id, String value) {
    enum Kind {
        SCHEMA,
        COMPATIBILITY,
        MODE,
        SOFT_DELETE,
        HARD_DELETE
    }

    static RegistryEvent schema(String subject, int version, int id, String schema) {
        return new RegistryEvent(Kind.SCHEMA, subject, version, id, schema);
    }

    static RegistryEvent compatibility(String subject, String level) {
        return new RegistryEvent(Kind.COMPATIBILITY, subject, 0, 0, level);
    }

    static RegistryEvent mode(String subject, String mode) {
        return new RegistryEvent(Kind.MODE, subject, 0, 0, mode);
    }

    static RegistryEvent delete(String subject, int version, boolean permanent) {
        Kind kind = permanent ? Kind.HARD_DELETE : Kind.SOFT_DELETE;
        return new RegistryEvent(kind, subject, version, 0, "");
    }
}
