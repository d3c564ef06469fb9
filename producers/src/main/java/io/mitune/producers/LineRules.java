package io.mitune.producers;

import io.mitune.schemas.RequestLimits;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** What a prompt's text may be. The planner refuses what breaks these rules, so they end here. */
final class LineRules {
    static final int MAX_BYTES = RequestLimits.MAX_TEXT_BYTES;

    private LineRules() {}

    /** Why this text is no prompt, or nothing. */
    static Optional<String> fault(String text) {
        if (text == null || text.isBlank()) {
            return Optional.of("expected a text, found an empty prompt");
        }
        for (int i = 0; i < text.length(); i++) {
            if (Character.isISOControl(text.charAt(i))) {
                return Optional.of(
                        String.format(
                                "expected printable text, found control character U+%04X at"
                                        + " character %d",
                                (int) text.charAt(i), i + 1));
            }
        }
        return bytesFault(text);
    }

    private static Optional<String> bytesFault(String text) {
        try {
            int bytes =
                    StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text)).remaining();
            return bytes <= MAX_BYTES ? Optional.empty() : Optional.of(tooLong(bytes));
        } catch (CharacterCodingException e) {
            return Optional.of("expected Unicode text, found half of a surrogate pair");
        }
    }

    static String tooLong(long bytes) {
        return "expected at most " + MAX_BYTES + " bytes, found " + bytes;
    }

    /** Strict UTF-8. */
    static Optional<String> decode(byte[] bytes, int length) {
        try {
            var decoder = StandardCharsets.UTF_8.newDecoder();
            return Optional.of(decoder.decode(ByteBuffer.wrap(bytes, 0, length)).toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }
}
