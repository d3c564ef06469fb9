package io.mitune.app.dashboard.state;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A SHA-256 in 32 bytes instead of a string of 64 letters, because the dashboard keeps one for each
 * picture that it knows. Immutable.
 */
public record Sha256(long a, long b, long c, long d) {
    private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");

    /** The digest of 64 lower-case hex digits; nothing for any other text. */
    public static Optional<Sha256> parse(String hex) {
        if (!HEX.matcher(hex).matches()) {
            return Optional.empty();
        }
        return Optional.of(new Sha256(part(hex, 0), part(hex, 1), part(hex, 2), part(hex, 3)));
    }

    /** The 64 hex digits. */
    public String hex() {
        return String.format(Locale.ROOT, "%016x%016x%016x%016x", a, b, c, d);
    }

    private static long part(String hex, int i) {
        return Long.parseUnsignedLong(hex, 16 * i, 16 * i + 16, 16);
    }
}
