package io.mitune.app.web;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Compares tokens and makes sessions from them.
 *
 * <p>A session is its end and a keyed hash of it: nothing is kept, so sessions outlive a restart
 * and end with the token. Comparisons take the same time wherever two texts differ. Thread-safe.
 */
final class TokenCheck {
    static final Duration SESSION = Duration.ofHours(12);

    private final byte[] token;
    private final InstantSource clock;

    TokenCheck(String token, InstantSource clock) {
        this.token = token.getBytes(StandardCharsets.UTF_8);
        this.clock = clock;
    }

    boolean isToken(String shown) {
        return MessageDigest.isEqual(sign(token), sign(shown.getBytes(StandardCharsets.UTF_8)));
    }

    String newSession() {
        var end = Long.toString(clock.instant().plus(SESSION).getEpochSecond());
        return end + "." + signature(end);
    }

    boolean isSession(String session) {
        var dot = session.indexOf('.');
        if (dot < 1 || !session.substring(0, dot).matches("\\d{1,12}")) {
            return false;
        }
        var end = session.substring(0, dot);
        var isOurs =
                MessageDigest.isEqual(
                        signature(end).getBytes(StandardCharsets.UTF_8),
                        session.substring(dot + 1).getBytes(StandardCharsets.UTF_8));
        return isOurs && Long.parseLong(end) > clock.instant().getEpochSecond();
    }

    private String signature(String end) {
        return HexFormat.of().formatHex(sign(("session " + end).getBytes(StandardCharsets.UTF_8)));
    }

    private byte[] sign(byte[] text) {
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(token, "HmacSHA256"));
            return mac.doFinal(text);
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new AssertionError("every Java platform has HmacSHA256", e);
        }
    }
}
