package io.mitune.app.survey;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Somebody who answers, known by the address of the page alone.
 *
 * <p>Votes hold a hash of the token: who reads the topic cannot open a voter's pages. Immutable.
 *
 * @param token 128 random bits as hex
 */
record Voter(String token) {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int BYTES = 16;

    static Voter random() {
        var bytes = new byte[BYTES];
        RANDOM.nextBytes(bytes);
        return new Voter(HexFormat.of().formatHex(bytes));
    }

    /** The voter of an address, if it is one. */
    static Optional<Voter> of(String token) {
        return token.matches("[0-9a-f]{32}") ? Optional.of(new Voter(token)) : Optional.empty();
    }

    /** As votes name it. */
    String id() {
        return Lots.draw(List.of("voter", token));
    }

    /** Where the questions are. */
    String path() {
        return "/survey/v/" + token;
    }
}
