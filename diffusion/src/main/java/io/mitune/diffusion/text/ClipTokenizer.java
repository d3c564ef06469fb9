package io.mitune.diffusion.text;

import java.nio.file.Path;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * CLIP's tokenizer: text to a fixed number of token ids, begin and end marked, the rest padding.
 *
 * <p>The embeddings of a prompt depend on every id, so this follows transformers' CLIPTokenizer to
 * the letter: added tokens are cut out of the raw text first (in Stable Diffusion 2 that includes
 * the padding token {@code !}), the text between is brought to NFC, white space collapsed, lower
 * cased, cut at added tokens that their file declares as {@code normalized} (those of Stable
 * Diffusion XL), split into words, and each word is encoded as UTF-8 bytes by byte-pair encoding.
 *
 * <p>What is a letter is the Java runtime's Unicode to say: on Java 17, letters newer than Unicode
 * 13 count as symbols. Immutable and thread-safe.
 */
public final class ClipTokenizer {
    /** Prompts beyond this many characters are refused: no model sees more than 77 tokens. */
    public static final int MAX_CHARACTERS = 1 << 18;

    private static final String WORD = "'s|'t|'re|'ve|'m|'ll|'d|\\p{L}+|\\p{N}|[^\\s\\p{L}\\p{N}]+";
    private static final Pattern WORDS =
            Pattern.compile(
                    "(<\\|)(startoftext|endoftext)(\\|>)|" + WORD, Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern SPACES = Pattern.compile("\\s+", Pattern.UNICODE_CHARACTER_CLASS);

    private final BytePairEncoder encoder;
    private final AddedTokens raw;
    private final AddedTokens normalized;
    private final Special special;

    /** Ids with a role, and the number of ids that {@link #encode} returns. */
    record Special(int begin, int end, int padding, int maxLength) {}

    /**
     * @param raw tokens found in a text as it is
     * @param normalized tokens found once the text is normalised, so in capitals too
     */
    ClipTokenizer(
            BytePairEncoder encoder, AddedTokens raw, AddedTokens normalized, Special special) {
        this.encoder = encoder;
        this.raw = raw;
        this.normalized = normalized;
        this.special = special;
    }

    /**
     * Reads the tokenizer of a diffusers model.
     *
     * @param directory holds tokenizer.json, or vocab.json and merges.txt; tokenizer_config.json
     *     and special_tokens_map.json are used where present
     * @throws io.mitune.diffusion.safetensors.ModelFileException naming the file and what is wrong
     */
    public static ClipTokenizer load(Path directory) {
        return TokenizerFiles.load(directory);
    }

    /** Number of ids that {@link #encode} returns. */
    public int maxLength() {
        return special.maxLength();
    }

    /** Id that ends the text. */
    int endId() {
        return special.end();
    }

    /**
     * The ids of {@code text}: begin, at most {@code maxLength - 2} tokens (the rest is cut off),
     * end, padding.
     *
     * @throws IllegalArgumentException in one line, when the text is too long to be a prompt
     */
    public int[] encode(String text) {
        if (text.length() > MAX_CHARACTERS) {
            throw new IllegalArgumentException(
                    "prompt: expected at most %d characters, found %d"
                            .formatted(MAX_CHARACTERS, text.length()));
        }
        var ids = new Ids(special.maxLength() - 2);
        raw.split(text, ids::full, ids::add, piece -> encodePiece(piece, ids));
        return framed(ids);
    }

    private void encodePiece(String text, Ids ids) {
        if (!ids.full()) {
            normalized.split(
                    normalized(text), ids::full, ids::add, piece -> encodeWords(piece, ids));
        }
    }

    private void encodeWords(String text, Ids ids) {
        var words = WORDS.matcher(text);
        while (!ids.full() && words.find()) {
            if (words.group(1) == null) {
                encoder.encode(words.group(), ids);
            } else { // the name of a special token in capitals: three ordinary words
                encoder.encode(words.group(1), ids);
                encoder.encode(words.group(2), ids);
                encoder.encode(words.group(3), ids);
            }
        }
    }

    private static String normalized(String text) {
        var composed = Normalizer.normalize(text, Normalizer.Form.NFC);
        var spaced = SPACES.matcher(composed).replaceAll(" ");
        var lower = new StringBuilder(spaced.length());
        spaced.codePoints()
                .forEach(
                        c -> {
                            if (c == 0x130) { // capital I with dot: the only one that becomes two
                                lower.append("i\u0307");
                            } else {
                                lower.appendCodePoint(Character.toLowerCase(c));
                            }
                        });
        return lower.toString();
    }

    private int[] framed(Ids ids) {
        var framed = new int[special.maxLength()];
        Arrays.fill(framed, special.padding());
        framed[0] = special.begin();
        ids.copyTo(framed, 1);
        framed[ids.size() + 1] = special.end();
        return framed;
    }

    /** A list of ids that ignores what comes after it is full. */
    static final class Ids {
        private final int[] values;
        private int size;

        Ids(int capacity) {
            values = new int[capacity];
        }

        boolean full() {
            return size == values.length;
        }

        int size() {
            return size;
        }

        void add(int id) {
            if (!full()) {
                values[size++] = id;
            }
        }

        void copyTo(int[] target, int at) {
            System.arraycopy(values, 0, target, at, size);
        }
    }
}
