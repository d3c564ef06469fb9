package io.mitune.diffusion.adapter;

import java.util.OptionalDouble;

/**
 * One module's factors as a file has them, with an alpha of their own where the form has one.
 *
 * @param alpha absent where the file leaves it to its header, or says nothing
 */
record StoredFactors(LoraFactors factors, OptionalDouble alpha) {
    /** What multiplies B A. */
    double scale() {
        return alpha.orElse(factors.rank()) / factors.rank();
    }
}
