package io.mitune.diffusion.nn;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * The floating-point types that models run in.
 *
 * <p>DJL's own conversion does not know bf16 (it ends the process), so every cast goes through
 * {@link #cast}; and a bf16 array must never be asked for its type by {@code getDataType}.
 */
public enum Dtype {
    FP32("fp32", 6),
    FP16("fp16", 5),
    BF16("bf16", 15);

    private final String label;
    private final Script cast;
    private final Script copy;

    Dtype(String label, int torchCode) {
        this.label = label;
        this.cast = to(torchCode, "False");
        this.copy = to(torchCode, "True");
    }

    /** The name a user types: fp32, fp16 or bf16. */
    public String label() {
        return label;
    }

    /** The array in this type: a copy, or the same values shared if it has the type already. */
    public NDArray cast(NDArray array) {
        return cast.call(array);
    }

    /** The array in this type, always in memory of its own. */
    public NDArray copyOf(NDArray array) {
        return copy.call(array);
    }

    private static Script to(int torchCode, String copy) {
        return Script.of(
                "x: Tensor",
                "Tensor",
                "return torch.to(x, %d, False, %s, None)".formatted(torchCode, copy));
    }

    public static Dtype of(String label) {
        return Arrays.stream(values())
                .filter(d -> d.label.equals(label))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "dtype: expected one of %s, found '%s'"
                                                .formatted(
                                                        Arrays.stream(values())
                                                                .map(Dtype::label)
                                                                .collect(Collectors.joining(", ")),
                                                        label)));
    }
}
