package io.mitune.producers;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * Reads prompts, one a line, from a text file, a T2I-CompBench file, a stream or arguments. A bad
 * line is reported with its number and skipped; an empty one is skipped in silence; a source
 * without any prompt is an error. UTF-8 with or without byte order mark, CRLF or LF; a tab ends the
 * prompt, as T2I-CompBench has it. Memory is bounded by the accepted prompts. Thread-safe.
 */
public final class PromptSource {
    static final int MAX_REPORTED = 100;
    static final int MAX_PROMPTS = 1_000_000;

    // a little more than a prompt may have, since the byte order mark and the columns after a tab
    // count
    private static final int HEAD = 2 * LineRules.MAX_BYTES;
    private static final Pattern COMP_BENCH =
            Pattern.compile(
                    "(color|shape|texture|spatial|3d_spatial|numeracy|non_spatial|complex)"
                            + "(_(train|val|test)\\w*)?\\.txt");

    private final Optional<UnaryOperator<String>> category;

    private PromptSource(Optional<UnaryOperator<String>> category) {
        this.category = category;
    }

    /** Takes a prompt's category from the file's name, where that is a T2I-CompBench name. */
    public static PromptSource create() {
        return new PromptSource(Optional.empty());
    }

    /** Takes each prompt's category from its text. */
    public static PromptSource withCategory(UnaryOperator<String> categoryOfText) {
        return new PromptSource(Optional.of(categoryOfText));
    }

    /** A text file. */
    public Prompts file(Path file) {
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            throw new PublishException(file + ": expected a readable text file, found none");
        }
        try (var in = Files.newInputStream(file)) {
            return read(file.toString(), in, compBenchCategory(file));
        } catch (IOException e) {
            throw new PublishException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /** A stream such as standard input, read to its end and left open. */
    public Prompts stream(String origin, InputStream in) {
        try {
            return read(origin, in, "");
        } catch (IOException e) {
            throw new PublishException(origin + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /** Prompts given one by one; a bad one is an error, since whoever typed it is there. */
    public Prompts arguments(List<String> texts) {
        if (texts.isEmpty()) {
            throw new PublishException("prompt: expected a text, found none");
        }
        var accepted = new ArrayList<Prompt>();
        for (var text : texts) {
            var stripped = text.strip();
            accepted.add(new Prompt(accepted.size() + 1, stripped, categoryOf(stripped, "")));
        }
        return new Prompts("command line", accepted, List.of(), 0);
    }

    static String compBenchCategory(Path file) {
        var name = COMP_BENCH.matcher(String.valueOf(file.getFileName()));
        return name.matches() ? name.group(1) : "";
    }

    private Prompts read(String origin, InputStream in, String fileCategory) throws IOException {
        var accepted = new ArrayList<Prompt>();
        var badLines = new ArrayList<BadLine>();
        long badCount = 0;
        var lines = new BoundedLines(in, HEAD);
        while (lines.next()) {
            var text = text(lines);
            if (text.isPresent() && text.get().isEmpty()) {
                continue;
            }
            var fault =
                    text.isPresent()
                            ? LineRules.fault(text.get())
                            : Optional.of(undecodable(lines));
            if (fault.isPresent()) {
                if (++badCount <= MAX_REPORTED) {
                    badLines.add(new BadLine(lines.number(), fault.get()));
                }
                continue;
            }
            if (accepted.size() == MAX_PROMPTS) {
                throw new PublishException(
                        origin + ": expected at most " + MAX_PROMPTS + " prompts; split the file");
            }
            accepted.add(
                    new Prompt(lines.number(), text.get(), categoryOf(text.get(), fileCategory)));
        }
        if (accepted.isEmpty()) {
            throw new PublishException(
                    origin + ": expected one prompt a line, " + nothing(badLines));
        }
        return new Prompts(origin, accepted, badLines, badCount);
    }

    private String categoryOf(String text, String fileCategory) {
        return category.map(f -> f.apply(text)).orElse(fileCategory);
    }

    /** The first column, stripped; nothing when it is too long to hold or no UTF-8. */
    private static Optional<String> text(BoundedLines lines) {
        byte[] head = lines.head();
        int end = 0;
        while (end < lines.kept() && head[end] != '\t') {
            end++;
        }
        if (end == lines.kept() && lines.length() > lines.kept()) {
            return Optional.empty();
        }
        var text = LineRules.decode(head, end);
        boolean mark = lines.number() == 1 && text.isPresent() && text.get().startsWith("\uFEFF");
        return mark ? text.map(t -> t.substring(1).strip()) : text.map(String::strip);
    }

    private static String undecodable(BoundedLines lines) {
        return lines.length() > lines.kept()
                ? LineRules.tooLong(lines.length())
                : "expected UTF-8, found other bytes; convert the file";
    }

    private static String nothing(List<BadLine> badLines) {
        return badLines.isEmpty()
                ? "found an empty file"
                : "found only bad ones; " + badLines.get(0);
    }
}
