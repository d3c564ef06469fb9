package io.mitune.app.demo;

/** The user stopped the demo; all that was done is in the data directory. */
final class DemoStopped extends RuntimeException {
    private static final long serialVersionUID = 1;

    DemoStopped() {
        super("stopped; the same command goes on from here", null, false, false);
    }
}
