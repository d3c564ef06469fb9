package io.mitune.workers.training;

/** Another trainer of the same run has started; this one must not write any more. */
public final class TrainerFencedException extends RuntimeException {

    TrainerFencedException(String run, Throwable cause) {
        super(
                "trainer of run %s: expected to be its only trainer, found a newer one; this one ends"
                        .formatted(run),
                cause);
    }
}
