package io.mitune.app.grading;

/** Where one object lies as seen from another; the longer of the two distances decides. */
public enum Relation {
    LEFT("to the left of"),
    RIGHT("to the right of"),
    ABOVE("above"),
    BELOW("below");

    private final String words;

    Relation(String words) {
        this.words = words;
    }

    /** The relation's words in a caption. */
    public String words() {
        return words;
    }

    /** The relation of a point dx right of and dy below another. */
    static Relation of(double dx, double dy) {
        if (Math.abs(dx) >= Math.abs(dy)) {
            return dx < 0 ? LEFT : RIGHT;
        }
        return dy < 0 ? ABOVE : BELOW;
    }
}
