package io.mitune.schemas;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Names and seeds that follow from content alone.
 *
 * <p>The same request gets the same ids and seeds on any machine at any time, which is what makes
 * every redelivery harmless. A hash is SHA-256 over its parts, each as UTF-8 after a four-byte
 * big-endian length; numbers enter as decimal text. The first part names what is hashed. These
 * rules never change: stored data depends on them. Thread-safe.
 */
public final class Identity {
    private Identity() {}

    /** First 16 bytes, as 32 hex digits, of the hash of "prompt", batch, position and text. */
    public static String promptId(String batch, int position, String text) {
        byte[] hash = hash("prompt", batch, Integer.toString(position), text);
        return HexFormat.of().formatHex(hash, 0, 16);
    }

    /** First 16 bytes, as 32 hex digits, of the hash of "text" and text: a prompt of no batch. */
    public static String textId(String text) {
        return HexFormat.of().formatHex(hash("text", text), 0, 16);
    }

    /** First 16 bytes, as 32 hex digits, of the hash of "answer", campaign, question and voter. */
    public static String answerId(String campaign, String questionId, String voterId) {
        return HexFormat.of().formatHex(hash("answer", campaign, questionId, voterId), 0, 16);
    }

    /** First 8 bytes, big-endian, of the hash of "candidate", request seed, promptId and index. */
    public static long candidateSeed(long requestSeed, String promptId, int index) {
        byte[] hash =
                hash("candidate", Long.toString(requestSeed), promptId, Integer.toString(index));
        return ByteBuffer.wrap(hash).getLong();
    }

    /**
     * Seed of the requests of a round that follows by itself: first 8 bytes, big-endian, of the
     * hash of "round", the seed of the round before and the number of this one.
     */
    public static long roundSeed(long seedBefore, int round) {
        byte[] hash = hash("round", Long.toString(seedBefore), Integer.toString(round));
        return ByteBuffer.wrap(hash).getLong();
    }

    /** promptId/round/index. */
    public static String candidateId(String promptId, int round, int index) {
        return promptId + "/" + round + "/" + index;
    }

    /** promptId/round/first candidate index. */
    public static String taskId(String promptId, int round, int firstIndex) {
        return promptId + "/" + round + "/" + firstIndex;
    }

    /** SHA-256 in hex. */
    public static String sha256(byte[] bytes) {
        return sha256(ByteBuffer.wrap(bytes));
    }

    /** SHA-256 in hex of the remaining bytes; the buffer's position stays as it is. */
    public static String sha256(ByteBuffer bytes) {
        MessageDigest digest = newSha256();
        digest.update(bytes.duplicate());
        return HexFormat.of().formatHex(digest.digest());
    }

    /** A new SHA-256 digest, for callers that hash a stream. */
    public static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    private static byte[] hash(String... parts) {
        MessageDigest digest = newSha256();
        for (String part : parts) {
            byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
            digest.update(ByteBuffer.allocate(4).putInt(0, bytes.length));
            digest.update(bytes);
        }
        return digest.digest();
    }
}
