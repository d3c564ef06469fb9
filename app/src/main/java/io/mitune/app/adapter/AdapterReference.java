package io.mitune.app.adapter;

import io.mitune.app.cli.UserError;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An adapter named by its run: {@code RUN@VERSION}, {@code RUN@current} (in use now) or {@code
 * RUN@best} (best validation score). Immutable.
 *
 * @param run line of adapters
 * @param which a version, or one of the two words
 */
public record AdapterReference(String run, String which) {
    static final String CURRENT = "current";
    static final String BEST = "best";
    private static final Pattern FORM =
            Pattern.compile("([A-Za-z0-9][A-Za-z0-9._-]{0,99})@([^/\\\\]*)");

    /** The reference that a text is; nothing when it is a path. */
    public static Optional<AdapterReference> of(String text) {
        var parts = FORM.matcher(text);
        if (!parts.matches()) {
            return Optional.empty();
        }
        var which = parts.group(2);
        if (which.matches("[0-9]{1,9}|" + CURRENT + "|" + BEST)) {
            return Optional.of(new AdapterReference(parts.group(1), which));
        }
        if (Files.exists(Path.of(text))) {
            return Optional.empty();
        }
        throw new UserError(
                "adapter: expected a path, RUN@VERSION, RUN@current or RUN@best, found " + text);
    }

    @Override
    public String toString() {
        return run + "@" + which;
    }
}
