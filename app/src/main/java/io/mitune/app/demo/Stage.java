package io.mitune.app.demo;

/**
 * One finished part of the demo, for the table of where the time went.
 *
 * @param name such as candidates, round 1
 * @param items what was made in it now, not by an earlier call; 0 where nothing is counted
 * @param unit of the items, in the plural
 * @param seconds wall time
 */
record Stage(String name, long items, String unit, double seconds) {
    /** How many of what, in words; empty where nothing is counted. */
    String made() {
        if (items == 0) {
            return "";
        }
        return items + " " + (items == 1 ? unit.replaceFirst("s$", "") : unit);
    }
}
