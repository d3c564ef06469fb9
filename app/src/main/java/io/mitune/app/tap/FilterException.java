package io.mitune.app.tap;

/** A filter that cannot be understood. The message is one line and names the position. */
public final class FilterException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * @param position of the first character that does not fit, from 1
     */
    FilterException(int position, String expected, String found) {
        super(
                "filter: at character %d: expected %s, found %s"
                        .formatted(position, expected, found));
    }
}
