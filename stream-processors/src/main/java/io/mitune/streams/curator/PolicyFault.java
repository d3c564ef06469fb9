package io.mitune.streams.curator;

/** The one line that refuses a policy, naming the field. Stateless. */
final class PolicyFault {
    private PolicyFault() {}

    static void unless(boolean right, String what, Object found) {
        if (!right) {
            throw new IllegalArgumentException("curation policy: " + what + ", found " + found);
        }
    }
}
