package io.mitune.diffusion.training;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Enum constants by their names in diffusers' scripts: in small letters. Stateless. */
final class Labels {
    private Labels() {}

    static String of(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /**
     * The constant with this label.
     *
     * @param setting what the label is for, in messages
     */
    static <E extends Enum<E>> E find(Class<E> type, String setting, String label) {
        var constants = type.getEnumConstants();
        return Arrays.stream(constants)
                .filter(constant -> of(constant).equals(label))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "training.%s: expected one of %s, found %s"
                                                .formatted(
                                                        setting,
                                                        Arrays.stream(constants)
                                                                .map(Labels::of)
                                                                .collect(Collectors.joining(", ")),
                                                        label)));
    }
}
