package io.mitune.app.cli;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.MutuallyExclusiveArgsException;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * What is wrong with a command line, in the words of our other errors: where, what was expected,
 * what was found. Stateless.
 */
final class CommandHints {
    private static final Set<Class<?>> WHOLE =
            Set.of(int.class, Integer.class, long.class, Long.class, BigInteger.class);
    private static final Set<Class<?>> REAL =
            Set.of(double.class, Double.class, float.class, Float.class, BigDecimal.class);

    private CommandHints() {}

    /** One line, with a hint such as "; did you mean --seed" where there is one. */
    static String of(ParameterException failure) {
        if (failure instanceof UnmatchedArgumentException unmatched) {
            return unmatched(unmatched);
        }
        if (failure instanceof MissingParameterException missing) {
            return missing(missing);
        }
        if (failure instanceof OverwrittenOptionException twice) {
            return name(twice.getOverwritten()) + ": expected it once, found it again";
        }
        if (failure instanceof MutuallyExclusiveArgsException) {
            return failure.getMessage().replaceFirst("^Error: ", "");
        }
        var value = Optional.ofNullable(failure.getValue());
        return Optional.ofNullable(failure.getArgSpec())
                .flatMap(arg -> expected(arg).map(e -> name(arg) + ": expected " + e))
                .filter(text -> value.isPresent())
                .map(text -> text + ", found " + value.get())
                .orElse(failure.getMessage());
    }

    private static String unmatched(UnmatchedArgumentException failure) {
        var word = failure.getUnmatched().isEmpty() ? "" : failure.getUnmatched().get(0);
        var kind = word.startsWith("-") ? "an option" : "a command or option";
        var near =
                failure.getSuggestions().stream()
                        .min(Comparator.comparingInt(s -> Words.distance(s, word)))
                        .filter(s -> Words.distance(s, word) <= 1 + word.length() / 4);
        return "expected %s of this command, found %s".formatted(kind, word)
                + near.map(s -> "; did you mean " + s).orElse("");
    }

    private static String missing(MissingParameterException failure) {
        List<ArgSpec> missing = failure.getMissing();
        if (missing.isEmpty()) {
            return failure.getMessage();
        }
        var choice =
                missing.stream().allMatch(arg -> arg.group() != null && arg.group().exclusive());
        var names =
                missing.stream()
                        .map(CommandHints::name)
                        .collect(Collectors.joining(choice ? " or " : " and "));
        return "expected " + names + ", found none";
    }

    /** What this option takes, where its type says it. */
    private static Optional<String> expected(ArgSpec arg) {
        var types = arg.auxiliaryTypes();
        var type = types.length == 0 ? arg.type() : types[types.length - 1];
        if (arg.completionCandidates() != null) {
            return Optional.of("one of " + String.join(", ", arg.completionCandidates()));
        }
        if (WHOLE.contains(type)) {
            return Optional.of("a whole number");
        }
        if (REAL.contains(type)) {
            return Optional.of("a number");
        }
        if (type == Duration.class) {
            return Optional.of("a duration such as P30D, PT12H or PT5M");
        }
        return type == Instant.class
                ? Optional.of("a time such as 2026-01-31T12:00:00Z")
                : Optional.empty();
    }

    private static String name(ArgSpec arg) {
        return arg instanceof OptionSpec option ? option.longestName() : arg.paramLabel();
    }
}
